import assert from "node:assert/strict";
import { test } from "node:test";
import { partsOf } from "../../assets/player/code.js";

test("Python is cut into what stands out and what does not, and nothing is lost", () => {
  const python = `"""A text # of
two lines."""
def step_1(x):  # "not" a text
    return f"{x}#" + 'a\\'b' + 1e-05 if x is None else range_2(3.5)
`;
  const parts = partsOf(python);
  assert.equal(parts.map(([, text]) => text).join(""), python);
  const of = (kind) => parts.filter(([own]) => own === kind).map(([, text]) => text);
  assert.deepEqual(of("text"), ['"""A text # of\ntwo lines."""', 'f"{x}#"', "'a\\'b'"]);
  assert.deepEqual(of("comment"), ['# "not" a text']);
  assert.deepEqual(of("defined"), ["step_1"]);
  assert.deepEqual(of("keyword"), ["def", "return", "if", "is", "None", "else"]);
  assert.deepEqual(of("number"), ["1e-05", "3.5"]);
});
