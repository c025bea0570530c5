/**
 * A block of numbers in 3-D: entries that share a statistic as cubes, the others as dots. Drawn by
 * Plotly as flat shapes where they are seen: that is faster than WebGL without a graphics card, and
 * works where there is none.
 *
 * Axes: x channels, y cases, z positions (row by row). Entries come case by case, then channel by
 * channel. All that is shared is a box, from one entry to another.
 */

import { channels, rgb } from "./theme.js";

const DOT = [0.13, 1.1, 2.2]; // radius: share of a cube, and its bounds in pixels
const MARK = 5.8; // half a diagonal of the diamond on the chosen entry, in pixels
const INSET = [0.07, 2.5]; // air around a tile: share of a cube, at most so many pixels
const CIRCLE = [0, 1, 2, 3, 4, 5].map((corner) => [Math.cos, Math.sin].map((of) => of((corner * Math.PI) / 3)));
const THINNEST = 0.25; // side of a block, relative to its longest
const ROOM = 34; // pixels around a block, for its labels
const LABEL = [12, 28]; // pixels from an edge to its numbers and to its title
const SHADES = [0.86, 0.74, 1]; // of the sides that are seen: across channels, cases, positions
const INNER = 0.5; // of what is seen between the tiles
const LEAST_GAP = 12; // pixels between two labels

/**
 * The direction that a block is seen from.
 * @typedef {{yaw: number, pitch: number}} Eye radians: about the upright axis, above the horizon
 */
export const EYE = { yaw: Math.atan2(-1.5, -1.2), pitch: 0.44 };

/** @returns {Eye} turned on; never seen from below, nor from straight above */
export const turned = ({ yaw, pitch }, [about, up]) => ({
  yaw: (yaw + about) % (2 * Math.PI),
  pitch: Math.min(1.3, Math.max(0.1, pitch + up)),
});

/**
 * A view of a block.
 * @param {number[]} shape numbers of channels, cases, positions
 * @param {Eye} eye
 * @param {{x: number, y: number}} size of the plot in pixels
 * @returns {{towards: number[], at: (place: number[]) => [number, number], cube: number}} the
 *   direction of the viewer, in units of cubes; where a place in these units is seen, in pixels from
 *   the middle; and the shortest side of a cube in pixels
 */
export function look(shape, { yaw, pitch }, size) {
  const longest = Math.max(...shape);
  const sides = shape.map((count) => Math.max(count / longest, THINNEST));
  const [cos, sin, low, high] = [Math.cos(yaw), Math.sin(yaw), Math.sin(pitch), Math.cos(pitch)];
  // The same at every yaw, so that a block that turns does not pulse.
  const across = Math.hypot(sides[0], sides[1]);
  const tall = sides[2] * high + across * low;
  const scale = Math.max(1, Math.min((size.x - 2 * ROOM) / across, (size.y - 2 * ROOM) / tall));
  const at = (place) => {
    const [x, y, z] = place.map((value, axis) => scale * sides[axis] * (value / shape[axis] - 0.5));
    return [cos * y - sin * x, high * z - low * (cos * x + sin * y)];
  };
  const towards = [high * cos, high * sin, low].map((value, axis) => (value * shape[axis]) / sides[axis]);
  return { towards, at, cube: scale * Math.min(...sides.map((side, axis) => side / shape[axis])) };
}

/**
 * The box that the lit entries fill.
 * @param {ArrayLike<number>} lit one number an entry
 * @param {number[]} shape
 * @returns {{from: number[], to: number[]}} first entry and the one after the last, along each axis
 */
export function boxOf(lit, shape) {
  const from = [...shape];
  const to = [0, 0, 0];
  for (let index = 0; index < lit.length; index++) {
    if (!lit[index]) continue;
    placeOf(index, shape).forEach((value, axis) => {
      from[axis] = Math.min(from[axis], value);
      to[axis] = Math.max(to[axis], value + 1);
    });
  }
  return { from, to };
}

