import assert from "node:assert/strict";
import { test } from "node:test";
import { Film } from "../../assets/player/film.js";
import { Reader, pick, reduce, smoother } from "../../assets/player/panels/series.js";
import { bound, filmOf, frame } from "./fixtures.js";

test("pick finds entries of a row-major array", () => {
  assert.deepEqual(pick([2, 3], [1, ":"]), { kept: [3], offsets: [3, 4, 5] });
  assert.deepEqual(pick([2, 3], [":", 2]), { kept: [2], offsets: [2, 5] });
  assert.deepEqual(pick([2, 2, 2], [1, ":", ":"]), { kept: [2, 2], offsets: [4, 5, 6, 7] });
  assert.deepEqual(pick([2, 3], [1]).offsets, [3, 4, 5], "a missing entry keeps its axis");
});

test("pick clamps a choice, but never takes another variant", () => {
  assert.deepEqual(pick([2, 3], [0, 9]).offsets, [2]);
  assert.deepEqual(pick([2, 3], [2, 0]).offsets, []);
  assert.deepEqual(pick([2, 0], [0, 1]).offsets, []);
});

test("reductions skip what is not finite, unless nothing is left", () => {
  assert.equal(reduce("mean", [1, NaN, 3]), 2);
  assert.equal(reduce("low", [4, NaN, Infinity, 3]), 3);
  assert.equal(reduce("high", [4, NaN, Infinity, 3]), 4);
  assert.equal(reduce("first", [NaN, 1]), NaN);
  assert.equal(reduce("mean", [NaN, NaN]), NaN);
  assert.equal(reduce("low", []), NaN);
});

test("smoothing starts at the first value and keeps a constant", () => {
  const smooth = smoother(10);
  assert.equal(smooth(4), 4);
  for (let i = 0; i < 50; i++) assert.ok(Math.abs(smooth(4) - 4) < 1e-12);
});

test("smoothing weighs values by exp(-age / span)", () => {
  const smooth = smoother(2);
  smooth(1);
  const keep = Math.exp(-1 / 2);
  assert.ok(Math.abs(smooth(0) - keep / (1 + keep)) < 1e-12);
});

test("NaN and infinity stay gaps and do not poison what follows", () => {
  const smooth = smoother(5);
  smooth(2);
  assert.equal(smooth(NaN), NaN);
  assert.equal(smooth(Infinity), NaN);
  assert.equal(smooth(2), 2);
});

// Two variants, two seeds, losses of steps 1 to 4.
const losses = () =>
  filmOf(
    frame(0, {
      loss: [
        [[], []],
        [[], []],
      ],
    }),
    frame(2, {
      loss: [
        [
          [1, 2],
          [3, NaN],
        ],
        [
          [0, 0],
          [0, 0],
        ],
      ],
    }),
    frame(4, {
      loss: [
        [
          [5, 6],
          [7, 8],
        ],
        [
          [0, 0],
          [0, 0],
        ],
      ],
    }),
  );

test("a curve over steps: one point a step, seeds reduced, up to the playhead", () => {
  const reader = new Reader(losses(), 4);
  const y = (reduced) =>
    bound({ array: "loss", over: "steps", index: [0, ":", ":"], reduce: reduced });
  const x = bound({ of: "loss", over: "steps" });
  assert.deepEqual([...reader.read(x, 2)], [1, 2, 3, 4]);
  assert.deepEqual([...reader.read(y("mean"), 2)], [2, 2, 6, 7]);
  assert.deepEqual([...reader.read(y("low"), 2)], [1, 2, 5, 6]);
  assert.deepEqual([...reader.read(y("high"), 1)], [3, 2]);
  assert.deepEqual([...reader.read(y("mean"), 0)], []);
});

test("curves are smoothed seed by seed, then reduced", () => {
  const reader = new Reader(losses(), 4);
  const smooth = 0.5;
  const high = reader.read(
    bound({ array: "loss", over: "steps", index: [0, ":", ":"], smooth, reduce: "high" }),
    2,
  );
  const seed = smoother(0.5 * 4);
  const expected = [3, NaN, 7, 8].map((value) => seed(value));
  assert.deepEqual(
    [...high],
    [
      expected[0],
      reader.read(bound({ array: "loss", over: "steps", index: [0, 0, ":"], smooth }), 2)[1],
      ...expected.slice(2),
    ],
  );
});

