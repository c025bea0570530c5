import assert from "node:assert/strict";
import { test } from "node:test";
import { csvOf, figureOf, fileName } from "../../assets/player/take.js";

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
  chart: { title: "Loss", x: { title: "step" }, y: { title: "loss, nats" } },
  variant: null,
  traces: [
    {
      type: "scatter",
      name: "Layer Norm",
      x: [1, 2],
      y: Float32Array.of(0.5, NaN),
      line: { width: 0 },
    },
    { type: "scatter", name: "Layer Norm", x: [1], y: [2], fill: "tonexty" },
    { type: "scatter", name: "Layer Norm", x: [1], y: [1], line: { width: 2 } },
  ],
  shapes: [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: 1, y1: 1 }],
  layout,
  area,
};
const rowsOf = (csv) => csv.split("\r\n").slice(0, -1);

test("curves become rows: variant, what the curve is, and both axes by their titles", () => {
  assert.deepEqual(rowsOf(csvOf([curves])), [
    'variant,curve,step,"loss, nats"',
    "Layer Norm,lowest of the seeds,1,0.5",
    "Layer Norm,lowest of the seeds,2,",
    "Layer Norm,highest of the seeds,1,2",
    "Layer Norm,shown,1,1",
  ]);
});

test("numbers of a symlog axis are written in data units", () => {
  const y = { title: "y", symlog: true };
  const one = {
    ...curves,
    chart: { ...curves.chart, y },
    traces: [{ name: "a", x: [1], y: [Math.asinh(10)] }],
  };
  assert.ok(Math.abs(rowsOf(csvOf([one]))[1].split(",")[3] - 10) < 1e-9);
});

test("a grid becomes a row for each cell, by the names of its rows and columns", () => {
  const chart = {
    title: "Outputs",
    rows: { title: "example", names: ["first", "second"] },
    columns: { title: "unit", names: ["0"] },
  };
  const grid = {
    ...curves,
    chart,
    variant: "Batch Norm",
    traces: [{ type: "cells", z: [[1], [2]] }],
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
  assert.ok(Math.abs((high - low) * whole.height - area.height) < 1e-9);
});

test("a file is named after what it holds", () => {
  assert.equal(fileName("mlp", "loss", "step-6"), "mlp_loss_step-6");
  assert.equal(fileName("MNIST / 4", "loss", undefined), "MNIST-4_loss");
});
