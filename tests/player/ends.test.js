import assert from "node:assert/strict";
import { test } from "node:test";

import { namesAtEnds } from "../../assets/player/panels/ends.js";

const area = { left: 0, top: 0, width: 200, height: 100 };
/** @returns {[number, number][]} */
const level = (y, from = 0, to = 100) => [
  [from, y],
  [to, y],
];
const curve = (name, points, light = false) => ({ name, color: name, points, light });
const placed = (...curves) => {
  const found = namesAtEnds(curves, curves, area, 10, (name) => 5.6 * name.length);
  return found.map(({ name, left, y }) => [name, Number(left.toFixed(1)), y]);
};

test("a name stands behind the end of its curve where the curve has not come to the edge", () => {
  assert.deepEqual(placed(curve("a", level(50)), curve("b", level(20))), [
    ["a", 105, 50],
    ["b", 105, 20],
  ]);
});

test("a name stands along its curve rather than beside another's end", () => {
  const falling = [...Array(21).keys()].map((at) => [10 * at, 20 + 2 * at]);
  const others = [57, 63].map((y) => curve(`at ${y}`, level(y, 0, 200))); // near the end of the first
  const [[name, left, y]] = placed(curve("fall", falling), ...others);
  assert.equal(name, "fall");
  assert.ok(left < 170 && y < 45, "where the others are far");
});

test("curves that lie on each other have one name together", () => {
  const wave = (by) => [0, 50, 100].map((x) => [x, 50 + by + (x === 50 ? 10 : 0)]);
  const at = (...curves) => namesAtEnds(curves, curves, area, 10, (name) => 5 * name.length);
  const [a, b, c] = [curve("a", wave(1)), curve("b", wave(0)), curve("c", wave(0.5))];
  assert.deepEqual(
    at(a, b, c).map(({ name, color }) => [name, color]),
    [["all 3", null]],
  );
  assert.deepEqual(
    at(a, b, curve("d", level(20))).map(({ name, color }) => [name, color]),
    [
      ["b, a", null],
      ["d", "d"],
    ],
  );
  const bent = curve("bent", [
    [0, 50],
    [50, 40],
    [100, 50],
  ]); // it ends where the others do
  assert.equal(at(a, bent)[0].name, "a");
  const light = curve("pinned", wave(0), true);
  assert.deepEqual(
    at(a, light).map(({ name }) => name),
    ["a", "pinned"],
  );
});

test("at the edge a name stands above the end, or below where that is not free", () => {
  assert.deepEqual(placed(curve("word", level(50, 0, 200))), [["word", 200 - 22.4, 40]]);
  const both = placed(curve("word", level(50, 0, 200)), curve("other", level(42, 0, 200)));
  assert.deepEqual(both, [
    ["word", 200 - 22.4, 60],
    ["other", 200 - 28, 32],
  ]);
});

test("a name that would cover a curve or another name is left out", () => {
  const crowd = [30, 40, 50, 60, 70].map((y) => curve(`name ${y}`, level(y, 0, 200)));
  assert.deepEqual(
    placed(...crowd).map(([name]) => name),
    ["name 30", "name 70"],
  );
  assert.deepEqual(placed(curve("none", [[0, Number.NaN]])), []);
});

test("where nothing else is free a name lies on a light line, but not that of a light one", () => {
  const at = (y, light = false) => curve(`name ${y}`, level(y, 0, 200), light);
  assert.deepEqual(placed(at(50), at(42, true), at(58, true)), [
    ["name 50", 200 - 39.2, 40],
    ["name 42", 150 - 39.2, 32],
    ["name 58", 200 - 39.2, 68],
  ]);
  assert.deepEqual(
    placed(at(50), at(42), at(58)).map(([name]) => name),
    ["name 42", "name 58"],
  );
});

test("of a curve that was measured from right to left the right end is named", () => {
  assert.deepEqual(placed(curve("a", level(50).reverse())), [["a", 105, 50]]);
});

test("a name without room at its curve's end stands along it, where the curve is level", () => {
  const crowd = [30, 40, 50].map((y) =>
    curve(`n${y}`, [
      [0, y - 3 * (y - 40)],
      [100, y - 3 * (y - 40)],
      [160, y],
      [200, y],
    ]),
  );
  assert.deepEqual(placed(...crowd), [
    ["n30", 200 - 16.8, 20],
    ["n40", 100 - 16.8, 30],
    ["n50", 200 - 16.8, 60],
  ]);
});

test("of a curve that is still on its way no name stands along it", () => {
  const crowd = [44, 50, 56].map((y) => curve(`n${y}`, level(y, 0, 100)));
  assert.deepEqual(
    placed(...crowd).map(([name]) => name),
    ["n44", "n56"],
  );
});
