/**
 * The run that a page asks for: what people want, what the server has accepted of it, how it is to be
 * seen once it is there, and the address, which says so.
 */

import { Address } from "./address.js";
import { Shows } from "./shows.js";

/** Milliseconds after which the address names another view: browsers count how often it is written. */
const NOTED = 250;

/**
 * How a run is to be seen: fields of a view, whether it is gone to at once, and whether the run before
 * it is pinned.
 * @typedef {{fields: import("./view.js").Fields|null, jumps: boolean, pins: boolean}} Way
 */

/** @type {Way} */
const AS_IT_COMES = { fields: null, jumps: false, pins: false };

export class Asked {
  /** @type {import("./shows.js").Query|null} what the server has accepted last */
  accepted = null;
  #address;
  #shows;
  #way = AS_IT_COMES;
  #noting = 0;

  /**
   * @param {string} path of the page
   * @param {import("./shows.js").Query} query of a page that nothing was asked of
   * @param {() => void} send has the line ask for what is `asking`
   */
  constructor(path, query, send) {
    this.#address = new Address(path);
    this.#shows = new Shows(query, send);
  }

  /** Whether the browser is at the page: Streamlit draws it before. */
  get isHere() {
    return this.#address.isOwn;
  }

  /** The number of what is on screen, or about to be. */
  get id() {
    return this.#shows.id;
  }

  /** The query as people want it, whether the server has heard of it or not. */
  get query() {
    return this.#shows.query;
  }

  /** The query that the server is to answer next, or that it has answered last. */
  get sent() {
    return this.#shows.asked;
  }

  /** Whether something newer than the picture is wanted. */
  get isOpen() {
    return this.#shows.isOpen;
  }

  /** What the address says, if someone else has written it; else null. */
  read() {
    return this.#address.read();
  }

  /**
   * Ask for the run of a query, whatever was wanted before.
   * @param {import("./shows.js").Query} query
   * @param {Partial<Way>} way
   */
  open(query, way) {
    this.#way = { ...AS_IT_COMES, ...way };
    this.#shows.open(query);
  }

  /**
   * Ask for the run with some other settings.
   * @param {import("./shows.js").Change} change
   * @param {Partial<Way>} way
   * @param {string|null} [key] of the gesture: made again, it is no new step of Back
   */
  want(change, way, key = null) {
    this.#way = { ...AS_IT_COMES, ...way };
    this.#address.note(key);
    this.#shows.want(change);
  }

  /** The next view that the address names is a new step of Back. */
  step() {
    this.#address.note(null);
  }

  /** What was asked for is to be played, and not gone to. */
  play() {
    this.#way = { ...this.#way, jumps: false };
  }

  /**
   * What a connection asks for.
   * @param {number} held frames of what is shown
   * @param {(query: import("./shows.js").Query) => number} atHand frames that are here of another run
   */
  asking(held, atHand) {
    return this.#shows.asking(held, atHand);
  }

  /** Take an answer of the server, as `Shows` does. */
  take(status) {
    return this.#shows.take(status);
  }

  /**
   * What was asked for has been accepted.
   * @param {import("./shows.js").Query} query as the server writes it
   * @returns {Way} how it is to be seen
   */
  accept(query) {
    const way = this.#way;
    this.#way = AS_IT_COMES;
    this.accepted = query;
    return way;
  }

  /** Frames have come, or never will. */
  arrived() {
    this.#shows.arrived();
  }

  /** Have the address name the present view. @param {import("./view.js").Fields} view */
  write(view) {
    if (this.accepted) this.#address.write(this.accepted, view);
  }

  /** Write soon, unless something else is wanted by then. @param {() => void} write */
  writeSoon(write) {
    clearTimeout(this.#noting);
    this.#noting = setTimeout(() => this.isOpen || write(), NOTED);
  }

  destroy() {
    clearTimeout(this.#noting);
  }
}
