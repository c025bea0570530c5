/** The link to the view on screen: to copy, and as a QR code that a room can read from the wall. */

import { makeDialog } from "./dialog.js";
import { actionButton, element, setText } from "./dom.js";

const COPIED = "The link is copied.";
const TO_COPY = "Copy the link from the field.";

export class Share {
  constructor() {
    this.field = element("input", {
      type: "text",
      readOnly: true,
      "aria-label": "Link to this view",
    });
    this.field.onfocus = () => this.field.select();
    this.code = element("img", { class: "lnl-qr", alt: "QR code of the link" });
    this.said = element("p", { role: "status" });
    const content = [this.code, this.field, this.said];
    const copy = actionButton("Copy link", () => this.#copy());
    this.element = makeDialog("Share this view", content, [copy]);
  }

  /** @param {string} link */
  open(link) {
    this.field.value = link;
    this.code.src = new URL(`qr.svg?${new URLSearchParams({ link })}`, document.baseURI).href;
    this.element.showModal();
    this.#copy();
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.field.value);
      setText(this.said, COPIED);
    } catch {
      setText(this.said, TO_COPY); // the browser does not let pages copy
      this.field.focus();
    }
  }
}
