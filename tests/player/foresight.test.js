import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Foresight } from "../../assets/player/foresight.js";

const foresee = (present) => {
  const sent = [];
  const foresight = new Foresight(
    () => present,
    (query) => sent.push((present = query)),
  );
  return { sent, foresight };
};

test("a field that moves is foreseen in the query of the picture that is there", () => {
  const { sent, foresight } = foresee("seed=1&size=2");
  foresight.want({ size: "4" });
  assert.deepEqual(sent, ["seed=1&size=4"]);
});

test("what becomes of a field is worked out when it is told, from what it is then", () => {
  const { sent, foresight } = foresee("size=2");
  foresight.want({ size: "4" });
  foresight.want({ size: (before) => 10 * before });
  foresight.drawn();
  assert.deepEqual(sent, ["size=4", "size=40"]);
});

test("a field that the query does not know is not foreseen", () => {
  const { sent, foresight } = foresee("size=2");
  foresight.want({ other: "4" });
  assert.deepEqual(sent, []);
});

test("a field that takes the value it has is told too, for another may be on its way, but not waited for", () => {
  const { sent, foresight } = foresee("size=2");
  foresight.want({ size: "2" });
  foresight.want({ size: "4" });
  assert.deepEqual(sent, ["size=2", "size=4"]);
});

test("of what moves while a picture is on its way only the latest is foreseen, once it is drawn", () => {
  const { sent, foresight } = foresee("size=2");
  for (const size of ["4", "8", "16"]) foresight.want({ size });
  assert.deepEqual(sent, ["size=4"]);
  foresight.drawn();
  foresight.drawn();
  assert.deepEqual(sent, ["size=4", "size=16"]);
});

test("a slider that goes back to where it was is followed back", () => {
  const { sent, foresight } = foresee("size=2");
  foresight.want({ size: "4" });
  foresight.want({ size: "8" });
  foresight.want({ size: "2" });
  foresight.drawn();
  assert.deepEqual(sent, ["size=4", "size=2"]);
});

test("a picture that never comes is not waited for forever", () => {
  const { sent, foresight } = foresee("size=2");
  const clock = mock.method(performance, "now", () => 1000);
  foresight.want({ size: "4" });
  clock.mock.mockImplementation(() => 1600);
  foresight.want({ size: "8" });
  clock.mock.restore();
  assert.deepEqual(sent, ["size=4", "size=8"]);
});
