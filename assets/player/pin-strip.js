/** The line that names what is pinned, above the charts, with what can be done with it. */

import { actionButton, element, setText } from "./dom.js";

const SAME =
  "What is on screen is pinned: change a setting, and its curves stay as thin lines beside the new ones.";

export class PinStrip {
  /** @param {{swap: (() => void)|null, unpin: () => void}} actions */
  constructor({ swap, unpin }) {
    this.said = element("span", { class: "lnl-pin-said", role: "status" });
    this.state = element("span", { class: "lnl-pin-state" });
    this.swap = actionButton("Swap", swap);
    this.swap.hidden = !swap;
    this.swap.title = "Watch the pinned run, and pin this one";
    this.element = element(
      "div",
      { class: "lnl-pin", hidden: true },
      element("span", { class: "lnl-pin-sign", "aria-hidden": "true" }),
      this.said,
      this.state,
      this.swap,
      actionButton("Unpin", unpin),
    );
  }

  /**
   * @param {{words: string, whole: string, state: string}|null} pinned what differs in short and in
   *   full, and how far the run is; null: nothing is pinned
   */
  show(pinned) {
    this.element.hidden = !pinned;
    if (!pinned) return;
    const { words, whole, state } = pinned;
    setText(this.said, words ? `${words[0].toUpperCase()}${words.slice(1)}` : SAME);
    this.said.title = whole;
    setText(this.state, state);
    this.swap.disabled = !words;
  }
}
