import assert from "node:assert/strict";
import { test } from "node:test";
import { idle, next } from "../../assets/player/connection.js";

/** Feed events; give the commands and the last state. */
function run(mode, ...events) {
  let state = idle(mode);
  const commands = events.map((event) => {
    const [after, command] = next(state, typeof event === "string" ? { type: event } : event);
    state = after;
    return command.type === "wait" ? command.ms : command.type;
  });
  return { commands, state };
}
const more = { type: "message", last: false };
const last = { type: "message", last: true };

test("a socket that lives: connect, ask, listen, and ask for something else", () => {
  const { commands, state } = run("socket", "begin", "ask", "opened", more, last, "ask", more);
  assert.deepEqual(commands, ["connect", "nothing", "ask", "nothing", "nothing", "ask", "nothing"]);
  assert.equal(state.phase, "open");
});

test("a lost socket is retried forever, more and more patiently", () => {
  const loss = ["lost", "due"];
  const { commands, state } = run("socket", "begin", "opened", more, ...Array(7).fill(loss).flat());
  assert.deepEqual(
    commands.slice(3).filter((c) => c !== "connect"),
    [500, 1000, 2000, 4000, 5000, 5000, 5000],
  );
  assert.equal(state.mode, "socket");
});

test("a message makes the next retry quick again; opening alone does not", () => {
  const { commands } = run(
    "socket",
    "begin",
    "opened",
    more,
    "lost",
    "due",
    "opened",
    "lost",
    "due",
    "opened",
    more,
    "lost",
  );
  assert.deepEqual(commands.filter(Number.isFinite), [500, 1000, 500]);
});

test("two failures before ever opening: poll instead", () => {
  const { commands, state } = run(
    "socket",
    "begin",
    "lost",
    "due",
    "lost",
    more,
    "due",
    more,
    "due",
    last,
    "ask",
  );
  assert.deepEqual(commands, [
    "connect",
    500,
    "connect",
    "fetch",
    150,
    "fetch",
    150,
    "fetch",
    "nothing",
    "fetch",
  ]);
  assert.equal(state.mode, "poll");
});

test("a socket that once opened never turns to polling", () => {
  const { state } = run("socket", "begin", "opened", "lost", "due", "lost", "due", "lost");
  assert.equal(state.mode, "socket");
});

test("while the line is lost nothing is asked; it will be once it is back", () => {
  assert.deepEqual(
    run("socket", "begin", "opened", "lost", "ask", "due", "ask", "opened").commands.slice(2),
    [500, "nothing", "connect", "nothing", "ask"],
  );
  const polling = ["begin", "lost", "due", "lost"];
  assert.equal(run("socket", ...polling, "lost", "ask").commands.at(-1), "nothing");
});

test("polling counts as connected between polls, and backs off when it fails", () => {
  const polling = ["begin", "lost", "due", "lost"];
  assert.equal(run("socket", ...polling, more, "due").state.phase, "open");
  const { commands, state } = run("socket", ...polling, more, "due", "lost", "due", "lost");
  assert.deepEqual(commands.slice(4), [150, "fetch", 500, "fetch", 1000]);
  assert.equal(state.phase, "lost");
});

test("a film is fetched once, again only if that fails", () => {
  assert.deepEqual(run("film", "begin", "lost", "due", last, "due").commands, [
    "fetch",
    500,
    "fetch",
    "hangUp",
    "nothing",
  ]);
});
