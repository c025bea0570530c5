import assert from "node:assert/strict";
import { test } from "node:test";
import { readSearch, writeSearch } from "../../assets/player/address.js";
import { Playback } from "../../assets/player/playback.js";
import { View, momentOf } from "../../assets/player/view.js";

const figure = {
  variants: [
    { id: "none", shown: true },
    { id: "batch", shown: true },
    { id: "rms", shown: false },
  ],
  choices: [{ id: "layer", options: ["1", "2", "3"], value: 0 }],
  sections: [{ charts: [{ id: "loss" }, { id: "error" }] }],
};

test("a view as the figure comes needs no fields, and what differs is written and read again", () => {
  const view = new View(figure);
  assert.deepEqual(view.fields, {});
  view.toggle(0);
  view.choose("layer", 2);
  Object.assign(view, { chart: "loss", present: "dark", smooth: "off" });
  const { fields } = view;
  assert.deepEqual(fields, {
    shown: "batch",
    choose: "layer.3",
    chart: "loss",
    present: "dark",
    smooth: "off",
  });
  const other = new View(figure);
  assert.deepEqual(other.set(fields), []);
  assert.deepEqual(other.scene, view.scene);
  assert.deepEqual(other.fields, fields);
});

test("what a figure does not have is refused by name, and the rest is seen", () => {
  const view = new View(figure);
  const problems = view.set({
    shown: "batch,sigma",
    choose: "layer.9,unit.1",
    chart: "nothing",
    present: "loud",
    smooth: "9",
  });
  assert.deepEqual(
    problems.map(({ fields, received }) => [fields[0], received]),
    [
      ["shown", "batch,sigma"],
      ["choose", "layer.9"],
      ["choose", "unit.1"],
      ["chart", "nothing"],
      ["present", "loud"],
      ["smooth", "9"],
    ],
  );
  assert.deepEqual(view.fields, { shown: "batch" });
  assert.match(problems[1].allowed, /layer\.1 to layer\.3/);
});

test("a view replaces the one before it", () => {
  const view = new View(figure);
  view.set({ shown: "rms", chart: "loss" });
  view.set({});
  assert.deepEqual(view.fields, {});
});

test("a moment is a step of the run", () => {
  const total = { steps: 99, moments: [...Array.from({ length: 50 }, (_, at) => 2 * at), 99] };
  assert.deepEqual(momentOf({}, total), { frame: null, playing: true, problems: [] });
  assert.deepEqual(momentOf({ at: "40" }, total), { frame: 20, playing: false, problems: [] });
  assert.equal(momentOf({ at: "99", play: "1" }, total).frame, 50);
  const uneven = { steps: 60, moments: [0, 1, 3, 4, 45, 60] };
  const frames = ["2", "30", "45", "60"].map((at) => momentOf({ at }, uneven).frame);
  assert.deepEqual(frames, [2, 4, 4, 5]);
  for (const at of ["-1", "1.5", "x", "1e3", "100"])
    assert.equal(momentOf({ at }, total).problems[0].received, at);
});

test("an address holds settings, a view, and what belongs to others", () => {
  const search = "?batch_size=2&at=40&chart=loss&embed=true&utm_source=x";
  const { query, view, kept } = readSearch(search);
  assert.deepEqual([query, view], [{ batch_size: "2" }, { at: "40", chart: "loss" }]);
  assert.equal(
    writeSearch({ ...query, ...view }, kept),
    "?batch_size=2&at=40&chart=loss&embed=true",
  );
});

test("a film stops at the moment of its preset", () => {
  const playback = new Playback(100);
  playback.playing = true;
  playback.stopAt(10);
  playback.hold(100);
  for (let second = 0; second < 3; second += 0.2) playback.advance(200);
  assert.deepEqual([playback.frame, playback.playing], [10, false]);
  playback.play();
  playback.advance(200);
  assert.equal(playback.frame, 13);
});

test("a link's moment is shown as soon as it is held, before that the latest one", () => {
  const playback = new Playback(100);
  playback.goTo(40, false);
  playback.hold(20);
  assert.deepEqual([playback.frame, playback.playing, playback.arriving], [19, true, 40]);
  playback.hold(80);
  assert.deepEqual([playback.frame, playback.playing, playback.arriving], [40, false, null]);
});

test("who seeks meanwhile is not taken away again", () => {
  const playback = new Playback(100);
  playback.goTo(40, false);
  playback.hold(20);
  playback.seek(5);
  playback.hold(80);
  assert.equal(playback.frame, 5);
});

test("a view may stand at a stop of its page, and at no other", () => {
  const view = new View(figure, ["first.1", "first.2"]);
  assert.deepEqual(view.set({ stop: "first.2" }), []);
  assert.deepEqual(view.fields, { stop: "first.2" });
  const [problem] = view.set({ stop: "first.3" });
  assert.deepEqual(view.fields, {});
  assert.equal(problem.allowed, "first.1, first.2");
});
