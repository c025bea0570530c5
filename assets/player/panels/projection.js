/**
 * Where the entries of a block of numbers are seen, and which one a place on the screen is.
 *
 * Axes: x channels, y cases, z positions (row by row). Entries come case by case, then channel by
 * channel. All that are lit form a box, from one entry to another.
 */

const INSET = [0.07, 2.5]; // air around a tile: share of a cube, at most so many pixels
const THINNEST = 0.25; // side of a block, relative to its longest
const ROOM = 34; // pixels around a block, for its labels
const LABEL = [12, 34]; // pixels from an edge to its numbers and to its title
const LEAST_GAP = 12; // pixels between two labels
const REACH = [1.5, 9]; // pixels beyond a dot that count as it: over a tile, and elsewhere
const DOT = [0.13, 1.1, 2.2]; // radius: share of a cube, and its bounds in pixels

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
export function viewOf(shape, { yaw, pitch }, size) {
  const longest = Math.max(...shape);
  const sides = shape.map((count) => Math.max(count / longest, THINNEST));
  const [cos, sin, low, high] = [Math.cos(yaw), Math.sin(yaw), Math.sin(pitch), Math.cos(pitch)];
  // The same at every yaw, so that a block that turns does not pulse.
  const across = Math.hypot(sides[0], sides[1]);
  const tall = sides[2] * high + across * low;
  const scale = Math.max(1, Math.min((size.x - 2 * ROOM) / across, (size.y - 2 * ROOM) / tall));
  /** @returns {[number, number]} */
  const at = (place) => {
    const [x, y, z] = place.map((value, axis) => scale * sides[axis] * (value / shape[axis] - 0.5));
    return [cos * y - sin * x, high * z - low * (cos * x + sin * y)];
  };
  const towards = [high * cos, high * sin, low].map(
    (value, axis) => (value * shape[axis]) / sides[axis],
  );
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

/**
 * Channel, case and position of an entry.
 * @param {number} index
 * @param {number[]} shape
 */
export function placeOf(index, [channels, , positions]) {
  const map = Math.floor(index / positions);
  return [map % channels, Math.floor(map / channels), index % positions];
}

/**
 * Name an entry.
 * @param {number[]} entry channel, case and position
 * @param {number} side of the map of positions
 */
export const nameOf = ([channel, at, position], side) =>
  `example ${at}, channel ${channel}, row ${Math.floor(position / side)}, column ${position % side}`;

/**
 * Whether a place lies behind a box: whether the line from it to the viewer meets the box.
 * @param {number[]} place
 * @param {{from: number[], to: number[]}} box
 * @param {number[]} towards the viewer
 */
export function isBehind(place, { from, to }, towards) {
  let [enter, leave] = [0, Infinity];
  for (const axis of [0, 1, 2]) {
    const ways = [from[axis], to[axis]].map(
      (side) => (side - place[axis]) / (towards[axis] || 1e-9),
    );
    enter = Math.max(enter, Math.min(...ways));
    leave = Math.min(leave, Math.max(...ways));
  }
  return enter < leave;
}

/**
 * What is seen of a block, in pixels from the middle of its plot, upwards.
 * @typedef {object} Seen
 * @property {{entry: number[], at: [number, number], hidden: boolean}[]} dots entries that are not lit
 * @property {number} radius of a dot
 * @property {[number, number][][]} outlines of the sides that are seen: across channels, cases, positions
 * @property {{entry: number[], corners: [number, number][]}[][]} sides their tiles
 * @property {[number, number]} chosen
 */

/**
 * @param {{lit: ArrayLike<number>, shape: number[], chosen: number[]}} block
 * @param {Eye} eye
 * @param {{x: number, y: number}} size of the plot in pixels
 * @returns {Seen}
 */
export function project({ lit, shape, chosen }, eye, size) {
  const view = viewOf(shape, eye, size);
  const box = boxOf(lit, shape);
  const inset = Math.min(INSET[0], INSET[1] / view.cube);
  const faces = view.towards.map((way, axis) =>
    box.to[axis] ? sideOf(box, axis, way >= 0, inset) : NOTHING,
  );
  const dots = Array.from(lit, (isLit, index) => (isLit ? [] : [placeOf(index, shape)])).flat();
  const middle = (entry) => entry.map((value) => value + 0.5);
  return {
    dots: dots.map((entry) => {
      return {
        entry,
        at: view.at(middle(entry)),
        hidden: isBehind(middle(entry), box, view.towards),
      };
    }),
    radius: Math.min(DOT[2], Math.max(DOT[1], DOT[0] * view.cube)),
    outlines: faces.map(({ outline }) => outline.map(view.at)),
    sides: faces.map(({ tiles }) =>
      tiles.map(({ entry, corners }) => ({ entry, corners: corners.map(view.at) })),
    ),
    chosen: view.at(middle(chosen)),
  };
}

const NOTHING = { outline: [], tiles: [] }; // before there are numbers

/**
 * The entry at a place: a dot before the box, a tile, or a dot nearby.
 * @param {Seen} seen
 * @param {[number, number]} place in pixels from the middle of the plot, upwards
 * @returns {number[]|null} channel, case and position
 */
export function entryAt({ dots, sides, radius }, place) {
  const nearest = (found, reach) => {
    const near = found.map(({ entry, at }) => ({ entry, far: distance(at, place) }));
    const [best] = near.filter(({ far }) => far <= radius + reach).sort((a, b) => a.far - b.far);
    return best?.entry;
  };
  const before = dots.filter(({ hidden }) => !hidden);
  const tile = sides.flat().find(({ corners }) => isWithin(place, corners))?.entry;
  return nearest(before, REACH[0]) ?? tile ?? nearest(dots, REACH[1]) ?? null;
}

/** Whether a place lies in a convex shape. */
function isWithin([x, y], corners) {
  const turns = corners.map(([fromX, fromY], at) => {
    const [toX, toY] = corners[(at + 1) % corners.length];
    return Math.sign((toX - fromX) * (y - fromY) - (toY - fromY) * (x - fromX));
  });
  return !(turns.includes(1) && turns.includes(-1));
}

/** One side of a box: its outline and its tiles, each with its entry. */
function sideOf({ from, to }, axis, far, inset) {
  const level = far ? to[axis] : from[axis];
  const [a, b] = [0, 1, 2].filter((other) => other !== axis);
  const rectangle = (low, high) =>
    [
      [low[0], low[1]],
      [high[0], low[1]],
      [high[0], high[1]],
      [low[0], high[1]],
    ].map(([p, q]) => {
      const corner = [];
      [corner[axis], corner[a], corner[b]] = [level, p, q];
      return corner;
    });
  const tiles = [];
  for (let p = from[a]; p < to[a]; p++) {
    for (let q = from[b]; q < to[b]; q++) {
      const entry = [];
      [entry[axis], entry[a], entry[b]] = [far ? level - 1 : level, p, q];
      const corners = rectangle([p + inset, q + inset], [p + 1 - inset, q + 1 - inset]);
      tiles.push({ entry, corners });
    }
  }
  return { outline: rectangle([from[a], from[b]], [to[a], to[b]]), tiles };
}

/**
 * Numbers and titles at three edges: two on the ground towards the viewer, and the left upright one.
 * @returns {{text: string, at: [number, number]}[]} in pixels from the middle of the plot
 */
export function labelsOf({ shape, titles }, eye, size) {
  const view = viewOf(shape, eye, size);
  const near = view.towards.map((value, axis) => (value >= 0 ? shape[axis] : 0));
  const uprights = [0, shape[0]].flatMap((x) => [0, shape[1]].map((y) => [x, y]));
  const left = uprights.reduce((best, edge) =>
    view.at([...edge, 0])[0] < view.at([...best, 0])[0] ? edge : best,
  );
  const edges = [
    (value) => [value, near[1], 0],
    (value) => [near[0], value, 0],
    (value) => [...left, value],
  ];
  const outwards = edges.map((edge, axis) =>
    axis < 2 ? away(view, edge(shape[axis] / 2)) : [-1, 0],
  );
  const placed = (axis, value, far) =>
    view.at(edges[axis](value)).map((pixel, k) => pixel + far * outwards[axis][k]);
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
