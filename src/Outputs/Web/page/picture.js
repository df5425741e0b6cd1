// The picture with its overlay. Frame, heatmap and boxes come in one message and are drawn in one go, so they always belong together;
// everything is drawn in the screen's own pixels, so it is crisp at any size.
import { colorOf } from './color.js';
import { drawHeat } from './heat.js';

const canvas = document.getElementById('picture');
const context = canvas.getContext('2d', { alpha: false });
let last = null;
let view = { opacity: 0.6, least: 0 };

/** Shows a decoded frame (an ImageBitmap, owned from now on) with what was found in it. */
export function showPicture(bitmap, message) {
  last?.bitmap.close();
  last = { bitmap, message };
  draw();
}

/** How the overlay is shown: `opacity` of the heatmap, and the score from which (`least`) something is shown at all. */
export function setView(change) {
  view = { ...view, ...change };
  draw();
}

/** The picture with its overlay as a PNG of the frame's own size, and a name for the file; null before the first one. */
export async function snapshot() {
  if (!last) return null;
  const { bitmap, message } = last;
  const paper = Object.assign(document.createElement('canvas'), { width: bitmap.width, height: bitmap.height });
  drawOn(paper.getContext('2d', { alpha: false }), last, Math.max(1, bitmap.height / 540));
  const blob = await new Promise(resolve => paper.toBlob(resolve, 'image/png'));
  return { blob, name: `${message.camera}-${message.captured_at.replaceAll(/[:.]/g, '')}.png` };
}

new ResizeObserver(draw).observe(canvas);

function draw() {
  if (!last) return;
  const { message } = last;
  canvas.style.setProperty('--aspect', message.resolution.width / message.resolution.height);
  const scale = window.devicePixelRatio || 1;
  const width = Math.max(1, Math.round(canvas.clientWidth * scale)), height = Math.max(1, Math.round(canvas.clientHeight * scale));
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }

  drawOn(context, last, scale);

  // Which frame it is, for who reads the canvas.
  canvas.dataset.seq = message.seq;
}

function drawOn(context, { bitmap, message }, scale) {
  const { width, height } = context.canvas;

  // Without a GPU smoothing is what costs; only shrinking needs the better one.
  context.imageSmoothingQuality = bitmap.width > 1.5 * width ? 'medium' : 'low';
  context.drawImage(bitmap, 0, 0, width, height);

  // Without a source there is nothing to point at, and a map of nothing misleads.
  if (message.why === null) drawHeat(context, message.heatmap, view.opacity, view.least);

  // Weakest first: where boxes overlap, the strongest is on top. Labels above all boxes, each beside the others.
  const taken = [], sources = message.sources.filter(source => source.score >= view.least);
  for (const source of sources.toReversed()) drawBox(context, source, width, height, scale);
  for (const source of sources) drawLabel(context, source, width, height, scale, taken);
}

function drawBox(context, source, width, height, scale) {
  // On whole pixels: lines between two of them are blurred.
  const [x1, y1, x2, y2] = source.box.map((at, i) => Math.round(at * (i % 2 ? height : width)));
  const box = [x1, y1, x2 - x1, y2 - y1];
  const corner = Math.min(6 * scale, box[2] / 4, box[3] / 4);
  for (const [style, line] of [['rgb(0 0 0 / 0.45)', 4], [colorOf(source.id), 2]]) {
    context.strokeStyle = style;
    context.lineWidth = line * scale;
    context.beginPath();
    context.roundRect(...box, corner);
    context.stroke();
    context.beginPath();
    context.arc(source.peak[0] * width, source.peak[1] * height, 5 * scale, 0, 2 * Math.PI);
    context.stroke();
  }
}

function drawLabel(context, source, width, height, scale, taken) {
  const pad = 6 * scale, size = 13 * scale, high = size + 8 * scale;
  context.font = `600 ${size}px system-ui, sans-serif`;
  const text = `${source.id}${source.label ? ' ' + source.label : ''}  ${source.score.toFixed(2)}`;
  const wide = context.measureText(text).width + 2 * pad;
  const left = Math.min(Math.max(0, source.box[0] * width), Math.max(0, width - wide));
  let top = source.box[1] * height - high - 4 * scale;
  if (top < 0) top = Math.max(0, source.box[1] * height + 4 * scale);
  for (let i = 0; i < taken.length && top + 2 * high < height; i++) {
    const other = taken[i];
    if (left < other.left + other.wide && other.left < left + wide && top < other.top + high && other.top < top + high) {
      top = other.top + high + 2 * scale;
      i = -1;
    }
  }

  taken.push({ left, top, wide });
  context.fillStyle = 'rgb(12 13 15 / 0.72)';
  context.beginPath();
  context.roundRect(left, top, wide, high, 4 * scale);
  context.fill();
  context.fillStyle = colorOf(source.id);
  context.textBaseline = 'middle';
  context.fillText(text, left + pad, top + high / 2 + 0.5 * scale);
}
