import assert from "node:assert/strict";
import { test } from "node:test";
import { readPin, sayPin, writePin } from "../../assets/player/pin-text.js";

const query = { batch_size: "32", variants: "none,batch", text: "a", rate: "0.1" };

test("an address says of a pinned run only what differs", () => {
  const pinned = { ...query, batch_size: "2", variants: "batch,layer" };
  assert.equal(writePin(pinned, query), "batch_size:2;variants:batch,layer");
  assert.equal(writePin(query, query), "");
});

test("what was written is read again, whatever is in it", () => {
  const nasty = { ...query, text: "a;b:c%3Bd%", batch_size: "" };
  assert.deepEqual(readPin(writePin(nasty, query), query), nasty);
  assert.deepEqual(readPin("", query), query);
});

test("what is no setting is handed to the server, to be refused", () => {
  assert.deepEqual(readPin("rubbish;batch_size:x", query), {
    ...query,
    rubbish: "",
    batch_size: "x",
  });
});

test("the changed settings are named by their labels, a few at a time", () => {
  const schemas = [
    { name: "batch_size", label: "Batch size" },
    { name: "variants", label: "Variants", options: { none: "No norm", batch: "Batch Norm" } },
    { name: "text", label: "BN momentum" },
    { name: "rate", label: "Learning rate" },
  ];
  const pinned = { batch_size: "2", variants: "none", text: "b", rate: "1" };
  assert.equal(
    sayPin(pinned, query, schemas),
    "batch size: 32 (pinned: 2); variants: No norm + Batch Norm (pinned: No norm); " +
      "BN momentum: a (pinned: b); 1 more",
  );
  assert.ok(sayPin(pinned, query, schemas, Infinity).endsWith("learning rate: 0.1 (pinned: 1)"));
  assert.equal(sayPin(query, query, schemas), "");
});

test("changes in mid-run are named with their steps", () => {
  const fields = [{ name: "batch_size", label: "Batch size" }];
  const schemas = /** @type {any} */ ([
    { name: "changes", label: "Changes", type: "changes", fields },
  ]);
  const forked = { changes: "40:batch_size:2,60:batch_size:8" };
  const said = "from step 40 on: batch size 2, from step 60 on: batch size 8";
  assert.equal(sayPin({}, forked, schemas), `${said}; pinned: no change`);
  assert.equal(sayPin(forked, {}, schemas), `no change; pinned: ${said}`);
  assert.equal(writePin({}, forked), "changes:");
});
