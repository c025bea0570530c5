/** The parts of a film, as one large control: each button plays one of them. */

import { element } from "./dom.js";

export class Chapters {
  #signature = "";
  #buttons = [];
  #chapters = [];

  /** @param {(step: number) => void} play what begins at a step */
  constructor(play) {
    this.play = play;
    this.element = element("div", { class: "lnl-chapters", role: "group", "aria-label": "Parts" });
  }

  /**
   * @param {{label: string, step: number}[]} chapters
   * @param {number} step that is shown: a chapter's first step still shows the end of the one before
   */
  update(chapters, step) {
    const signature = JSON.stringify(chapters);
    if (signature !== this.#signature) this.#build(chapters);
    this.#signature = signature;
    const present = this.#chapters.findLastIndex((one) => one.step < Math.max(1, step));
    this.#buttons.forEach((button, at) =>
      button.setAttribute("aria-pressed", String(at === present)),
    );
  }

  #build(chapters) {
    this.#chapters = chapters;
    this.#buttons = chapters.map(({ label, step }) => {
      const onclick = () => this.play(step);
      return element("button", { type: "button", class: "lnl-chapter", onclick }, label);
    });
    this.element.replaceChildren(...this.#buttons);
  }
}
