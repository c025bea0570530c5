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
    const texts = new Map(this.#values.map(({ slot, text }) => [slot, text]));
    for (const node of /** @type {NodeListOf<HTMLElement>} */ (
      document.querySelectorAll("[data-slot]")
    )) {
      const text = texts.get(node.dataset.slot);
      if (text !== undefined) setText(node, text); // others are another player's
    }
  }
}

const bringsSlots = ({ addedNodes }) =>
  [...addedNodes].some(
    (node) => node.matches?.("[data-slot]") || node.querySelector?.("[data-slot]"),
  );
