/** The clock of the transport: where the playhead is, and where time takes it. */

export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
const FRAMES_PER_SECOND = 15; // at speed 1

/** A tab that was hidden must not leap when it comes back. */
const LONGEST_TICK = 250;

export class Playback {
  playing = false;
  speed = 1;
  /** Frames held. */
  buffered = 0;
  /** No more frames will come, though fewer than `total` may have. */
  complete = false;
  #position = 0;

  /** @param {number} total frames of the whole film */
  constructor(total) {
    this.total = total;
  }

  /** The frame to show. */
  get frame() {
    return Math.floor(this.#position);
  }

  get #edge() {
    return Math.max(0, this.buffered - 1);
  }

  get atEnd() {
    const frames = this.complete ? this.buffered : this.total;
    return this.buffered > 0 && this.frame >= frames - 1;
  }

  /** Playing, but there is nothing to play yet. */
  get waiting() {
    return this.playing && !this.atEnd && this.#position >= this.#edge;
  }

  /** @param {number} milliseconds since the last call */
  advance(milliseconds) {
    if (!this.playing) return;
    const seconds = Math.min(milliseconds, LONGEST_TICK) / 1000;
    const next = this.#position + FRAMES_PER_SECOND * this.speed * seconds;
    this.#position = Math.min(next, this.#edge);
    if (this.atEnd) this.playing = false;
  }

  /** Go on, or over again from the end. */
  play() {
    if (this.atEnd) this.#position = 0;
    this.playing = true;
  }

  pause() {
    this.playing = false;
    this.#position = this.frame;
  }

  /** Go to a frame, at most to the last one held. */
  seek(frame) {
    this.#position = Math.max(0, Math.min(frame, this.#edge));
    if (this.atEnd) this.playing = false;
  }

  /** Pause and go some frames on or back. */
  step(frames) {
    this.pause();
    this.seek(this.frame + frames);
  }
}
