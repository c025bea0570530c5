import assert from "node:assert/strict";
import { test } from "node:test";
import { readNumber, writeNumber } from "../../assets/player/cells.js";
import { parse } from "../../assets/player/formulas.js";
import { arrange, picked } from "../../assets/player/panel.js";
import { dashes } from "../../assets/player/swatch.js";

test("a click chooses by the value on an axis or by the point's own data", () => {
  assert.deepEqual(picked({ row: "y", column: "x" }, { x: 4, y: 2 }), { row: 2, column: 4 });
  const data = { x: [0, 0, 0, 0], customdata: [[7, 7], [3, 5]] }; // two solids of two corners
  const fields = { case: 0, channel: 1 };
  assert.deepEqual(picked(fields, { data, pointNumber: 3 }), { case: 3, channel: 5 });
  assert.deepEqual(picked(fields, { data, pointNumber: 1 }), { case: 7, channel: 7 });
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

test("a formula's LaTeX becomes MathML", () => {
  const tree = parse(String.raw`h_{0,1} = 2 \cdot \frac{1.5 - (-2)}{\sqrt{0.5}} = 1.2 \cdot 10^{-5}`);
  const text = (node) => (typeof node === "string" ? node : node.slice(1).map(text).join(" "));
  assert.equal(text(tree), "h 0 , 1 = 2 · 1.5 − ( − 2 ) 0.5 = 1.2 · 10 − 5");
  const tags = JSON.stringify(tree);
  for (const tag of ["msub", "mfrac", "msqrt", "msup"]) assert.ok(tags.includes(`"${tag}"`), tag);
});

test("brackets, words and infinity", () => {
  assert.deepEqual(parse(String.raw`\max\left(0, \infty\right) = \text{not a number}`), [
    "mrow",
    ["mi", "max"],
    ["mo", "("],
    ["mn", "0"],
    ["mo", ","],
    ["mi", "∞"],
    ["mo", ")"],
    ["mo", "="],
    ["mtext", "not a number"],
  ]);
});

test("broken LaTeX gives something, and never markup", () => {
  for (const latex of ["", "{", "}", "\\frac{1}", "^", "a_", "<img onerror=x>"]) assert.equal(parse(latex)[0], "mrow");
});
