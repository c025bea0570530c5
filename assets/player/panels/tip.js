/** A label beside the pointer, or at a place. */

import { element, setText } from "../dom.js";

export class Tip {
  /**
   * @param {HTMLElement} panel in which the label stands
   * @param {Object<string, any>} properties of its element
   */
  constructor(panel, properties = { class: "lnl-tip", "aria-hidden": "true" }) {
    this.panel = panel;
    this.element = element("div", { ...properties, hidden: true });
    panel.append(this.element);
  }

  /**
   * @param {string} text
   * @param {{clientX: number, clientY: number}} event
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
