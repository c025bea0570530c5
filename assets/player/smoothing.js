/** The control of how much curves are smoothed. */

import { element } from "./dom.js";
import { SMOOTHINGS } from "./view.js";

export class Smoothing {
  /** @param {(name: string) => void} choose */
  constructor(choose) {
    const options = [...SMOOTHINGS.keys()].map((name) => element("option", { value: name }, name));
    const onchange = () => choose(this.select.value);
    this.select = element("select", { class: "lnl-select", onchange }, ...options);
    this.element = element("label", { class: "lnl-choice" }, "Smoothing of curves", this.select);
  }

  /** @param {import("./view.js").View} view */
  update({ smooth, figure }) {
    this.select.value = smooth;
    const traces = figure.sections.flatMap(({ charts }) =>
      charts.flatMap((one) => one.traces ?? []),
    );
    this.element.hidden = !traces.some(({ y }) => y?.smooth);
  }
}
