/**
 * What people carry away of a page: the link to what is on screen, the film as a page in one file, a
 * chart, the code and the numbers of the run.
 */

import { searchOf } from "./address.js";
import { Code } from "./code.js";
import { Share } from "./share.js";
import { Take, fileName } from "./take.js";

/**
 * What is on screen.
 * @typedef {object} Shown
 * @property {import("./shows.js").Query|null} query null: that of a recording, or nothing yet
 * @property {import("./view.js").Fields} view with its moment
 * @property {string} fingerprint what the run began with; empty: that is not known
 * @property {number} frames of its film that are here
 * @property {number} pinned frames of the pinned film that are here
 * @property {string} words what the pinned run differs in
 * @property {number} pinnedSeed of its first networks
 * @property {string} line what there is to notice in a preset
 * @property {number} [step] none: it is a picture
 */

export class Carry {
  #data;
  #charts;
  #shown;
  #share;
  #code = new Code();
  #take = new Take();

  /**
   * @param {any} data of the player
   * @param {import("./panels/charts.js").Charts} charts
   * @param {() => Shown} shown
   */
  constructor(data, charts, shown) {
    this.#data = data;
    this.#charts = charts;
    this.#shown = shown;
    this.#share = new Share(() => this.#page, !data.run);
  }

  /** The cards. */
  get elements() {
    return [this.#share, this.#code, this.#take].map((card) => card.element);
  }

  shareView() {
    if (this.#shown().query || this.#data.recording?.name) this.#share.open(this.#link);
  }

  showCode() {
    const { run, recording } = this.#data;
    if ((run?.code && this.#shown().query) || recording?.name)
      this.#code.open((suffix) => this.#file("code", suffix));
  }

  /** @param {string} id of a chart, to take along what it shows now */
  takeChart(id) {
    const { pictures, ...page } = this.#charts.taken(id);
    if (pictures.every(({ traces }) => !traces.length)) return; // not drawn yet
    const { run, recording } = this.#data;
    const { query, words, pinnedSeed, step } = this.#shown();
    const name = run?.experiment ?? (recording?.name ? `recorded-${recording.name}` : "film");
    this.#take.open({
      pictures,
      page: { ...page, source: [words, this.#link].filter(Boolean).join(". ") },
      seeds: { now: Number(query?.seed ?? recording?.seed ?? 0), pinned: pinnedSeed },
      name: fileName(name, id, step === undefined ? undefined : `step-${step}`),
      numbers: this.#file("numbers", "npz"),
    });
  }

  /** The link to the view on screen. */
  get #link() {
    const { query, view, fingerprint } = this.#shown();
    const page = `${location.origin}${location.pathname}`;
    if (!query) return this.#data.link || page; // a recording, whatever run is below it
    const search = searchOf(query, { ...view, ...(fingerprint && { fingerprint }) });
    return page + search;
  }

  /** What the server is told to write the film on screen, as far as it is held, as a page. */
  get #page() {
    const { run, recording, title, called = title } = this.#data;
    const { query, view, frames, pinned, line } = this.#shown();
    const seen = { view: { ...view, stop: undefined }, link: this.#link };
    if (!run) return { path: `recorded/${recording.name}/page`, name: recording.name, ...seen };
    const { experiment } = run;
    const film = { experiment, show: query, frames, pinned, title: called, line };
    return { path: "page", name: experiment, ...film, ...seen };
  }

  /** The address of a file that the server makes of the run or recording; none where it plays alone. */
  #file(kind, suffix) {
    const { run, recording } = this.#data;
    const path = run
      ? `${kind}/${run.experiment}`
      : recording?.name && `recorded/${recording.name}`;
    const query = new URLSearchParams({ ...this.#shown().query, link: this.#link });
    return path && new URL(`${path}.${suffix}?${query}`, document.baseURI).href;
  }
}
