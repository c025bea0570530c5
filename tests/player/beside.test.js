import assert from "node:assert/strict";
import { test } from "node:test";
import {
  among,
  beneath,
  isComparable,
  isPicture,
  lighter,
  second,
  withAxesOf,
} from "../../assets/player/panels/beside.js";
import { fill, momentKey, readsOf, recipes } from "../../assets/player/panels/bindings.js";
import { filmOf, frame, seen, theme, variant } from "./fixtures.js";

const scene = {
  variants: [variant("a", "#ff0000"), variant("b", "#0000ff")],
  shown: [true, false],
  choices: {},
};
const y = { array: "v", over: "frames", index: ["variant"] };
const line = { mode: "lines", line: { color: "@variant", dash: "@dash", width: 2 } };
const trace = (of, style, more = {}) => ({
  variant: of,
  type: "scatter",
  style,
  x: { over: "frames", of: "v" },
  y,
  ...more,
});
const curve = (more = {}) => ({
  x: { title: "step", range: [0, 100] },
  y: { title: "loss", log: true, range: [0.1, 10] },
  traces: [trace(0, line), trace(1, line)],
  ...more,
});

test("a pinned run's curves are thin and light, keep their dashes and say what they are", () => {
  const [only, ...others] = beneath({ spec: lighter(curve()), scene }, theme, null);
  assert.deepEqual(others, [], "b is hidden");
  const { name, line: drawn, isPinned, mode } = only.template;
  assert.deepEqual([name, isPinned, mode], ["A, pinned", true, "lines"]);
  assert.equal(drawn.color, "rgba(255, 0, 0, 0.60)");
  assert.equal(drawn.dash, "dot");
  assert.ok(drawn.width < line.line.width);
});

test("noise behind a curve, the edges of a band and what they fill are not drawn twice", () => {
  const raw = { mode: "lines", line: { color: "@variant/0.22", width: 1 } };
  const edge = { mode: "lines", line: { width: 0 }, fill: "tonexty" };
  const filled = { ...line, fill: "tozeroy", fillcolor: "@variant/0.2" };
  const traces = [raw, edge, filled].map((style) => trace(0, style));
  const made = beneath({ spec: lighter(curve({ traces })), scene }, theme, null);
  assert.equal(made.length, 1);
  assert.equal(made[0].template.fill, undefined);
});

test("pinned curves lie above the noise behind the others, and below these", () => {
  const raw = { mode: "lines", line: { color: "@variant/0.22", width: 1 }, hoverinfo: "skip" };
  const own = recipes(curve({ traces: [trace(0, raw), trace(0, line)] }), scene, theme, null);
  const pinned = beneath({ spec: lighter(curve()), scene }, theme, null);
  const kinds = (made) => made.map(({ template }) => template.isPinned ?? template.line.width);
  assert.deepEqual(kinds(among(own, pinned)), [1, true, 2]);
  assert.deepEqual(kinds(among(own.slice(1), pinned)), [true, 2]);
  assert.deepEqual(among(own, []), own);
});

test("a pinned run's dots are open, and a small multiple has those of its own variant", () => {
  const marker = { color: "@variant/0.5", symbol: "@symbol", size: 5 };
  const spec = lighter(curve({ traces: [trace("panel", { mode: "markers", marker })] }));
  const [made] = beneath({ spec, scene: { ...scene, shown: [true, true] } }, theme, "b");
  assert.equal(made.template.marker.symbol, "square-open");
  assert.equal(made.template.marker.color, "rgba(0, 0, 255, 0.30)");
  assert.deepEqual(beneath({ spec, scene }, theme, "c"), [], "it has not taken part");
});

test("a pinned curve is whole, and a picture of a moment is that of the same step", () => {
  const now = { ...y, over: "now", index: ["variant", ":"] };
  const spec = lighter(curve({ traces: [trace(0, line), trace(0, line, { x: [1, 2], y: now })] }));
  const made = beneath({ spec, scene }, theme, null);
  const film = filmOf(...[1, 2, 3].map((value, at) => frame(10 * at, { v: [[value, -value]] })));
  const pinned = seen(film, film.at(15), 2);
  const [whole, moment] = made.map((recipe) => fill(recipe, { pinned }));
  assert.deepEqual([...whole.x], [0, 10, 20]);
  assert.deepEqual([...moment.y], [2, -2]);
  const key = (at, end) => momentKey(readsOf(made), { pinned: seen(film, at, end) });
  assert.notEqual(key(0, 1), key(0, 2), "its film has grown");
});

test("common axes hold both runs, with the ticks of the longer one", () => {
  const own = curve({ x: { title: "step", range: [0, 100], ticks: [[0, "0"]] } });
  const other = curve({ x: { title: "step", range: [0, 400], ticks: [[400, "400"]] } });
  const { x } = withAxesOf(own, other);
  assert.deepEqual(x, { title: "step", range: [0, 400], ticks: [[400, "400"]] });
  assert.deepEqual(withAxesOf(other, own).x, x);
  const down = { ...own, y: { range: [8, -1] } };
  assert.deepEqual(withAxesOf(down, { ...own, y: { range: [5, -1] } }).y.range, [8, -1]);
});

test("what measures something else, or on another scale, is not compared", () => {
  assert.ok(isComparable(curve(), curve({ x: { title: "step", range: [0, 7] } })));
  assert.ok(!isComparable(curve(), curve({ y: { title: "error", log: true } })));
  assert.ok(!isComparable(curve(), curve({ y: { title: "loss", range: [0, 1] } })));
  assert.ok(!isComparable(curve({ kind: "grid" }), curve({ kind: "grid" })));
});

test("maps and bars have a second picture, below an axis that both share", () => {
  assert.ok(!isPicture(curve()));
  for (const type of ["heatmap", "bar"]) assert.ok(isPicture({ traces: [{ type }] }));
  const below = second(curve());
  assert.ok(below.x.hidden);
  assert.deepEqual(below.y.ticks, []);
  const square = { ...curve(), x: { hidden: true, square: true } };
  assert.equal(second(square), square);
  const image = { type: "heatmap", style: { once: true } }; // the same in every run
  const words = { style: { mode: "text" } };
  const lower = second({ ...square, traces: [image, words] });
  assert.deepEqual(lower.traces, [words]);
  assert.ok(!lower.x.square);
});
