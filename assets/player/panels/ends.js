/** The names of curves, written at their ends, or along them, where there is room. */

import { isSeen } from "./ink.js";

const APART = 5; // pixels between a curve and its name
const ALIKE = 2; // pixels between two curves that are seen as one
const STOPS = 8; // into so many parts a plot is cut: a name along a curve ends where one ends

/**
 * @typedef {{left: number, right: number, top: number, bottom: number}} Box
 * @typedef {Box & {near?: Box}} Place `near`: the box and what lies between it and the curve
 * @typedef {[number, number][]} Points in pixels
 * @typedef {{name: string, color: string, points: Points, light?: boolean}} Curve `light`: it lies
 *   behind the others
 */

/**
 * Find a place for the name of each curve: behind its end, above or below it; of one that has come to
 * the edge, then above or below it further to the left; at last at its end, though others are as near.
 * A name that would cover a line or another name is left out; of curves that crowd, the first is named.
 * Where there is no other place, a name may lie on a light line, but not that of a light curve.
 * Curves that lie on each other all along are named together, in no colour.
 * @param {Curve[]} curves
 * @param {{points: Points, light?: boolean}[]} lines all that is drawn
 * @param {{left: number, top: number, width: number, height: number}} area of the plot
 * @param {number} size of the letters
 * @param {(name: string) => number} widthOf a name
 * @returns {{name: string, color: string|null, left: number, y: number}[]}
 */
export function namesAtEnds(curves, lines, area, size, widthOf) {
  const drawn = lines.map(({ points, light }) => ({ points: rightward(points), light }));
  const strong = drawn.filter((line) => !line.light);
  const taken = [];
  const named = [];
  for (const { name, color, curve, light } of together(curves)) {
    const end = curve.findLast(isSeen);
    if (!end) continue;
    const width = widthOf(name);
    // While a film plays its curves are on their way, and a name would jump to and fro.
    const isOver = end[0] + APART + width > area.left + area.width;
    const isFree = (box) => isWithin(box, area) && !taken.some((other) => overlap(box, other));
    const isOf = (line) => areAlike(line.points, curve);
    const isClear = (box, lines) =>
      !lines.some((line) => crosses(line.points, box)) &&
      // Beside a name along a curve no other curve may lie as near to it.
      !(box.near && lines.some((line) => crosses(line.points, box.near) && !isOf(line)));
    const find = (boxes, lines) => boxes.find((box) => isFree(box) && isClear(box, lines));
    /** @type {Place[]} */
    const atEnd = places(end, width, size);
    // It is asked at every drawing: the places along a curve are looked for only where they matter.
    const clear = (lines) =>
      find(atEnd, lines) ??
      (isOver ? find(along(curve, width, size, area), lines) : undefined) ??
      find(
        atEnd.map(({ near, ...box }) => box),
        lines,
      );
    const mayCross = !light && strong.length < drawn.length;
    const box = clear(drawn) ?? (mayCross && clear(strong));
    if (!box) continue;
    taken.push(box);
    named.push({ name, color, left: box.left, y: (box.top + box.bottom) / 2 });
  }
  return named;
}

/**
 * The first of some boxes through which no line passes.
 * @param {Box[]} boxes
 * @param {{points: Points}[]} lines
 * @returns {Box|undefined}
 */
export const freeOf = (boxes, lines) =>
  boxes.find((box) => !lines.some(({ points }) => crosses(rightward(points), box)));

/**
 * The curves as the eye tells them apart: those that lie on each other are one, of several names.
 * @param {Curve[]} curves
 * @returns {{name: string, color: string|null, curve: Points, light: boolean}[]}
 */
function together(curves) {
  /** @type {{names: string[], color: string, curve: Points, light: boolean}[]} */
  const seen = [];
  for (const { name, color, points, light = false } of curves) {
    const curve = rightward(points);
    const one = seen.find((other) => other.light === light && areAlike(other.curve, curve));
    if (!one) seen.push({ names: [name], color, curve, light });
    else if (!one.names.includes(name)) one.names.unshift(name);
  }
  return seen.map(({ names, color, ...one }) => ({
    ...one,
    name: names.length > 2 && seen.length === 1 ? `all ${names.length}` : names.join(", "),
    color: names.length > 1 ? null : color,
  }));
}

/** Whether two curves, both from left to right, are seen as one. */
const areAlike = (one, other) =>
  one === other ||
  (one.length === other.length &&
    one.every(([x, y], at) => {
      const [x1, y1] = other[at];
      if (!isSeen(one[at]) || !isSeen(other[at])) return isSeen(one[at]) === isSeen(other[at]);
      return Math.abs(x - x1) < 1 && Math.abs(y - y1) < ALIKE;
    }));

/** The points of a curve from left to right. */
const rightward = (points) =>
  points.length && points[0][0] > points.at(-1)[0] ? points.toReversed() : points;

/** Behind a curve's end, then above it, then below. */
function places([x, y], width, size) {
  const half = size / 2;
  const over = { left: x - width, right: x };
  const above = { ...over, top: y - APART - size, bottom: y - APART };
  const below = { ...over, top: y + APART, bottom: y + APART + size };
  return [
    { left: x + APART, right: x + APART + width, top: y - half, bottom: y + half },
    { ...above, near: { ...above, bottom: y } },
    { ...below, near: { ...below, top: y } },
  ];
}

/** Above and below a curve where it is about level, from the right to the left. */
function along(points, width, size, area) {
  const boxes = [];
  for (let stop = STOPS - 1; stop > 0; stop--) {
    const right = area.left + (area.width * stop) / STOPS;
    const left = right - width;
    const level = points.slice(
      Math.max(0, firstAfter(points, left) - 1),
      firstAfter(points, right) + 1,
    );
    if (!level.length || level[0][0] > left || !level.every(isSeen)) continue;
    const heights = level.map(([, y]) => y);
    const [top, bottom] = [Math.min(...heights), Math.max(...heights)];
    if (bottom - top > 2 * size) continue;
    const above = { left, right, top: top - APART - size, bottom: top - APART };
    const below = { left, right, top: bottom + APART, bottom: bottom + APART + size };
    boxes.push({ ...above, near: { ...above, bottom: top + APART } });
    boxes.push({ ...below, near: { ...below, top: bottom - APART } });
  }
  return boxes;
}

/** The place of the first point at or behind x. */
function firstAfter(points, x) {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle][0] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

const isWithin = ({ left, right, top, bottom }, area) =>
  left >= area.left &&
  right <= area.left + area.width &&
  top >= area.top &&
  bottom <= area.top + area.height;

const overlap = (a, b) =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** Whether a curve passes through a box; only its points near the box are looked at. */
function crosses(points, box) {
  const last = Math.min(points.length - 1, firstAfter(points, box.right));
  for (let at = last; at > 0; at--) {
    const [[x0, y0], [x1, y1]] = [points[at - 1], points[at]];
    if (x1 < box.left) return false; // the rest lies to the left
    if (x0 > box.right || !isSeen(points[at - 1]) || !isSeen(points[at])) continue;
    const hull = { left: x0, right: x1, top: Math.min(y0, y1), bottom: Math.max(y0, y1) };
    if (hull.left <= box.right && hull.right >= box.left)
      if (hull.top <= box.bottom && hull.bottom >= box.top) return true;
  }
  return false;
}
