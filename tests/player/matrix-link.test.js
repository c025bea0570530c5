import assert from "node:assert/strict";
import { test } from "node:test";
import { matrixText, offers } from "../../assets/player/matrix-link.js";
import { filmOf, frame } from "./fixtures.js";

test("a matrix is written as the matrix page reads it", () => {
  assert.equal(matrixText([1, -2.5001, -0, 1e-7], 2, 100), "1,-2.5_0,1e-7");
  assert.equal(matrixText([1, 101], 2, 100), null);
  assert.equal(matrixText([1, NaN], 2, 100), null);
});

test("each shown variant offers the chosen layer of the latest survey", () => {
  const spec = {
    array: "block",
    index: ["variant", "layer", ":", ":"],
    page: "matrix",
    field: "matrix",
    limit: 100,
  };
  const block = [
    [[[1, 2]], [[3, 4]]],
    [[[5, 6]], [[7, 8]]],
  ];
  const film = filmOf(frame(0, { block }), frame(5));
  const scene = {
    variants: [{ id: "a" }, { id: "b" }],
    shown: [false, true],
    choices: { layer: 1 },
  };
  const { step, size, links } = offers(spec, film, 1, scene);
  assert.deepEqual([step, size, links.length], [0, "1 × 2", 1]);
  assert.equal(new URLSearchParams(links[0].href.split("?")[1]).get("matrix"), "7,8");
  assert.equal(offers({ ...spec, array: "other" }, film, 1, scene), null);
});
