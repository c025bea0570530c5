import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Shows } from "../../assets/player/shows.js";

const DEFAULT = { a: "1", b: "1", c: "1" };

/** A page whose first query was shown; `sent` is what it asked for since. */
function page() {
  const sent = [];
  const shows = new Shows(DEFAULT, () => sent.push(shows.asking(0)));
  shows.open(DEFAULT);
  accept(shows, sent.at(-1));
  shows.arrived();
  sent.length = 0;
  return { shows, sent };
}
const accept = (shows, { id, show }) => shows.take({ id, state: "training", query: show });
const refuse = (shows, { id }, ...fields) =>
  shows.take({ id, state: "refused", problems: [{ fields }] });
const change = (fields) => ({ fields, at: "control" });

test("a page asks for what its address says, and lets the server mend it", () => {
  const sent = [];
  const shows = new Shows(DEFAULT, () => sent.push(shows.asking(0)));
  shows.open({ a: "nonsense" });
  assert.deepEqual(sent, [{ show: { a: "nonsense" }, from: 0, strict: false, id: 1 }]);
  assert.deepEqual(shows.take({ id: 1, state: "queued", query: DEFAULT }), { accepted: true });
  assert.deepEqual(shows.query, DEFAULT);
});

test("a gesture made before a link is answered changes the link's query", () => {
  const clock = mock.method(performance, "now", () => 1000);
  mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  const shows = new Shows(DEFAULT, () => sent.push(shows.asking(0)));
  shows.open({ a: "7" });
  clock.mock.mockImplementation(() => 9000); // a slow server
  assert.deepEqual(shows.query, { a: "7", b: "1", c: "1" });
  shows.want(change({ b: "2" }));
  assert.deepEqual(shows.query, { a: "7", b: "2", c: "1" });
  mock.timers.tick(8000);
  assert.equal(sent.length, 1);
  shows.take({ id: 1, state: "queued", query: { ...DEFAULT, a: "7" } });
  mock.timers.tick(500);
  assert.deepEqual(sent[1].show, { a: "7", b: "2", c: "1" });
  clock.mock.restore();
  mock.timers.reset();
});

test("what a link names and a preset sets to nothing is not asked for", () => {
  const { shows, sent } = page();
  shows.open({ a: "7", unknown: "1" });
  shows.want(change({ a: "2", unknown: "" }));
  shows.take({ id: 2, state: "queued", query: { ...DEFAULT, a: "7" } });
  shows.arrived();
  assert.deepEqual(sent.at(-1).show, { ...DEFAULT, a: "2" });
});

test("a gesture is asked for at once and as it is", () => {
  const { shows, sent } = page();
  shows.want(change({ a: "2" }));
  assert.deepEqual([sent[0].show, sent[0].strict], [{ ...DEFAULT, a: "2" }, true]);
  assert.ok(shows.isOpen);
});

test("while a picture is awaited the latest is remembered, with all that was changed before", () => {
  const { shows, sent } = page();
  for (const fields of [{ a: "2" }, { a: "3" }, { b: "2" }, { a: "4" }]) shows.want(change(fields));
  assert.equal(sent.length, 1);
  accept(shows, sent[0]);
  assert.equal(sent.length, 1); // its picture is not there yet
  shows.arrived();
  assert.equal(sent.length, 2);
  assert.deepEqual(sent[1].show, { a: "4", b: "2", c: "1" });
  accept(shows, sent[1]);
  shows.arrived();
  assert.ok(!shows.isOpen);
});

test("the server's own writing is taken over unless a newer gesture was made", () => {
  const { shows, sent } = page();
  shows.want(change({ a: "2.0", b: "5" }));
  shows.want(change({ b: "6" }));
  shows.take({ id: sent[0].id, state: "done", query: { ...DEFAULT, a: "2", b: "5" } });
  assert.deepEqual(shows.query, { a: "2", b: "6", c: "1" });
});

test("what was refused is given up, and what others changed meanwhile is asked for", () => {
  const { shows, sent } = page();
  shows.want(change({ a: "2" }));
  for (const fields of [{ b: "bad" }, { c: "3" }]) shows.want(change(fields));
  accept(shows, sent[0]);
  shows.arrived();
  assert.deepEqual(sent[1].show, { a: "2", b: "bad", c: "3" });
  assert.deepEqual(refuse(shows, sent[1], "b"), { refused: change({ b: "bad" }) });
  assert.deepEqual(sent[2].show, { a: "2", b: "1", c: "3" });
});

test("of changes that cannot be together the last is given up", () => {
  const { shows, sent } = page();
  shows.want(change({ c: "2" }));
  shows.want(change({ a: "9" }));
  shows.want(change({ b: "9" }));
  accept(shows, sent[0]);
  shows.arrived();
  assert.deepEqual(refuse(shows, sent[1], "a", "b").refused, change({ b: "9" }));
  assert.deepEqual(sent[2].show, { a: "9", b: "1", c: "2" });
});

test("what goes on with what is shown is taken, answers to what was wanted before are not", () => {
  const { shows, sent } = page();
  const present = shows.id;
  shows.want(change({ a: "2" }));
  assert.deepEqual(shows.take({ id: present, state: "training" }), {});
  shows.open({ b: "7" }); // as by Back
  assert.equal(accept(shows, sent[0]), null);
  assert.deepEqual(sent[1].show, { b: "7" });
  assert.ok(accept(shows, sent[1]).accepted);
});

test("a new connection asks for what is not answered, or for the rest of what is shown", () => {
  const { shows, sent } = page();
  assert.deepEqual(shows.asking(5), { show: DEFAULT, from: 5, strict: false, id: shows.id });
  shows.want(change({ a: "2" }));
  assert.deepEqual(shows.asking(5), sent[0]);
});

test("a picture that is slow to come does not hold up the next for long", () => {
  const clock = mock.method(performance, "now", () => 1000);
  const { shows, sent } = page();
  mock.timers.enable({ apis: ["setTimeout"] });
  shows.want(change({ a: "2" }));
  accept(shows, sent[0]);
  shows.want(change({ a: "3" }));
  assert.equal(sent.length, 1);
  clock.mock.mockImplementation(() => 1500);
  mock.timers.tick(500);
  assert.equal(sent[1].show.a, "3");
  clock.mock.restore();
  mock.timers.reset();
});

test("what is asked is what the server answers next, and then what it has answered", () => {
  const { shows, sent } = page();
  assert.deepEqual(shows.asked, DEFAULT);
  shows.open({ a: "5" });
  assert.deepEqual([shows.asked, shows.query], [{ a: "5" }, { ...DEFAULT, a: "5" }]);
  accept(shows, sent[0]);
  assert.deepEqual(shows.asked, shows.query);
});
