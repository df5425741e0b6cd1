// What was heard: a rolling spectrogram of the same seconds as the timeline below, and the window that the last answer stands on.
import { SECONDS, fit, keepDrawn } from './strip.js';

const STEP = 0.02, COLUMNS = SECONDS / STEP;

const canvas = document.getElementById('spectrum');
const context = canvas.getContext('2d');

// A ring of columns: column k is the sound that ends at k * STEP, kept at k % COLUMNS. Levels are opacity; the colour is the theme's.
const ring = document.createElement('canvas');
ring.width = COLUMNS;
const ringContext = ring.getContext('2d', { willReadFrequently: true });
let column = null;
let newest = null;
let audio = null;
let now = 0;

/** Takes a message into account. */
export function addToSpectrum(message) {
  audio = message.audio;
  if (audio) now = audio.to + audio.offset_ms / 1000;
  const heard = message.spectrum;
  if (heard) take(heard);
  draw();
}

function take({ to, rows, u8 }) {
  const levels = Uint8Array.from(atob(u8), c => c.charCodeAt(0)), count = levels.length / rows, last = Math.round(to / STEP);
  if (ring.height !== rows || newest === null || last < newest - count || last > newest + COLUMNS) {
    ring.height = rows;
    newest = last - count;
    column = ringContext.createImageData(1, rows);
  }

  // What was not told (a hidden tab, a cut) is empty, not what was there a round ago.
  for (let k = newest + 1; k <= last - count; k++) ringContext.clearRect(k % COLUMNS, 0, 1, rows);
  for (let k = Math.max(newest + 1, last - count + 1); k <= last; k++) {
    const first = (count - 1 - (last - k)) * rows;
    for (let row = 0; row < rows; row++) column.data[4 * (rows - 1 - row) + 3] = levels[first + row];
    ringContext.putImageData(column, k % COLUMNS, 0);
  }
  newest = Math.max(newest, last);
}

keepDrawn(canvas, draw);

function draw() {
  const size = fit(canvas);
  if (!size) return;
  const { scale, width, height } = size;

  context.clearRect(0, 0, width, height);
  const style = getComputedStyle(canvas);
  if (newest !== null) {
    // The ring's two pieces, oldest first, so that the newest column stands where its time is.
    const x = time => width * (1 - (now - time) / SECONDS), each = width / COLUMNS;
    const begin = (newest + 1) % COLUMNS, right = x(newest * STEP), old = COLUMNS - begin;
    context.imageSmoothingQuality = 'medium';
    context.drawImage(ring, begin, 0, old, ring.height, right - COLUMNS * each, 0, old * each, height);
    if (begin > 0) context.drawImage(ring, 0, 0, begin, ring.height, right - begin * each, 0, begin * each, height);
    context.globalCompositeOperation = 'source-in';
    context.fillStyle = style.getPropertyValue('--ink');
    context.fillRect(0, 0, width, height);
    context.globalCompositeOperation = 'source-over';
    if (audio) {
      const from = x(audio.from), to = x(audio.to), line = Math.max(1, Math.round(1.5 * scale));
      context.strokeStyle = style.getPropertyValue('--loud');
      context.lineWidth = line;
      context.strokeRect(from + line / 2, line / 2, Math.max(line, to - from - line), height - line);
    }
  }
}
