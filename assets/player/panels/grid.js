/**
 * A panel of cells: an HTML table whose cells are coloured by their numbers. Cells may be chosen, as
 * a whole or to type into them, and are walked by keyboard as in a spreadsheet.
 */

import { element, setText } from "../dom.js";
import { channels } from "../theme.js";
import { resolve } from "./bindings.js";
import { colorAt, legible, mix, write } from "./colors.js";
import { Panel } from "./panel.js";
import { reduce } from "./series.js";
import { Tip } from "./tip.js";
import { readNumber, readRows } from "../typed.js";

const INKS = ["#000", "#fff"]; // on any ground one of them has a contrast of 4.5 to 1
const DIGITS = 6; // float32 has seven: 0.13 is to read 0.13
const ROUNDED = 1e-3; // relative: float16 keeps an edit to half of this
/** Milliseconds until an edit that does not come back counts as refused. */
export const PATIENCE = 3000;
const FEWEST = 5; // characters that a cell has room for: the size of the text is not to change at every number
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** @param {number} value of a float32 array */
export const writeNumber = (value) => String(Number(value.toPrecision(DIGITS)));

/** What rows are called: the first one in full. @param {import("./panel.js").Names} rows */
const namesOf = ({ title, names: [first, ...rest] }) => [`${title} ${first}`.trim(), ...rest];

/**
 * A number as the chart has it; of results that are no finite number, what they are.
 * @param {import("./panel.js").Chart} chart
 * @param {number|undefined} value
 */
