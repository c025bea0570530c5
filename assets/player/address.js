/**
 * The address of the page: its own path, and the query of what is shown. The player alone writes it,
 * both in one step, and never under the path of another page.
 */

/** Milliseconds: what is changed again within them is one gesture, and one step of Back. */
const ONE_GESTURE = 1000;

import { FIELDS } from "./view.js";

/** Parameters that others add to a link to see where it goes. */
const TRACKERS = /^(utm_\w+|\w*clid|_ga|_gl|mc_[ce]id|igshid|ref_src)$/;
/** What stays: Streamlit's own parameters, and which controls an exercise has. */
const KEPT = /^(embed(_options)?|controls)$/;

/**
 * Read a query: the settings of a run, the view of it, and what else it holds.
 * @param {string} search
 * @returns {{query: Object<string, string>, view: import("./view.js").Fields, kept: [string, string][],
 *   controls: string[]|null}} controls: names of the settings that are shown; null: all
 */
export function readSearch(search) {
  const all = [...new URLSearchParams(search)].filter(([name]) => !TRACKERS.test(name));
  const kept = all.filter(([name]) => KEPT.test(name));
  const view = all.filter(([name]) => FIELDS.includes(name));
  const query = all.filter((entry) => !kept.includes(entry) && !view.includes(entry));
  const controls = Object.fromEntries(kept).controls?.split(",").filter(Boolean) ?? null;
  return { query: Object.fromEntries(query), view: Object.fromEntries(view), kept, controls };
}

/**
 * Write a query as `to_text` in ln_core/runs/config.py does.
 * @param {Object<string, string>} query
 * @param {[string, string][]} [kept]
 */
export const writeSearch = (query, kept = []) =>
  `?${new URLSearchParams([...Object.entries(query), ...kept])}`
    .replaceAll("%2C", ",")
    .replaceAll("%3A", ":");

/** The query of a link to a view of a run, beside what the address holds for others. */
export const searchOf = (query, view) =>
  writeSearch({ ...query, ...view }, readSearch(location.search).kept);

/** The settings in which two queries differ: one that is absent is empty. */
export const differing = (a, b) =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (name) => (a[name] ?? "") !== (b[name] ?? ""),
  );

/** The fields that put a whole query in the place of another: what it leaves out is set to nothing. */
export const replacing = (old, query) => ({
  ...Object.fromEntries(Object.keys(old).map((name) => [name, ""])),
  ...query,
});

/** Whether two queries set the same. */
export const sameQuery = (a, b) => !differing(a, b).length;

/**
 * Whether a location is the page of a path, whatever stands before that.
 * @param {string} pathname
 * @param {string} path
 */
export const isAt = (pathname, path) => pathname.replace(/\/+$/, "").split("/").at(-1) === path;

export class Address {
  #path;
  #written = null; // the search that was read or written last
  #gesture = { key: null, at: -Infinity };
  #steps = false; // whether the next query is a new step of Back

  /** @param {string} path of the page, such as "mlp" */
  constructor(path) {
    this.#path = path;
  }

  /** Whether the browser is at this page: Streamlit draws a page before it changes the path. */
  get isOwn() {
    return isAt(location.pathname, this.#path);
  }

  /**
   * Read what the address asks for, if someone else has written it.
   * @returns {ReturnType<typeof readSearch>|null}
   */
  read() {
    if (!this.isOwn || location.search === this.#written) return null;
    this.#written = location.search;
    this.#steps = false;
    return readSearch(location.search);
  }

  /**
   * A gesture was made: the next query that is written is a new step of Back, unless the gesture goes
   * on with the one before it.
   * @param {string|null} key names what was moved; null: it never goes on
   */
  note(key) {
    const now = performance.now();
    const goesOn =
      key !== null && key === this.#gesture.key && now - this.#gesture.at < ONE_GESTURE;
    this.#gesture = { key, at: now };
    if (!goesOn) this.#steps = true;
  }

  /**
   * @param {Object<string, string>} query that is shown now
   * @param {import("./view.js").Fields} view of it: another one is no new step of Back
   */
  write(query, view) {
    if (!this.isOwn) return;
    const search = searchOf(query, view);
    const url = `${location.pathname}${search}${location.hash}`;
    if (search !== location.search) {
      // The steps of Back of a page that holds this one in a frame are its own.
      const isFramed = globalThis.top !== globalThis.self;
      if (this.#steps && !isFramed) history.pushState(history.state, "", url);
      else history.replaceState(history.state, "", url);
    }
    this.#steps = false;
    this.#written = location.search;
  }
}
