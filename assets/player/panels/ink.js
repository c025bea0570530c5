/**
 * Draws the traces of a plot on a canvas, as Plotly describes them: lines, areas, markers, bars and
 * heat maps, as far as figures use them. Plotly takes 5 to 15 ms of the page's time for any change of
 * a plot; this takes less than one.
 */

import { SYMBOLS } from "../symbols.js";
import { colorAt, imageOf, write } from "./colors.js";

/** Lengths of dashes and gaps by Plotly's names, for lines of up to 3 px. */
const DASHES = {
  dot: "3,3",
  dash: "9,9",
  longdash: "15,15",
  dashdot: "9,3,3,3",
  longdashdot: "15,3,3,3",
};
const BAR = 0.8; // share of the room from bar to bar

/**
 * A trace and a shape, as Plotly names their parts.
 * @typedef {{type: string, [part: string]: any}} Trace
 * @typedef {{type: string, xref?: string, yref?: string, x0: number, x1: number, y0: number, y1: number,
 *   label?: {text: string}, line: {color: string, width: number, dash?: string}}} Shape
 */

/**
 * Where data are seen.
 * @typedef {object} Frame
 * @property {{left: number, top: number, width: number, height: number}} area of the plot in pixels
 * @property {(value: number) => number} x from data to pixels
 * @property {(value: number) => number} y
 * @property {string} font
 */

/**
 * Draw traces, the first one lowest.
 * @param {CanvasRenderingContext2D} ink
 * @param {Trace[]} traces
 * @param {[number, number][][]} points of each trace, as `pointsOf` gives them
 * @param {Frame} frame
 */
export function drawTraces(ink, traces, points, frame) {
  const bars = traces.filter(({ type }) => type === "bar");
  traces.forEach((trace, at) => {
    ink.save();
    if (trace.type === "heatmap") drawHeat(ink, trace, frame);
    else if (trace.type === "bar") drawBars(ink, trace, bars.indexOf(trace), bars.length, frame);
    else drawScatter(ink, trace, points[at], points[at - 1], frame);
    ink.restore();
  });
}

/**
 * Draw the lines and rectangles of a figure.
 * @param {CanvasRenderingContext2D} ink
 * @param {Shape[]} shapes
 * @param {Frame} frame
 */
export function drawShapes(ink, shapes, frame) {
  for (const shape of shapes) {
    const [[x0, y0], [x1, y1]] = endsOf(shape, frame);
    ink.beginPath();
    if (shape.type === "rect") ink.rect(x0, y0, x1 - x0, y1 - y0);
    else {
      ink.moveTo(x0, y0);
      ink.lineTo(x1, y1);
    }
    stroke(ink, shape.line);
  }
}

/**
 * Where a shape begins and ends, in pixels.
 * @param {Omit<Shape, "type"|"line">} shape
 * @param {Frame} frame
 */
export function endsOf({ xref, yref, x0, x1, y0, y1 }, { area, x, y }) {
  const across = (value) => (xref === "paper" ? area.left + value * area.width : x(value));
  const up = (value) => (yref === "paper" ? area.top + (1 - value) * area.height : y(value));
  return [
    [across(x0), up(y0)],
    [across(x1), up(y1)],
  ];
}

/**
 * Draw the colours of a heat map and what they stand for, beside its plot.
 * @param {CanvasRenderingContext2D} ink
 * @param {Trace} trace
 * @param {Frame} frame
 * @param {string} color of the numbers
 */
