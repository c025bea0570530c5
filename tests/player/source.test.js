import assert from "node:assert/strict";
import { test } from "node:test";
import { isOf, urlsOf } from "../../assets/player/source.js";

const film = { live: "/live/mlp?depth=3", poll: "/frames/mlp?depth=3" };
const pictures = (turn, other = {}) => ({
  still: "/still/shared_statistics",
  poll: "/frames/shared_statistics",
  query: `cases=${turn}`,
  viewer: "me",
  turn,
  ...other,
});

test("a film goes on where its URLs stay, and begins again where they change", () => {
  assert.ok(isOf({ ...film }, film));
  assert.ok(!isOf({ ...film, live: "/live/mlp?depth=4" }, film));
  assert.ok(!isOf(film, {}));
  assert.deepEqual(urlsOf(film), film);
});

test("a picture that the server told of first is not asked for again, nor one before it", () => {
  assert.ok(isOf(pictures(3), pictures(3)));
  assert.ok(isOf(pictures(2), pictures(3)));
  assert.ok(!isOf(pictures(4), pictures(3)));
});

test("turns of another page, or of a page that was begun again, do not count", () => {
  assert.ok(!isOf(pictures(1), {}));
  assert.ok(!isOf(pictures(1, { viewer: "me, later" }), pictures(3)));
  assert.ok(!isOf(pictures(1, { still: "/still/matrix" }), pictures(3)));
  assert.ok(!isOf(film, pictures(3)));
});

test("a picture is asked for by its query, and by polling if need be", () => {
  const { live, poll } = urlsOf(pictures(3));
  assert.equal(live, "/still/shared_statistics?viewer=me&turn=3&cases=3");
  assert.equal(poll, "/frames/shared_statistics?cases=3");
});
