/** What a chart shows, as comma-separated values. */

import { fromPlotted, scaleOf } from "./panels/axes.js";
import { nameOf, placeOf } from "./panels/projection.js";

/** Curves that are but the edge of a band, as the figure names them: "lowest of 3 seeds". */
const EDGE = /^(lowest|highest) of \d+ seeds$/;
/** What an axis' title says of how it is drawn, which is not so in a table. */
const DRAWN = /, (log scale|compressed above 1)$/;

/** @typedef {import("./take.js").Picture} Picture */

/**
 * A curve or a map.
 * @typedef {object} Curve
 * @property {string} variant
 * @property {any} trace
 * @property {any} chart
 * @property {any[]} others its panel's traces
 * @property {ArrayLike<number>[]} seeds whose mean it is
 */

/**
 * Write what a chart shows: a row for each point of a curve or a map, or each entry of a block. Beside
 * a mean over seeds stand the lowest and the highest, and each of the seeds where these are there;
 * beside what the run has at a place, what a pinned run has there.
 * @param {Picture[]} pictures of one chart
 * @param {{now: number, pinned: number}} [first] the seed of the first of several networks
 * @returns {string}
 */
export function csvOf(pictures, first = { now: 0, pinned: 0 }) {
  const [names, ...rows] = pictures[0].block ? entriesOf(pictures) : pointsOf(pictures, first);
  const lines = [names, ...rows].map((row) => names.map((_, at) => cell(row[at])).join(","));
  return lines.map((line) => `${line}\r\n`).join("");
}

/** @param {Picture[]} pictures @param {{now: number, pinned: number}} first */
function pointsOf(pictures, first) {
  const [{ chart }] = pictures;
  const [own, pinned] = [false, true].map((isPinned) => curvesOf(pictures, isPinned));
  const isMap = own.some(({ trace }) => trace.z);
  const edges = own.flatMap(({ others }) => others.map(({ meta }) => meta)).filter(isEdge);
  const bands = [...new Set(edges)];
  const { across, up, value } = titlesOf(chart, isMap);
  const [seeds, pinnedSeeds] = [own, pinned].map(mostSeeds);
  const numbered = (count, from) => Array.from({ length: count }, (_, at) => `seed ${from + at}`);
  const names = [
    ...["variant", "curve", across, ...(isMap ? [up] : [])],
    ...[bands.length ? `${value}, ${bands[0].replace("lowest", "mean")}` : value, ...bands],
    ...numbered(seeds, first.now),
  ];
  const beside = [value, ...numbered(pinnedSeeds, first.pinned)].map((name) => `${name}, pinned`);
  const [here, there] = [own, pinned].map((curves) =>
    curves.flatMap((curve) => rowsOf(curve, isMap, bands)),
  );
  const width = 1 + bands.length + seeds;
  return [
    [...names, ...(pinned.length ? beside : [])],
    ...joined(here, there, width, bands.length),
  ];
}

/** @param {Picture[]} pictures @param {boolean} isPinned @returns {Curve[]} */
function curvesOf(pictures, isPinned) {
  return pictures.flatMap(({ chart, variant, traces, seeds, ...picture }) =>
    traces.flatMap((trace, at) => {
      if (isEdge(trace.meta) || isPinned !== Boolean(picture.isPinned || trace.isPinned)) return [];
      const name = variant ?? trace.legendgroup ?? trace.name ?? "";
      return [{ variant: name, trace, chart, others: traces, seeds: seeds[at] }];
    }),
  );
}

/** @param {Curve[]} curves */
const mostSeeds = (curves) => Math.max(0, ...curves.map(({ seeds }) => seeds.length));

const isEdge = (meta) => EDGE.test(meta ?? "");

/**
 * What the places and the values are called.
 * @param {import("./panels/panel.js").Chart} chart
 * @param {boolean} isMap
 */
