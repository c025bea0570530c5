import assert from "node:assert/strict";
import { test } from "node:test";
import { writeNumber } from "../../assets/player/panels/grid.js";
import { readNumber } from "../../assets/player/typed.js";
import { arrange, rowsOf, shareRoom } from "../../assets/player/panels/charts.js";
import { absent, rescaled } from "../../assets/player/panels/plot.js";
import { same } from "../../assets/player/same.js";
import { dashes } from "../../assets/player/swatch.js";
import { pauseAfter } from "../../assets/player/panels/turning.js";

test("pictures are alike if all that is in them is, gaps too", () => {
  const picture = () => [
    { x: [1, NaN], z: [Float64Array.of(1, 2)], name: undefined },
    { range: [0, 1] },
  ];
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

test("layouts that differ in the scales of axes alone are told apart by these", () => {
  const before = {
    width: 300,
    xaxis: { range: [0, 1], title: "step" },
    yaxis: { range: [0, 1], tickvals: [0, 1] },
  };
  assert.deepEqual(rescaled(before, structuredClone(before)), {});
  const yaxis = { range: [0, 2], tickvals: [0, 1, 2] };
  assert.deepEqual(rescaled(before, { ...before, yaxis }), {
    "yaxis.range": [0, 2],
    "yaxis.tickvals": [0, 1, 2],
  });
  for (const other of [
    { width: 301 },
    { xaxis: { range: [0, 2], title: "epoch" } },
    { shapes: [] },
  ]) {
    assert.equal(rescaled(before, { ...before, ...other }), null);
  }
});

test("the pause between two turns grows with what they take, within bounds", () => {
  assert.equal(pauseAfter(33), 50);
  assert.equal(pauseAfter(134), 500);
  assert.equal(pauseAfter(120_000), 1000);
});

test("a cell takes numbers as people write them, and nothing else", () => {
  assert.equal(readNumber(" 1.5 "), 1.5);
  assert.equal(readNumber("1,5"), 1.5);
  assert.equal(readNumber("−2"), -2);
  assert.equal(readNumber("1e3"), 1000);
  for (const text of ["", "  ", "one", "1.2.3", "Infinity", "NaN"])
    assert.equal(readNumber(text), null);
});

test("a cell shows what was typed, not its nearest float32", () => {
  for (const value of [0.13, -2.19, 100, 60000])
    assert.equal(writeNumber(Math.fround(value)), String(value));
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

test("charts stand in rows of twelve columns, in narrow windows fewer side by side", () => {
  assert.deepEqual(rowsOf([3, 2.5, 6.5, 12], 1000), {
    columns: 24,
    spans: [6, 5, 13, 24],
    rows: [[0, 1, 2], [3]],
  });
  assert.deepEqual(rowsOf([3, 2.5, 6.5], 700).spans, [1, 1, 2]);
  assert.deepEqual(rowsOf([3, 2.5, 6.5], 700).rows, [[0, 1], [2]]);
  assert.deepEqual(rowsOf([4, 4, 4], 390), { columns: 1, spans: [1, 1, 1], rows: [[0], [1], [2]] });
});

test("rows share the room that is left, and keep their least heights where there is none", () => {
  const rows = [
    { fixed: 36, height: 200 },
    { fixed: 50, height: 100 },
    { fixed: 80, height: 0 },
  ];
  assert.deepEqual(shareRoom(rows, 36 + 50 + 80 + 16 + 600), [400, 200, 0]);
  assert.deepEqual(shareRoom(rows, 100), [200, 100, 0]);
});

test("a chart says which curves have no place on its axes, and why", () => {
  const curve = (name, y, more = {}) => ({ name, y: Float64Array.from(y), ...more });
  const traces = [
    curve("A", [1, 2]),
    curve("B", [0, 0]),
    curve("C", [NaN, NaN]),
    curve("D", [0], { hoverinfo: "skip" }),
    curve("E", []),
  ];
  assert.equal(absent(traces, { y: { log: true } }), "B: 0, C: no number");
  assert.equal(absent(traces, { y: {}, nothing: "not trained" }), "C: not trained");
});
