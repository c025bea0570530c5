import assert from "node:assert/strict";
import { test } from "node:test";
import { another, edited, linesOf, resized, sizeOf, textOf } from "../../assets/player/matrix.js";
import { readRows } from "../../assets/player/typed.js";

const FILL = "10,11,12_13,14,15_16,17,18";

test("a matrix is cut, or filled up from another one", () => {
  assert.equal(resized("1,2_3,4", [1, 2], FILL), "1,2");
  assert.equal(resized("1,2_3,4", [3, 3], FILL), "1,2,12_3,4,15_16,17,18");
  assert.deepEqual(sizeOf(resized("1", [2, 3], FILL)), [2, 3]);
});

test("other numbers come in turn, the same for everybody, and keep the size", () => {
  const ready = [FILL, "20,21,22_23,24,25_26,27,28"];
  let text = "1,2_3,4";
  const seen = [];
  for (let times = 0; times < 4; times++) seen.push((text = another(text, ready)));
  assert.deepEqual(seen, ["10,11_13,14", "20,21_23,24", "10,11_13,14", "20,21_23,24"]);
});

test("a number is put into its cell; where there is none nothing changes", () => {
  assert.equal(edited("1,2_3,4", { row: 1, column: 0, values: [[-0.5]] }), "1,2_-0.5,4");
  assert.equal(edited("1,2_3,4", { row: 2, column: 0, values: [[9]] }), "1,2_3,4");
  assert.equal(edited("1,2_3,4", { row: 0, column: 2, values: [[9]] }), "1,2_3,4");
  assert.equal(edited("1,2_3,4", { row: 0, column: 1, values: [[7, 8], [9]] }), "1,7_3,9");
});

test("the lines of a matrix read back", () => {
  const text = "1.5,-2_1e-7,4";
  assert.equal(linesOf(text), "1.5, -2\n1e-7, 4");
  assert.equal(textOf(readRows(linesOf(text))), text);
});
