/** The small pure parts: view, diagnoses, keyboard, arrangement of panels. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { commandOf } from "../../assets/player/keyboard.js";
import { arrange } from "../../assets/player/panels/charts.js";
import { cardsAt, factLines, troubleOf } from "../../assets/player/diagnoses.js";
import { View } from "../../assets/player/view.js";
import { filmOf, frame } from "./fixtures.js";

const variants = [
  { id: "a", label: "A", shown: true },
  { id: "b", label: "B", shown: false },
];
const choices = [{ id: "layer", options: ["1", "2", "3"], value: 0 }];

test("toggles and choices outlive a new figure", () => {
  const view = new View({ variants, choices });
  view.toggle(1);
  view.choose("layer", 2);
  view.figure = {
    variants: [{ id: "c", shown: true }, ...variants],
    choices: [{ ...choices[0], options: ["1", "2"] }],
  };
  assert.deepEqual(view.scene.shown, [true, true, true]);
  assert.equal(view.scene.choices.layer, 1, "clamped to what there is");
});

test("a run that does not go on says why", () => {
  const title = "Waiting to train";
  assert.deepEqual(troubleOf({ state: "waiting", error: "None is there." }), [
    { variant: null, title, text: "None is there." },
  ]);
  assert.equal(troubleOf({ state: "failed", error: "It broke." })[0].title, "The run stopped");
  assert.deepEqual(troubleOf({ state: "training", error: null }), []);
  assert.deepEqual(troubleOf({ state: "loading" }), []);
});

test("the pointer chooses as long as it rests on something, where the figure lets it", () => {
  const view = new View({ variants, pointing: { row: 1, of: null } });
  assert.deepEqual(view.scene.choices, { row: 1, of: null });
  view.point({ row: 3, of: 0 });
  assert.deepEqual(view.scene.choices, { row: 3, of: 0 });
  view.point({});
  assert.deepEqual(view.scene.choices, { row: 1, of: null });
  const other = new View({ variants });
  other.point({ row: 3 });
  assert.deepEqual(other.scene.choices, {});
});

test("the last shown variant stays", () => {
  const view = new View({ variants });
  view.toggle(0);
  assert.deepEqual(view.scene.shown, [true, false]);
});

test("cards: those of this frame and of shown variants, each once", () => {
  const card = (variant, title) => ({ variant, title, text: "" });
  const cards = [card("a", "dead"), card("a", "dead"), card("b", "dead"), card("a", "slow")];
  const film = filmOf(frame(0), frame(1, {}, { cards }));
  assert.deepEqual(
    cardsAt(film, 1, { variants, shown: [true, false] }).map(({ title }) => title),
    ["dead", "slow"],
  );
  assert.deepEqual(cardsAt(film, 0, { variants, shown: [true, true] }), []);
  assert.deepEqual(cardsAt(film, 9, { variants, shown: [true, true] }), []);
});

test("facts: said once where they agree, by name where they differ", () => {
  const fact = (variant, label, value) => ({ variant, label, value });
  const lines = factLines(
    [
      fact("a", "Weights", "x"),
      fact("b", "Weights", "x"),
      fact("a", "Order", "y"),
      fact("b", "Order", "z"),
    ],
    variants,
  );
  assert.deepEqual(lines, ["Weights x: the same for both", "Order A y, B z"]);
});

/** A key press on an element that lies in the given selectors. */
function press(key, inside = [], more = {}) {
  const closest = (selector) =>
    inside.some((name) => selector.split(", ").includes(name)) ? target : null;
  const target = { closest };
  const root = { contains: () => inside.includes("ours") };
  return commandOf({ key, target, ...more }, root);
}

test("keys move the player, unless they belong to something else", () => {
  assert.equal(press(" "), "toggle");
  assert.equal(press("ArrowLeft"), "back");
  assert.equal(press("End"), "end");
  assert.equal(press("a"), null);
  assert.equal(press(" ", [], { ctrlKey: true }), null);
  assert.equal(press("ArrowLeft", [], { shiftKey: true }), null);
  assert.equal(press("ArrowLeft", ["input"]), null);
  assert.equal(press("ArrowLeft", ["[role=slider]"]), null);
  assert.equal(press("ArrowLeft", ["button"]), null, "a button of the page");
});

test("Space presses a focused button of ours; arrows still step", () => {
  assert.equal(press(" ", ["button", "ours"]), null);
  assert.equal(press("ArrowRight", ["button", "ours"]), "forward");
});

test("on the scrubber Space plays, arrows are its own", () => {
  assert.equal(press(" ", ["input", ".lnl-scrubber", "ours"]), "toggle");
  assert.equal(press("ArrowRight", ["input", ".lnl-scrubber", "ours"]), null);
});

test("squares share the height, others wrap when they become narrow", () => {
  assert.deepEqual(arrange(3, 320, 170, true), { columns: 3, rows: 1 });
  assert.deepEqual(arrange(5, 320, 220, true), { columns: 3, rows: 2 });
  assert.deepEqual(arrange(5, 1000, 150, false), { columns: 5, rows: 1 });
  assert.deepEqual(arrange(4, 400, 150, false), { columns: 2, rows: 2 });
  assert.deepEqual(arrange(1, 100, 150, false), { columns: 1, rows: 1 });
});
