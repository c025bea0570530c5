import assert from "node:assert/strict";
import { test } from "node:test";
import { Playback } from "../../assets/player/playback.js";

function playing(total, buffered) {
  const playback = Object.assign(new Playback(total), { buffered });
  playback.play();
  return playback;
}

test("speed 1 is 15 frames a second", () => {
  const playback = playing(100, 100);
  for (let i = 0; i < 40; i++) playback.advance(50);
  assert.equal(playback.frame, 30);
  playback.speed = 0.5;
  for (let i = 0; i < 40; i++) playback.advance(50);
  assert.equal(playback.frame, 45);
});

test("the playhead waits at the buffered edge and goes on", () => {
  const playback = playing(100, 3);
  for (let i = 0; i < 10; i++) playback.advance(100);
  assert.equal(playback.frame, 2);
  assert.ok(playback.waiting && playback.playing);
  playback.buffered = 10;
  assert.ok(!playback.waiting);
  playback.advance(100);
  assert.equal(playback.frame, 3);
});

test("nothing held yet: frame 0, waiting", () => {
  const playback = playing(100, 0);
  playback.advance(100);
  assert.equal(playback.frame, 0);
  assert.ok(playback.waiting);
});

test("it pauses at the end, and plays over again", () => {
  const playback = playing(3, 3);
  for (let i = 0; i < 5; i++) playback.advance(100);
  assert.equal(playback.frame, 2);
  assert.ok(!playback.playing && playback.atEnd);
  playback.play();
  assert.equal(playback.frame, 0);
});

test("a run that stopped early ends where its frames do", () => {
  const playback = playing(100, 5);
  playback.complete = true;
  for (let i = 0; i < 10; i++) playback.advance(100);
  assert.equal(playback.frame, 4);
  assert.ok(!playback.playing);
});

test("stepping pauses and stays within what is held", () => {
  const playback = playing(10, 4);
  playback.seek(2);
  playback.step(1);
  assert.deepEqual([playback.frame, playback.playing], [3, false]);
  playback.step(1);
  assert.equal(playback.frame, 3);
  playback.seek(0);
  playback.step(-1);
  assert.equal(playback.frame, 0);
  playback.seek(Infinity);
  assert.equal(playback.frame, 3);
});

test("a tab that was hidden does not leap", () => {
  const playback = playing(1000, 1000);
  playback.advance(60_000);
  assert.ok(playback.frame < 5);
});
