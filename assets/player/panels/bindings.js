/** From the figure to Plotly traces: which traces a panel has, and their numbers at a moment. */

import { label, scaleOf, toPlotted } from "./axes.js";
import { withTheme } from "../theme.js";

/**
 * A film and what of it is seen: its `frame`, and what runs over steps up to frame `end`.
 * @typedef {{film: import("../film.js").Film, reader: import("./series.js").Reader, frame: number,
 *   end: number}} Seen
 *
 * The run that is watched and the one that is pinned beside it.
 * @typedef {"now"|"pinned"} Source
 *
 * A trace that waits for its numbers.
 * @typedef {{
 *   source: Source, variant: import("../view.js").Variant|null, template: object,
 *   slots: {path: string[], bind: import("./series.js").Bind}[],
 * }} Recipe
 */

/**
 * The traces of a panel, in drawing order.
 * @param {import("./panel.js").Chart} chart
 * @param {import("../view.js").Scene} scene the figure's variants and the view of them
 * @param {import("../theme.js").Theme} theme
 * @param {number|null} panel the variant index of a small multiple
 * @param {Source} [source] where the numbers come from
 * @returns {Recipe[]}
 */
export function recipes(chart, scene, theme, panel, source = "now") {
  const everyone = scene.variants.map((_, index) => index).filter((index) => scene.shown[index]);
  const made = (choice) => choice === undefined || scene.choices[choice] !== null;
  const traces = chart.traces.filter(({ when, unless }) => made(when) && !(unless && made(unless)));
  return bundles(traces).flatMap((bundle) => {
    const subjects = { each: everyone, panel: [panel] }[bundle[0].variant] ?? [
      bundle[0].variant ?? null,
    ];
    return subjects
      .filter((subject) => subject === null || scene.shown[subject])
      .flatMap((subject) =>
        bundle.map((trace) => ({ source, ...recipe(trace, chart, scene, theme, subject) })),
      );
  });
}

/**
 * Put traces that fill "to the next" into one bundle with what they fill to, so that
 * `variant: "each"` keeps the two edges of a band together.
 */
function bundles(traces) {
  const bundled = [];
  for (const trace of traces) {
    const joins = trace.style?.fill?.startsWith("tonext") && bundled.length;
    if (joins) bundled.at(-1).push(trace);
    else bundled.push([trace]);
  }
  return bundled;
}

function recipe(trace, chart, scene, theme, subject) {
  const variant = subject === null ? null : scene.variants[subject];
  const slots = [];
  const scales = { x: scaleOf(chart.x), y: scaleOf(chart.y) };

  const take = (value, path) => {
    if (Array.isArray(value) || value === null || typeof value !== "object") return value;
    if (!("over" in value)) {
      const entries = Object.entries(value).map(([name, v]) => [name, take(v, [...path, name])]);
      return Object.fromEntries(entries.filter(([, v]) => v !== undefined));
    }
    const scale = path.length === 1 ? scales[path[0]] : undefined;
    slots.push({ path, bind: resolve(value, scene, subject, scale) });
    return undefined;
  };
  const onAxis = (values, axis) =>
    Array.isArray(values) && scales[axis] === "symlog" ? values.map(toPlotted.symlog) : values;

  const { x, y, z, style } = trace;
  const template = withTheme(
    {
      type: trace.type,
      name: variant?.label,
      // A template would bring back the labels of a trace that the figure excepts from hover.
      hovertemplate: style?.hoverinfo ? undefined : hover(scales),
      ...take({ ...style, x: onAxis(x, "x"), y: onAxis(y, "y"), z }, []),
    },
    theme,
    variant,
  );
  if (template.line?.width) template.line.width *= (theme.size ?? 14) / 14; // as its type grows
  const raw = ["y", "x"].find((axis) => scales[axis] === "symlog" && trace[axis]?.over);
  if (raw) slots.push({ path: ["customdata"], bind: resolve(trace[raw], scene, subject) });
  return { variant, template, slots };
}

/** Hover shows raw values also where an axis is drawn in asinh. */
function hover(scales) {
  if (scales.y === "symlog") return "%{customdata:.3~g}";
  return scales.x === "symlog" ? "%{customdata:.3~g}, %{y:.3~g}" : "%{y:.3~g}";
}

