/** A label beside the pointer. */

import { element, setText } from "../dom.js";

export class Tip {
  /** @param {HTMLElement} panel in which the label stands */
  constructor(panel) {
    this.panel = panel;
    this.element = element("div", { class: "lnl-tip", "aria-hidden": "true", hidden: true });
    panel.append(this.element);
  }

  /**
   * @param {string} text
   * @param {PointerEvent} event
   */
  show(text, { clientX, clientY }) {
    const { left, top, width } = this.panel.getBoundingClientRect();
    const [x, y] = [clientX - left, clientY - top];
    setText(this.element, text);
    this.element.style.translate = `${x}px ${y}px`;
    this.element.classList.toggle("lnl-before", x > width / 2);
    this.element.hidden = false;
  }

  hide() {
    this.element.hidden = true;
  }
}
