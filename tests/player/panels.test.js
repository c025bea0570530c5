import assert from "node:assert/strict";
import { test } from "node:test";
import { readNumber, writeNumber } from "../../assets/player/cells.js";
import { arrange, picked } from "../../assets/player/panel.js";
import { changes, rescaled, same } from "../../assets/player/picture.js";
import { dashes } from "../../assets/player/swatch.js";
import { pauseAfter } from "../../assets/player/turning.js";

test("pictures are alike if all that is in them is, gaps too", () => {
  const picture = () => [{ x: [1, NaN], z: [Float64Array.of(1, 2)], name: undefined }, { range: [0, 1] }];
  assert.ok(same(picture(), picture()));
  const others = [
    (made) => (made[0].x[1] = 2),
    (made) => (made[0].z[0][1] = 3),
    (made) => (made[0].z = [Float64Array.of(1, 2, 3)]),
    (made) => (made[0].color = "red"),
    (made) => (made[1].range = null),
    (made) => made.pop(),
  ];
  for (const change of others) {
    const other = picture();
    change(other);
    assert.ok(!same(picture(), other) && !same(other, picture()));
  }
});

test("traces that differ in numbers alone are told apart by these numbers", () => {
  const before = { type: "bar", x: ["a", "b"], y: Float64Array.of(1, NaN), marker: { color: [1, 2] } };
  assert.deepEqual(changes(before, structuredClone(before)), []);
  const y = Float64Array.of(1, 2, 3);
  const color = [2, 1];
  assert.deepEqual(changes(before, { ...before, y, marker: { color } }), [
    { path: ["y"], values: y },
    { path: ["marker", "color"], values: color },
  ]);
  const z = [[null, Float64Array.of(1)]];
  assert.deepEqual(changes({ z: [[0]] }, { z }), [{ path: ["z"], values: z }]);
});

test("the ends of a colour scale and the name go with a trace's numbers, other single values do not", () => {
  const before = { z: [[0]], zmax: 1, name: "LN", opacity: 1 };
  assert.deepEqual(changes(before, { ...before, zmax: 2, name: "BN" }), [
    { path: ["zmax"], values: 2 },
    { path: ["name"], values: "BN" },
  ]);
  assert.equal(changes(before, { ...before, zmax: "2" }), null);
  assert.equal(changes(before, { ...before, opacity: 2 }), null);
});

test("layouts that differ in the ranges of axes alone are told apart by these", () => {
  const before = { width: 300, xaxis: { range: [0, 1], nticks: 5 }, yaxis: { range: [0, 1], tickvals: [0, 1] } };
  assert.deepEqual(rescaled(before, structuredClone(before)), {});
  const yaxis = { range: [0, 2], tickvals: [0, 1, 2], ticktext: ["0", "1", "2"] };
  assert.deepEqual(rescaled(before, { ...before, yaxis }), { yaxis });
  assert.deepEqual(rescaled(before, { ...before, xaxis: { range: [0, 2], nticks: 5 } }), { xaxis: { range: [0, 2] } });
  for (const other of [{ width: 301 }, { xaxis: { range: [0, 2], nticks: 6 } }, { shapes: [] }]) {
    assert.equal(rescaled(before, { ...before, ...other }), null);
  }
});

test("traces that differ in more than numbers are not", () => {
  const before = { type: "bar", x: ["a", "b"], y: [1, 2], marker: { color: "red" } };
  for (const other of [
    { x: ["a", "c"] },
    { type: "scatter" },
    { marker: { color: [1, 2] } },
    { marker: { color: "blue" } },
    { opacity: 1 },
  ]) {
    assert.equal(changes(before, { ...before, ...other }), null);
  }
  const { y, ...less } = before;
  assert.equal(changes(before, { ...less, z: y }), null);
});

test("the pause between two turns grows with what they take, within bounds", () => {
  assert.equal(pauseAfter(33), 50);
  assert.equal(pauseAfter(134), 500);
  assert.equal(pauseAfter(120_000), 1000);
});

test("a click chooses by the value on an axis or by the point's own data", () => {
  assert.deepEqual(picked({ row: "y", column: "x" }, { x: 4, y: 2 }), { row: 2, column: 4 });
  const data = { customdata: [[7, 7], [3, 5]] };
  const fields = { case: 0, channel: 1 };
  assert.deepEqual(picked(fields, { data, pointNumber: 1 }), { case: 3, channel: 5 });
  assert.deepEqual(picked(fields, { data, pointNumber: 0 }), { case: 7, channel: 7 });
});

test("a click beside what can be chosen chooses nothing", () => {
  assert.equal(picked(undefined, { x: 4 }), null);
  assert.equal(picked({ row: "y" }, undefined), null);
  assert.equal(picked({ case: 0 }, {}), null);
  assert.equal(picked({ row: "y" }, { y: "a name" }), null);
});

test("a cell takes numbers as people write them, and nothing else", () => {
  assert.equal(readNumber(" 1.5 "), 1.5);
  assert.equal(readNumber("1,5"), 1.5);
  assert.equal(readNumber("−2"), -2);
  assert.equal(readNumber("1e3"), 1000);
  for (const text of ["", "  ", "one", "1.2.3", "Infinity", "NaN"]) assert.equal(readNumber(text), null);
});

test("a cell shows what was typed, not its nearest float32", () => {
  for (const value of [0.13, -2.19, 100, 60000]) assert.equal(writeNumber(Math.fround(value)), String(value));
});

test("a swatch knows Plotly's dashes by name and by its own notation", () => {
  assert.equal(dashes("dot"), "2 3");
  assert.equal(dashes("solid"), "");
  assert.equal(dashes("8px,2px,2px,2px"), "8 2 2 2");
  assert.equal(dashes('"/><script>'), "");
});

test("panels with numbers in their cells wrap where those would become too small", () => {
  assert.deepEqual(arrange(3, 342, 150, false, 230), { columns: 1, rows: 3 });
  assert.deepEqual(arrange(3, 906, 150, false, 290), { columns: 3, rows: 1 });
});
