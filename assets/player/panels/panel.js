/**
 * What panels of every kind share: a named box that shows one chart, or one variant of it.
 *
 * A kind of panel (`plot.js`, `grid.js`, `block.js`) says how the traces of a moment are painted
 * (`paint`), and may take in a new specification (`adopt`) and a new size (`resize`).
 */

import { element } from "../dom.js";
import { swatch } from "../swatch.js";
import { among } from "./beside.js";
import { describe, eachSeed, fill, momentKey, readsOf, recipes } from "./bindings.js";

/**
 * The moment that is painted.
 * @typedef {object} Moment
 * @property {import("./bindings.js").Seen} now
 * @property {import("./bindings.js").Seen} [pinned]
 * @property {{x: [number, number], y: [number, number]}} ranges of a plot's axes, in data units
 */

/**
 * @typedef {{title: string, names: string[]}} Names of the rows or columns of a grid
 * @typedef {{ticks?: [number, string][], range?: [number, number], scale?: string, log?: boolean, symlog?: boolean, title?: string, unit?: string, grow?: boolean, hidden?: boolean, grid?: boolean,
 *   square?: boolean, angle?: number}} Axis
 *
 * A chart as a figure declares it.
 * @typedef {object} Chart
 * @property {string} title
 * @property {string} [kind] of its panels
 * @property {string} [takeaway]
 * @property {any[]} traces in Plotly's terms, with bindings where a film has the numbers
 * @property {object[]} [shapes]
 * @property {string} [nothing] why a curve has no numbers
 * @property {Axis} [x]
 * @property {Axis} [y]
 * @property {Object<string, number>} [margin] pixels by side
 * @property {string|boolean} [hover]
 * @property {Names} [rows]
 * @property {Names} [columns]
 * @property {string[][]} [words] in place of numbers
 * @property {string} [format] of numbers, as `write` in colors.js has it
 * @property {boolean} [not_finite] whether what is no finite number is written, too
 * @property {any} [edit] the binding of the numbers that are typed
 * @property {number} [limit] of their size
 * @property {{choice: string, from: number}} [chooses] what a click on a row chooses, and the first row's number
 * @property {Axis} [z] of the colours of a heat map, in powers of ten
 * @property {string[]} [picks] the fields that a click chooses
 * @property {import("../runs-of-cells.js").Opens} [opens] the run that a click on a cell opens
 * @property {string} [best] "lowest": the cells with the lowest number are marked
 * @property {boolean} [points] whether the pointer chooses
 * @property {{row: number|string, column: number|string, rows?: number}[]} [frames] round cells
 */

export class Panel {
  /** @type {Chart} */
  chart = null;
  /** @type {import("../theme.js").Theme} */
  theme = null;
  /** @type {number|null} index of a small multiple's variant */
  subject = null;
  /** @type {{row: number, column: number, rows: number}[]} round cells */
  frames = [];
  /** How often it was drawn. */
  drawn = 0;
  /** @type {boolean|null} null: not known yet */
  inView = null;
  /** Whether it is to be drawn although its moment is the one that it shows. */
  stale = true;
  width = 0;
  height = 0;
  /** Without labels on the y axis: a neighbour on the left carries them. */
  bare = false;
  /** Whether it says what the colours of a row of maps stand for: the last one does. */
  barred = true;
  /** The traces that it shows. */
  traces = [];
  #recipes = [];
  #reads = [];
  #composed = "";
  #moment = null;
  /** @type {Moment|null} */
  #drawn = null;

  /**
   * @param {import("../view.js").Variant|null} variant of a small multiple
   * @param {HTMLElement} box what is seen of the panel, below its name
   * @param {HTMLElement|SVGElement} named the element that carries the text alternative
   * @param {import("./bindings.js").Source} source of what it shows
   */
  constructor(variant, box, named = box, source = "now") {
    this.variant = variant;
    this.box = box;
    this.named = named;
    this.source = source;
    this.element = element("div", { class: "lnl-panel" });
    if (variant && source === "now")
      this.element.append(element("div", { class: "lnl-name" }, swatch(variant), variant.label));
    this.element.append(box);
  }

  /** What a small multiple is called; null: it is the chart's only panel. */
  get label() {
    const names = [this.variant?.label, this.source === "pinned" && "pinned"];
    return names.filter(Boolean).join(", ") || null;
  }