/** Channel, case and position of an entry. */
export function placeOf(index, [channels, , positions]) {
  const map = Math.floor(index / positions);
  return [map % channels, Math.floor(map / channels), index % positions];
}

/**
 * Whether a place lies behind a box: whether the line from it to the viewer meets the box.
 * @param {number[]} place
 * @param {number[]} towards the viewer
 */
export function isBehind(place, { from, to }, towards) {
  let [enter, leave] = [0, Infinity];
  for (const axis of [0, 1, 2]) {
    const ways = [from[axis], to[axis]].map((side) => (side - place[axis]) / (towards[axis] || 1e-9));
    enter = Math.max(enter, Math.min(...ways));
    leave = Math.min(leave, Math.max(...ways));
  }
  return enter < leave;
}

/**
 * The Plotly traces of a block. Their number is always the same, so that another block, or the same
 * one turned, differs in numbers alone.
 * @param {{lit: ArrayLike<number>, shape: number[], side: number, chosen: number[], color: string,
 *   muted: string, text: string, hovertemplate: string}} block
 * @param {Eye} eye
 * @param {{x: number, y: number}} size of the plot in pixels
 */
export function blockTraces(block, eye, size) {
  const { shape, lit, color } = block;
  const view = look(shape, eye, size);
  const box = boxOf(lit, shape);
  const inset = Math.min(INSET[0], INSET[1] / view.cube);
  const radius = Math.min(DOT[2], Math.max(DOT[1], DOT[0] * view.cube));
  const dot = ([x, y]) => CIRCLE.map(([dx, dy]) => [x + radius * dx, y + radius * dy]);
  const nothing = { outline: [], tiles: [] }; // before there are numbers
  const sides = view.towards.map((way, axis) => (box.to[axis] ? sideOf(box, axis, way >= 0, inset) : nothing));
  const tiles = sides.flatMap(({ tiles }) => tiles);
  const dots = Array.from(lit, (isLit, index) => (isLit ? [] : [placeOf(index, shape)]))
    .flat()
    .map((entry) => ({ entry, centre: entry.map((value) => value + 0.5) }));
  const dotted = (hidden) => {
    const shown = dots.filter(({ centre }) => isBehind(centre, box, view.towards) === hidden);
    return polygons(shown.map(({ centre }) => dot(view.at(centre))), block.muted);
  };
  const [x, y] = view.at(block.chosen.map((value) => value + 0.5));
  const diamond = (radius, fillcolor) =>
    polygons(lit.length ? [[[x - radius, y], [x, y + radius], [x + radius, y], [x, y - radius]]] : [], fillcolor);
  return [
    dotted(true),
    polygons(sides.map(({ outline }) => outline.map(view.at)), shade(color, INNER)),
    ...sides.map((side, axis) =>
      polygons(side.tiles.map(({ corners }) => corners.map(view.at)), shade(color, SHADES[axis])),
    ),
    dotted(false),
    diamond(MARK + 1.4, "#fff"), // its rim
    diamond(MARK, block.text),
    pickable(block, [...dots, ...tiles], view),
  ];
}

/** One side of a box: its outline and its tiles, each with its entry. */
function sideOf({ from, to }, axis, far, inset) {
  const level = far ? to[axis] : from[axis];
  const [a, b] = [0, 1, 2].filter((other) => other !== axis);
  const rectangle = (low, high) =>
    [[low[0], low[1]], [high[0], low[1]], [high[0], high[1]], [low[0], high[1]]].map(([p, q]) => {
      const corner = [];
      [corner[axis], corner[a], corner[b]] = [level, p, q];
      return corner;
    });
  const tiles = [];
  for (let p = from[a]; p < to[a]; p++) {
    for (let q = from[b]; q < to[b]; q++) {
      const entry = [];
      [entry[axis], entry[a], entry[b]] = [far ? level - 1 : level, p, q];
      const centre = entry.map((value) => value + 0.5);
      centre[axis] = level;
      const corners = rectangle([p + inset, q + inset], [p + 1 - inset, q + 1 - inset]);
      tiles.push({ entry, centre, corners });
    }
  }
  return { outline: rectangle([from[a], from[b]], [to[a], to[b]]), tiles };
}

