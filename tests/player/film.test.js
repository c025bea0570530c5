import assert from "node:assert/strict";
import { test } from "node:test";
import { Film, decodeFrames, decodeMessage } from "../../assets/player/film.js";
import { filmOf, frame } from "./fixtures.js";

// Written by ln_core.runs.frame.pack: frame 0 with uint8 (1, 5) and float32 (1, 2, 0), and step 2
// with uint8 (3,) and float32 (1, 2, 2).
const PACKED = Buffer.from(
  "a4000000980000007b2273746570223a302c22617272617973223a5b5b2270696374757265222c5b312c355d2c22" +
    "7531225d2c5b226c6f7373222c5b312c322c305d2c226634225d5d2c226e6f746573223a7b226661637473223a5b" +
    "7b22747261636b223a226c61796572222c226c6162656c223a2247725c75303066365c753030646665222c227661" +
    "6c7565223a223366613263316430227d5d7d7d20202001020304fa0000006c000000540000007b2273746570223a" +
    "322c22617272617973223a5b5b226f6464222c5b335d2c227531225d2c5b226c6f7373222c5b312c322c325d2c22" +
    "6634225d5d2c226e6f746573223a7b226361726473223a5b5d7d7d202020070809000000003f0000c07f0000c03f" +
    "0000807f",
  "hex",
);
const bytesOf = (buffer) =>
  buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.length);

test("frames written by Python are read, padding and all", () => {
  const [first, second] = decodeFrames(bytesOf(PACKED));
  assert.equal(first.step, 0);
  assert.deepEqual([...first.arrays.get("picture").values], [1, 2, 3, 4, 250]);
  assert.deepEqual(first.arrays.get("loss").shape, [1, 2, 0]);
  assert.equal(first.arrays.get("loss").values.length, 0);
  assert.equal(first.notes.facts[0].label, "Größe");
  assert.equal(second.step, 2);
  assert.deepEqual([...second.arrays.get("odd").values], [7, 8, 9]);
  assert.deepEqual([...second.arrays.get("loss").values], [0.5, NaN, 1.5, Infinity]);
});

test("a message is a status of any length, then frames", () => {
  for (const padding of ["", " ", "  ", "   "]) {
    const status = Buffer.from(`{"from":0,"state":"training","rate":12.5}${padding}`);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(status.length);
    const message = decodeMessage(bytesOf(Buffer.concat([size, status, PACKED])));
    assert.equal(message.status.rate, 12.5);
    assert.deepEqual(
      message.frames.map(({ step }) => step),
      [0, 2],
    );
  }
});

test("a message may carry no frames", () => {
  const message = decodeMessage(bytesOf(Buffer.from('\x0e\0\0\0{"state":"x"} ')));
  assert.deepEqual(message.frames, []);
});

test("a truncated film is an error, not a short film", () => {
  assert.throws(() => decodeFrames(bytesOf(PACKED.subarray(0, -4))), RangeError);
});

test("frames already held are ignored after a reconnect", () => {
  const film = filmOf(frame(0), frame(10));
  assert.ok(film.append(1, [frame(999), frame(20)]));
  assert.deepEqual(
    film.frames.map(({ step }) => step),
    [0, 10, 20],
  );
  assert.ok(film.append(0, [frame(0)]));
  assert.equal(film.length, 3);
});

test("a gap is refused and nothing is taken", () => {
  const film = filmOf(frame(0));
  assert.equal(film.append(2, [frame(20)]), false);
  assert.equal(film.length, 1);
  assert.ok(film.append(1, [frame(10), frame(20)]));
});

test("the latest frame that holds an array", () => {
  const film = filmOf(frame(0, { a: [1] }), frame(1), frame(2, { a: [2] }), frame(3));
  assert.deepEqual(
    [0, 1, 2, 3].map((index) => film.latest("a", index)),
    [0, 0, 2, 2],
  );
  assert.equal(film.latest("b", 3), -1);
  assert.equal(new Film().latest("a", 0), -1);
});

test("notes stay until the next ones", () => {
  const texts = [{ variant: "a", label: "Writes", value: "x" }];
  const film = filmOf({ step: 0, arrays: new Map(), notes: { texts } });
  film.append(1, [{ step: 1, arrays: new Map(), notes: { texts: [] } }]);
  assert.equal(film.noted("texts", 1).notes.texts, texts);
  assert.equal(film.noted("texts", 7).step, 0);
  assert.equal(film.noted("facts", 1), null);
  assert.equal(filmOf().noted("texts", 0), null);
});
