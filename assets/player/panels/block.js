/**
 * A panel with a block of numbers in 3-D, drawn as SVG: entries that share a statistic as cubes, the
 * others as dots. A click chooses the entry that it is on; by keyboard arrows move the choice.
 */

import { draw, element } from "../dom.js";
import { channels, rgb } from "../theme.js";
import { layoutOf, tracesOf } from "./block-picture.js";
import { Panel } from "./panel.js";
import { EYE, entryAt, labelsOf, nameOf, project } from "./projection.js";
import { Tip } from "./tip.js";

const MARK = 5.8; // half a diagonal of the diamond on the chosen entry, in pixels
const SHADES = [0.86, 0.74, 1]; // of the sides that are seen: across channels, examples, positions
const INNER = 0.5; // of what is seen between the tiles
const LETTER = 0.45; // width of a label's letter, as a share of the page's type, at the most
const SETTLED = 1000; // milliseconds until the answer to a choice is there
/** Where keys move the chosen entry: channel, example, position. */
const STEPS = {
  ArrowLeft: [-1, 0, 0],
  ArrowRight: [1, 0, 0],
  PageUp: [0, -1, 0],
  PageDown: [0, 1, 0],
  ArrowDown: [0, 0, -1],
  ArrowUp: [0, 0, 1],
};

