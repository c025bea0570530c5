import assert from "node:assert/strict";
import { test } from "node:test";
import {
  begun,
  goingOn,
  nameOf,
  readChanges,
  valueAt,
  writeChanges,
} from "../../assets/player/changes.js";
import { filmOf, frame } from "./fixtures.js";

const course = {
  name: "changes",
  label: "Changes",
  most: 3,
  fields: [
    { name: "learning_rate", label: "Learning rate", first: null },
    { name: "batch_size", label: "Batch size", first: null },
    { name: "normalization", label: "Normalization", first: "in", options: { out: "Off" } },
  ],
};
const query = {
  batch_size: "32",
  learning_rate: "0.1",
  changes: "20:batch_size:2,40:batch_size:8",
};

test("changes are read as they are written, and named", () => {
  const changes = readChanges(query.changes);
  assert.deepEqual(changes[0], { step: 20, field: "batch_size", value: "2" });
  assert.equal(writeChanges(changes), query.changes);
  assert.deepEqual(readChanges(undefined), []);
  assert.equal(nameOf(changes[0], course), "Batch size 2");
  assert.equal(
    nameOf({ step: 1, field: "normalization", value: "out" }, course),
    "Normalization Off",
  );
});

test("a step is trained with the last change after a step before it, or with the setting", () => {
  const at = (step) => valueAt(query, course, "batch_size", step);
  assert.deepEqual([10, 20, 21, 40, 99].map(at), ["32", "32", "2", "2", "8"]);
  assert.equal(valueAt(query, course, "normalization", 99), "in");
});

test("a run that goes on gives up what would come later, and a change that changes nothing", () => {
  const on = (step, values) => writeChanges(goingOn(query, course, step, new Map(values)));
  assert.equal(on(30, [["batch_size", "4"]]), "20:batch_size:2,30:batch_size:4");
  assert.equal(on(20, [["batch_size", "4"]]), "20:batch_size:4");
  const both = [
    ["learning_rate", "1"],
    ["batch_size", "2"],
  ];
  assert.equal(on(20, both), "20:learning_rate:1,20:batch_size:2");
  assert.equal(on(20, [["batch_size", "32"]]), "", "the run goes on as if nothing had changed");
});

test("a run with another change begins as the one that is here, up to that step", () => {
  const film = filmOf(...[0, 10, 20, 30].map((step) => frame(step)));
  const held = { query: { batch_size: "32" }, film, total: null, figure: null, state: "done" };
  const steps = (asked) => begun(asked, held, course)?.frames.map(({ step }) => step) ?? null;
  assert.deepEqual(steps({ batch_size: "32", changes: "20:batch_size:2" }), [0, 10, 20]);
  assert.equal(steps({ batch_size: "2", changes: "20:batch_size:4" }), null);
  assert.equal(steps({ batch_size: "32" }), null, "it is the same run");
  const forked = { ...held, query };
  const other = { ...query, changes: "20:batch_size:2,30:batch_size:4" };
  assert.deepEqual(
    begun(other, forked, course).frames.map(({ step }) => step),
    [0, 10, 20, 30],
  );
  assert.equal(begun(other, forked, null), null);
});
