// What the strips below the picture share: the last 20 seconds of the source's own time, drawn as sharp as the screen is.
export const SECONDS = 20;

// Draws again whenever the strip's size or the page's colours change.
export function keepDrawn(canvas, draw) {
  new ResizeObserver(draw).observe(canvas);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
}

// Brings a canvas to the screen's pixels; null while it is not to be seen.
export function fit(canvas) {
  const scale = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * scale), height = Math.round(canvas.clientHeight * scale);
  if (!width || !height) return null;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }

  return { scale, width, height };
}