export class Block extends Panel {
  #eye = EYE;
  /** Shapes and labels, the first one lowest; everything of one colour is one element. */
  #layers = {
    behind: draw("path", { class: "lnl-dots" }),
    outline: draw("path"),
    sides: SHADES.map(() => draw("path")),
    before: draw("path", { class: "lnl-dots" }),
    chosen: draw("path", { class: "lnl-chosen" }),
    labels: draw("g", { class: "lnl-labels" }),
  };
  #seen = null;
  #chosen = [];
  #told = -Infinity; // when the page was last told of a choice
  #painted = "";

  /**
   * @param {import("../view.js").Variant|null} variant of a small multiple
   * @param {import("./bindings.js").Source} _source
   * @param {import("./turning.js").Turning} turning by which the blocks of a chart are turned
   */
  constructor(variant, _source, turning) {
    const drawing = draw("svg", { role: "application", tabindex: "0" });
    super(variant, element("div", { class: "lnl-box" }, drawing), drawing);
    drawing.append(...Object.values(this.#layers).flat());
    this.tip = new Tip(this.element);
    // Who turns a block, or scrolls the page, chooses nothing.
    drawing.addEventListener(
      "click",
      (event) => turning.dragged || this.#pick(this.#entryOf(event)),
    );
    drawing.addEventListener("pointermove", (event) => this.#name(event));
    drawing.addEventListener("pointerleave", () => this.tip.hide());
    drawing.addEventListener("keydown", (event) => this.#press(event));
  }

  adopt() {
    const [{ style }] = this.chart.traces;
    // Of several choices one soon after the other the first answers are not to take back the last one.
    if (performance.now() - this.#told > SETTLED) this.#chosen = style.chosen;
  }

  resize(width, height, bare, barred) {
    if (!super.resize(width, height, bare, barred)) return false;
    Object.assign(this.box.style, { width: `${width}px`, height: `${height}px` });
    this.named.setAttribute("viewBox", `${-width / 2} ${-height / 2} ${width} ${height}`);
    return true;
  }

  /** See the block from elsewhere. */
  look(eye) {
    this.#eye = eye;
    this.stale = true;
  }

  paint() {
    const [block] = this.traces;
    const size = { x: this.width, y: this.height };
    const seen = (this.#seen = project(block, this.#eye, size));
    const { behind, outline, sides, before, chosen, labels } = this.#layers;
    const dots = (hidden) =>
      seen.dots.filter((dot) => dot.hidden === hidden).map(({ at }) => `M${written(at)}h0`);
    const dotted = { stroke: block.muted, "stroke-width": 2 * seen.radius };
    const paths = /** @type {[SVGElement, string[], object][]} */ ([
      [behind, dots(true), dotted],
      [outline, seen.outlines.map(polygon), { fill: shade(block.color, INNER) }],
      ...sides.map((side, axis) => [
        side,
        seen.sides[axis].map(({ corners }) => polygon(corners)),
        { fill: shade(block.color, SHADES[axis]) },
      ]),
      [before, dots(false), dotted],
      [chosen, block.lit.length ? [polygon(diamond(seen.chosen))] : [], { fill: block.text }],
    ]);
    const places = this.#labels;
    const painted = JSON.stringify([paths.map(([, shapes, look]) => [shapes, look]), places]);
    if (painted === this.#painted) return false;
    this.#painted = painted;
    for (const [path, shapes, look] of paths) set(path, { d: shapes.join(""), ...look });
    while (labels.children.length > places.length) labels.lastChild.remove();
    while (labels.children.length < places.length) labels.append(draw("text"));
    places.forEach(({ text, at: [x, y] }, index) => {
      set(labels.children[index], { x: x.toFixed(1), y: (-y).toFixed(1) });
      if (labels.children[index].textContent !== text) labels.children[index].textContent = text;
    });
    return true;
  }

  /** Numbers and names beside the block, moved sideways as far as they have to be to be seen whole. */
  get #labels() {
    const labels = labelsOf(this.traces[0], this.#eye, { x: this.width, y: this.height });
    return labels.map(({ text, at: [x, y] }) => {
      const most = Math.max(0, (this.width - LETTER * this.theme.size * text.length) / 2);
      return { text, at: [Math.min(most, Math.max(-most, x)), y] };
    });
  }

  /** The layers of `paint`, as traces of Plotly's. */
  get drawing() {
    const [seen, [block]] = [this.#seen, this.traces];
    if (!seen) return [];
    const dots = (hidden) => ({
      dots: seen.dots.filter((dot) => dot.hidden === hidden).map(({ at }) => at),
      size: 2 * seen.radius,
      color: block.muted,
    });
    const faces = (shapes, color) => ({ shapes, color });
    return tracesOf([
      dots(true),
      faces(seen.outlines, shade(block.color, INNER)),
      ...seen.sides.map((tiles, axis) =>
        faces(
          tiles.map(({ corners }) => corners),
          shade(block.color, SHADES[axis]),
        ),
      ),
      dots(false),
      faces([diamond(seen.chosen)], block.text),
      {
        texts: this.#labels,
        color: this.theme.muted,
      },
    ]);
  }

  get layout() {
    return layoutOf(this.width, this.height);
  }

  /** All of it: it has no axes. */
  get area() {
    return { left: 0, top: 0, width: this.width, height: this.height };
  }

  get hint() {
    return `Chosen: ${this.#nameOf(this.#chosen)}. Arrows, Page Up and Page Down choose another one`;
  }

  /** Which entry lies under the pointer. */
  #entryOf({ clientX, clientY }) {
    const { left, top, width, height } = this.named.getBoundingClientRect();
    return (
      this.#seen && entryAt(this.#seen, [clientX - left - width / 2, top + height / 2 - clientY])
    );
  }

  #name(event) {
    const entry = event.buttons ? null : this.#entryOf(event);
    if (entry) this.tip.show(this.#nameOf(entry), event);
    else this.tip.hide();
  }

  /** @param {number[]} entry */
  #nameOf(entry) {
    return nameOf(entry, this.chart.traces[0].style.side);
  }

  #press(event) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const [{ style }] = this.chart.traces;
    const next = this.#chosen.map((place, axis) => place + step[axis]);
    if (next.every((place, axis) => 0 <= place && place < style.shape[axis])) this.#pick(next);
  }

  #pick(entry) {
    if (!entry || !this.chart.picks) return;
    this.#chosen = entry;
    this.#told = performance.now();
    const [{ style }] = this.chart.traces;
    const [channel, at, position] = entry;
    const values = [at, channel, Math.floor(position / style.side), position % style.side];
    this.tell(
      "pick",
      Object.fromEntries(this.chart.picks.map((field, index) => [field, values[index]])),
    );
  }
}

/** The mark on the chosen entry. @returns {[number, number][]} */
const diamond = ([x, y]) => [
  [x - MARK, y],
  [x, y + MARK],
  [x + MARK, y],
  [x, y - MARK],
];

/** A place as SVG has it, whose y axis runs downwards. */
const written = ([x, y]) => `${x.toFixed(1)} ${(-y).toFixed(1)}`;

const polygon = (corners) => (corners.length ? `M${corners.map(written).join("L")}Z` : "");

function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
}

/** A colour darkened: 1 leaves it, 0 is black. */
export const shade = (color, share) => rgb(channels(color).map((channel) => share * channel));
