import assert from "node:assert/strict";
import { test } from "node:test";
import { isOfUse, takingPart } from "../../assets/player/knobs.js";

const schemas = [
  { name: "cell", type: "choice" },
  { name: "variants", type: "subset", offered: { batch: { cell: ["rnn"] } } },
];
const gain = { where: { variants: ["batch", "layer"] } };

test("a variant that a run cannot have makes no setting of use", () => {
  for (const [cell, variants, taken, isUsed] of [
    ["rnn", "none,batch", "none,batch", true],
    ["gru", "none,batch", "none", false],
    ["gru", "none,batch,layer", "none,layer", true],
  ]) {
    const held = takingPart(schemas, { cell, variants });
    assert.equal(held.variants, taken);
    assert.equal(isOfUse(gain, held), isUsed);
  }
});
