/**
 * The run that is pinned: it stays beside the one on screen while settings are changed. An ordinary
 * run: its frames come from the same log by a stream of its own, unless its film is here already.
 *
 * @typedef {import("./shows.js").Query} Query
 *
 * A run, as far as it is here.
 * @typedef {object} Held
 * @property {Query} query
 * @property {Film} film
 * @property {{frames: number, steps: number}} total
 * @property {import("./view.js").Figure} figure
 * @property {string} state
 */

import { sameQuery } from "./address.js";
import { Film } from "./film.js";
import { Stream } from "./stream.js";

export class Pinned {
  /** @type {Held|null} */
  #held = null;
  #stream = null;
  #addresses;
  #listener;

  /**
   * @param {import("./stream.js").Addresses} addresses of its frames
   * @param {{changed: () => void, grown: () => void, refused: (problems: {said: string}[]) => void}} listener
   *   is told that another run is pinned, or none; that frames have come; and why a run cannot be
   */
  constructor(addresses, listener) {
    this.#addresses = addresses;
    this.#listener = listener;
  }

  /** The settings of the run, whether the server has heard of them or not; null: none is pinned. */
  get query() {
    return this.#held?.query ?? null;
  }

  /** The run, once it is known how it is drawn. */
  get run() {
    return this.#held?.figure ? this.#held : null;
  }

  /** The run if it has these settings. @returns {Held|null} */
  with(query) {
    return this.run && sameQuery(query, this.query) ? this.run : null;
  }

  /** Pin a run that is here, as far as it is. @param {Held} run */
  hold(run) {
    this.#rest();
    this.#held = { ...run };
    this.#listener.changed();
  }

  /** Pin the run of a query. @param {Query} query */
  open(query) {
    if (this.query && sameQuery(query, this.query)) return;
    this.hold({
      query,
      film: new Film(),
      total: { frames: Infinity, steps: 0 },
      figure: null,
      state: "loading",
    });
    this.goOn(null);
  }

  drop() {
    if (!this.#held) return;
    this.#rest();
    this.#held = null;
    this.#listener.changed();
  }

  /**
   * Have the rest of the run come, unless it comes anyway.
   * @param {Film|null} film on screen, which has a stream of its own
   */
  goOn(film) {
    if (this.#isWhole || this.#held.film === film) return this.#rest();
    this.#stream ??= new Stream(this.#addresses, {
      asking: () => ({ show: this.query, from: this.#held.film.length, strict: true, id: 1 }),
      take: (frames, status) => this.#take(frames, status),
      isWhole: () => this.#isWhole,
      phase: () => {},
    });
  }

  /** Whether no more of it is to come. */
  get #isWhole() {
    if (!this.#held) return true;
    const { film, total, state } = this.#held;
    return film.length >= total.frames || state === "failed";
  }

  /**
   * @param {any[]} frames
   * @param {any} status
   */
  #take(frames, { from, state, query, total, figure, problems }) {
    if (state === "refused") {
      this.drop();
      this.#listener.refused(problems);
      return true;
    }
    const held = this.#held;
    const isNew = figure && !held.figure;
    Object.assign(held, { state, ...(query && { query, total }), ...(figure && { figure }) });
    if (!held.film.append(from, frames)) return false;
    this.#stream.drawn(); // what is on screen has its own pace
    if (this.#isWhole) this.#rest();
    if (isNew) this.#listener.changed();
    else this.#listener.grown();
    return true;
  }

  /** Nothing comes by itself any more. */
  #rest() {
    this.#stream?.close();
    this.#stream = null;
  }

  destroy() {
    this.#rest();
  }
}