function wordOf({ format, not_finite }, value) {
  if (!not_finite || value === undefined || Number.isFinite(value))
    return write(format ?? ".3g", value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
}

/** The lowest number of those that are not lost. @returns {number} NaN: there is none yet */
const lowest = (rows, lost) =>
  reduce(
    "low",
    rows.flatMap((row, at) => [...row].filter((_, place) => !lost?.[at]?.[place])),
  );

export class Grid extends Panel {
  #head = element("thead");
  #body = element("tbody");
  /** @type {{node: HTMLTableCellElement, input?: HTMLInputElement, held?: string, shown?: string}[][]} */
  #cells = [];
  #typed = null; // the binding of the numbers that are typed
  #named = ""; // what rows and columns are called
  #editing = false;
  /** Where the pointer went down last. @type {{row: number, column: number}|null} */
  #pressed = null;
  /** Typed values that no picture has shown yet, by their inputs. */
  #pending = new Map();

  /** @param {import("../view.js").Variant|null} variant of a small multiple */
  constructor(variant) {
    const table = element("table", { class: "lnl-cells" });
    super(variant, element("div", { class: "lnl-table" }, table), table);
    table.append(this.#head, this.#body);
    this.tip = new Tip(this.element);
    this.said = new Tip(this.element, { class: "lnl-tip lnl-said", role: "alert" });
    const on = (event, act) => table.addEventListener(event, (given) => this.#at(given, act));
    on("pointerover", (place, event) => this.#rest(place, event));
    on("pointerdown", (place) => (this.#pressed = place));
    table.addEventListener("click", (event) => this.#click(event));
    on("focusin", (place) => this.#focused(place));
    on("keydown", (place, event) => this.#press(place, event));
    on("paste", (place, event) => this.#paste(place, event));
    for (const event of ["pointerleave", "focusout"])
      table.addEventListener(event, () => this.#leave());
  }

  get hint() {
    return this.chart.opens ? "A click, or Enter, opens the run of a cell" : "";
  }

  adopt(scene) {
    const { rows, columns, edit, picks, opens, format } = this.chart;
    this.#typed = edit ? resolve(edit, scene, this.subject) : null;
    this.named.setAttribute("role", picks || opens ? "grid" : "table");
    this.named.classList.toggle("lnl-colours", !format);
    this.named.classList.toggle("lnl-runs", Boolean(opens));
    const head = JSON.stringify([rows, columns]);
    if (head !== this.#named) this.#name(rows, columns);
    this.#named = head;
    this.#frame();
  }

  paint({ now: { reader, frame } }) {
    const [{ z, zmin, zmax, colorscale, opacity = 1, text = z, lost }] = this.traces;
    const typed = this.#typed && reader.read(this.#typed, frame);
    const { theme, chart } = this;
    const background = channels(theme.background);
    const best = chart.best ? lowest(text, lost) : NaN;
    let longest = FEWEST;
    let changed = false;
    this.#each(({ node, input, ...cell }, row, column) => {
      const value = z[row]?.[column] ?? NaN;
      const since = lost?.[row]?.[column];
      const known = Number.isFinite(value) && !since;
      const color = mix(colorAt((value - zmin) / (zmax - zmin), colorscale), background, opacity);
      const ground = known ? `rgb(${color.map(Math.round).join(", ")})` : "";
      const own = since ? `✕ ${since}` : chart.words?.[row][column];
      const word = input ? "" : (own ?? wordOf(chart, text[row]?.[column]));
      const isBest = known && text[row][column] === best;
      const shown = `${ground} ${word} ${isBest}`;
      if (input && typed?.length) this.#hold(input, typed[row][column]);
      longest = Math.max(longest, word.length, input?.value.length ?? 0);
      if (shown === cell.shown) return;
      this.#cells[row][column].shown = shown;
      changed = true;
      node.style.backgroundColor = ground;
      node.classList.toggle("lnl-best", isBest);
      node.style.color = known ? legible(color, INKS) : "";
      if (!input) setText(node, word);
    });
    const { rows, columns } = chart;
    const names = Math.max(columns.title.length, ...namesOf(rows).map(({ length }) => length));
    const sizes = `--lnl-names: ${names}; --lnl-columns: ${columns.names.length}; --lnl-characters: ${longest}`;
    if (this.named.dataset.sizes !== sizes)
      this.named.setAttribute("style", (this.named.dataset.sizes = sizes));
    return changed;
  }

  /** Write the names of rows and columns. */
  #name(rows, columns) {
    const names = columns.names.map((name) => element("th", { scope: "col" }, name));
    this.#head.replaceChildren(element("tr", {}, element("td", {}, columns.title), ...names));
    this.#fit(rows.names.length, columns.names.length);
    namesOf(rows).forEach((name, at) => setText(this.#body.rows[at].firstElementChild, name));
  }

  /** Have as many cells as there are numbers; those that stay keep focus and selection. */
  #fit(rows, columns) {
    for (const line of this.#cells.splice(rows)) line[0].node.parentElement.remove();
    for (let row = 0; row < rows; row++) {
      const line = (this.#cells[row] ??= []);
      for (const { node } of line.splice(columns)) node.remove();
      if (!this.#body.rows[row])
        this.#body.append(element("tr", {}, element("th", { scope: "row" })));
      while (line.length < columns) {
        line.push(this.#cell(row, line.length));
        this.#body.rows[row].append(line.at(-1).node);
      }
    }
    const there = new Set(this.#cells.flat().map(({ input }) => input));
    for (const input of this.#pending.keys()) if (!there.has(input)) this.#pending.delete(input);
  }

  #cell(row, column) {
    if (!this.#typed) {
      const { picks, opens } = this.chart;
      const stop = picks || opens ? { tabIndex: row || column ? -1 : 0 } : {};
      return { node: element("td", { dataset: { row, column }, ...stop }) };
    }
    const { rows, columns } = this.chart;
    const input = element("input", {
      type: "text",
      inputMode: "decimal",
      autocomplete: "off",
      "aria-label": `${rows.title} ${row}, ${columns.title} ${column}`,
      oninput: () => {
        this.#editing = true;
        this.#say(input, "");
      },
      onchange: () => this.#take(row, column, input),
    });
    return { node: element("td", { dataset: { row, column } }, input), input };
  }

  #each(act) {
    this.#cells.forEach((line, row) => line.forEach((cell, column) => act(cell, row, column)));
  }

  /** Draw the frames round cells: each is as wide as one cell, and may be several high. */
  #frame() {
    this.#each(({ node }) => delete node.dataset.framed);
    for (const { row, column, rows } of this.frames) {
      for (let at = row; at < row + rows; at++) {
        const ends = [at === row && "first", at === row + rows - 1 && "last"];
        const node = this.#cells[at]?.[column]?.node;
        if (node) node.dataset.framed = ends.filter(Boolean).join(" ");
      }
    }
  }

  /** Do something with the cell on which something happens, if it is one. */
  #at(event, act) {
    const { row, column } = event.target.closest("td[data-row]")?.dataset ?? {};
    if (row !== undefined) act({ row: Number(row), column: Number(column) }, event);
    else if (event.type === "pointerover") this.#leave();
  }

  /** The pointer rests on a cell. */
  #rest({ row, column }, event) {
    const { rows, columns, words } = this.chart;
    const named = (axis, at) => [axis.title, axis.names[at]].filter(Boolean).join(" ");
    const [{ z, text = z, lost } = { z: [] }] = this.traces;
    const since = lost?.[row]?.[column];
    const own = since ? `diverged at step ${since}` : words?.[row][column];
    const value = own ?? write(".6g", text[row]?.[column]);
    const place = `${named(rows, row)}, ${named(columns, column)}`;
    this.tip.show([place, value].filter(Boolean).join(": "), event);
    this.#light({ row, column });
  }

  #leave() {
    this.tip.hide();
    if (this.chart.points) this.point({});
  }

  #light(place) {
    if (this.chart.points)
      this.point(this.subject === null ? place : { ...place, of: this.subject });
  }

  /** A click counts where it began: what was typed before it may move the table meanwhile. */
  #click(event) {
    const pressed = event.detail && this.#pressed; // a click without a pointer has no detail
    this.#pressed = null;
    if (pressed) this.#pick(pressed);
    else this.#at(event, (place) => this.#pick(place));
  }

  #pick({ row, column }) {
    const { picks, opens } = this.chart;
    if (opens) this.open(opens, { row, column });
    if (picks && !this.#typed) this.tell("pick", { [picks[0]]: row, [picks[1]]: column });
  }

  /** Who goes to a cell to type chooses it; other cells light up what they depend on. */
  #focused({ row, column }) {
    const { node, input } = this.#cells[row][column];
    if (!input) {
      this.#each((cell) => (cell.node.tabIndex = cell.node === node ? 0 : -1));
      return this.#light({ row, column });
    }
    input.select();
    this.#editing = false;
    // An edit chooses its cell by itself; its answer must not be overtaken by the next choice.
    const [rows, columns] = this.chart.picks;
    if (!this.#pending.size) this.tell("pick", { [rows]: row, [columns]: column });
  }

  /** Arrows go from cell to cell, and Enter takes what was typed and goes down, as in a spreadsheet. */
  #press({ row, column }, event) {
    const { key, shiftKey } = event;
    const { input } = this.#cells[row][column];
    if (input && key === "F2") this.#editing = true;
    if (input && key === "Escape") return this.#giveUp(row, column, event);
    if (input && key === "Enter") return this.#enter(row, column, shiftKey ? -1 : 1);
    if (!input && (key === "Enter" || key === " ")) {
      event.preventDefault();
      return this.#pick({ row, column });
    }
    const [down, right] = STEPS[key] ?? [];
    if (down === undefined || event.ctrlKey || event.altKey || event.metaKey || shiftKey) return;
    if (right && this.#editing) return; // within what is typed
    const forwards = getComputedStyle(this.named).direction === "rtl" ? -1 : 1;
    const to = this.#cells[row + down]?.[column + forwards * right];
    if (!to) return;
    event.preventDefault();
    (to.input ?? to.node).focus();
  }

  #enter(row, column, down) {
    const { input } = this.#cells[row][column];
    this.#take(row, column, input);
    if (input.ariaInvalid) input.select();
    else this.#cells[row + down]?.[column]?.input.focus();
  }

  /** Take what was typed, if it is another number; what cannot be stays until it is mended. */
  #take(row, column, input) {
    this.#editing = false;
    if (input.value === this.#cells[row][column].held) return this.#say(input, "");
    const value = readNumber(input.value);
    if (value === null || this.#pending.get(input) !== value) this.#put(row, column, [[value]]);
  }

  /** What was there before comes back. */
  #giveUp(row, column, event) {
    const { input, held } = this.#cells[row][column];
    if (input.value !== held) event.stopPropagation(); // it leaves nothing else
    input.value = held;
    this.#take(row, column, input);
  }

  /** A block of a spreadsheet fills cells from here on. */
  #paste({ row, column }, event) {
    const text = event.clipboardData.getData("text/plain");
    const rows = readNumber(text) === null && this.#typed ? readRows(text) : null;
    if (!rows) return; // one number, or no numbers at all: text of the cell
    event.preventDefault();
    this.#put(row, column, rows);
  }

  /** Ask for numbers from a cell on, as far as there are cells, or say why they cannot be. */
  #put(row, column, rows) {
    const { input } = this.#cells[row][column];
    const { limit } = this.chart;
    const isGood = (value) => value !== null && Math.abs(value) <= limit;
    if (!rows.flat().every(isGood))
      return this.#say(input, `Allowed: numbers from -${limit} to ${limit}.`);
    const values = this.#cells
      .slice(row, row + rows.length)
      .map((line, at) => rows[at].slice(0, line.length - column));
    this.#say(input, "");
    values.forEach((line, down) =>
      line.forEach((value, right) => this.#await(this.#cells[row + down][column + right], value)),
    );
    this.tell("edit", { row, column, values });
    const [all, taken] = [rows, values].map((block) => block.flat().length);
    if (taken < all) this.#say(input, `${taken} of ${all} numbers fit from here on.`, false);
  }

  /** A cell shows a number that is asked for; if it does not come, the one before. */
  #await(cell, value) {
    const { input } = cell;
    input.value = writeNumber(value);
    this.#pending.set(input, value);
    setTimeout(() => {
      if (this.#pending.get(input) !== value) return;
      this.#pending.delete(input);
      input.value = cell.held;
    }, PATIENCE);
  }

  /** Say at a cell what is wrong with its text, or what became of it. */
  #say(input, words, isWrong = Boolean(words)) {
    input.ariaInvalid = isWrong ? "true" : null;
    this.tip.hide();
    this.said.hide();
    const { left, bottom } = input.getBoundingClientRect();
    if (words) this.said.show(words, { clientX: left, clientY: bottom });
  }

  /** Show the number of a cell, unless someone is typing another one. */
  #hold(input, number) {
    const { row, column } = input.parentElement.dataset;
    const held = writeNumber(number);
    const cell = this.#cells[row][column];
    if (held !== cell.held && input.ariaInvalid) this.#say(input, ""); // another matrix
    cell.held = held;
    const value = this.#pending.get(input);
    if (Math.abs(value - number) <= ROUNDED * Math.abs(value)) this.#pending.delete(input);
    const typing = this.#editing && input === document.activeElement;
    if (!this.#pending.has(input) && !typing && !input.ariaInvalid) input.value = held;
  }
}
