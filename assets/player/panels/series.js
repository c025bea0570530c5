/**
 * From the frames of a film to the numbers of a curve.
 *
 * Curves over steps and over frames are kept as columns that only grow; the playhead takes a view
 * of their beginning, so that drawing costs no more than the points drawn.
 */

const MOST_POINTS = 800;
/** The width in which values are counted together: in powers of ten for maps, in % for errors. */
const BIN = 0.125;

/**
 * A binding with its variant and choices filled in (`bindings.js`).
 * @typedef {{
 *   array?: string, of?: string, over: "steps"|"frames"|"film"|"now", index: (number|":")[],
 *   reduce?: "mean"|"low"|"high"|"first"|number, smooth?: number, scale?: number, asinh?: boolean,
 *   log?: boolean, ratio?: boolean, breaks?: number[], frame?: number, key: string,
 * }} Bind
 */

/**
 * Where the entries that an index picks lie in a flat row-major array. Entries beyond an axis are
 * clamped, for a choice may be made for a deeper net; except on the variant axis, where the nearest
 * entry would be another variant's.
 * @param {number[]} shape
 * @param {(number|":")[]} index one entry an axis; ":" keeps the axis, and so does a missing entry
 * @returns {{kept: number[], offsets: number[]}} sizes of the kept axes; empty if there is nothing
 */
export function pick(shape, index) {
  let offsets = [0];
  const kept = [];
  shape.forEach((size, axis) => {
    const entry = index[axis] ?? ":";
    let chosen;
    if (entry === ":") {
      kept.push(size);
      chosen = Array.from({ length: size }, (_, i) => i);
    } else if (axis === 0) chosen = entry < size ? [entry] : [];
    else chosen = size ? [Math.min(entry, size - 1)] : [];
    offsets = offsets.flatMap((offset) => chosen.map((i) => offset * size + i));
  });
  return { kept, offsets };
}

/**
 * Reduce values to one. What is not finite is skipped; NaN if nothing is left.
 * @param {"mean"|"low"|"high"|"first"|number} kind a number is the place of the one to take
 * @param {ArrayLike<number>} values
 */
export function reduce(kind, values) {
  if (kind === "first") return values.length ? values[0] : NaN;
  if (typeof kind === "number") return values[kind] ?? NaN;
  let count = 0;
  let sum = 0;
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!Number.isFinite(value)) continue;
    count++;
    sum += value;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!count) return NaN;
  return { mean: sum / count, low, high }[kind];
}

/** What a loss of exactly 0 counts as on a log axis: the step of float32 at 1, which rounds it to 0. */
const LEAST = 2 ** -23;

/**
 * An exponential moving average, corrected for its empty start.
 * @param {number} span time constant, in steps; 0 does not smooth
 * @returns {(value: number) => number} NaN for what is not finite, which leaves no trace
 */
export function smoother(span) {
  const keep = span > 0 ? Math.exp(-1 / span) : 0;
  let sum = 0;
  let weight = 0;
  return (value) => {
    if (!Number.isFinite(value)) return NaN;
    sum = keep * sum + (1 - keep) * value;
    weight = keep * weight + (1 - keep);
    return sum / weight;
  };
}

/** The least and greatest finite value, and the least above zero (for log axes). */
export class Extent {
  low = Infinity;
  high = -Infinity;
  positive = Infinity;

  include(value) {
    if (!Number.isFinite(value)) return;
    if (value < this.low) this.low = value;
    if (value > this.high) this.high = value;
    if (value > 0 && value < this.positive) this.positive = value;
  }
}

/** How many values lie where, for a scale that a few far ones do not widen. */
class Crowd {
  #counts = new Map();
  #total = 0;

  include(value) {
    if (!Number.isFinite(value)) return;
    const bin = Math.floor(value / BIN);
    this.#counts.set(bin, (this.#counts.get(bin) ?? 0) + 1);
    this.#total++;
  }

