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

/** Ten seconds of a leader that is heard of twice a second and late, and of who pursues it. */
function pursue({ speed, ticks, late, ahead }) {
  const leader = playing(100_000, 100_000);
  const follower = playing(100_000, 100_000);
  leader.speed = follower.speed = speed;
  leader.seek(1000);
  follower.seek(1000 - ahead * 15 * speed);
  const apart = [];
  let heard = null;
  for (let now = 0, at = 0; now < 10_000; now += ticks[at++ % ticks.length]) {
    const tick = ticks[at % ticks.length];
    leader.advance(tick);
    if (heard && now >= heard.due) {
      follower.pursue(heard.frame);
      heard = null;
    }
    if (now % 500 < tick) heard = { frame: leader.frame, due: now + late };
    const before = follower.frame;
    follower.advance(tick);
    apart.push({
      seconds: (leader.frame - follower.frame) / 15 / speed,
      back: before > follower.frame,
    });
  }
  return apart;
}

test("a pursuer comes and stays within 0.3 s of its leader, without going back", () => {
  for (const speed of [0.25, 1, 8])
    for (const ticks of [[16], [100, 30], [240]])
      for (const ahead of [-0.8, -0.3, 0, 0.9]) {
        const apart = pursue({ speed, ticks, late: 60, ahead });
        assert.ok(!apart.some(({ back }) => back));
        const later = apart.slice(Math.floor(apart.length * 0.4));
        for (const { seconds } of later) assert.ok(Math.abs(seconds) < 0.3, `${seconds}`);
      }
});

test("who is far off, or paused, jumps; an own seek or a pause ends the pursuit", () => {
  const playback = playing(100, 100);
  playback.pursue(60);
  assert.equal(playback.frame, 60);
  playback.pause();
  playback.pursue(62);
  assert.deepEqual([playback.frame, playback.playing], [62, true]);
  playback.pursue(70); // half a second ahead: hurry
  playback.advance(200);
  assert.equal(playback.frame, 66);
  playback.seek(0);
  playback.advance(200);
  assert.equal(playback.frame, 3); // at its own pace again
});

test("a leader who is ahead of what is held is met as soon as it is", () => {
  const playback = playing(100, 10);
  playback.pursue(40);
  assert.deepEqual([playback.frame, playback.arriving], [9, 40]);
  playback.hold(50);
  assert.deepEqual([playback.frame, playback.playing], [40, true]);
});
