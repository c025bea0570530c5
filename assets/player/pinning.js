/** Pinning a run beside the one on screen: what people, links and presets pin, and the line that says so. */

import { Film } from "./film.js";
import { PinStrip } from "./pin-strip.js";
import { readPin, sayPin, writePin } from "./pin-text.js";
import { Pinned } from "./pinned.js";

const NONE = "The link pins a run, which this page cannot do.";

/**
 * @typedef {import("./pinned.js").Held} Held
 * @typedef {import("./shows.js").Query} Query
 *
 * What a page tells of itself, and is told.
 * @typedef {object} Page
 * @property {boolean} pins whether its runs can be pinned: not where all is a picture
 * @property {() => Held} held the run on screen, as far as it is here; its query is null before one is
 * @property {import("./knobs.js").Schema[]} schemas of its settings
 * @property {(pinned: Query) => boolean} brings whether a preset brings a pinned run
 * @property {() => void} changed another run is pinned, or none
 * @property {() => void} grown more of it is here
 * @property {(words: string[]) => void} refused why a run cannot be pinned
 * @property {(() => void)|null} swap people want to watch the pinned run; null: they cannot
 */

export class Pinning extends Pinned {
  #page;
  /** What is said of the pinned run beside a query. */
  #said = { pinned: null, query: null, words: "", whole: "" };

  /**
   * @param {import("./stream.js").Addresses} addresses of the frames of the page's runs
   * @param {Page} page
   */
  constructor(addresses, page) {
    const refused = (problems) =>
      page.refused(problems.map(({ said }) => `Pinned run: ${said} Nothing is pinned.`));
    super(addresses, { ...page, refused });
    this.#page = page;
    this.strip = new PinStrip({ swap: page.swap, unpin: () => this.toggle() });
  }

  /** What the address says of it. @param {Query} query of the run on screen */
  fields(query) {
    return this.query ? { pin: writePin(this.query, query) } : {};
  }

  /** The pinned run, if it is another one than that of a film. @returns {Held|null} */
  beside(film) {
    return this.run?.film === film ? null : this.run;
  }

  /**
   * Pin a film that was recorded.
   * @param {{query: Query, figure: import("./view.js").Figure, total: Held["total"]}} recorded
   */
  replay({ query, figure, total }) {
    this.hold({ query, figure, total, film: new Film(), state: "loading" });
    this.goOn(null);
  }

  /** Pin the run on screen, or let go of what is pinned. */
  toggle() {
    const held = this.#page.held();
    if (this.query) this.drop();
    else if (held.query && this.#page.pins) this.hold(held);
  }

  /**
   * Pin what a view names. A preset that names nothing leaves what people have pinned, and takes away
   * what another preset has brought.
   * @param {import("./view.js").Fields} view
   * @param {boolean} jumps whether the view is gone to at once, as that of a link
   */
  follow({ pin }, jumps) {
    const held = this.#page.held();
    if (pin !== undefined && !this.#page.pins) this.#page.refused([NONE]);
    else if (pin) this.open(readPin(pin, held.query));
    else if (pin === "") this.hold(held);
    else if (jumps || (this.query && this.#page.brings(this.query))) this.drop();
  }

  /**
   * What differs, in words; empty: nothing, or nothing is pinned.
   * @param {number} [most] differences that are named
   */
  words(most) {
    const { query } = this.#page.held();
    return this.query && query ? sayPin(this.query, query, this.#page.schemas, most) : "";
  }

  /** Say what is pinned, and how far it is. */
  say() {
    const { query, film } = this.#page.held();
    if (!this.query || !query) return this.strip.show(null);
    const pinned = this.query;
    if (this.#said.pinned !== pinned || this.#said.query !== query)
      this.#said = { pinned, query, words: this.words(), whole: this.words(Infinity) };
    this.strip.show({ ...this.#said, state: stateOf(this.beside(film)) });
  }
}

/** How far a pinned run is that is not whole. @param {Held|null} run */
function stateOf(run) {
  if (!run || run.film.length >= run.total.frames) return "";
  if (run.state === "failed") return "the pinned run has stopped";
  return `pinned run: step ${run.film.frames.at(-1)?.step ?? 0} / ${run.total.steps}`;
}
