import assert from "node:assert/strict";
import { test } from "node:test";
import { textsAt } from "../../assets/player/texts.js";
import { filmOf } from "./fixtures.js";

test("texts stay until the next ones", () => {
  const film = filmOf({
    step: 0,
    arrays: new Map(),
    notes: { texts: [{ variant: "a", label: "Writes", value: "x" }] },
  });
  film.append(1, [{ step: 1, arrays: new Map(), notes: {} }]);
  assert.equal(textsAt(film, 1)[0].value, "x");
  assert.deepEqual(textsAt(filmOf(), 0), []);
});