/** Fill the variant and the choices into an index, and say on what scale the values are drawn. */
export function resolve(bind, scene, subject, scale) {
  const index = (bind.index ?? []).map((entry) => {
    if (entry === "variant") return subject;
    return typeof entry === "string" && entry !== ":" ? scene.choices[entry] : entry;
  });
  // A mean of what is drawn on a log axis is a mean of logarithms: one spike must not rule it.
  const resolved = { ...bind, index, asinh: scale === "symlog", ratio: scale === "log" };
  // The first frame of a film is of the moment before all that a choice names.
  if (bind.frame) resolved.frame = scene.choices[bind.frame] + 1;
  if (bind.smooth) resolved.smooth = bind.smooth * (scene.smooth ?? 1);
  return { ...resolved, key: JSON.stringify(resolved) };
}

/**
 * The Plotly trace of a recipe at a moment.
 * @param {Recipe} recipe
 * @param {Object<Source, Seen>} moment
 */
export function fill({ source, template, slots }, moment) {
  const { reader, frame, end } = moment[source];
  const trace = { ...template };
  for (const { path, bind } of slots) {
    let place = trace;
    for (const name of path.slice(0, -1)) place = place[name] = { ...place[name] };
    place[path.at(-1)] = reader.read(bind, bind.over === "now" ? frame : end);
  }
  return trace;
}

/** The bindings of a property of the trace itself, not of what is in it. */
const boundTo = (name, slots) =>
  slots.filter(({ path }) => path.length === 1 && path[0] === name).map(({ bind }) => bind);

/**
 * The curves that a recipe shows the mean of: one for each seed; none where it shows no such mean.
 * @param {Recipe} recipe
 * @param {Object<Source, Seen>} moment
 */
export function eachSeed({ source, slots }, moment) {
  const { reader, end } = moment[source];
  const [bind] = boundTo("y", slots);
  const count = bind?.reduce === "mean" ? reader.count(bind) : 0;
  if (count < 2) return [];
  return Array.from({ length: count }, (_, seed) =>
    reader.read({ ...bind, reduce: seed, key: `${bind.key} ${seed}` }, end),
  );
}

/**
 * The bindings that a growing axis must hold: those of the variants that are shown, without those of
 * traces with `fits: false`, which may run out of sight.
 * @param {"x"|"y"|"z"} axis
 * @returns {import("./series.js").Bind[]}
 */
export function boundOn(axis, chart, scene, theme) {
  const held = { ...chart, traces: chart.traces.filter(({ fits }) => fits !== false) };
  const panels = chart.repeat === "variants" ? [...scene.variants.keys()] : [null];
  const binds = panels
    .flatMap((panel) => recipes(held, scene, theme, panel))
    .flatMap(({ slots }) => boundTo(axis, slots));
  return [...new Map(binds.map((bind) => [bind.key, bind])).values()];
}

/**
 * The present values of the variants of a panel, as words: the text alternative of its curves.
 * @returns {string} such as "Batch Norm 0.25, Layer Norm 0.13"; empty if the panel has no curves
 */
export function describe(panelRecipes, moment) {
  const values = new Map();
  for (const { source, variant, template, slots } of panelRecipes) {
    const [y] = boundTo("y", slots);
    if (!variant || !y || y.over === "now" || y.over === "film") continue;
    const { reader, frame } = moment[source];
    const value = reader.read(y, frame).at(-1);
    if (value !== undefined) values.set(template.name, y.asinh ? Math.sinh(value) : value);
  }
  return [...values].map(([name, value]) => `${name} ${label(value)}`).join(", ");
}

/**
 * The arrays that a panel shows, and whether at the moment alone; each once.
 * @param {Recipe[]} panelRecipes
 * @returns {{source: Source, name: string, isNow: boolean}[]}
 */
export function readsOf(panelRecipes) {
  const reads = panelRecipes.flatMap(({ source, slots }) =>
    slots.map(({ bind }) => {
      return { source, name: bind.array ?? bind.of, isNow: bind.over === "now" };
    }),
  );
  return [...new Map(reads.map((read) => [Object.values(read).join(), read])).values()];
}

/**
 * What a panel shows at a moment, as a key: equal keys mean that there is nothing new to draw.
 * @param {ReturnType<typeof readsOf>} reads
 * @param {Object<Source, Seen>} moment
 */
export const momentKey = (reads, moment) =>
  reads
    .map(({ source, name, isNow }) => {
      const { film, frame, end } = moment[source];
      return film.latest(name, isNow ? frame : end);
    })
    .join();
