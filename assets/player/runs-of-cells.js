/**
 * The cells of a sweep are runs of a lab: a click opens one beside this page, with the one before it
 * pinned.
 *
 * @typedef {Object<string, string>} Query
 * @typedef {[string, string[]]} Side a setting, and its values from row to row, or column to column
 * @typedef {{page: string, base: Query, row: Side, column: Side}} Opens
 */

import { sameQuery } from "./address.js";
import { writePin } from "./pin-text.js";

/** One tab for all of them. */
const TAB = "layer-norm-lab-run";

/**
 * The settings of a cell's run.
 * @param {Opens} opens
 * @param {{row: number, column: number}} place
 * @returns {Query}
 */
export function queryOf({ base, ...sides }, place) {
  const swept = ["row", "column"].map((side) => {
    const [field, values] = sides[side];
    return [field, values[place[side]]];
  });
  return { ...base, ...Object.fromEntries(swept) };
}

export class RunsOfCells {
  /** @type {{page: string, query: Query}|null} what was opened last */
  #last = null;

  /**
   * Open the run of a cell, at its end.
   * @param {Opens} opens
   * @param {{row: number, column: number}} place
   * @param {string} from the address of the page
   */
  open(opens, place, from) {
    const query = queryOf(opens, place);
    const { page } = opens;
    const before = this.#last?.page === page && !sameQuery(this.#last.query, query);
    const pinned = before ? { pin: writePin(this.#last.query, query) } : {};
    const search = new URLSearchParams({ ...query, at: query.steps, ...pinned });
    window.open(new URL(`${page}?${search}`, from).href, TAB);
    this.#last = { page, query };
  }
}
