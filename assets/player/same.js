/** Pictures compared, and a plot that is given the numbers of another one. */

/**
 * Whether two pieces of a picture are alike: values, arrays of any kind, plain objects.
 * @param {any} a
 * @param {any} b
 */
export function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (isList(a) !== isList(b)) return false;
  if (isList(a)) return a.length === b.length && isEvery(a, (value, index) => same(value, b[index]));
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => name in b && same(a[name], b[name]));
}

/**
 * The numbers of a trace that differ from those of another one.
 * @returns {{path: string[], values: ArrayLike<any>|number|string}[]|null} null: more than numbers differs
 */
export function changes(before, after, path = []) {
  if (same(before, after)) return [];
  if (isNumbers(before) && isNumbers(after)) return [{ path, values: after }];
  if (SINGLE.includes(path.at(-1)) && typeof before === typeof after) return [{ path, values: after }];
  if (!isPlain(before) || !isPlain(after)) return null;
  const names = Object.keys(after);
  if (names.length !== Object.keys(before).length) return null;
  const found = names.map((name) => (name in before ? changes(before[name], after[name], [...path, name]) : null));
  return found.includes(null) ? null : found.flat();
}

/**
 * What is to be set where two layouts differ in nothing but the ranges of their axes, and in the
 * ticks that these bring.
 * @returns {Object<string, object>|null} by the names of axes; null: more than that differs
 */
export function rescaled(before, after) {
  const change = {};
  for (const name of Object.keys({ ...before, ...after })) {
    if (same(before[name], after[name])) continue;
    if (name !== "xaxis" && name !== "yaxis") return null;
    const parts = Object.keys({ ...before[name], ...after[name] });
    if (parts.some((part) => !SCALE.includes(part) && !same(before[name][part], after[name][part]))) return null;
    change[name] = Object.fromEntries(SCALE.filter((part) => part in after[name]).map((part) => [part, after[name][part]]));
  }
  return change;
}

/**
 * Give a plot other numbers and other ranges, where nothing else is to change.
 *
 * `Plotly.react` works the whole picture out again; here Plotly draws those traces alone that have
 * changed, in about a tenth of the time, or all of them and the axes in view whose ranges have, in a
 * third; of areas without a line we set the outline ourselves.
 * The underscored names are Plotly's own: they hold for the version that comes with the app, and a
 * browser test compares the two.
 * @param {HTMLElement} plot made by Plotly
 * @param {{traces: object[], layout: object}} before what it shows
 * @param {{traces: object[], layout: object}} after
 * @returns {boolean} false: this takes `Plotly.react`
 */
export function refill(plot, before, after) {
  const full = plot._fullData;
  const { traces } = after;
  const scale = rescaled(before.layout, after.layout);
  if (!scale || before.traces.length !== traces.length || !full.every(({ visible }) => visible === true)) return false;
  const changed = traces.map((trace, index) => changes(before.traces[index], trace));
  if (changed.includes(null) || !traces.every(lengthOf)) return false;
  // Plotly draws all traces of a kind together.
  const moved = full.filter((_, index) => changed[index].length);
  const kinds = new Set(moved.map(({ _module }) => _module));
  full.forEach((trace, index) => {
    if (!kinds.has(trace._module)) return;
    for (const { path, values } of changed[index]) {
      put(trace, path, values);
      put(plot.data[index], path, values);
    }
    if (trace._length) trace._length = lengthOf(trace);
    const points = trace._module.calc(plot, trace);
    Object.assign(points[0], { trace, t: points[0].t ?? {} });
    plot.calcdata[index] = points;
  });
  for (const subplot of Object.values(plot._fullLayout._plots)) {
    for (const kind of kinds) kind.crossTraceCalc?.(plot, subplot);
  }
  const axes = Object.keys(scale).map((name) => plot._fullLayout[name]);
  if (!axes.length) redraw(plot, moved);
  else if (axes.some(isSeen) || after.layout.shapes?.length) rescale(plot, scale);
  else {
    for (const axis of axes) stretch(axis, scale[axis._name].range);
    redraw(plot, full);
  }
  return true;
}

/** Draw traces whose numbers have changed. */
function redraw(plot, moved) {
  const { _plots: subplots, _rehover: rehover } = plot._fullLayout;
  for (const kind of new Set(moved.map(({ _module }) => _module))) {
    const bare = moved.every((trace) => trace._module !== kind || isBare(trace));
    const shown = plot.calcdata.filter(([{ trace }]) => trace._module === kind);
    for (const subplot of Object.values(subplots)) {
      if (bare) shown.forEach((points) => outline(points, subplot));
      else kind.plot(plot, subplot, shown, subplot.plot.select(`.${kind.name}layer`));
    }
    if (!bare) kind.style?.(plot);
  }
  rehover?.();
}

/** Whether nothing of a trace is seen but its area, if it has one. */
const isBare = ({ mode, fill }) => mode === "none" && (fill === "none" || fill === "toself");

/** Draw a bare area. Plotly would make and remove an element for each of its shapes. */
function outline(points, { xaxis, yaxis }) {
  const area = points[0].trace._ownFill;
  if (!area) return;
  const shapes = [[]];
  for (const { x, y } of points) {
    if (x === undefined || y === undefined) shapes.push([]); // a gap
    else shapes.at(-1).push(`${xaxis.c2p(x)},${yaxis.c2p(y)}`);
  }
  area.attr("d", shapes.filter(({ length }) => length).map((corners) => `M${corners.join("L")}Z`).join(""));
}

/** Whether an axis is drawn, or its range decides on that of another one. */
const isSeen = ({ visible, _constraintGroup: others }) => visible || Boolean(others);

/** Give an axis that is not drawn another range. */
function stretch(axis, range) {
  for (const place of [axis, axis._input]) place.range = [...range];
  axis.setScale();
}

/** Give axes their ranges, and draw them and all traces. */
function rescale(plot, scale) {
  const ranges = {};
  for (const [name, { range, ...ticks }] of Object.entries(scale)) {
    // Of a range that changes alone Plotly does not work out the layout again.
    ranges[`${name}.range`] = [...range];
    for (const axis of [plot.layout[name], plot._fullLayout[name]]) Object.assign(axis, structuredClone(ticks));
  }
  window.Plotly.relayout(plot, ranges);
}

/** Of an axis, what follows its range. */
const SCALE = ["range", "tickvals", "ticktext"];
/** Of a trace, what goes with its numbers: the ends of its colour scale, and its name under the pointer. */
const SINGLE = ["zmin", "zmax", "name"];

const isList = (value) => Array.isArray(value) || ArrayBuffer.isView(value);
/** Whether a condition holds for all values of an array of any kind. */
const isEvery = (list, holds) => Array.prototype.every.call(list, holds);
const isPlain = (value) => typeof value === "object" && value !== null && !isList(value);
const isNumbers = (value) =>
  ArrayBuffer.isView(value) ||
  (Array.isArray(value) && value.every((one) => one === null || typeof one === "number" || isNumbers(one)));

/** How many points a trace has: as many as have all their coordinates. */
const lengthOf = ({ x, y, z }) => Math.min(...[x, y, z].filter(Boolean).map(({ length }) => length));

function put(place, path, values) {
  for (const name of path.slice(0, -1)) place = place[name];
  place[path.at(-1)] = values;
}
