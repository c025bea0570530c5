/** How long a training will take yet, by how fast its frames have come while this page was watching. */

export class Forecast {
  /** @type {{frames: number, at: number}|null} when it was seen first */
  #from = null;
  /** @type {{frames: number, at: number}|null} when frames have come last */
  #last = null;

  /**
   * @param {number} frames that are here
   * @param {number} total of the whole film
   * @param {boolean} trains whether more are on the way
   * @param {number} now milliseconds of any clock
   * @returns {number|null} seconds; null: nothing can be said
   */
  left(frames, total, trains, now) {
    if (!trains || !this.#last || frames < this.#last.frames) {
      this.#from = this.#last = trains ? { frames, at: now } : null;
      return null;
    }
    if (frames > this.#last.frames) this.#last = { frames, at: now };
    const gained = this.#last.frames - this.#from.frames;
    if (!gained) return null;
    const each = (this.#last.at - this.#from.at) / gained;
    return Math.max(0, (total - frames) * each - (now - this.#last.at)) / 1000;
  }
}

/** @param {number} seconds @returns {string} such as "0:07" or "12:30" */
export function clock(seconds) {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
