import assert from "node:assert/strict";
import { test } from "node:test";
import { csvOf } from "../../assets/player/table.js";
import { figureOf, fileName } from "../../assets/player/take.js";

const theme = {
  background: "#fff",
  text: "#000",
  muted: "#555",
  grid: "#eee",
  font: "x",
  size: 14,
};
const page = { width: 400, height: 200, theme, source: "http://lab/mlp?a=1&b=2".padEnd(200, "x") };
const area = { left: 40, top: 10, width: 300, height: 150 };
const layout = { xaxis: { range: [0, 2] }, yaxis: { range: [-1, 1] } };
const curves = {
  chart: {
    title: "Loss",
    x: { title: "epoch" },
    y: { title: "loss, log scale", unit: "nats" },
    traces: [{ x: { over: "steps" } }],
  },
  variant: null,
  traces: [
    {
      type: "scatter",
      name: "Layer Norm",
      x: [1, 2],
      y: Float32Array.of(0.5, NaN),
      meta: "lowest of 2 seeds",
    },
    { type: "scatter", name: "Layer Norm", x: [1, 2], y: [2, 3], meta: "highest of 2 seeds" },
    { type: "scatter", name: "Layer Norm", x: [1, 2], y: [1, 2] },
  ],
  seeds: [[], [], [Float32Array.of(0.5, 1), [1.5, 3]]],
  shapes: [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: 1, y1: 1 }],
  layout,
  area,
};
const rowsOf = (csv) => csv.split("\r\n").slice(0, -1);

test("curves become rows: variant, what the curve is, both axes, the band and every seed", () => {
  assert.deepEqual(rowsOf(csvOf([curves], { now: 7, pinned: 0 })), [
    'variant,curve,step,"loss, nats, mean of 2 seeds",lowest of 2 seeds,highest of 2 seeds,seed 7,seed 8',
    "Layer Norm,shown,1,1,0.5,2,0.5,1.5",
    "Layer Norm,shown,2,2,,3,1,3",
  ]);
});

test("a band is of the curve that it lies behind, and not of what else a variant has", () => {
  const raw = { name: "Layer Norm", x: [1], y: [4], meta: "as measured" };
  const traces = [raw, ...curves.traces];
  const [, first] = rowsOf(csvOf([{ ...curves, traces, seeds: [[[3], [5]], ...curves.seeds] }]));
  assert.equal(first, "Layer Norm,as measured,1,4,,,3,5");
});

test("what a pinned run has stands in columns of its own, and in its own row where it is alone", () => {
  const pinned = { isPinned: true, name: "Layer Norm, pinned", legendgroup: "Layer Norm" };
  const traces = [...curves.traces, { ...pinned, x: [2, 3], y: [7, 8] }];
  const seeds = [
    ...curves.seeds,
    [
      [6, 7],
      [8, 9],
    ],
  ];
  const first = { now: 7, pinned: 4 };
  const [names, ...rows] = rowsOf(csvOf([{ ...curves, traces, seeds }], first));
  assert.ok(names.endsWith(',seed 8,"loss, nats, pinned","seed 4, pinned","seed 5, pinned"'));
  assert.deepEqual(rows, [
    "Layer Norm,shown,1,1,0.5,2,0.5,1.5,,,",
    "Layer Norm,shown,2,2,,3,1,3,7,6,8",
    "Layer Norm,shown,3,,,,,,8,7,9",
  ]);
});

test("a pinned map's values stand beside those of the same places", () => {
  const map = {
    ...curves,
    traces: [{ type: "heatmap", x: [1, 2], y: [5], z: [[3, 4]] }],
    seeds: [[]],
  };
  const pinned = { ...map, isPinned: true, traces: [{ ...map.traces[0], z: [[6, 7]] }] };
  const of = { variant: "Batch Norm" };
  assert.deepEqual(
    rowsOf(
      csvOf([
        { ...map, ...of },
        { ...pinned, ...of },
      ]),
    ).slice(1),
    ["Batch Norm,map,1,5,3,6", "Batch Norm,map,2,5,4,7"],
  );
});

