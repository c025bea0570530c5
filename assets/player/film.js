/**
 * The film of a run: reading the bytes of frames and holding them in order.
 * The format is that of `ln_core/runs/frame.py`.
 */

const TYPES = { f4: Float32Array, u1: Uint8Array };
const utf8 = new TextDecoder();

/**
 * @typedef {{shape: number[], values: Float32Array|Uint8Array}} Block
 * @typedef {{step: number, arrays: Map<string, Block>, notes: Object<string, any[]>}} Frame
 */

/**
 * Read the frames that stand one after the other. The arrays are views into `buffer`.
 * @param {ArrayBuffer} buffer
 * @returns {Frame[]}
 */
export function decodeFrames(buffer) {
  const view = new DataView(buffer);
  const frames = [];
  for (let at = 0; at < buffer.byteLength; at += 4 + view.getUint32(at, true)) {
    const headSize = view.getUint32(at + 4, true);
    const head = JSON.parse(utf8.decode(new Uint8Array(buffer, at + 8, headSize)));
    let block = at + 8 + headSize;
    const arrays = new Map();
    for (const [name, shape, kind] of head.arrays) {
      const count = shape.reduce((product, size) => product * size, 1);
      const values = new TYPES[kind](buffer, block, count);
      arrays.set(name, { shape, values });
      block += Math.ceil(values.byteLength / 4) * 4; // every array is padded to a multiple of 4
    }
    frames.push({ step: head.step, arrays, notes: head.notes });
  }
  return frames;
}

/**
 * Read one message of the stream: a status, then frames.
 * @param {ArrayBuffer} buffer
 * @returns {{status: {from: number, state: string, error?: string, rate?: number}, frames: Frame[]}}
 */
export function decodeMessage(buffer) {
  const size = new DataView(buffer).getUint32(0, true);
  const status = JSON.parse(utf8.decode(new Uint8Array(buffer, 4, size)));
  // A copy, because the status may end anywhere and Float32Array wants a multiple of 4.
  return { status, frames: decodeFrames(buffer.slice(4 + size)) };
}

/** The frames held so far: 0, 1, 2, ... without gaps. */
export class Film {
  /** @type {Frame[]} */
  frames = [];
  /** For each array, the indices of the frames that hold it. */
  #holders = new Map();

  get length() {
    return this.frames.length;
  }

  /**
   * Take in frames `from`, `from + 1`, ...; those already held are ignored.
   * @param {number} from
   * @param {Frame[]} frames
   * @returns {boolean} false, and nothing is taken, if frames between are missing
   */
  append(from, frames) {
    if (from > this.length) return false;
    for (const frame of frames.slice(this.length - from)) {
      for (const name of frame.arrays.keys()) {
        if (!this.#holders.has(name)) this.#holders.set(name, []);
        this.#holders.get(name).push(this.length);
      }
      this.frames.push(frame);
    }
    return true;
  }

  /**
   * The index of the latest frame at or before `index` that holds an array, or -1.
   * @param {string} name
   * @param {number} index
   */
  latest(name, index) {
    const holders = this.#holders.get(name) ?? [];
    return holders[countUpTo(holders, index, (held) => held) - 1] ?? -1;
  }

  /** The latest frame at or before `index` whose notes have something by a name, or null. */
  noted(name, index) {
    for (let at = Math.min(index, this.length - 1); at >= 0; at--)
      if (this.frames[at].notes[name]?.length) return this.frames[at];
    return null;
  }

  /** The index of the latest frame at or before a step, or 0. */
  at(step) {
    return Math.max(0, countUpTo(this.frames, step, (frame) => frame.step) - 1);
  }
}

/** How many of some things that grow are not beyond a limit. */
function countUpTo(things, limit, sizeOf) {
  let low = 0;
  let high = things.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sizeOf(things[middle]) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
