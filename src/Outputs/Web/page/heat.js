// The heatmap as a glow: the coarse grid brought up smoothly (cubic), and coloured with an opacity that grows with the score, so that the
// picture stays as it is where nothing sounds. The same floor, ramp and easing as HeatLayer.cs.
const FINE = 8, FLOOR = 0.3;

// Inferno (matplotlib, CC0), polynomial fit of degree 6 for r, g, b.
const INFERNO = [
  [0.0002189403691192265, 0.001651004631001012, -0.01948089843709184],
  [0.1065134194856116, 0.5639564367884091, 3.932712388889277],
  [11.60249308247187, -3.972853965665698, -15.9423941062914],
  [-41.70399613139459, 17.43639888205313, 44.35414519872813],
  [77.162935699427, -33.40235894210092, -81.80730925738993],
  [-71.31942824499214, 32.62606426397723, 73.20951985803202],
  [25.13112622477341, -12.24266895238567, -23.07032500287172],
];

const inferno = t => [0, 1, 2].map(channel =>
  255 * Math.min(1, Math.max(0, INFERNO.reduceRight((sum, row) => sum * t + row[channel], 0))));

// Score byte to a pixel (r, g, b, share of opacity). The darkest third of the ramp would only dim the picture.
const inkFrom = floor => new Uint32Array(Uint8ClampedArray.from(Array.from({ length: 256 }, (_, i) => {
  const warmth = Math.min(1, Math.max(0, (i / 255 - floor) / (1 - floor)));
  return [...inferno((90 + warmth * 165) / 255), 255 * warmth * warmth * (3 - 2 * warmth)];
}).flat()).buffer);

const canvas = document.createElement('canvas');
const context = canvas.getContext('2d');
let ink = inkFrom(FLOOR), floor = FLOOR;
let image = null, pixels = null, rowsOfWeights = null, colsOfWeights = null, between = null;

/** Draws the heatmap of a message over the whole of a canvas; scores below `least` leave the picture as it is. */
export function drawHeat(target, map, opacity, least = 0) {
  if (opacity <= 0 || !map.rows || !map.cols) return;
  const wanted = Math.min(0.98, Math.max(FLOOR, least));
  if (wanted !== floor) ink = inkFrom(floor = wanted);
  const grid = Uint8Array.from(atob(map.u8), c => c.charCodeAt(0));
  const width = map.cols * FINE, height = map.rows * FINE;
  if (image?.width !== width || image.height !== height) {
    canvas.width = width;
    canvas.height = height;
    image = context.createImageData(width, height);
    pixels = new Uint32Array(image.data.buffer);
    colsOfWeights = cubicWeights(map.cols);
    rowsOfWeights = cubicWeights(map.rows);
    between = new Float32Array(map.rows * width);
  }

  enlarge(grid, map.rows, map.cols);
  context.putImageData(image, 0, 0);
  target.save();
  target.globalAlpha = opacity;
  target.imageSmoothingQuality = 'low';
  target.drawImage(canvas, 0, 0, target.canvas.width, target.canvas.height);
  target.restore();
}

function enlarge(grid, rows, cols) {
  const width = cols * FINE, height = rows * FINE;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x++) {
      const { at, weights } = colsOfWeights[x];
      const row = y * cols;
      between[y * width + x] = weights[0] * grid[row + at[0]] + weights[1] * grid[row + at[1]] + weights[2] * grid[row + at[2]] + weights[3] * grid[row + at[3]];
    }
  }
  for (let y = 0; y < height; y++) {
    const { at: [a, b, c, d], weights: [p, q, r, s] } = rowsOfWeights[y];
    for (let x = 0; x < width; x++) {
      const score = p * between[a * width + x] + q * between[b * width + x] + r * between[c * width + x] + s * between[d * width + x];
      pixels[y * width + x] = ink[Math.min(255, Math.max(0, Math.round(score)))];
    }
  }
}

// Cubic convolution (Keys, 1981; a = -0.75 as in OpenCV), half-pixel centres, edges repeated.
function cubicWeights(cells) {
  const a = -0.75;
  return Array.from({ length: cells * FINE }, (_, i) => {
    const position = (i + 0.5) / FINE - 0.5, first = Math.floor(position), t = position - first;
    const near = d => ((a + 2) * d - (a + 3)) * d * d + 1;
    const far = d => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
    return {
      at: [-1, 0, 1, 2].map(k => Math.min(cells - 1, Math.max(0, first + k))),
      weights: [far(1 + t), near(t), near(1 - t), far(2 - t)],
    };
  });
}
