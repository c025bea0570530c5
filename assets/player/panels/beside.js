/**
 * A pinned run beside the present one: which of its traces are drawn, how, and on what common axes.
 * Lines and dots lie below those of the present run, thinner and lighter; of maps and bars there is a
 * second, smaller picture.
 */

import { recipes } from "./bindings.js";
import { scaleOf } from "./axes.js";

/** Pixels from which on a line counts as a curve: thinner ones are noise behind it, or a band's edge. */
const CURVE = 1.5;
const THIN = 1.25; // pixels
const LIGHT = 0.6; // share of a colour that is left
const BELOW = { r: 16, t: 4, b: 4 }; // pixels around a second picture: as wide as that above it
const CALLED = 48; // pixels of ordinary type beside a second picture, for what it is called
const DOT = 0.8; // size of a pinned dot, as a share of its own

/** A figure's chart with the figure's scene. @typedef {{spec: any, scene: import("../view.js").Scene}} Other */

/** Whether a chart has no lines that another run's could lie below. */
export const isPicture = ({ traces }) =>
  traces.some(({ type }) => type === "heatmap" || type === "bar");

/**
 * Whether two runs' charts can be seen on common axes: they measure the same, on the same scales.
 * @param {any} spec
 * @param {any} other
 */
export function isComparable({ kind = "plot", ...spec }, other) {
  if (kind !== "plot" || (other.kind ?? "plot") !== "plot" || isPicture(spec) !== isPicture(other))
    return false;
  return ["x", "y"].every(
    (axis) =>
      spec[axis].title === other[axis].title && scaleOf(spec[axis]) === scaleOf(other[axis]),
  );
}

/**
 * A chart on the axes that it has in common with another run's.
 * @param {any} spec
 * @param {any} other
 */
export function withAxesOf(spec, other) {
  const [x, y, z] = ["x", "y", "z"].map((axis) => joined(spec[axis], other[axis]));
  return { ...spec, x, y, ...(z && { z }) };
}

/**
 * The chart of a second, smaller picture below the first, whose axes have the labels. What is the same
 * in every run is in the first alone, and without it the rest may take all the room.
 * @param {any} chart
 */
export function second(chart) {
  const traces = chart.traces.filter(({ style }) => !style.once);
  const isWhole = traces.length === chart.traces.length;
  const more = { traces, x: { ...chart.x, square: false }, margin: { ...chart.margin, l: CALLED } };
  const spec = isWhole ? chart : { ...chart, ...more };
  if (spec.x.hidden) return spec;
  const margin = { ...spec.margin, ...BELOW };
  return { ...spec, x: { ...spec.x, hidden: true }, y: { ...spec.y, ticks: [] }, margin };
}

/** An axis that spans two; its ticks are those of the longer one. */
function joined(axis, other) {
  if (!axis?.range || !other?.range) return axis;
  const [from, to] = axis.range;
  const ends = [...axis.range, ...other.range];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const range = from <= to ? [low, high] : [high, low];
  const length = (span) => Math.abs(span[1] - span[0]);
  const longer = length(other.range) > length(axis.range) ? other : axis;
  return { ...axis, range, ...(longer.ticks && { ticks: longer.ticks }) };
}

/**
 * What of a pinned run lies below a panel's traces.
 * @param {Other} pinned whose chart is a `lighter` one
 * @param {import("../theme.js").Theme} theme
 * @param {string|null} id of a small multiple's variant
 * @returns {import("./bindings.js").Recipe[]}
 */
export function beneath({ spec, scene }, theme, id) {
  const subject = id === null ? null : scene.variants.findIndex((one) => one.id === id);
  if (subject === -1) return [];
  return recipes(spec, scene, theme, subject, "pinned").map((recipe) => {
    const { name, marker, ...rest } = /** @type {any} */ (recipe.template);
    const open = marker && { marker: { ...marker, symbol: `${marker.symbol ?? "circle"}-open` } };
    const template = {
      ...rest,
      ...open,
      legendgroup: name,
      name: name && `${name}, pinned`,
      isPinned: true,
    };
    return { ...recipe, template };
  });
}

/**
 * Put what is pinned among a panel's own traces: above the noise behind its curves, below all else.
 * @param {import("./bindings.js").Recipe[]} own
 * @param {import("./bindings.js").Recipe[]} pinned
 */
export function among(own, pinned) {
  const isNoise = ({ template }) => {
    const { hoverinfo, line, fill } = /** @type {any} */ (template);
    return hoverinfo === "skip" && line?.width > 0 && !fill;
  };
  const at = pinned.length ? own.findIndex((recipe) => !isNoise(recipe)) : 0;
  return at < 0 ? [...own, ...pinned] : [...own.slice(0, at), ...pinned, ...own.slice(at)];
}

/** A chart with its curves and dots alone, thin and light. */
export function lighter(spec) {
  const traces = spec.traces.filter(({ style }) =>
    style.mode?.includes("lines") ? (style.line?.width ?? 2) >= CURVE : style.mode === "markers",
  );
  return { ...spec, traces: traces.map((trace) => ({ ...trace, style: thinned(trace.style) })) };
}

function thinned({ fill, fillcolor, marker, line, ...style }) {
  if (style.mode === "markers")
    return { ...style, marker: { ...faded(marker), size: DOT * (marker.size ?? 6) } };
  return { ...style, mode: "lines", line: { ...faded(line ?? {}), width: THIN } };
}

/** A style whose colour token keeps a share of its strength. */
function faded({ color, ...style }) {
  if (typeof color !== "string" || !color.startsWith("@")) return { ...style, color };
  const [name, strength = "1"] = color.split("/");
  return { ...style, color: `${name}/${(LIGHT * Number(strength)).toFixed(2)}` };
}
