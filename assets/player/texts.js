/** What the variants write, word by word, below the charts: `notes.texts` of the present moment. */

import { element, setText } from "./dom.js";
import { swatch } from "./swatch.js";

export class Texts {
  #key = "";

  constructor() {
    this.element = element("div", { class: "lnl-texts" });
  }

  /**
   * @param {import("./film.js").Film} film
   * @param {number} frame
   * @param {import("./view.js").Scene} scene
   */
  update(film, frame, { variants, shown }) {
    const texts = film.noted("texts", frame)?.notes.texts ?? [];
    const seen = variants.filter((_, index) => shown[index]);
    const boxes = seen.flatMap((variant) =>
      texts.filter((text) => text.variant === variant.id).map((text) => ({ ...text, variant })),
    );
    const key = JSON.stringify(boxes);
    if (key === this.#key) return;
    this.#key = key;
    this.element.replaceChildren(
      ...boxes.map(({ variant, label, value }) => {
        const words = element("blockquote");
        setText(words, value);
        const heading = element("strong", {}, `${variant.label} ${label.toLowerCase()}`);
        return element("div", { class: "lnl-text" }, swatch(variant), heading, words);
      }),
    );
  }
}