function titlesOf({ title, traces, x, y, z, rows, columns }, isMap) {
  const isTrained = traces.every(({ x }) => x?.over === "frames" || x?.over === "steps");
  const across = isTrained ? "step" : x?.title || columns?.title || "x"; // or epochs
  const measured = [(y?.title || rows?.title || title).replace(DRAWN, ""), y?.unit];
  const up = measured.filter(Boolean).join(", ");
  return { across, up, value: isMap ? (z ? "log10" : "value") : up };
}

/**
 * The rows of a curve: where its points are, and the values there.
 * @param {Curve} curve
 * @param {boolean} isMap whether the chart has values at places in the plane
 * @param {string[]} bands
 */
function rowsOf({ variant, trace, chart, others, seeds }, isMap, bands) {
  const isBand = ({ meta, name }, kind) => meta === kind && name === trace.name && !trace.meta;
  const edges = bands.map((kind) => others.find((one) => isBand(one, kind))?.y);
  const beside = [...edges, ...seeds].map((y) => placesOf({ x: trace.x, y }, chart));
  return placesOf(trace, chart).map((point, row) => {
    const isFlat = isMap && !trace.z; // a point in the plane
    const place = [variant, kindOf(trace), ...(isFlat ? point : point.slice(0, -1))];
    const values = [point, ...beside.map((points) => points[row] ?? [])];
    return { place, values: isFlat ? [] : values.map((one) => one.at(-1) ?? NaN) };
  });
}

/**
 * Put what a pinned run has into the rows of its places; what has no place in the run comes last.
 * @param {{place: any[], values: number[]}[]} here
 * @param {{place: any[], values: number[]}[]} there
 * @param {number} width columns of the run's values
 * @param {number} bands of them, which a pinned run has none of
 */
function joined(here, there, width, bands) {
  const left = new Map();
  for (const { place, values } of there) {
    const own = [values[0], ...values.slice(1 + bands)];
    left.set(`${place}`, [...(left.get(`${place}`) ?? []), [place, own]]);
  }
  const rows = here.map(({ place, values }) => {
    const [, own = []] = left.get(`${place}`)?.shift() ?? [];
    return [...place, ...Array.from({ length: width }, (_, at) => values[at] ?? NaN), ...own];
  });
  const alone = [...left.values()].flat();
  return [...rows, ...alone.map(([place, own]) => [...place, ...Array(width).fill(NaN), ...own])];
}

/**
 * The points of a trace in data units: x, y and, of a map, the value there.
 * @param {any} trace
 * @param {any} chart
 */
function placesOf({ x, y, z }, { x: across, y: up, rows, columns }) {
  const [fromX, fromY] = [across, up].map((axis) =>
    scaleOf(axis) === "symlog" ? fromPlotted.symlog : (value) => value,
  );
  const ticks = new Map(across?.ticks); // where every point stands on one, it is what that says
  const named = [...(x ?? [])].every((place) => ticks.has(place)) ? ticks : new Map();
  const at = (names, own, place) => own?.[place] ?? names?.names[place] ?? place;
  if (z?.[0]?.length !== undefined)
    return [...z].flatMap((line, row) =>
      [...line].map((value, column) => [at(columns, x, column), at(rows, y, row), value]),
    );
  return [...(y ?? [])].map((value, place) => {
    const placed = at(null, x, place);
    return [named.get(placed) ?? fromX(placed), fromY(value)];
  });
}

/** What a curve is, beside that of its variant: the figure says it in `meta`. */
const kindOf = ({ meta, z }) => meta ?? (z ? "map" : "shown");

/**
 * Every entry of the blocks, and whether it shares the statistic of the one that is chosen.
 * @param {Picture[]} pictures
 */
function entriesOf(pictures) {
  const [{ block }] = pictures;
  const names = ["variant", "example", "channel", "row", "column"];
  const rows = pictures.flatMap(({ variant, block: { lit, shape, side } }) =>
    Array.from(lit, (isLit, index) => {
      const [channel, example, position] = placeOf(index, shape);
      return [variant, example, channel, Math.floor(position / side), position % side, isLit];
    }),
  );
  return [[...names, `shares statistics with ${nameOf(block.chosen, block.side)}`], ...rows];
}

const cell = (value = "") => {
  const text = Number.isNaN(value) ? "" : `${value}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