  /**
   * The range of all values but a share of them at each end, to a bin.
   * @param {number} share
   */
  without(share) {
    const bins = [...this.#counts.keys()].sort((a, b) => a - b);
    const end = (order) => {
      let left = share * this.#total;
      return order.find((bin) => (left -= this.#counts.get(bin)) < 0) ?? NaN;
    };
    const low = end(bins) * BIN;
    return { low, high: (end(bins.reverse()) + 1) * BIN, positive: Math.max(low, BIN) };
  }
}

/** Values that only grow in number, with how many of them belong to each frame and those before. */
class Column {
  extent = new Extent();
  #crowd = new Crowd();
  #counted = 0;
  #values = new Float64Array(256);
  #length = 0;
  #ends = [];
  #sample;

  /** @param {(frame: import("../film.js").Frame, push: (value: number) => void) => void} sample */
  constructor(sample) {
    this.#sample = sample;
  }

  extend(frames) {
    const push = (value) => this.#push(value);
    for (const frame of frames.slice(this.#ends.length)) {
      this.#sample(frame, push);
      this.#ends.push(this.#length);
    }
  }

  /** The extent of all values but a share of them at each end. */
  without(share) {
    for (; this.#counted < this.#length; this.#counted++)
      this.#crowd.include(this.#values[this.#counted]);
    return this.#crowd.without(share);
  }

  upTo(frame) {
    return this.#values.subarray(0, this.#ends[frame] ?? 0);
  }

  #push(value) {
    if (this.#length === this.#values.length) {
      const grown = new Float64Array(2 * this.#length);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
    this.extent.include(value);
  }
}

/** Reads bindings from a film, keeping what it computed. */
export class Reader {
  #film;
  #steps;
  #every;
  #columns = new Map();
  #scans = new Map();
  #picks = new Map();

  /**
   * @param {import("../film.js").Film} film
   * @param {number} steps of the whole run: it fixes thinning and smoothing, so that a curve does
   *   not wobble as it grows
   */
  constructor(film, steps) {
    this.#film = film;
    this.#steps = steps;
    this.#every = Math.max(1, Math.ceil(steps / MOST_POINTS));
  }

  /**
   * The numbers of a binding at a moment: a vector, or rows for two kept axes.
   * @param {Bind} bind
   * @param {number} frame
   * @returns {Float64Array | Float64Array[]}
   */
  read(bind, frame) {
    if (bind.over === "film") return this.#rows(bind, frame);
    if (bind.over !== "now") return this.#column(bind).upTo(frame);
    const at = this.#film.latest(bind.array, Math.min(frame, bind.frame ?? frame));
    const isThere = at >= 0 && at === (bind.frame ?? at);
    return isThere ? this.#now(bind, this.#film.frames[at]) : new Float64Array();
  }

  /**
   * How many curves a binding reduces to one.
   * @param {Bind} bind of a curve over steps or frames
   */
  count({ array, over, index }) {
    const shape = this.#film.frames
      .find(({ arrays }) => arrays.has(array))
      ?.arrays.get(array).shape;
    if (!shape) return 0;
    return this.#pick(over === "steps" ? shape.slice(0, -1) : shape, index).offsets.length;
  }

  /**
   * The extent of all that is buffered of a binding, before and after the playhead; of one that has
   * chosen its frame, of that.
   * @param {Bind} bind
   * @param {number} [share] of the values of a map or curve that is left out at each end
   * @returns {Pick<Extent, "low"|"high"|"positive">}
   */
  extent(bind, share = 0) {
    if (bind.over !== "now") {
      const column = this.#column(bind);
      return share ? column.without(share) : column.extent;
    }
    if (!this.#scans.has(bind.key)) this.#scans.set(bind.key, { next: 0, extent: new Extent() });
    const scan = this.#scans.get(bind.key);
    for (; scan.next < this.#film.length; scan.next++) {
      const frame = this.#film.frames[scan.next];
      if (scan.next !== (bind.frame ?? scan.next)) continue;
      if (!frame.arrays.has(bind.array)) continue;
      for (const row of [this.#now(bind, frame)].flat()) row.forEach((v) => scan.extent.include(v));
    }
    return scan.extent;
  }

  #column(bind) {
    if (!this.#columns.has(bind.key)) {
      const samples = {
        steps: this.#sampleSteps,
        frames: (bind) => broken(this.#sampleFrames(bind), bind),
        film: this.#sampleAll,
      };
      this.#columns.set(bind.key, new Column(samples[bind.over].call(this, bind)));
    }
    const column = this.#columns.get(bind.key);
    column.extend(this.#film.frames);
    return column;
  }

  /** All picked entries of every frame: the columns of a picture over the film. */
  #sampleAll(bind) {
    const finish = finisher(bind);
    return (frame, push) => {
      const block = frame.arrays.get(bind.array);
      if (block)
        for (const at of this.#pick(block.shape, bind.index).offsets)
          push(finish(block.values[at]));
    };
  }

  /** One row for each picked entry, one place in it for each frame up to the playhead. */
  #rows(bind, frame) {
    const at = this.#film.latest(bind.array, frame);
    if (at < 0) return [];
    const height = this.#pick(this.#film.frames[at].arrays.get(bind.array).shape, bind.index)
      .offsets.length;
    const flat = this.#column(bind).upTo(frame);
    const width = flat.length / height;
    return Array.from({ length: height }, (_, row) =>
      Float64Array.from({ length: width }, (_, column) => flat[column * height + row]),
    );
  }

  #sampleFrames(bind) {
    if (bind.of) return (frame, push) => frame.arrays.has(bind.of) && push(frame.step);
    const finish = finisher(bind);
    return (frame, push) => {
      const block = frame.arrays.get(bind.array);
      if (!block) return;
      const { offsets } = this.#pick(block.shape, bind.index);
      push(
        finish(
          reduce(
            bind.reduce ?? "mean",
            offsets.map((at) => block.values[at]),
          ),
        ),
      );
    };
  }

  #sampleSteps(bind) {
    const finish = finisher(bind);
    const smoothers = [];
    return (frame, push) => {
      const block = frame.arrays.get(bind.array ?? bind.of);
      if (!block) return;
      const count = block.shape.at(-1);
      const { offsets: lanes } = this.#pick(block.shape.slice(0, -1), bind.index);
      const smoothed = new Float64Array(lanes.length);
      for (let k = 0; k < count; k++) {
        const step = frame.step - count + 1 + k;
        const drawn = (step - 1) % this.#every === 0;
        if (bind.of) {
          if (drawn) push(step);
          continue;
        }
        lanes.forEach((lane, i) => {
          smoothers[i] ??= smoother((bind.smooth ?? 0) * this.#steps);
          const value = block.values[lane * count + k];
          smoothed[i] = bind.ratio
            ? Math.exp(smoothers[i](Math.log(value === 0 ? LEAST : value)))
            : smoothers[i](value);
        });
        if (drawn) push(finish(reduce(bind.reduce ?? "mean", smoothed)));
      }
    };
  }

  #now(bind, frame) {
    const { shape, values } = frame.arrays.get(bind.array);
    const { kept, offsets } = this.#pick(shape, bind.index);
    const finish = finisher(bind);
    const flat = Float64Array.from(offsets, (at) => finish(values[at]));
    if (kept.length < 2) return flat;
    return Array.from({ length: kept[0] }, (_, row) =>
      flat.subarray(row * kept[1], (row + 1) * kept[1]),
    );
  }

  #pick(shape, index) {
    const key = `${shape}|${index}`;
    if (!this.#picks.has(key)) this.#picks.set(key, pick(shape, index));
    return this.#picks.get(key);
  }
}

/** A curve that starts anew after some steps: a gap comes first there. */
function broken(sample, { breaks = [] }) {
  let seen = 0;
  return (frame, push) => {
    const begun = breaks.filter((step) => frame.step > step).length;
    if (begun > seen) push(NaN);
    seen = begun;
    sample(frame, push);
  };
}

/** The last step of every binding: its scale, asinh for a symlog axis, or a decimal logarithm. */
function finisher({ scale = 1, asinh = false, log = false }) {
  if (log) return (value) => (value < 0 ? NaN : Math.log10(scale * value)); // 0: the least colour
  return asinh ? (value) => Math.asinh(scale * value) : (value) => scale * value;
}
