/** The names of curves, written at their ends where there is room. */

import { isSeen } from "./ink.js";

const APART = 5; // pixels between a curve's end and its name

/**
 * @typedef {{left: number, right: number, top: number, bottom: number}} Box
 * @typedef {{name: string, color: string, points: [number, number][]}} Curve with points in pixels
 */

/**
 * Find a place for the name of each curve: behind its end, above or below it. A name that would cover
 * a line or another name is left out; of curves that crowd, the first is named.
 * @param {Curve[]} curves
 * @param {[number, number][][]} lines all that is drawn
 * @param {{left: number, top: number, width: number, height: number}} area of the plot
 * @param {number} size of the letters
 * @param {(name: string) => number} widthOf a name
 * @returns {{name: string, color: string, left: number, y: number}[]}
 */
export function namesAtEnds(curves, lines, area, size, widthOf) {
  const drawn = lines.map(rightward);
  const taken = [];
  const named = [];
  for (const { name, color, points } of curves) {
    const end = rightward(points).findLast(isSeen);
    if (!end) continue;
    const width = widthOf(name);
    const free = places(end, width, size).find(
      (box) =>
        isWithin(box, area) &&
        !taken.some((other) => overlap(box, other)) &&
        !drawn.some((line) => crosses(line, box)),
    );
    if (!free) continue;
    taken.push(free);
    named.push({ name, color, left: free.left, y: (free.top + free.bottom) / 2 });
  }
  return named;
}

/** The points of a curve from left to right. */
const rightward = (points) =>
  points.length && points[0][0] > points.at(-1)[0] ? points.toReversed() : points;

/** Behind a curve's end, then above it, then below. */
function places([x, y], width, size) {
  const half = size / 2;
  const over = { left: x - width, right: x };
  return [
    { left: x + APART, right: x + APART + width, top: y - half, bottom: y + half },
    { ...over, top: y - APART - size, bottom: y - APART },
    { ...over, top: y + APART, bottom: y + APART + size },
  ];
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
  for (let at = points.length - 1; at > 0; at--) {
    const [[x0, y0], [x1, y1]] = [points[at - 1], points[at]];
    if (x1 < box.left) return false; // the rest lies to the left
    if (x0 > box.right || !isSeen(points[at - 1]) || !isSeen(points[at])) continue;
    const hull = { left: x0, right: x1, top: Math.min(y0, y1), bottom: Math.max(y0, y1) };
    if (hull.left <= box.right && hull.right >= box.left)
      if (hull.top <= box.bottom && hull.bottom >= box.top) return true;
  }
  return false;
}
