/** What the variants rank, the first first: `notes.lists` of the present moment, side by side. */

import { element } from "./dom.js";
import { swatch } from "./swatch.js";

export class Lists {
  #key = "";

  constructor() {
    this.element = element("div", { class: "lnl-lists", role: "status" });
  }

  /**
   * @param {import("./film.js").Film} film
   * @param {number} frame
   * @param {import("./view.js").Scene} scene
   */
  update(film, frame, { variants, shown }) {
    const lists = film.frames[frame]?.notes.lists ?? [];
    const seen = lists.filter(({ variant }) =>
      variants.some(({ id }, index) => id === variant && shown[index]),
    );
    const key = JSON.stringify([seen, variants]);
    if (key === this.#key) return;
    this.#key = key;
    this.element.replaceChildren(
      ...seen.map(({ variant, label, items }) =>
        this.#list(
          variants.find(({ id }) => id === variant),
          label,
          items,
        ),
      ),
    );
  }

  #list(variant, label, items) {
    const name = element(
      "div",
      { class: "lnl-name" },
      swatch(variant),
      `${variant.label}: ${label}`,
    );
    const entries = items.map(({ value, text, source, mark }) =>
      element(
        "li",
        { class: mark ? "lnl-listed-twice" : "" },
        element("span", { class: "lnl-value" }, value),
        element("span", {}, text, " ", element("cite", {}, source)),
        ...(mark ? [element("span", { class: "lnl-listed" }, mark)] : []),
      ),
    );
    return element("div", {}, name, element("ol", { "aria-label": variant.label }, ...entries));
  }
}