test("long runs are thinned by step number, the same however frames arrive", () => {
  const frames = Array.from({ length: 401 }, (_, i) =>
    frame(5 * i, { loss: [[i ? [1, 2, 3, 4, 5].map((k) => 5 * (i - 1) + k) : []]] }),
  );
  const bind = bound({ array: "loss", over: "steps", index: [0, 0, ":"] });
  const whole = new Reader(filmOf(...frames), 2000).read(bind, 400);
  assert.ok(whole.length <= 800);
  assert.deepEqual([...whole.subarray(0, 3)], [1, 4, 7]);

  const film = new Film();
  const reader = new Reader(film, 2000);
  for (let at = 0; at < 401; at += 7) {
    film.append(at, frames.slice(at, at + 7));
    const now = reader.read(bind, film.length - 1);
    assert.deepEqual(
      [...now],
      [...whole.subarray(0, now.length)],
      "a curve never wobbles as it grows",
    );
  }
});

test("a curve over frames has a point for each frame that holds the array", () => {
  const film = filmOf(frame(0, { e: [[0.5, 0.3]] }), frame(10), frame(20, { e: [[NaN, 0.1]] }));
  const reader = new Reader(film, 20);
  const y = bound({ array: "e", over: "frames", index: [0, ":"], scale: 100 });
  const x = bound({ of: "e", over: "frames" });
  assert.deepEqual([...reader.read(x, 2)], [0, 20]);
  assert.ok(Math.abs(reader.read(y, 2)[0] - 40) < 1e-5);
  assert.ok(Math.abs(reader.read(y, 2)[1] - 10) < 1e-5);
  assert.deepEqual([...reader.read(x, 1)], [0]);
  assert.deepEqual([...reader.read(bound({ array: "none", over: "frames", index: [0] }), 2)], []);
});