export function drawColorBar(ink, { colorscale, zmin, zmax, colorbar }, { area, font }, color) {
  const { thickness, tickvals, ticktext = tickvals } = colorbar;
  const left = area.left + area.width + 10;
  const scale = ink.createLinearGradient(0, area.top + area.height, 0, area.top);
  for (let stop = 0; stop <= 16; stop++)
    scale.addColorStop(stop / 16, css(colorAt(stop / 16, colorscale)));
  ink.fillStyle = scale;
  ink.fillRect(left, area.top, thickness, area.height);
  Object.assign(ink, { font, fillStyle: color, textBaseline: "middle" });
  const half = ink.measureText("1").actualBoundingBoxAscent; // a number at an end stays whole
  tickvals.forEach((value, at) => {
    const y = area.top + (1 - (value - zmin) / (zmax - zmin)) * area.height;
    const within = Math.min(Math.max(y, area.top + half), area.top + area.height - half);
    ink.fillText(ticktext[at], left + thickness + 3, within);
  });
}

function drawScatter(ink, trace, points, before, { area, y, font }) {
  const { mode = "lines", line = {}, fill, fillcolor } = trace;
  if (fill && fill !== "none") {
    const ground = Math.min(Math.max(y(0), area.top), area.top + area.height); // of a log axis: its lower end
    const other = fill.startsWith("tonext") ? before : points.map(([left]) => [left, ground]);
    // An edge at 0 of a log axis lies at its lower end.
    const grounded = (edge) => edge.map(([left, top]) => [left, top === Infinity ? ground : top]);
    const shape = [
      ...stepped(grounded(points), line.shape),
      ...stepped(grounded(other), line.shape).reverse(),
    ];
    trail(ink, shape.filter(isSeen));
    ink.fillStyle = fillcolor;
    ink.fill();
  }
  if (mode.includes("lines")) {
    trail(ink, stepped(points, line.shape));
    stroke(ink, line);
  }
  if (mode.includes("markers")) drawMarkers(ink, points, trace.marker);
  if (mode.includes("text")) drawWords(ink, points, trace, font);
}

/** @param {Object<string, any>} marker */
function drawMarkers(ink, points, marker) {
  const { symbol = "circle", size = 6, color, line = {}, ...scale } = marker;
  const [name, open] = symbol.split("-open");
  const shape = new Path2D(SYMBOLS[name] ?? SYMBOLS.circle);
  const outlined = open !== undefined;
  const rim = outlined ? { color, width: 1 } : line;
  points.forEach(([x, y], at) => {
    if (!isSeen([x, y])) return;
    ink.save();
    ink.translate(x, y);
    ink.scale(size / 2, size / 2);
    if (color) ink.fillStyle = typeof color === "string" ? color : colorOfPoint(color[at], scale);
    if (color && !outlined) ink.fill(shape);
    if (rim.width) {
      Object.assign(ink, { strokeStyle: rim.color, lineWidth: (2 * rim.width) / size });
      ink.stroke(shape);
    }
    ink.restore();
  });
}

/** Write a number of the trace beside each marker, as its `texttemplate` has it. */
function drawWords(ink, points, { texttemplate, textfont, marker, ...trace }, font) {
  const [, ahead, name, format] = texttemplate.match(/^(.*)%\{(x|text):(.+)\}$/);
  const values = trace[name];
  Object.assign(ink, { font, fillStyle: textfont.color, textBaseline: "middle" });
  points.forEach(([x, y], at) => {
    if (isSeen([x, y])) ink.fillText(ahead + write(format, values[at]), x + marker.size / 2, y);
  });
}

function drawBars(ink, trace, at, count, { x, y }) {
  const { x: places, y: values, width, marker } = trace;
  const room = places.length > 1 ? Math.abs(places[1] - places[0]) : 1;
  const { color, line = {} } = marker;
  for (let bar = 0; bar < places.length; bar++) {
    if (!Number.isFinite(values[bar])) continue;
    const wide = width?.[bar] ?? (BAR * room) / count;
    const left = x(places[bar] - (wide * count) / 2 + wide * at);
    const right = x(places[bar] - (wide * count) / 2 + wide * (at + 1));
    ink.beginPath();
    ink.rect(left, y(values[bar]), right - left, y(0) - y(values[bar]));
    ink.fillStyle = color;
    ink.fill();
    stroke(ink, line);
  }
}