  /**
   * Take in a new specification, view or theme.
   * @param {Chart} chart
   * @param {import("../view.js").Scene} scene
   * @param {import("../theme.js").Theme} theme
   * @param {number|null} subject index of a small multiple's variant
   * @param {import("./bindings.js").Recipe[]} [beneath] what else is drawn, below it all
   */
  compose(chart, scene, theme, subject, beneath = []) {
    const next = among(recipes(chart, scene, theme, subject, this.source), beneath);
    const frames = (chart.frames ?? []).map((frame) => placed(frame, scene.choices));
    const composed = JSON.stringify([chart, theme, next, frames]);
    if (composed === this.#composed) return;
    this.#composed = composed;
    this.#recipes = next;
    this.#reads = readsOf(next);
    Object.assign(this, { chart, theme, subject, frames, stale: true });
    this.adopt(scene);
    this.describe(null, false);
  }

  /**
   * Take in what `compose` has set, and the scene.
   * @param {import("../view.js").Scene} _scene
   */
  adopt(_scene) {}

  /** Take a size in pixels. */
  resize(width, height, bare, barred) {
    const size = { width, height, bare, barred };
    if (Object.entries(size).every(([name, value]) => this[name] === value)) return false;
    Object.assign(this, { ...size, stale: true });
    return true;
  }

  /** Whether the panel does not show a moment yet. */
  needs(moment) {
    return this.stale || momentKey(this.#reads, moment) !== this.#moment;
  }

  /**
   * Draw a moment.
   * @param {Moment} moment
   * @returns {boolean} whether there was something to draw
   */
  draw(moment) {
    this.traces = this.#recipes.map((recipe) => fill(recipe, moment));
    this.#moment = momentKey(this.#reads, moment);
    this.#drawn = moment;
    this.stale = false;
    const changed = this.paint(moment);
    if (changed) this.drawn++;
    return changed;
  }

  /** What it shows, as traces of Plotly's. */
  get drawing() {
    return this.traces;
  }

  /** Of each trace that shows a mean over seeds: their own curves. */
  get seeds() {
    return this.#recipes.map((recipe) => eachSeed(recipe, this.#drawn));
  }

  /**
   * Paint `traces`.
   * @param {Moment} _moment
   * @returns {boolean} whether there was something to paint
   */
  paint(_moment) {
    throw new Error("every kind of panel paints in its own way");
  }

  /** Name the chart, and the values on screen when paused, for those who do not see them. */
  describe(moment, paused) {
    const { title, takeaway } = this.chart;
    const values = paused ? describe(this.#recipes, moment) : "";
    const name = [title, this.label].filter(Boolean).join(", ");
    const text = [name, takeaway?.replace(/\.$/, ""), values, this.hint].filter(Boolean).join(". ");
    this.named.setAttribute("aria-label", text);
  }

  /** What else is to be said to those who do not see the panel. */
  get hint() {
    return "";
  }

  destroy() {}

  /** Have the panel drawn anew. */
  change() {
    this.stale = true;
    this.#dispatch("lnl-stale");
  }

  /** Show the values at an x that someone points at in a chart beside this one; null: no longer. */
  read(_x) {}

  /** Tell the charts at which x of its axis values are read here; null: no longer. */
  share(x) {
    this.#dispatch("lnl-read", { x, axis: this.chart.x?.title });
  }

  /** Tell the player what the pointer rests on; an empty place: on nothing. */
  point(place) {
    this.#dispatch("lnl-point", place);
  }

  /** Make a choice of the figure, by the number of its option from 0. */
  choose(choice, value) {
    this.#dispatch("lnl-choose", { choice, value });
  }

  /**
   * Tell the page of a gesture.
   * @param {"pick"|"edit"} event
   * @param {object} detail fields of the config, or the row, column and value of a typed cell
   */
  tell(event, detail) {
    this.#dispatch("lnl-tell", { event, detail });
  }

  /**
   * Tell the player to open the run of a cell.
   * @param {import("../runs-of-cells.js").Opens} opens
   * @param {{row: number, column: number}} place
   */
  open(opens, place) {
    this.#dispatch("lnl-open", { opens, place });
  }

  #dispatch(type, detail) {
    this.box.dispatchEvent(new CustomEvent(type, { bubbles: true, detail }));
  }
}

/** A frame round cells, where the choices that it names are made. */
function placed(frame, choices) {
  const at = (place) => (typeof place === "string" ? choices[place] : place);
  return { rows: 1, ...frame, row: at(frame.row), column: at(frame.column) };
}
