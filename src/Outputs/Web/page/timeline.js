// Who sounded when, and how loud it was: the last 20 seconds of the source's own time.
import { hueOf } from './color.js';
import { SECONDS, fit, keepDrawn } from './strip.js';

const LOWEST = -60;

// Two messages farther apart than this are not one stretch of sound: pictures were lost in between, or the view was away.
const GAP = 1.0;

const LANES = 3;
const canvas = document.getElementById('timeline');
const context = canvas.getContext('2d');
let samples = [];
let bars = [];
let now = 0;

/** Takes a message into account. */
export function addToTimeline(message) {
  const time = message.media_time ?? Date.parse(message.captured_at) / 1000;
  if (time < now) {
    samples = [];
    bars = [];
  }

  const before = now;
  now = time;
  samples.push({ time, dbfs: message.audio?.dbfs ?? null });
  for (const source of message.sources) {
    const open = bars.findLast(bar => bar.id === source.id && bar.to === before && time - before < GAP);
    if (open) open.to = time;
    else bars.push({ id: source.id, label: source.label, from: time, to: time, lane: freeLane(source.id, time) });
  }

  const oldest = now - SECONDS - 1;
  while (samples.length > 1 && samples[1].time < oldest) samples.shift();
  bars = bars.filter(bar => bar.to >= oldest);
  draw();
}

// An id keeps its lane; a new one takes the first lane that is free, or the one that has been quiet longest.
function freeLane(id, time) {
  const own = bars.findLast(bar => bar.id === id);
  if (own) return own.lane;
  const busyUntil = Array.from({ length: LANES }, (_, lane) =>
    bars.reduce((latest, bar) => bar.lane === lane ? Math.max(latest, bar.to) : latest, -Infinity));
  const free = busyUntil.findIndex(until => until < time - 2);
  return free >= 0 ? free : busyUntil.indexOf(Math.min(...busyUntil));
}

keepDrawn(canvas, draw);

function draw() {
  const size = fit(canvas);
  if (!size) return;
  const { scale, width, height } = size;

  const style = getComputedStyle(canvas);
  const color = name => style.getPropertyValue(name);
  const axis = 18 * scale, level = 44 * scale, lanes = height - axis - level;
  const x = time => width * (1 - (now - time) / SECONDS);
  context.clearRect(0, 0, width, height);

  context.font = `${11 * scale}px system-ui, sans-serif`;
  context.textBaseline = 'alphabetic';
  for (let ago = 0; ago <= SECONDS; ago += 5) {
    const at = width * (1 - ago / SECONDS);
    context.fillStyle = color('--line');
    if (ago > 0 && ago < SECONDS) context.fillRect(Math.round(at), 0, Math.max(1, Math.round(scale)), height - axis);
    context.fillStyle = color('--quiet');
    context.textAlign = ago === 0 ? 'right' : ago === SECONDS ? 'left' : 'center';
    context.fillText(ago === 0 ? 'now' : `−${ago} s`, at, height - 3 * scale);
  }

  drawLevel(x, lanes, level, color('--sound'), color('--line'), width, scale);
  const step = lanes / LANES;
  for (const bar of bars) {
    const left = Math.max(0, x(bar.from)), right = Math.max(left + 3 * scale, x(bar.to));
    context.fillStyle = `oklch(${color('--source')} ${hueOf(bar.id)})`;
    context.beginPath();
    context.roundRect(left, bar.lane * step + 2 * scale, right - left, step - 4 * scale, 3 * scale);
    context.fill();
    const text = bar.label ? `${bar.id} ${bar.label}` : `${bar.id}`;
    context.textAlign = 'left';
    context.textBaseline = 'middle';
    context.font = `600 ${11 * scale}px system-ui, sans-serif`;
    if (right - left > context.measureText(text).width + 12 * scale) {
      context.fillStyle = color('--on-source');
      context.fillText(text, left + 6 * scale, (bar.lane + 0.5) * step + 0.5 * scale);
    }
  }
}

// One outline per stretch of sound; silence is a gap in it.
function drawLevel(x, top, height, fill, line, width, scale) {
  const bottom = top + height;
  context.fillStyle = line;
  context.fillRect(0, bottom, width, Math.max(1, Math.round(scale)));
  context.fillStyle = fill;
  context.beginPath();
  let open = null;
  for (const sample of samples) {
    const goesOn = open !== null && sample.dbfs !== null && sample.time - open < GAP;
    if (open !== null && !goesOn) context.lineTo(x(open), bottom);
    if (sample.dbfs !== null) {
      if (!goesOn) context.moveTo(x(sample.time), bottom);
      context.lineTo(x(sample.time), bottom - Math.max(0, Math.min(1, 1 - sample.dbfs / LOWEST)) * (height - 6 * scale));
    }
    open = sample.dbfs === null ? null : sample.time;
  }
  if (open !== null) context.lineTo(x(open), bottom);
  context.fill();
}
