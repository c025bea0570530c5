/** The card at the end of a path: which predictions were right, and what each stop has told. */

import { chosenAt } from "./answers.js";
import { makeDialog } from "./dialog.js";
import { element } from "./dom.js";
import { typeset } from "./mathematics.js";

/**
 * @typedef {{id: string, name: string, href: string, page: string, right: number,
 *   takeaway: string}} Told of one stop
 * @typedef {{href: string, name: string, told: Told[], more: {href: string, name: string}[]}} End
 *   `more`: other paths
 */

/**
 * Make the card, to be opened by `showModal()`.
 * @param {string} path its title
 * @param {End} end of it
 * @param {string} katex address of its module
 */
export function makePathEnd(path, { href, name, told, more }, katex) {
  const ways = [...more, { href, name }].map((way) =>
    element("a", { href: way.href, class: "lnl-action" }, way.name),
  );
  const list = element("ol", { class: "lnl-path-told" }, ...told.map(item));
  const score = element("p", {}, scoreOf(told));
  typeset(list, katex);
  const card = makeDialog(`${path}: what you have seen`, [score, list], ways);
  list.addEventListener(
    "click",
    ({ target }) => target instanceof HTMLAnchorElement && card.close(),
  );
  return card;
}

/** @param {Told[]} told */
function scoreOf(told) {
  const predicted = told.filter(({ id }) => chosenAt(id) !== null);
  const right = predicted.filter(isRight).length;
  return predicted.length
    ? `Predictions that were right: ${right} of ${predicted.length}.`
    : "You have predicted nothing. Each name leads back to its question.";
}

/** @param {Told} told */
const isRight = ({ id, right }) => chosenAt(id) === right;

/** @param {Told} told */
function item(told) {
  const link = element("a", { href: told.href, dataset: { show: told.page } }, told.name);
  const mark = isRight(told) ? element("span", { class: "lnl-mark" }, " ✓ right") : "";
  const text = element("div");
  text.innerHTML = told.takeaway;
  return element("li", {}, link, mark, text);
}
