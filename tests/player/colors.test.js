import assert from "node:assert/strict";
import { test } from "node:test";
import { colorAt, legible, mix, write } from "../../assets/player/panels/colors.js";

const SIGNED = [
  [0, "#0000ff"],
  [0.5, "rgb(255, 255, 255)"],
  [1, "#ff0000"],
];

test("a number is written in its format", () => {
  const written = (format, ...values) => values.map((value) => write(format, value));
  assert.deepEqual(written(".2f", 1.005, -0.126, 12), ["1.00", "-0.13", "12.00"]);
  assert.deepEqual(written(".3g", 0.05449, 1.5, 1234.5, 2e-16), ["0.0545", "1.5", "1230", "2e-16"]);
  assert.deepEqual(written(".1g", 0.26, 0), ["0.3", "0"]);
  assert.deepEqual(written(".0%", 1, 0.254), ["100%", "25%"]);
});

test("a zero has no minus", () => {
  assert.equal(write(".2f", -0.001), "0.00");
  assert.equal(write(".2f", -0.01), "-0.01");
  assert.equal(write(".3g", -0), "0");
  assert.equal(write(".2g", -0.0000028), "-2.8e-6");
  assert.equal(write(".2g", 0.00054), "5.4e-4");
  assert.equal(write(".2g", 0.0013), "0.0013");
});

test("where there is no number nothing is written", () => {
  assert.equal(write(".2f", NaN), "");
  assert.equal(write(".2f", undefined), "");
});

test("a colour lies between those of its scale, and stays at its ends", () => {
  assert.deepEqual(colorAt(0, SIGNED), [0, 0, 255]);
  assert.deepEqual(colorAt(0.5, SIGNED), [255, 255, 255]);
  assert.deepEqual(colorAt(0.75, SIGNED), [255, 127.5, 127.5]);
  assert.deepEqual(colorAt(99, SIGNED), [255, 0, 0]);
  assert.deepEqual(mix([200, 0, 0], [0, 100, 0], 0.5), [100, 50, 0]);
});

test("of two colours the one that stands out more is taken", () => {
  assert.equal(legible([250, 250, 250], ["rgb(20, 20, 20)", "#fff"]), "rgb(20, 20, 20)");
  assert.equal(legible([0, 60, 120], ["rgb(20, 20, 20)", "#fff"]), "#fff");
});
