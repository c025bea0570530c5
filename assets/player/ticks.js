/** The labels of the axes of a plot that nobody zooms, as HTML: for other ones Plotly works its layout out again. */

import { element, setText, spans } from "./dom.js";

export class Ticks {
  #axes = { x: element("div", { class: "lnl-x-ticks" }), y: element("div", { class: "lnl-y-ticks" }) };

  constructor() {
    this.element = element("div", { class: "lnl-ticks", "aria-hidden": "true" }, this.#axes.x, this.#axes.y);
  }

  /**
   * @param {{x: object, y: object}} axes of a figure; without ticks where they are to stay empty
   * @param {{l: number, t: number}} margin of the plot in its box
   * @param {{x: number, y: number}} size within it, in pixels
   */
  update(axes, { l, t }, size) {
    Object.assign(this.element.style, { left: `${l}px`, top: `${t}px`, width: `${size.x}px`, height: `${size.y}px` });
    for (const [name, { ticks = [], range, side }] of Object.entries(axes)) {
      this.#axes[name].classList.toggle("lnl-above", side === "top");
      const labels = spans(this.#axes[name], ticks.length);
      ticks.forEach(([value, text], index) => {
        const span = labels[index];
        const share = (value - range[0]) / (range[1] - range[0]);
        setText(span, text.replaceAll("<br>", "\n"));
        span.style[name === "x" ? "left" : "bottom"] = `${(100 * share).toFixed(2)}%`;
      });
    }
  }
}
