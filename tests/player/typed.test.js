import assert from "node:assert/strict";
import { test } from "node:test";
import { readNumber, readRows } from "../../assets/player/typed.js";

test("a number is read as people write it, and nothing else is", () => {
  for (const [text, value] of [
    [" 1.5 ", 1.5],
    ["1,5", 1.5],
    ["−2", -2],
    ["1e3", 1000],
    ["-0", 0],
    [".5", 0.5],
    ["+3.", 3],
  ]) {
    assert.equal(readNumber(text), value, text);
  }
  for (const text of [
    "",
    "  ",
    "one",
    "1.2.3",
    "Infinity",
    "NaN",
    "0x10",
    "1 2",
    "1,2,3",
    "1e999",
  ]) {
    assert.equal(readNumber(text), null, text);
  }
});

test("a table is read however rows and numbers are kept apart", () => {
  const same = [
    "1.5,2.5\n3.5,4.5",
    "1.5, 2.5\n3.5, 4.5",
    "1,5\t2,5\n3,5\t4,5",
    "1,5\t2,5\r\n3,5\t4,5\r\n",
    "1,5 2,5\n3,5 4,5",
    "1.5 2.5; 3.5 4.5",
    "1,5;2,5\n3,5;4,5",
    "[[1.5, 2.5], [3.5, 4.5]]",
    "[1.5, 2.5]\n[3.5, 4.5]",
    "1.5,2.5_3.5,4.5",
    "  1.5   2.5 \n\n 3.5   4.5\n",
  ];
  for (const text of same)
    assert.deepEqual(
      readRows(text),
      [
        [1.5, 2.5],
        [3.5, 4.5],
      ],
      JSON.stringify(text),
    );
});

test("one row, one column and one number are tables too", () => {
  assert.deepEqual(readRows("1,2,-3"), [[1, 2, -3]]);
  assert.deepEqual(readRows("1\t2"), [[1, 2]]);
  assert.deepEqual(readRows("1\n2"), [[1], [2]]);
  assert.deepEqual(readRows("−7"), [[-7]]);
});

test("rows of other lengths are read as they are, for the server to refuse", () => {
  assert.deepEqual(readRows("1,2\n3"), [[1, 2], [3]]);
});

test("a table with something else in it, or a gap, is none", () => {
  for (const text of ["", " \n", "abc", "1,x", "1,,2", "1\t\t2", "1, 2,", "nan,1", "0x10,1"]) {
    assert.equal(readRows(text), null, JSON.stringify(text));
  }
});
