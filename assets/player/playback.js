/** The clock of the transport: where the playhead is, and where time takes it. */

export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
const FRAMES_PER_SECOND = 15; // at speed 1

/** A tab that was hidden must not leap when it comes back. */
const LONGEST_TICK = 250;

/** Seconds of film from another player from which on it is jumped to, and so is caught up with below. */
const FAR = 1;
/** By what share it is played faster or slower at the most, to catch up. */
const HURRY = 0.5;

export class Playback {
  playing = false;
  /** Frames held. */
  buffered = 0;
  /** No more frames will come, though fewer than `total` may have. */
  complete = false;
  #position = 0;
  /** The frame to stop at; null: the end. */
  #goal = null;
  /** Whether the goal is gone to as soon as it is held, and whether it is played on from there. */
  #jumps = false;
  #goesOn = false;
  /** How much faster it is played than its speed says, to catch up. */
  #pace = 1;

  /**
   * @param {number} total frames of the whole film
   * @param {number} [speed]
   */
  constructor(total, speed = 1) {
    this.total = total;
    this.speed = speed;
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

  /** The frame that is gone to as soon as it is held, or null. */
  get arriving() {
    return this.#jumps ? this.#goal : null;
  }

  /** Frames have come: so many are held. */
  hold(frames) {
    this.buffered = frames;
    if (!this.#jumps) return;
    this.#position = Math.min(this.#goal, this.#edge);
    if (this.#edge < this.#goal) return;
    this.playing = this.#goesOn && !this.atEnd;
    this.#free();
  }

  /** Play up to a frame, and stop there. */
  stopAt(frame) {
    this.#goal = frame;
    this.#jumps = false;
  }

  /** Go to a frame as soon as it is held; until then show the latest one. */
  goTo(frame, goesOn) {
    this.playing = true;
    this.#goal = frame;
    this.#jumps = true;
    this.#goesOn = goesOn;
    this.hold(this.buffered);
  }

  /** Play on so as to be where another player is, which plays at the same speed and is at a frame now. */
  pursue(frame) {
    const behind = (frame - this.#position) / (FRAMES_PER_SECOND * this.speed);
    if (!this.playing || this.#jumps || Math.abs(behind) > FAR) return this.goTo(frame, true);
    this.#goal = null;
    this.#pace = 1 + Math.max(-HURRY, Math.min(behind, HURRY));
  }

  #free() {
    this.#goal = null;
    this.#jumps = false;
    this.#pace = 1;
  }

  /** @param {number} milliseconds since the last call */
  advance(milliseconds) {
    if (!this.playing || this.#jumps) return;
    const seconds = Math.min(milliseconds, LONGEST_TICK) / 1000;
    const next = this.#position + FRAMES_PER_SECOND * this.speed * this.#pace * seconds;
    this.#position = Math.min(next, this.#edge, this.#goal ?? Infinity);
    if (this.#position !== this.#goal && !this.atEnd) return;
    this.playing = false;
    this.#free();
  }

  /** Go on, or over again from the end. */
  play() {
    this.#free();
    if (this.atEnd) this.#position = 0;
    this.playing = true;
  }

  pause() {
    this.#free();
    this.playing = false;
    this.#position = this.frame;
  }

  /** Go to a frame, at most to the last one held. */
  seek(frame) {
    this.#free();
    this.#position = Math.max(0, Math.min(frame, this.#edge));
    if (this.atEnd) this.playing = false;
  }

  /** Pause and go some frames on or back. */
  step(frames) {
    this.pause();
    this.seek(this.frame + frames);
  }
}
