/**
 * Edits of a matrix that the page has not taken over. Of several gestures within one run of a page
 * Streamlit keeps the last, so each edit is told again with the next gesture.
 *
 * @typedef {{row: number, column: number, value: number}} Edit
 */

import { PATIENCE } from "./panels/grid.js";

export class Edits {
  #open = [];

  /** @param {Edit} edit the latest stands last */
  add(edit) {
    const others = this.#open.filter(({ row, column }) => row !== edit.row || column !== edit.column);
    this.#open = [...others, { ...edit, since: performance.now() }];
  }

  /** @returns {Edit[]} */
  get open() {
    this.#open = this.#open.filter(({ since }) => performance.now() - since < PATIENCE);
    return this.#open.map(({ row, column, value }) => ({ row, column, value }));
  }

  /**
   * The page has this matrix now.
   * @param {string|null} text null: the page has none
   */
  settle(text) {
    const rows = text ? rowsOf(text) : [];
    this.#open = this.#open.filter(({ row, column, value }) => Number(rows[row]?.[column]) !== value);
  }
}

/**
 * What edits make of a config: of the matrix as text, and of the cell that is chosen.
 * @param {Edit[]} edits
 * @returns {import("./foresight.js").Foreseen}
 */
export function edited(edits) {
  if (!edits.length) return {};
  const matrix = (text) => {
    const rows = rowsOf(text);
    for (const { row, column, value } of edits) if (column in (rows[row] ?? [])) rows[row][column] = value;
    return rows.map((line) => line.join(",")).join("_");
  };
  const { row, column } = edits.at(-1);
  return { matrix, row, column };
}

/** The rows of a matrix as a query has them. */
const rowsOf = (text) => text.split("_").map((line) => line.split(","));
