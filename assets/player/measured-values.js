/**
 * The page's prose names numbers of the film: every `<span data-slot="name">`, wherever it stands,
 * shows the text that `notes.measured_values` has for it.
 */

import { setText } from "./dom.js";

export class MeasuredValues {
  #values = null;
  // Texts that change are no news: another player, of a page just left or to come, may fill them too.
  #prose = new MutationObserver((changes) => changes.some(bringsSlots) && this.#fill());

  /** @param {HTMLElement} root of the player: once it has left the page, the numbers are another's */
  constructor(root) {
    this.root = root;
  }

  /**
   * @param {import("./film.js").Film} film
   * @param {number} frame
   */
  update(film, frame) {
    const values = film.frames[frame]?.notes.measured_values;
    if (!values?.length || values === this.#values) return;
    // Prose that comes later, such as an answer, is filled as well.
    if (!this.#values) this.#prose.observe(document.body, { childList: true, subtree: true });
    this.#values = values;
    this.#fill();
  }

  destroy() {
    this.#prose.disconnect();
  }

  #fill() {
    if (!this.root.isConnected) return;
    fill(document.body, this.#values, "slot");
  }
}

/**
 * Write texts into the elements that name them in a data attribute; those of others are left alone.
 * @param {HTMLElement} root
 * @param {{slot: string, text: string}[]} values
 * @param {string} attribute
 */
export function fill(root, values, attribute) {
  const texts = new Map(values.map(({ slot, text }) => [slot, text]));
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (
    root.querySelectorAll(`[data-${attribute}]`)
  )) {
    const text = texts.get(node.dataset[attribute]);
    if (text !== undefined) setText(node, text);
  }
}

/** What was measured last at or before a frame, and at which step. */
export function valuesAt(film, frame) {
  const measured = film.noted("measured_values", frame);
  if (!measured) return [];
  return [...measured.notes.measured_values, { slot: "step", text: String(measured.step) }];
}

const bringsSlots = ({ addedNodes }) =>
  [...addedNodes].some(
    (node) => node.matches?.("[data-slot]") || node.querySelector?.("[data-slot]"),
  );
