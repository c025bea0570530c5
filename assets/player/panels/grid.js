/** The cells of a matrix as inputs, laid over the heat map that colours them. */

import { element, layOver } from "./dom.js";

const DIGITS = 6; // float32 has seven: 0.13 is to read 0.13
const ROUNDED = 1e-3; // relative: float16 keeps an edit to half of this
/** Milliseconds until an edit that does not come back counts as refused. */
export const PATIENCE = 3000;

/**
 * Read what someone typed into a cell.
 * @param {string} text with a decimal point or comma, and any kind of minus
 * @returns {number|null} null: not a finite number
 */
export function readNumber(text) {
  const plain = text.trim().replace(",", ".").replace("−", "-");
  return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : null;
}

/** @param {number} value of a float32 array */
export const writeNumber = (value) => String(Number(value.toPrecision(DIGITS)));

export class Cells {
  #inputs = [];
  #editing = false;
  /** Typed values that no picture has shown yet. */
  #pending = new Map();

  /**
   * @param {(event: string, detail: object) => void} send tells the page of an edit or a choice
   * @param {(place: object) => void} point tells the player on which cell the pointer rests
   */
  constructor(send, point) {
    this.send = send;
    this.point = point;
    this.element = element("div", { class: "lnl-cells" });
  }

  /**
   * @param {number[][]} rows
   * @param {{l: number, r: number, t: number, b: number}} margin of the heat map in its box
   */
  update(rows, margin) {
    if (!rows?.length) return;
    layOver(this.element, margin, rows.length, rows[0].length);
    this.#fit(rows.length, rows[0].length);
    this.#inputs.forEach((line, row) =>
      line.forEach((input, column) => {
        input.dataset.held = writeNumber(rows[row][column]);
        const value = this.#pending.get(input);
        if (Math.abs(value - rows[row][column]) <= ROUNDED * Math.abs(value)) this.#pending.delete(input);
        if (!this.#pending.has(input) && !(this.#editing && input === document.activeElement)) {
          input.value = input.dataset.held;
        }
      }),
    );
  }

  /** Have an input for each cell; those that stay keep focus and selection. */
  #fit(rows, columns) {
    const gone = [...this.#inputs.splice(rows), ...this.#inputs.map((line) => line.splice(columns))];
    for (const input of gone.flat()) {
      this.#pending.delete(input);
      input.remove();
    }
    for (let row = 0; row < rows; row++) {
      const line = (this.#inputs[row] ??= []);
      while (line.length < columns) {
        const input = this.#input(row, line.length);
        const before = line.at(-1) ?? this.#inputs[row - 1]?.at(-1);
        if (before) before.after(input);
        else this.element.prepend(input);
        line.push(input);
      }
    }
  }

  #input(row, column) {
    return element("input", {
      type: "text",
      inputMode: "decimal",
      autocomplete: "off",
      "aria-label": `case ${row}, unit ${column}`,
      oninput: () => (this.#editing = true),
      onchange: ({ target }) => this.#take(row, column, target),
      // An edit chooses its cell by itself; its answer must not be overtaken by the next choice.
      onfocus: ({ target }) => {
        target.select();
        if (!this.#pending.size) this.send("pick", { row, column });
      },
      onkeydown: (event) => this.#move(event, row, column),
      onpointerenter: () => this.point({ row, column }),
      onpointerleave: () => this.point({}),
    });
  }

  #take(row, column, input) {
    this.#editing = false;
    const value = readNumber(input.value);
    if (value === null || input.value === input.dataset.held) {
      input.value = input.dataset.held;
      return;
    }
    this.#pending.set(input, value);
    this.send("edit", { row, column, value });
    setTimeout(() => {
      if (this.#pending.get(input) !== value) return;
      this.#pending.delete(input);
      input.value = input.dataset.held;
    }, PATIENCE);
  }

  /** Up and down go from row to row, as in a spreadsheet. */
  #move(event, row, column) {
    const to = this.#inputs[row + { ArrowUp: -1, ArrowDown: 1 }[event.key]]?.[column];
    if (!to) return;
    event.preventDefault();
    to.focus();
  }
}