test("now: the latest frame that holds the array, as a vector or as rows", () => {
  const film = filmOf(
    frame(0, {
      m: [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    }),
    frame(1),
    frame(2, {
      m: [
        [
          [5, 6],
          [7, 8],
        ],
      ],
    }),
  );
  const reader = new Reader(film, 2);
  const rows = bound({ array: "m", over: "now", index: [0, ":", ":"], scale: 10 });
  assert.deepEqual(
    reader.read(rows, 1).map((row) => [...row]),
    [
      [10, 20],
      [30, 40],
    ],
  );
  assert.deepEqual(
    [...reader.read(bound({ array: "m", over: "now", index: [0, 1, ":"] }), 2)],
    [7, 8],
  );
  assert.deepEqual([...reader.read(bound({ array: "gone", over: "now", index: [0] }), 2)], []);
});

test("a symlog axis gets asinh of the value", () => {
  const reader = new Reader(filmOf(frame(0, { a: [-10] })), 1);
  const [value] = reader.read(bound({ array: "a", over: "now", index: [":"], asinh: true }), 0);
  assert.equal(value, Math.asinh(-10));
});

test("extents hold all that is buffered, also after the playhead", () => {
  const film = filmOf(frame(0, { a: [[1, NaN]] }), frame(1, { a: [[-2, Infinity]] }));
  const reader = new Reader(film, 1);
  for (const over of ["now", "frames"]) {
    const bind = bound({ array: "a", over, index: [0, ":"] });
    reader.read(bind, 0);
    const { low, high, positive } = reader.extent(bind);
    assert.deepEqual([low, high, positive], [-2, 1, 1], over);
  }
  film.append(2, [frame(2, { a: [[9, 9]] })]);
  assert.equal(reader.extent(bound({ array: "a", over: "now", index: [0, ":"] })).high, 9);
});

test("an extent without a share leaves out the furthest values, and follows what comes", () => {
  const near = Array.from({ length: 36 }, (_, at) => at / 36);
  const bind = bound({ array: "a", over: "film", index: [0, ":"] });
  const film = filmOf(frame(0, { a: [[...near, -9, 70, NaN, Infinity]] }));
  const reader = new Reader(film, 1);
  const { low, high } = reader.extent(bind, 0.05);
  assert.deepEqual([low, high], [0, 1]);
  assert.deepEqual(reader.extent(bind, 0.01).high >= 70, true);
  film.append(1, [frame(1, { a: [near.map(() => 5)] })]);
  const later = reader.extent(bind, 0.05);
  assert.ok(later.low === 0 && later.high > 5 && later.high < 6);
  assert.ok(Number.isNaN(new Reader(filmOf(), 1).extent(bind, 0.05).low));
});

test("a picture over the film has a row for each entry and a place for each frame so far", () => {
  const film = filmOf(
    frame(0, { v: [[1, 10]] }),
    frame(1, { w: [1] }),
    frame(2, { v: [[100, 0]] }),
  );
  const reader = new Reader(film, 2);
  const bind = { array: "v", over: "film", index: [0, ":"], log: true, key: "k" };
  const rows = (at) => reader.read(bind, at).map((row) => [...row]);
  assert.deepEqual(rows(1), [[0], [1]]);
  assert.deepEqual(rows(2), [
    [0, 2],
    [1, -Infinity],
  ]);
  assert.deepEqual(new Reader(filmOf(), 2).read(bind, 0), []);
});

test("on a log axis one spike does not rule the smoothed curve", () => {
  const losses = [1e12, ...Array(60).fill(2)];
  const reader = new Reader(filmOf(frame(61, { loss: [losses] })), 61);
  const bind = { array: "loss", over: "steps", index: [0], smooth: 0.05 };
  const last = (more) => reader.read({ ...bind, ...more, key: JSON.stringify(more) }, 0).at(-1);
  assert.ok(last({ ratio: true }) < 3);
  assert.ok(last({ ratio: false }) > 100);
});

test("a loss of exactly 0 leaves no gap on a log axis, and counts in the smoothed line", () => {
  const losses = frame(4, { loss: [[1, 0, 0, 0]] });
  const film = filmOf(frame(0, { x: [0] }), losses);
  const bind = { array: "loss", over: "steps", index: [0, ":"], ratio: true };
  const read = (more) => [
    ...new Reader(film, 4).read({ ...bind, ...more, key: JSON.stringify(more) }, 1),
  ];
  const raw = read({ reduce: "mean" });
  assert.equal(raw.length, 4);
  raw.slice(1).forEach((value) => assert.ok(Math.abs(value / 2 ** -23 - 1) < 1e-9));
  const smoothed = read({ smooth: 1 });
  assert.ok(smoothed[3] < 0.01 && smoothed[3] > 2 ** -23);
});

test("the smoothed line on a log axis ends where the loss is no number", () => {
  const reader = new Reader(filmOf(frame(4, { loss: [[1, 2, NaN, NaN]] })), 4);
  const bind = { array: "loss", over: "steps", index: [0], ratio: true, smooth: 0.5, key: "loss" };
  assert.deepEqual([...reader.read(bind, 0)].map(Number.isNaN), [false, false, true, true]);
});

test("a curve has a gap where it starts anew", () => {
  const film = filmOf(...[0, 2, 4, 6].map((step) => frame(step, { error: [[step]] })));
  const reader = new Reader(film, 6);
  const read = (bind) => [...reader.read(bound({ over: "frames", breaks: [2], ...bind }), 3)];
  assert.deepEqual(read({ of: "error" }), [0, 2, NaN, 4, 6]);
  assert.deepEqual(read({ array: "error", index: [0, ":"] }), [0, 2, NaN, 4, 6]);
});

test("a binding of one frame shows that one, once the playhead has come to it", () => {
  const film = filmOf(frame(0), frame(1, { a: [1, 2] }), frame(2, { a: [3, 4] }));
  const reader = new Reader(film, 2);
  const of = (at) => bound({ array: "a", over: "now", index: [":"], frame: at });
  assert.deepEqual([...reader.read(of(1), 2)], [1, 2]);
  assert.deepEqual([...reader.read(of(2), 2)], [3, 4]);
  assert.deepEqual([...reader.read(of(2), 1)], []);
  assert.deepEqual(
    [1, 2].map((at) => reader.extent(of(at)).high),
    [2, 4],
  );
});
