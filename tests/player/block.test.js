import assert from "node:assert/strict";
import { test } from "node:test";
import { shade } from "../../assets/player/panels/block.js";
import {
  EYE,
  boxOf,
  entryAt,
  isBehind,
  labelsOf,
  placeOf,
  project,
  turned,
  viewOf,
} from "../../assets/player/panels/projection.js";

const SIZE = { x: 220, y: 280 };
const SHAPE = [6, 4, 9];
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);
const index = ([c, n, p], [C, , P] = SHAPE) => (n * C + c) * P + p;

/** A block in which the entries of a box are lit. */
function block(lit, shape = SHAPE) {
  const count = shape.reduce((product, size) => product * size, 1);
  return {
    shape,
    chosen: [0, 0, 0],
    titles: ["channel", "example", "position"],
    lit: Float64Array.from({ length: count }, (_, at) => Number(lit(placeOf(at, shape)))),
  };
}

test("entries come case by case, then channel by channel, and are found again", () => {
  const all = Array.from({ length: 6 * 4 * 9 }, (_, at) => index(placeOf(at, SHAPE)));
  assert.deepEqual(all, [...all.keys()]);
  assert.deepEqual(placeOf(9, SHAPE), [1, 0, 0]);
  assert.deepEqual(placeOf(6 * 9, SHAPE), [0, 1, 0]);
});

test("a block keeps its height and its middle while it turns, and stays within its plot", () => {
  for (const shape of [SHAPE, [8, 6, 16], [1, 1, 1], [8, 1, 1]]) {
    for (const yaw of [-2, -0.5, 0, 1, 2.5]) {
      const { at } = viewOf(shape, { ...EYE, yaw }, SIZE);
      at(shape.map((count) => count / 2)).forEach((pixel) => near(pixel, 0));
      const tall = ([x, y]) => at([x, y, shape[2]])[1] - at([x, y, 0])[1];
      near(
        tall([0, 0]),
        viewOf(shape, EYE, SIZE).at([0, 0, shape[2]])[1] -
          viewOf(shape, EYE, SIZE).at([0, 0, 0])[1],
      );
      for (let corner = 0; corner < 8; corner++) {
        const [x, y] = at(shape.map((count, axis) => ((corner >> axis) & 1) * count));
        assert.ok(Math.abs(x) <= SIZE.x / 2 && Math.abs(y) <= SIZE.y / 2);
      }
    }
  }
});

test("two places on one line to the viewer are seen at the same point", () => {
  const { towards, at } = viewOf(SHAPE, EYE, SIZE);
  const place = [1.5, 0.5, 3.5];
  const nearer = place.map((value, axis) => value + 2 * towards[axis]);
  at(place).forEach((pixel, k) => near(pixel, at(nearer)[k]));
});

test("the box of what is lit is found, wherever it is", () => {
  const lit = ([c, n, p]) => c >= 2 && c < 4 && n === 3 && p > 0;
  assert.deepEqual(boxOf(block(lit).lit, SHAPE), { from: [2, 3, 1], to: [4, 4, 9] });
});

test("a place is behind a box if the way from it to the viewer leads through the box", () => {
  const box = { from: [2, 1, 2], to: [4, 3, 6] };
  const { towards } = viewOf(SHAPE, EYE, SIZE);
  for (let at = 0; at < 6 * 4 * 9; at++) {
    const place = placeOf(at, SHAPE).map((value) => value + 0.5);
    const inside = (point) =>
      point.every((value, axis) => value > box.from[axis] && value < box.to[axis]);
    if (inside(place)) continue;
    const way = Array.from({ length: 20_000 }, (_, step) =>
      place.map((value, axis) => value + 0.002 * step * towards[axis]),
    );
    assert.equal(isBehind(place, box, towards), way.some(inside), String(place));
  }
});

const layer = block(([, n]) => n === 0);
const middle = (corners) =>
  [0, 1].map((axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length);

test("before there are numbers nothing is seen", () => {
  const seen = project({ ...layer, lit: new Float64Array() }, EYE, SIZE);
  assert.deepEqual([seen.dots, seen.outlines.flat(), seen.sides.flat()], [[], [], []]);
});

test("every entry that is not lit is a dot, and of the box three sides are seen", () => {
  const { dots, sides } = project(layer, EYE, SIZE);
  assert.equal(dots.length, 6 * 3 * 9);
  assert.deepEqual(
    sides.map(({ length }) => length).sort((a, b) => a - b),
    [6, 9, 6 * 9],
  ); // top, one end, front
  assert.ok(sides.flat().every(({ entry: [, n] }) => n === 0));
});

test("a place on a cube is that cube's, from wherever it is seen", () => {
  for (const lit of [([, n]) => n === 0, ([c]) => c === 3, () => true]) {
    for (const eye of [
      EYE,
      turned(EYE, [1, 0.3]),
      turned(EYE, [2.5, -0.2]),
      turned(EYE, [-1.2, 0.1]),
    ]) {
      const seen = project(block(lit), eye, SIZE);
      const before = seen.dots.filter(({ hidden }) => !hidden);
      for (const { entry, corners } of seen.sides.flat()) {
        const place = middle(corners);
        const covered = before.some(
          ({ at }) => Math.hypot(at[0] - place[0], at[1] - place[1]) < seen.radius + 2,
        );
        if (!covered) assert.deepEqual(entryAt(seen, place), entry);
      }
    }
  }
});

test("a place on a dot before the box, or near any dot, is that dot's; far away there is nothing", () => {
  const seen = project(layer, EYE, SIZE);
  for (const { entry, at, hidden } of seen.dots) {
    if (!hidden) assert.deepEqual(entryAt(seen, at), entry);
  }
  const [{ at }] = seen.dots.toSorted((a, b) => b.at[0] - a.at[0]);
  assert.notEqual(entryAt(seen, [at[0] + 5, at[1]]), null);
  assert.equal(entryAt(seen, [at[0] + 30, at[1]]), null);
});

test("labels number every place while there is room for it", () => {
  const texts = (shape) =>
    labelsOf({ shape, titles: ["channel", "example", "position"] }, EYE, SIZE).map(
      ({ text }) => text,
    );
  assert.deepEqual(texts([2, 1, 3]), [
    "0",
    "1",
    "0",
    "0",
    "1",
    "2",
    "channel",
    "example",
    "position",
  ]);
  assert.ok(texts([8, 6, 16]).length < 8 + 6 + 16 + 3);
});

test("nobody looks from below, nor from straight above", () => {
  assert.equal(turned(EYE, [0, 9]).pitch, 1.3);
  assert.equal(turned(EYE, [0, -9]).pitch, 0.1);
  near(turned(EYE, [0.5, 0]).yaw, EYE.yaw + 0.5);
});

test("a shade is a darker colour", () => {
  assert.equal(shade("#0072b2", 1), "rgb(0, 114, 178)");
  assert.equal(shade("#0072b2", 0.5), "rgb(0, 57, 89)");
});
