/** `notes.formulas` of a moment: a line of mathematics for each variant, with the current numbers in it. */

import { element } from "./dom.js";
import { write } from "./mathematics.js";
import { swatch } from "./swatch.js";

export class Formulas {
  #key = "";

  constructor() {
    this.element = element("div", { class: "lnl-formulas" });
  }

  /**
   * @param {import("./film.js").Film} film
   * @param {number} frame
   * @param {import("./view.js").Scene} scene
   * @param {string} katex address of its module, fetched with the first formula
   */
  update(film, frame, { variants, shown }, katex) {
    const formulas = film.frames[frame]?.notes.formulas ?? [];
    const seen = variants.filter((_, index) => shown[index]);
    const key = JSON.stringify([formulas, seen]);
    if (key === this.#key) return;
    this.#key = key;
    this.element.replaceChildren(
      ...seen.flatMap((variant) =>
        formulas
          .filter((formula) => formula.variant === variant.id)
          .map(({ latex }) => line(variant, latex, katex)),
      ),
    );
  }
}

function line(variant, latex, katex) {
  const written = element("div");
  write(written, latex, katex, { displayMode: true });
  const name = element("div", { class: "lnl-name" }, swatch(variant), variant.label);
  return element("div", { class: "lnl-formula" }, name, written);
}