test("a block becomes a row for each entry, which says whether it shares the statistic", () => {
  const block = { shape: [2, 1, 4], side: 2, chosen: [1, 0, 3], lit: [0, 0, 0, 0, 1, 1, 1, 1] };
  const [names, ...rows] = rowsOf(csvOf([{ ...curves, variant: "Layer Norm", block }]));
  assert.equal(
    names,
    'variant,example,channel,row,column,"shares statistics with example 0, channel 1, row 1, column 1"',
  );
  assert.equal(rows.length, 8);
  assert.deepEqual([rows[2], rows[7]], ["Layer Norm,0,0,1,0,0", "Layer Norm,0,1,1,1,1"]);
});

test("places on an axis that stand for numbers are written as these", () => {
  const ticks = [
    [0, "1"],
    [1, "512"],
  ];
  const chart = {
    title: "Reached",
    x: { title: "batch size", ticks },
    y: {},
    traces: [{ x: [1, 0] }],
  };
  const traces = [{ name: "a", x: [1, 0], y: [3, 4] }];
  const csv = csvOf([{ ...curves, chart, traces, seeds: [[]] }]);
  assert.deepEqual(rowsOf(csv), [
    "variant,curve,batch size,Reached",
    "a,shown,512,3",
    "a,shown,1,4",
  ]);
});

test("numbers of a symlog axis are written in data units", () => {
  const y = { title: "y", symlog: true };
  const one = {
    ...curves,
    chart: { ...curves.chart, y },
    traces: [{ name: "a", x: [1], y: [Math.asinh(10)] }],
    seeds: [[]],
  };
  assert.ok(Math.abs(rowsOf(csvOf([one]))[1].split(",")[3] - 10) < 1e-9);
});

test("a grid becomes a row for each cell, by the names of its rows and columns", () => {
  const chart = {
    title: "Outputs",
    rows: { title: "example", names: ["first", "second"] },
    columns: { title: "unit", names: ["0"] },
    traces: [{ z: {} }],
  };
  const grid = {
    ...curves,
    chart,
    variant: "Batch Norm",
    traces: [{ type: "cells", z: [[1], [2]] }],
    seeds: [[]],
  };
  assert.deepEqual(rowsOf(csvOf([grid])), [
    "variant,curve,unit,example,value",
    "Batch Norm,map,0,first,1",
    "Batch Norm,map,0,second,2",
  ]);
});

test("panels stand in one figure where they stand in the chart, with title, legend and source", () => {
  const { data, layout: whole } = figureOf(
    [curves, { ...curves, area: { ...area, left: 60 } }],
    page,
  );
  assert.deepEqual(
    data.map(({ xaxis }) => xaxis),
    ["x", "x", "x", "x2", "x2", "x2"],
  );
  assert.deepEqual(whole.xaxis2.domain, [60 / 400, 360 / 400]);
  assert.deepEqual(whole.xaxis.range, [0, 2]);
  assert.equal(data.filter(({ showlegend }) => showlegend).length, 1);
  assert.equal(whole.shapes[1].xref, "x2 domain");
  assert.equal(whole.shapes[1].yref, "y2");
  const texts = whole.annotations.map(({ text }) => text);
  assert.equal(texts[0], "<b>Loss</b>");
  assert.equal(texts[2].replaceAll("<br>", "").replaceAll("&amp;", "&"), page.source);
  const [low, high] = whole.yaxis.domain;
  assert.ok(low > 0 && high < 1);
  assert.ok(whole.legend.y * whole.height >= 12, "the legend stands above the source");
  assert.ok(Math.abs((high - low) * whole.height - area.height) < 1e-9);
});

test("a file is named after what it holds", () => {
  assert.equal(fileName("mlp", "loss", "step-6"), "mlp_loss_step-6");
  assert.equal(fileName("MNIST / 4", "loss", undefined), "MNIST-4_loss");
});
