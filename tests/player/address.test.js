import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import {
  Address,
  isAt,
  readSearch,
  replacing,
  sameQuery,
  writeSearch,
} from "../../assets/player/address.js";

/** A browser's address, and the steps of its Back button. */
function browse(pathname, search = "") {
  globalThis.location = { pathname, search, hash: "" };
  const steps = [];
  const go = (url) => Object.assign(location, { search: url.slice(url.indexOf("?")) });
  const step = (kind) => (_state, _title, url) => {
    steps.push(kind);
    go(url);
  };
  globalThis.history = {
    state: null,
    pushState: step("push"),
    replaceState: step("replace"),
  };
  return steps;
}
let now = 0;
beforeEach(() => {
  now = 0;
  mock.restoreAll();
  mock.method(performance, "now", () => now);
});

test("a query is read without the marks that others leave, Streamlit's own are kept", () => {
  const { query, kept } = readSearch("?a=1,2&fbclid=x&utm_source=y&gclid=z&embed=true&b=3");
  assert.deepEqual(query, { a: "1,2", b: "3" });
  assert.deepEqual(kept, [["embed", "true"]]);
  assert.equal(writeSearch(query, kept), "?a=1,2&b=3&embed=true");
});

test("the controls of an exercise stay in the address and are no setting", () => {
  const { query, kept, controls } = readSearch("?a=1&controls=batch_size,preset");
  assert.deepEqual([query, controls], [{ a: "1" }, ["batch_size", "preset"]]);
  assert.equal(writeSearch(query, kept), "?a=1&controls=batch_size,preset");
  assert.equal(readSearch("?a=1").controls, null);
});

test("the text of changes in mid-run stays readable", () => {
  const changes = "400:batch_size:2,600:learning_rate:0.01";
  assert.equal(writeSearch({ changes }), `?changes=${changes}`);
  assert.deepEqual(readSearch(`?changes=${changes}`).query, { changes });
});

test("a page knows its own path below any prefix", () => {
  for (const path of ["/mlp", "/mlp/", "/lab/mlp", "/user/x/proxy/8501/mlp"])
    assert.ok(isAt(path, "mlp"), path);
  for (const path of ["/", "/rnn", "/mlp/x", "/xmlp"]) assert.ok(!isAt(path, "mlp"), path);
});

test("queries are the same whatever the order of their fields", () => {
  assert.ok(sameQuery({ a: "1", b: "2" }, { b: "2", a: "1" }));
  assert.ok(!sameQuery({ a: "1" }, { a: "1", b: "2" }));
  assert.ok(!sameQuery({ a: "1" }, { a: "2" }));
});

test("a query that takes another's place leaves nothing of it", () => {
  const old = { a: "1", changes: "400:batch_size:2" };
  assert.deepEqual(replacing(old, { a: "2" }), { a: "2", changes: "" });
  assert.ok(sameQuery({ ...old, ...replacing(old, { a: "1" }) }, { a: "1" }));
});

test("completing what a link says is no step of Back", () => {
  const steps = browse("/mlp");
  const address = new Address("mlp");
  assert.deepEqual(address.read()?.query, {});
  address.write({ a: "1" });
  assert.deepEqual([steps, location.search], [["replace"], "?a=1"]);
  assert.equal(address.read(), null); // nobody else has written it
});

test("a gesture is one step of Back, however long it goes on", () => {
  const steps = browse("/mlp", "?a=1");
  const address = new Address("mlp");
  address.read();
  for (const a of [2, 3, 4]) {
    address.note("a");
    address.write({ a: String(a) });
    now += 300;
  }
  assert.deepEqual(steps, ["push", "replace", "replace"]);
  now += 1000;
  address.note("a");
  address.write({ a: "5" });
  address.note("b");
  address.write({ a: "5", b: "1" });
  address.note(null);
  address.write({ a: "6", b: "1" });
  address.note(null);
  address.write({ a: "7", b: "1" });
  assert.deepEqual(steps.slice(3), ["push", "push", "push", "push"]);
});

test("a gesture that was answered with others is a step all the same", () => {
  const steps = browse("/mlp", "?a=1");
  const address = new Address("mlp");
  address.read();
  address.note(null);
  address.note("a");
  address.note("a");
  address.write({ a: "2" });
  assert.deepEqual(steps, ["push"]);
});

test("what Back brings is read, and is no step of its own", () => {
  const steps = browse("/mlp", "?a=1");
  const address = new Address("mlp");
  address.read();
  address.note(null); // whose answer is to come when someone goes back
  location.search = "?a=0";
  assert.deepEqual(address.read()?.query, { a: "0" });
  address.write({ a: "0", b: "1" });
  assert.deepEqual(steps, ["replace"]);
});

test("under another page's path nothing is read or written", () => {
  const steps = browse("/rnn", "?b=1");
  const address = new Address("mlp");
  assert.equal(address.read(), null);
  address.note(null);
  address.write({ a: "1" });
  assert.deepEqual([steps, location.search], [[], "?b=1"]);
});

test("in another page's frame no gesture is a step of that page's Back", () => {
  const steps = browse("/mlp", "?a=1");
  const address = new Address("mlp");
  address.read();
  globalThis.top = {};
  try {
    address.note(null);
    address.write({ a: "2" });
  } finally {
    delete globalThis.top;
  }
  assert.deepEqual([steps, location.search], [["replace"], "?a=2"]);
});
