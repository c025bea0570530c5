import assert from "node:assert/strict";
import { test } from "node:test";
import { label, ticks, widen } from "../../assets/player/panels/axes.js";

const extent = (low, high, positive = low) => ({ low, high, positive });
const close = (a, b) =>
  assert.ok(
    a.every((v, i) => Math.abs(v - b[i]) < 1e-9 * Math.abs(b[i]) + 1e-12),
    `${a} is not ${b}`,
  );

test("a log axis widens by whole decades", () => {
  close(widen(null, extent(0.03, 2), "log"), [0.01, 10]);
  close(widen([0.1, 1], extent(-1, 0.5, 0.02), "log"), [0.01, 1]);
});

test("a linear axis widens by round steps", () => {
  close(widen([0, 10], extent(2, 43), "linear"), [0, 60]);
  close(widen(null, extent(3, 3), "linear"), [3, 4]);
});

test("a symlog axis widens to 1, 3, 10, 30, ...", () => {
  close(widen([-3, 3], extent(Math.asinh(-2), Math.asinh(25)), "symlog"), [-3, 30]);
});

test("a range that holds the data is the same object", () => {
  const range = [0, 10];
  assert.equal(widen(range, extent(1, 9), "linear"), range);
  assert.equal(widen(range, extent(Infinity, -Infinity, Infinity), "linear"), range);
});

test("ranges never narrow, whatever comes", () => {
  for (const scale of ["linear", "log", "symlog"]) {
    let range = null;
    let [low, high] = [1, 1];
    for (let i = 1; i < 200; i++) {
      low = Math.min(low, scale === "log" ? 1 / i : -(i ** 1.3));
      high = Math.max(high, i ** 1.7);
      const plotted = scale === "symlog" ? [Math.asinh(low), Math.asinh(high)] : [low, high];
      const wider = widen(range, extent(...plotted), scale);
      assert.ok(wider[0] <= (range?.[0] ?? Infinity) && wider[1] >= (range?.[1] ?? -Infinity));
      assert.ok(
        wider[0] <= low + 1e-9 && wider[1] >= high - 1e-9,
        `${scale}: ${wider} holds ${low}, ${high}`,
      );
      range = wider;
    }
  }
});

test("without data an axis has a range all the same", () => {
  const nothing = extent(Infinity, -Infinity, Infinity);
  assert.deepEqual(widen(null, nothing, "log"), [0.1, 1]);
  assert.deepEqual(widen(null, extent(-2, -1, Infinity), "log"), [0.1, 1], "nothing above zero");
});

test("symlog ticks are raw values in range, with room for their labels", () => {
  const values = (reach, gap) =>
    ticks([-Math.asinh(reach), Math.asinh(reach)], "symlog", gap).map(({ value }) => value);
  assert.deepEqual(values(100, 0.05), [-100, -10, -1, 0, 1, 10, 100]);
  assert.deepEqual(values(10, 0.15), [-10, -3, 0, 3, 10]);
  assert.deepEqual(values(1000, 0.3), [-100, 0, 100]);
  assert.ok(values(0.5, 0.1).length >= 3, "zoomed in");
});

test("log ticks are decades, with steps between where there are few", () => {
  const values = (low, high) => ticks([low, high], "log", 0.12).map(({ text }) => text);
  assert.deepEqual(values(-3, 1), ["0.001", "0.01", "0.1", "1", "10"]);
  assert.deepEqual(values(-1, 0), ["0.1", "0.2", "0.3", "0.5", "1"]);
});

test("a narrow axis from 0 says where it ends, where no round step has room", () => {
  const texts = (high) => ticks([0, high], "linear", 0.55).map(({ text }) => text);
  assert.deepEqual(texts(400), ["0", "400"]);
  assert.deepEqual(texts(800), ["0", "500"]);
});

test("linear ticks are round, far enough apart, and written in full", () => {
  const texts = (low, high, gap) => ticks([low, high], "linear", gap).map(({ text }) => text);
  assert.deepEqual(texts(0, 20_000, 0.2), ["0", "5000", "10000", "15000", "20000"]);
  assert.deepEqual(texts(31.5, -0.5, 0.3), ["0", "10", "20", "30"], "it may run downwards");
  assert.deepEqual(texts(-0.1, 1.1, 0.2), ["0", "0.5", "1"]);
});

test("labels are short and true", () => {
  const texts = [0, 0.001, 1000, -100, 1e4, -1e-6, 2.5e7, 0.12345, NaN].map(label);
  assert.deepEqual(texts, [
    "0",
    "0.001",
    "1000",
    "−100",
    "10⁴",
    "−10⁻⁶",
    "2.5 × 10⁷",
    "0.123",
    "not a number",
  ]);
});