function drawHeat(ink, trace, { x, y }) {
  const z = trace.transpose ? transposed(trace.z) : trace.z;
  if (!z.length || !z[0].length) return; // before there are numbers
  const columns = edgesOf(trace.x ?? [...z[0].keys()], z[0].length).map(x);
  const rows = edgesOf(trace.y ?? [...z.keys()], z.length).map(y);
  const upwards = rows.at(-1) < rows[0];
  const image = imageOf({ ...trace, z }, upwards);
  const [top, bottom] = [Math.min(rows[0], rows.at(-1)), Math.max(rows[0], rows.at(-1))];
  ink.imageSmoothingEnabled = trace.zsmooth === "best";
  if (isEven(columns))
    ink.drawImage(image, columns[0], top, columns.at(-1) - columns[0], bottom - top);
  else {
    for (let at = 0; at < image.width; at++) {
      ink.drawImage(
        image,
        at,
        0,
        1,
        image.height,
        columns[at],
        top,
        columns[at + 1] - columns[at],
        bottom - top,
      );
    }
  }
}

/** Halfway between neighbours, and as far beyond the first and last ones. */
function edgesOf(centres, count) {
  if (count === 1) return [centres[0] - 0.5, centres[0] + 0.5];
  const edges = Array.from({ length: count - 1 }, (_, at) => (centres[at] + centres[at + 1]) / 2);
  return [2 * centres[0] - edges[0], ...edges, 2 * centres[count - 1] - edges.at(-1)];
}

/** Whether edges lie equally far apart, to a tenth of a pixel. */
function isEven(edges) {
  const step = (edges.at(-1) - edges[0]) / (edges.length - 1);
  return edges.every((edge, at) => Math.abs(edge - edges[0] - at * step) < 0.1);
}

const transposed = (z) => (z.length ? Array.from(z[0], (_, row) => z.map((line) => line[row])) : z);

/**
 * The points of a curve in pixels; of bars and maps there are none.
 * @param {Trace} trace
 * @param {Frame} frame
 * @returns {[number, number][]}
 */
export const pointsOf = (trace, { x, y }) =>
  trace.type === "bar" || trace.type === "heatmap"
    ? []
    : Array.from({ length: Math.min(trace.x.length, trace.y.length) }, (_, at) => [
        x(trace.x[at]),
        y(trace.y[at]),
      ]);

export const isSeen = ([x, y]) => Number.isFinite(x) && Number.isFinite(y);

/** The corners of a line: of steps that change halfway between points, if its shape says so. */
function stepped(points, shape) {
  if (shape !== "hvh") return points;
  return points.flatMap(([x, y], at) => {
    const left = at ? (points[at - 1][0] + x) / 2 : x;
    const right = at < points.length - 1 ? (x + points[at + 1][0]) / 2 : x;
    return [
      [left, y],
      [right, y],
    ];
  });
}

/** A path through points; where one is missing there is a gap. */
function trail(ink, points) {
  ink.beginPath();
  let drawing = false;
  for (const [x, y] of points) {
    const seen = Number.isFinite(x) && Number.isFinite(y);
    if (seen && drawing) ink.lineTo(x, y);
    else if (seen) ink.moveTo(x, y);
    drawing = seen;
  }
}

function stroke(ink, { color, width = 2, dash = "solid" }) {
  if (!width) return;
  const lengths = (DASHES[dash] ?? (dash === "solid" ? "" : dash)).match(/[\d.]+/g) ?? [];
  ink.setLineDash(lengths.map(Number));
  Object.assign(ink, { strokeStyle: color, lineWidth: width, lineJoin: "round" });
  ink.stroke();
  ink.setLineDash([]);
}

/** @type {(value: number, scale: Object<string, any>) => string} */
const colorOfPoint = (value, { cmin, cmax, colorscale }) =>
  css(colorAt((value - cmin) / (cmax - cmin), colorscale));

const css = (color) => `rgb(${color.map(Math.round).join(" ")})`;
