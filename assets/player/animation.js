/** Animation frames, as long as there is something to draw. */

export class Animation {
  #tick;
  #frame = 0;
  #last = 0;
  #isTicking = false;

  /** @param {(elapsed: number) => void} tick is told of the milliseconds since the one before */
  constructor(tick) {
    this.#tick = tick;
  }

  /** Have one more frame. */
  wake() {
    if (this.#frame) return;
    // Time in which nothing was to be drawn is not played: the playhead goes on from where it is.
    if (!this.#isTicking) this.#last = performance.now();
    this.#frame = requestAnimationFrame((now) => {
      this.#isTicking = true;
      this.#run(now);
      this.#isTicking = false;
    });
  }

  /** Draw now: the next animation frame may be long in coming while the page is drawn. */
  drawAtOnce() {
    cancelAnimationFrame(this.#frame);
    this.#run(performance.now());
  }

  #run(now) {
    const elapsed = Math.max(0, now - this.#last);
    this.#frame = 0;
    this.#last = now;
    this.#tick(elapsed);
  }
}
