import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Edits, edited } from "../../assets/player/edits.js";

const place = ({ row, column, value }) => [row, column, value];

test("an edit is told again with the next until the page has it", () => {
  const edits = new Edits();
  edits.add({ row: 0, column: 0, value: 5 });
  edits.add({ row: 1, column: 0, value: -0.25 });
  assert.deepEqual(edits.open.map(place), [[0, 0, 5], [1, 0, -0.25]]);
  edits.settle("5,1_2,3");
  assert.deepEqual(edits.open.map(place), [[1, 0, -0.25]]);
  edits.settle("5,1_-0.25,3");
  assert.deepEqual(edits.open, []);
});

test("a cell that is typed into again counts once, and last", () => {
  const edits = new Edits();
  for (const [column, value] of [[0, 5], [1, 6], [0, 7]]) edits.add({ row: 0, column, value });
  assert.deepEqual(edits.open.map(place), [[0, 1, 6], [0, 0, 7]]);
});

test("an edit that the page does not take over is given up", () => {
  const clock = mock.method(performance, "now", () => 1000);
  const edits = new Edits();
  edits.add({ row: 0, column: 0, value: 70_000 });
  edits.settle("1,1");
  assert.equal(edits.open.length, 1);
  clock.mock.mockImplementation(() => 5000);
  assert.deepEqual(edits.open, []);
  clock.mock.restore();
});

test("a page without a matrix settles nothing", () => {
  const edits = new Edits();
  edits.add({ row: 0, column: 0, value: 5 });
  edits.settle(null);
  assert.equal(edits.open.length, 1);
});

test("edits are put into the matrix that is there, and choose the last of their cells", () => {
  const { matrix, row, column } = edited([{ row: 0, column: 0, value: 0 }, { row: 1, column: 1, value: 2.5 }]);
  assert.equal(matrix("1,2_3,4"), "0,2_3,2.5");
  assert.deepEqual([row, column], [1, 1]);
});

test("an edit of a cell that is no longer there changes nothing", () => {
  assert.equal(edited([{ row: 2, column: 0, value: 9 }]).matrix("1,2_3,4"), "1,2_3,4");
  assert.equal(edited([{ row: 0, column: 2, value: 9 }]).matrix("1,2_3,4"), "1,2_3,4");
});

test("no edit changes nothing", () => {
  assert.deepEqual(edited([]), {});
});
