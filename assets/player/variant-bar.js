/** The row at the top: which variants and which view of them. */

import { element, setText } from "./dom.js";
import { swatch } from "./swatch.js";

export class VariantBar {
  #signature = "";
  #toggles = [];
  #badges = new Map();
  #selects = new Map();

  /**
   * @param {{toggle: (index: number) => void, choose: (id: string, value: number) => void,
   *   tell: () => void}} actions
   * @param {...HTMLElement} more stands at the end of the row
   */
  constructor(actions, ...more) {
    this.actions = actions;
    this.more = more;
    this.element = element("div", {
      class: "lnl-variant-bar",
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

  /** @param {Map<string, number>} counts how many diagnoses there are of each variant */
  mark(counts) {
    this.#badges.forEach((badge, id) => {
      const count = counts.get(id) ?? 0;
      badge.hidden = !count;
      setText(badge, String(count));
    });
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
    this.#badges = new Map(variants.map((variant) => [variant.id, this.#badge(variant)]));
    const chips = variants.map(({ id }, index) =>
      element("span", { class: "lnl-variant" }, this.#toggles[index], this.#badges.get(id)),
    );
    this.#selects = new Map(choices.map((choice) => [choice.id, this.#select(choice)]));
    const fields = choices.map(({ id, label, options, help = "" }) => {
      const hidden = options.length < 2; // a net of one layer has nothing to be chosen
      const properties = { class: "lnl-choice", title: help, hidden };
      return element("label", properties, label, this.#selects.get(id));
    });
    this.element.replaceChildren(
      ...chips,
      element("span", { class: "lnl-space" }),
      ...fields,
      ...this.more,
    );
  }

  /** Tells that there are diagnoses of a variant, and shows them. */
  #badge({ label }) {
    const name = `Diagnoses of ${label}`;
    const onclick = () => this.actions.tell();
    const properties = { type: "button", class: "lnl-badge-of", title: name, "aria-label": name };
    return element("button", { ...properties, hidden: true, onclick });
  }

  #select({ id, options }) {
    const onchange = ({ target }) => this.actions.choose(id, Number(target.value));
    const entries = options.map((text, value) => element("option", { value }, text));
    return element("select", { class: "lnl-select", onchange }, ...entries);
  }
}