const scatter = (points, more) => {
  const [x, y] = [0, 1].map((axis) => Float64Array.from(points, (point) => point[axis]));
  return { type: "scatter", x, y, ...more };
};

/** Shapes in pixels as one: it is drawn with one element, whatever their number. */
function polygons(shapes, fillcolor) {
  const points = shapes.flatMap((corners) => (corners.length ? [...corners, corners[0], [NaN, NaN]] : []));
  // A shape of no size where there is none: Plotly makes away with a trace without points.
  return scatter(points.length ? points : [[0, 0]], {
    mode: "none", // no line round it: that would be one element a shape
    fill: "toself",
    fillcolor,
    hoverinfo: "skip",
  });
}

/** What lies under the pointer: case, channel, row and column. Nothing of it is drawn. */
function pickable({ side, hovertemplate }, seen, { at }) {
  const customdata = seen.map(({ entry: [c, n, p] }) => [n, c, Math.floor(p / side), p % side]);
  return scatter(
    seen.map(({ centre }) => at(centre)),
    { mode: "none", customdata, hovertemplate },
  );
}

/**
 * Numbers and titles at three edges: two on the ground towards the viewer, and the left upright one.
 * @returns {{text: string, at: [number, number]}[]} in pixels from the middle of the plot
 */
export function labelsOf({ shape, titles }, eye, size) {
  const view = look(shape, eye, size);
  const near = view.towards.map((value, axis) => (value >= 0 ? shape[axis] : 0));
  const uprights = [0, shape[0]].flatMap((x) => [0, shape[1]].map((y) => [x, y]));
  const left = uprights.reduce((best, edge) => (view.at([...edge, 0])[0] < view.at([...best, 0])[0] ? edge : best));
  const edges = [(value) => [value, near[1], 0], (value) => [near[0], value, 0], (value) => [...left, value]];
  const outwards = edges.map((edge, axis) => (axis < 2 ? away(view, edge(shape[axis] / 2)) : [-1, 0]));
  const placed = (axis, value, far) => view.at(edges[axis](value)).map((pixel, k) => pixel + far * outwards[axis][k]);
  const numbers = shape.flatMap((count, axis) => {
    const gap = distance(view.at(edges[axis](0)), view.at(edges[axis](1)));
    const every = Math.ceil(LEAST_GAP / Math.max(gap, 1));
    return Array.from({ length: Math.ceil(count / every) }, (_, k) => ({
      text: String(k * every),
      at: placed(axis, k * every + 0.5, LABEL[0]),
    }));
  });
  const top = view.at(edges[2](shape[2])).map((pixel, k) => pixel + [-LABEL[0], LABEL[0]][k]); // above its numbers
  const places = [placed(0, shape[0] / 2, LABEL[1]), placed(1, shape[1] / 2, LABEL[1]), top];
  return [...numbers, ...titles.map((text, axis) => ({ text, at: places[axis] }))];
}

const distance = ([a, b], [c, d]) => Math.hypot(a - c, b - d);

/** From the middle of the block's ground to a place on its edge, as seen; one pixel long. */
function away({ at }, place) {
  const [x, y] = at(place);
  const length = Math.hypot(x, 0.35 * Math.abs(y)) || 1;
  const [dx, dy] = [x / length, -0.7];
  const size = Math.hypot(dx, dy);
  return [dx / size, dy / size];
}

/** A colour darkened: 1 leaves it, 0 is black. */
export const shade = (color, share) => rgb(channels(color).map((channel) => share * channel));
