import assert from "node:assert/strict";
import { test } from "node:test";
import { Forecast, clock } from "../../assets/player/forecast.js";

test("what is left takes as long as what has come, and less as time goes by", () => {
  const forecast = new Forecast();
  assert.equal(forecast.left(1, 7, true, 1000), null);
  assert.equal(forecast.left(1, 7, true, 2000), null, "nothing has come yet");
  assert.equal(forecast.left(3, 7, true, 5000), 8, "two in four seconds, four to go");
  assert.equal(forecast.left(3, 7, true, 6000), 7);
  assert.equal(forecast.left(3, 7, true, 60_000), 0);
});

test("after a pause, or with another film, it is watched anew", () => {
  const forecast = new Forecast();
  forecast.left(1, 7, true, 0);
  assert.equal(forecast.left(2, 7, true, 1000), 5);
  assert.equal(forecast.left(2, 7, false, 2000), null);
  assert.equal(forecast.left(2, 7, true, 90_000), null);
  assert.equal(forecast.left(3, 7, true, 91_000), 4);
  assert.equal(forecast.left(1, 7, true, 92_000), null);
});

test("seconds read as on a clock", () => {
  assert.deepEqual([0, 6.2, 60, 750].map(clock), ["0:00", "0:07", "1:00", "12:30"]);
});
