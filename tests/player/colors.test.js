import assert from "node:assert/strict";
import { test } from "node:test";
import { colorOf, legible, write } from "../../assets/player/numbers.js";

const SIGNED = { colorscale: [[0, "#0000ff"], [0.5, "rgb(255, 255, 255)"], [1, "#ff0000"]], zmin: -2, zmax: 2 };

test("a number is written as its template has it", () => {
  const written = (template, ...values) => values.map((value) => write(template, value));
  assert.deepEqual(written("%{z:.2f}", 1.005, -0.126, 12), ["1.00", "-0.13", "12.00"]);
  assert.deepEqual(written("%{z:.3~g}", 0.05449, 1.5, 1234.5, 2e-16), ["0.0545", "1.5", "1230", "2e-16"]);
  assert.deepEqual(written("%{z:.1~g}", 0.26, 0), ["0.3", "0"]);
  assert.deepEqual(written("%{z:.0%}", 1, 0.254), ["100%", "25%"]);
});

test("a zero has no minus", () => {
  assert.equal(write("%{z:.2f}", -0.001), "0.00");
  assert.equal(write("%{z:.2f}", -0.01), "-0.01");
  assert.equal(write("%{z:.3~g}", -0), "0");
});

test("where there is no number nothing is written, and a word is written as it is", () => {
  assert.equal(write("%{z:.2f}", NaN), "");
  assert.equal(write("%{z:.2f}", undefined), "");
  assert.equal(write("%{text}", NaN, "moves"), "moves");
});

test("a colour lies between those of its scale, and stays at its ends", () => {
  assert.deepEqual(colorOf(-2, SIGNED), [0, 0, 255]);
  assert.deepEqual(colorOf(0, SIGNED), [255, 255, 255]);
  assert.deepEqual(colorOf(1, SIGNED), [255, 127.5, 127.5]);
  assert.deepEqual(colorOf(99, SIGNED), [255, 0, 0]);
});

test("of two colours the one that stands out more is taken", () => {
  assert.equal(legible([250, 250, 250], ["rgb(20, 20, 20)", "#fff"]), "rgb(20, 20, 20)");
  assert.equal(legible([0, 60, 120], ["rgb(20, 20, 20)", "#fff"]), "#fff");
});
