import assert from "node:assert/strict";
import { test } from "node:test";
import {
  boundOn,
  describe,
  fill,
  momentKey,
  readsOf,
  recipes,
} from "../../assets/player/panels/bindings.js";
import { filmOf, frame, seen, theme, variant } from "./fixtures.js";

const scene = {
  variants: [variant("a", "#ff0000"), variant("b", "#0000ff"), variant("c", "#00ff00")],
  shown: [true, false, true],
  choices: { layer: 1 },
};
const x = { over: "frames", of: "v" };
const y = { array: "v", over: "frames", index: ["variant", "layer"] };
const chart = (traces, more = {}) => ({ x: {}, y: {}, traces, ...more });

test("each: one trace for each shown variant, in its colours", () => {
  const style = {
    line: { color: "@variant", dash: "@dash" },
    marker: { symbol: "@symbol", color: "@variant/0.2" },
  };
  const made = recipes(
    chart([{ variant: "each", type: "scatter", style, x, y }]),
    scene,
    theme,
    null,
  );
  assert.deepEqual(
    made.map(({ template }) => template.name),
    ["A", "C"],
  );
  assert.deepEqual(made[0].template.line, { color: "#ff0000", dash: "dot" });
  assert.deepEqual(made[1].template.marker, { symbol: "square", color: "rgba(0, 255, 0, 0.2)" });
  assert.deepEqual(made[1].slots.find(({ path }) => path[0] === "y").bind.index, [2, 1]);
});

test("panel: the variant of the small multiple; a number: that variant; null: none", () => {
  const traces = ["panel", 0, 1, null].map((of) => ({ variant: of, type: "scatter", x, y: [1] }));
  const names = recipes(chart(traces), scene, theme, 2).map(({ template }) => template.name);
  assert.deepEqual(names, ["C", "A", undefined], "variant 1 is hidden");
});

test("a trace that waits for a choice takes another one's place once it is made", () => {
  const lit = { variant: null, type: "scatter", when: "of", x, y: { ...y, index: ["of", 0] } };
  const dark = { variant: 0, type: "scatter", unless: "of", x, y };
  const made = (of) =>
    recipes(chart([dark, lit]), { ...scene, choices: { of, layer: 0 } }, theme, null);
  assert.deepEqual(
    made(null).map(({ template }) => template.name),
    ["A"],
  );
  const [only, ...more] = made(2);
  assert.deepEqual(more, []);
  assert.deepEqual(only.slots.find(({ path }) => path[0] === "y").bind.index, [2, 0]);
});

test("the two edges of a band stay together", () => {
  const edge = (name, fillTo) => ({
    variant: "each",
    type: "scatter",
    style: { id: name, fill: fillTo },
    x,
    y,
  });
  const made = recipes(chart([edge("low"), edge("high", "tonexty")]), scene, theme, null);
  assert.deepEqual(
    made.map(({ template }) => `${template.name} ${template.id}`),
    ["A low", "A high", "C low", "C high"],
  );
});

test("fill puts in the numbers of the moment, deep in the style too, and spares the template", () => {
  const color = { array: "v", over: "now", index: ["variant", ":"] };
  const style = {
    marker: {
      color,
      colorscale: [
        [0, "@background"],
        [1, "@variant"],
      ],
    },
  };
  const [recipe] = recipes(
    chart([{ variant: 0, type: "scatter", style, x, y }]),
    scene,
    theme,
    null,
  );
  const film = filmOf(frame(0, { v: [[1, 2]] }), frame(5, { v: [[3, 4]] }));
  const trace = fill(recipe, { now: seen(film, 1) });
  assert.deepEqual([...trace.x], [0, 5]);
  assert.deepEqual([...trace.y], [2, 4]);
  assert.deepEqual([...trace.marker.color], [3, 4]);
  assert.deepEqual(trace.marker.colorscale, [
    [0, "rgb(255, 255, 255)"],
    [1, "#ff0000"],
  ]);
  assert.equal(recipe.template.marker.color, undefined);
});

test("a symlog axis plots asinh, and hover shows the raw value", () => {
  const [recipe] = recipes(
    chart([{ variant: 0, type: "scatter", x: [-1, 1], y }], {
      y: { symlog: true },
      x: { symlog: true },
    }),
    scene,
    theme,
    null,
  );
  const trace = fill(recipe, { now: seen(filmOf(frame(0, { v: [[0, 100]] })), 0) });
  assert.deepEqual(trace.x, [Math.asinh(-1), Math.asinh(1)]);
  assert.deepEqual([...trace.y], [Math.asinh(100)]);
  assert.deepEqual([...trace.customdata], [100]);
});

test("a growing axis holds the variants that are shown, in every panel", () => {
  const indices = (made) => made.map(({ index }) => index[0]);
  assert.deepEqual(indices(boundOn("y", chart([{ variant: "each", x, y }]), scene, theme)), [0, 2]);
  assert.deepEqual(
    indices(
      boundOn("y", chart([{ variant: "panel", x, y }], { repeat: "variants" }), scene, theme),
    ),
    [0, 2],
  );
});

test("a trace that need not fit moves no axis", () => {
  const loose = chart([{ variant: "each", x, y, fits: false }]);
  assert.deepEqual(boundOn("y", loose, scene, theme), []);
});

test("the text alternative names present values", () => {
  const made = recipes(
    chart([{ variant: "each", type: "scatter", x, y }], { y: { symlog: true } }),
    scene,
    theme,
    null,
  );
  const film = filmOf(
    frame(0, {
      v: [
        [0, 0.25],
        [0, 1],
        [0, NaN],
      ],
    }),
  );
  assert.equal(describe(made, { now: seen(film, 0) }), "A 0.25, C not a number");
});

test("a panel has nothing new to draw until one of its arrays has", () => {
  const made = recipes(chart([{ variant: "each", type: "scatter", x, y }]), scene, theme, null);
  const film = filmOf(frame(0, { v: [[1, 1]] }), frame(1, { w: [1] }), frame(2, { v: [[1, 1]] }));
  const key = (at) => momentKey(readsOf(made), { now: seen(film, at) });
  assert.equal(key(0), key(1));
  assert.notEqual(key(1), key(2));
});

test("an unknown token is an error", () => {
  assert.throws(
    () => recipes(chart([{ variant: 0, style: { color: "@trak" }, x, y }]), scene, theme, null),
    /@trak/,
  );
});
