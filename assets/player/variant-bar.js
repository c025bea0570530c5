/** The row at the top: which variants and which view of them. */

import { element } from "./dom.js";
import { swatch } from "./swatch.js";

export class VariantBar {
  #signature = "";
  #toggles = [];
  #selects = new Map();

  /**
   * @param {{toggle: (index: number) => void, choose: (id: string, value: number) => void}} actions
   */
  constructor(actions) {
    this.actions = actions;
    this.element = element("div", {
      class: "lnl-chips",
      role: "group",
      "aria-label": "What is shown",
    });
  }

  /** Show the state of a view; buttons are made anew only for another figure. */
  update({ figure, scene }) {
    const signature = JSON.stringify([figure.variants, figure.choices]);
    if (signature !== this.#signature) this.#build(figure);
    this.#signature = signature;
    scene.shown.forEach((shown, index) => this.#toggles[index].setAttribute("aria-pressed", shown));
    for (const [id, select] of this.#selects) select.value = scene.choices[id];
  }

  #build({ variants, choices = [] }) {
    this.#toggles = variants.map((variant, index) => {
      const onclick = () => this.actions.toggle(index);
      return element(
        "button",
        { type: "button", class: "lnl-chip", onclick },
        swatch(variant),
        variant.label,
      );
    });
    this.#selects = new Map(choices.map((choice) => [choice.id, this.#select(choice)]));
    const fields = choices.map(({ id, label, help = "" }) =>
      element("label", { class: "lnl-choice", title: help }, label, this.#selects.get(id)),
    );
    this.element.replaceChildren(
      ...this.#toggles,
      element("span", { class: "lnl-space" }),
      ...fields,
    );
  }

  #select({ id, options }) {
    const onchange = ({ target }) => this.actions.choose(id, Number(target.value));
    const entries = options.map((text, value) => element("option", { value }, text));
    return element("select", { class: "lnl-select", onchange }, ...entries);
  }
}
