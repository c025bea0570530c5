/** Numbers as colours, and as text on a coloured ground. */

import { channels } from "../theme.js";

/** The least number that is written out: all below are longer than with an exponent. */
const TINY = 1e-3;

/**
 * Where colours of a scale stand, from 0 to 1.
 * @typedef {[number, string][]} ColorScale
 */

/**
 * Write a number.
 * @param {string} format ".2f", ".3g" (digits that count), or ".0%"
 * @param {number} value NaN: nothing is written
 * @returns {string}
 */
export function write(format, value) {
  if (!Number.isFinite(value)) return "";
  const [, places, kind] = format.match(/^\.(\d)([fg%])$/);
  const digits = Number(places);
  if (kind === "%") return `${(100 * value).toFixed(digits)}%`;
  if (kind === "g") return short(Number(value.toPrecision(digits)));
  return value.toFixed(digits).replace(/^-(?=[0.]+$)/, ""); // no minus before a zero
}

/** A number without needless zeros: those close to 0 as in code. */
const short = (value) => (value && Math.abs(value) < TINY ? value.toExponential() : String(value));

/**
 * The colour at a place of a scale, in red, green and blue.
 * @param {number} share 0 at its beginning, 1 at its end
 * @param {ColorScale} scale
 * @returns {number[]}
 */
export function colorAt(share, scale) {
  const place = Math.min(1, Math.max(0, share));
  const next = Math.max(
    1,
    scale.findIndex(([stop]) => stop >= place),
  );
  const [[low, from], [high, to]] = [scale[next - 1], scale[next]];
  return mix(channels(to), channels(from), (place - low) / (high - low || 1));
}

/**
 * Mix two colours.
 * @param {number} share of the first one
 */
export const mix = (color, other, share) =>
  color.map((channel, at) => share * channel + (1 - share) * other[at]);

/** Of two colours the one that stands out more from a third. */
export function legible(ground, colors) {
  const contrast = (color) => {
    const [dark, light] = [luminance(channels(color)), luminance(ground)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  return contrast(colors[0]) >= contrast(colors[1]) ? colors[0] : colors[1];
}

/** As WCAG defines it, from 0 to 1. */
function luminance(color) {
  const linear = color.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

const STEPS = 256;
const painted = new Map();

/**
 * A matrix as an image with a pixel for each number; what is not finite is transparent.
 * @param {{z: ArrayLike<number>[], zmin: number, zmax: number, colorscale: ColorScale}} heat
 * @param {boolean} upwards whether the first row is the lowest one
 * @returns {HTMLCanvasElement}
 */
export function imageOf({ z, zmin, zmax, colorscale }, upwards) {
  const [height, width] = [z.length, z[0].length];
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const colors = paletteOf(colorscale);
  for (let row = 0; row < height; row++) {
    const start = (upwards ? height - 1 - row : row) * width;
    for (let column = 0; column < width; column++) {
      const share = (z[row][column] - zmin) / (zmax - zmin);
      const step = Math.round((STEPS - 1) * Math.min(1, Math.max(0, share)));
      pixels[start + column] = Number.isNaN(share) ? 0 : colors[step];
    }
  }
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

/** The colours of a scale as pixels, in even steps. */
function paletteOf(scale) {
  const key = String(scale);
  if (!painted.has(key)) {
    const bytes = Array.from({ length: STEPS }, (_, step) => [
      ...colorAt(step / (STEPS - 1), scale),
      255,
    ]);
    painted.set(key, new Uint32Array(Uint8ClampedArray.from(bytes.flat()).buffer));
  }
  return painted.get(key);
}
