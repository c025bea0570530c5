import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

let stored;
const storage = {
  getItem: (name) => stored[name] ?? null,
  setItem: (name, text) => (stored[name] = text),
};
let loads = 0;
/** The module as a page that was just loaded has it. */
const load = () => import(`../../assets/player/answers.js?${++loads}`);

beforeEach(() => {
  stored = {};
  globalThis.localStorage = storage;
});

test("an answer is kept for the next visit, and may be asked for again", async () => {
  const { answerOf, keepAnswer, SHOWN } = await load();
  assert.equal(answerOf("first.1"), null);
  keepAnswer("first.1", 2);
  keepAnswer("first.2", SHOWN);
  const later = await load();
  assert.equal(later.answerOf("first.1"), 2);
  assert.equal(later.answerOf("first.2"), SHOWN);
  later.keepAnswer("first.1", null);
  assert.equal((await load()).answerOf("first.1"), null);
});

test("a browser that keeps nothing knows the answers until the page is left", async () => {
  const refuse = () => {
    throw new Error("refused");
  };
  globalThis.localStorage = { getItem: refuse, setItem: refuse };
  const { answerOf, keepAnswer } = await load();
  keepAnswer("first.1", 0);
  assert.equal(answerOf("first.1"), 0);
  assert.equal((await load()).answerOf("first.1"), null);
});

test("what others have written there is no answer", async () => {
  for (const text of ["{", "null", "7", '{"first.1": "x"}', '{"first.1": 0.5}']) {
    stored = { "lnl-answers": text };
    assert.equal((await load()).answerOf("first.1"), null, text);
  }
});
