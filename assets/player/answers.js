/**
 * What someone has answered at the stops of paths: kept in this browser. Where the browser keeps
 * nothing it is known until the page is left.
 */

import { setText } from "./dom.js";
import { keeper } from "./kept.js";

/** What an answer is of someone who wanted to see it at once. */
export const SHOWN = -1;

const kept = keeper("lnl-answers", () => localStorage);
/** @type {Object<string, number>} by stop: the option, from 0, or SHOWN */
let told = {};

const read = () => ({ ...told, ...kept.read() });

/**
 * @param {string} stop
 * @returns {number|null} null: it is not answered
 */
export function answerOf(stop) {
  const answer = read()[stop];
  return Number.isInteger(answer) ? answer : null;
}

/**
 * @param {string} stop
 * @returns {number|null} the option that was chosen; null: none, though it may have been shown
 */
export function chosenAt(stop) {
  const answer = answerOf(stop);
  return answer === SHOWN ? null : answer;
}

/** Say in the page's text which stops are answered. */
export function markAnswered() {
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (
    document.querySelectorAll("[data-answered]")
  ))
    setText(node, answerOf(node.dataset.answered) === null ? "" : "✓ answered");
}

/**
 * @param {string} stop
 * @param {number|null} answer null: it is to be asked again
 */
export function keepAnswer(stop, answer) {
  told = { ...read(), [stop]: answer };
  kept.write(told);
}
