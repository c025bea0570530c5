import assert from "node:assert/strict";
import { test } from "node:test";
import { RunsOfCells, queryOf } from "../../assets/player/runs-of-cells.js";

const OPENS = {
  page: "mlp",
  base: { data: "xor", batch_size: "1", learning_rate: "0.1", steps: "300" },
  row: ["batch_size", ["1", "8"]],
  column: ["learning_rate", ["0.1", "0.3"]],
};

function opened(...places) {
  const urls = [];
  globalThis.window = /** @type {any} */ ({ open: (url) => urls.push(new URL(url)) });
  const cells = new RunsOfCells();
  for (const place of places) cells.open(OPENS, place, "http://lab.example/course/sweep?a=1");
  return urls;
}

test("a cell has the settings of its row and of its column", () => {
  assert.deepEqual(queryOf(OPENS, { row: 1, column: 1 }), {
    ...OPENS.base,
    batch_size: "8",
    learning_rate: "0.3",
  });
});

test("a click opens the run at its end, on the page beside this one", () => {
  const [url] = opened({ row: 1, column: 0 });
  assert.equal(url.origin + url.pathname, "http://lab.example/course/mlp");
  const query = { ...OPENS.base, batch_size: "8", at: "300" };
  assert.deepEqual(Object.fromEntries(url.searchParams), query);
});

test("a second click pins the run that was opened before", () => {
  const [, second, again] = opened(
    { row: 1, column: 0 },
    { row: 0, column: 1 },
    { row: 0, column: 1 },
  );
  assert.equal(second.searchParams.get("pin"), "batch_size:8;learning_rate:0.1");
  assert.equal(second.searchParams.get("learning_rate"), "0.3");
  assert.equal(again.searchParams.get("pin"), null, "not itself");
});
