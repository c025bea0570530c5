/** Axes: ranges that only widen, and ticks. */

/** @typedef {"linear"|"log"|"symlog"} Scale */

/** @returns {Scale} */
export const scaleOf = (axis) => (axis?.symlog ? "symlog" : axis?.log ? "log" : "linear");

/** From data units to the units in which Plotly takes the range of an axis. */
export const toPlotted = { linear: (v) => v, log: Math.log10, symlog: Math.asinh };
export const fromPlotted = { linear: (v) => v, log: (v) => 10 ** v, symlog: Math.sinh };

/** Least distance between ticks that are evenly spaced, as a fraction of the axis. */
const MOST_TICKS = 0.1;

/** @type {Record<Scale, [number, number]>} */
const EMPTY = { linear: [0, 1], log: [0.1, 1], symlog: [-1, 1] };

/**
 * Widen a range so that it holds an extent: to whole decades on a log axis, to 1, 3, 10, 30, ...
 * on a symlog axis, to round steps on a linear one. It never narrows.
 * @param {[number, number]|null} range in data units
 * @param {Pick<import("./series.js").Extent, "low"|"high"|"positive">} extent in plotted units for symlog, else in data units
 * @param {Scale} scale
 * @returns {[number, number]} `range` itself if it already holds the extent
 */
export function widen(range, extent, scale) {
  let low = scale === "log" ? extent.positive : extent.low;
  let high = extent.high;
  if (!(low <= high)) return range ?? EMPTY[scale];
  if (scale === "symlog") [low, high] = [Math.sinh(low), Math.sinh(high)];
  if (range && range[0] <= low && high <= range[1]) return range;
  const [from, to] = ROUND[scale](
    Math.min(low, range?.[0] ?? low),
    Math.max(high, range?.[1] ?? high),
  );
  return [Math.min(from, range?.[0] ?? from), Math.max(to, range?.[1] ?? to)];
}

const ROUND = {
  log(low, high) {
    const from = Math.floor(Math.log10(low));
    return [10 ** from, 10 ** Math.max(from + 1, Math.ceil(Math.log10(high)))];
  },
  symlog: (low, high) => [low < 0 ? -half(-low) : 0, high > 0 ? half(high) : 0],
  linear(low, high) {
    const step = roundStep((high - low || Math.abs(high) || 1) / 4);
    const from = Math.floor(low / step) * step;
    return [from, Math.max(from + step, Math.ceil(high / step) * step)];
  },
};

/** The least of 1, 3, 10, 30, 100, ... that is not below a value. */
function half(value) {
  const decade = 10 ** Math.ceil(Math.log10(Math.max(value, 1)));
  return decade > 1 && value <= 0.3 * decade ? 0.3 * decade : decade;
}

function roundStep(step) {
  const decade = 10 ** Math.floor(Math.log10(step));
  return decade * [1, 2, 5, 10].find((nice) => nice * decade >= step * 0.999);
}

/**
 * Ticks of an axis, far enough from each other for their labels.
 * @param {[number, number]} range the visible one, in plotted units; it may run downwards
 * @param {Scale} scale
 * @param {number} gap least distance between labels, as a fraction of the axis
 * @returns {{value: number, text: string}[]} values in data units
 */
export function ticks(range, scale, gap) {
  const [low, high] = [Math.min(...range), Math.max(...range)];
  const taken = [];
  for (const value of candidates[scale](...[low, high].map(fromPlotted[scale]), gap)) {
    const at = toPlotted[scale](value);
    const free = taken.every((tick) => Math.abs(toPlotted[scale](tick) - at) >= gap * (high - low));
    if (low - 1e-9 <= at && at <= high + 1e-9 && free) taken.push(value);
  }
  const write = scale === "linear" ? plain : label;
  return taken.sort((a, b) => a - b).map((value) => ({ value, text: write(value) }));
}

/**
 * Find the tick before which the title of an axis is written.
 * @param {{middle: number, half: number}[]} spots of all ticks, in pixels: their middles and half widths
 * @param {number} width of the title
 * @returns {number} the last tick, unless only the first has room before it
 */
export function titledTick(spots, width) {
  const last = spots.length - 1;
  const room = (at) =>
    spots[at].middle - spots[at].half - (at ? spots[at - 1].middle + spots[at - 1].half : 0);
  return room(last) < width && room(0) >= width ? 0 : last;
}

/** Values that may carry a label, the most welcome first. */
const candidates = {
  linear(low, high, gap) {
    const step = roundStep((high - low) * Math.max(gap, MOST_TICKS));
    // A narrow axis that begins at 0 says where it ends, though that is no round number.
    return step > high ? [high, 0] : evenly(low, high, step);
  },
  log(low, high) {
    const first = Math.floor(Math.log10(low));
    const count = Math.ceil(Math.log10(high)) - first + 1;
    const decades = Array.from({ length: count }, (_, i) => 10 ** (first + i));
    const between = (factor) => decades.map((decade) => factor * decade);
    // Labels between decades help only where few decades are seen.
    return count > 4 ? decades : [...decades, ...between(3), ...between(2), ...between(5)];
  },
  symlog(low, high) {
    const reach = Math.max(-low, high);
    if (reach < 2) return evenly(low, high, roundStep((high - low) / 5));
    const decades = Array.from({ length: Math.ceil(Math.log10(reach)) }, (_, i) => 10 ** (i + 1));
    const sizes = reach > 30 ? [...decades, 1] : [...decades, 3, 1];
    return [0, ...sizes.flatMap((size) => [size, -size])];
  },
};

/** The multiples of a step from one below a value to one above another. */
function evenly(low, high, step) {
  const first = Math.floor(low / step);
  return Array.from({ length: Math.floor((high - low) / step) + 2 }, (_, i) => (first + i) * step);
}

/** A round number in full. */
const plain = (value) => String(Number(value.toPrecision(12))).replace("-", "−");

/**
 * A number as the label of a tick or in a sentence: three digits, powers of ten where it is long.
 * @param {number} value
 */
export function label(value) {
  if (!Number.isFinite(value)) return "not a number";
  if (value === 0) return "0";
  const sign = value < 0 ? "−" : "";
  const size = Number(Math.abs(value).toPrecision(3));
  if (size >= 0.001 && size < 10000) return sign + size;
  const [digits, exponent] = size.toExponential().split("e");
  const power = `10${[...String(Number(exponent))].map((c) => SUPERSCRIPT[c]).join("")}`;
  return sign + (digits === "1" ? power : `${digits} × ${power}`);
}

const SUPERSCRIPT = Object.fromEntries(
  [..."-0123456789"].map((c, i) => [c, [..."⁻⁰¹²³⁴⁵⁶⁷⁸⁹"][i]]),
);
