import assert from "node:assert/strict";
import { test } from "node:test";
import { writeNumber } from "../../assets/player/panels/grid.js";
import { readNumber } from "../../assets/player/typed.js";
import { arrange, rowsOf, shareRoom } from "../../assets/player/panels/charts.js";
import { titledTick } from "../../assets/player/panels/axes.js";
import { drawTraces, pointsOf } from "../../assets/player/panels/ink.js";
import { absent, lineOf, rescaled } from "../../assets/player/panels/plot.js";
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
  assert.equal(absent(traces, { y: { log: true } }), "B: 0; C: no number");
  assert.equal(absent(traces.slice(2), { y: {} }), "C: no number");
  traces.push(curve("F", [NaN]));
  assert.equal(absent(traces, { y: { log: true } }), "B: 0; C, F: no number");
  traces.pop();
  assert.equal(absent(traces, { y: {}, nothing: "not trained" }), "C: not trained");
});

test("the title of an axis stands before a tick where no other has to give way", () => {
  const spots = (...middles) => middles.map((middle) => ({ middle, half: 10 }));
  assert.equal(titledTick(spots(40, 140, 240), 60), 2, "there is room before the last");
  assert.equal(titledTick(spots(90, 140, 190), 60), 0, "or before the first");
  assert.equal(titledTick(spots(40, 90, 140), 60), 2, "or nowhere");
  assert.equal(titledTick(spots(90), 60), 0);
});

test("a line that does not move is named as a curve, an upright one below its upper end", () => {
  const frame = {
    area: { left: 10, top: 20, width: 100, height: 50 },
    x: (value) => value,
    y: (value) => value,
    font: "",
  };
  const line = { color: "grey", width: 1 };
  const across = { type: "line", xref: "paper", x0: 0, x1: 1, y0: 40, y1: 40, line };
  assert.deepEqual(lineOf({ ...across, label: { text: "chance" } }, frame), {
    name: "chance",
    line,
    points: [
      [10, 40],
      [110, 40],
    ],
  });
  const upright = { type: "line", yref: "paper", x0: 60, x1: 60, y0: 0, y1: 1, line };
  assert.deepEqual(lineOf(upright, frame).points, [
    [60, 70],
    [60, 28],
  ]);
});

test("a band's edge at 0 of a log axis lies at its lower end; its line has a gap there", () => {
  const area = { left: 0, top: 0, width: 100, height: 40 };
  const y = (value) => 40 - 10 * Math.log10(value / 0.01); // 0.01 at the lower end
  const frame = { area, x: (value) => value, y, font: "" };
  const x = [0, 1, 2];
  const edges = [
    { type: "scatter", x, y: [0.1, 0, 0.1] },
    { type: "scatter", x, y: [1, 1, 1], fill: "tonexty", fillcolor: "blue" },
  ];
  const paths = [];
  const ink = new Proxy(
    { lineTo: (...to) => paths.at(-1).push(to), moveTo: (...to) => paths.at(-1).push(to) },
    {
      get: (own, name) => own[name] ?? (() => name === "beginPath" && paths.push([])),
      set: () => true,
    },
  );
  const points = edges.map((trace) => pointsOf(trace, frame));
  drawTraces(/** @type {any} */ (ink), edges, points, frame);
  const [lower, band] = paths;
  assert.deepEqual(
    lower.map(([left]) => left),
    [0, 2],
  );
  assert.deepEqual(
    band.map(([left, top]) => [left, Math.round(top)]),
    [
      [0, 20],
      [1, 20],
      [2, 20],
      [2, 30],
      [1, 40],
      [0, 30],
    ],
  );
});
