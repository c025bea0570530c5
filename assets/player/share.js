/** The link to the view on screen: to copy, and as a QR code that a room can read from the wall. */

import { element, setText } from "./dom.js";

const COPIED = "The link is copied.";
const TO_COPY = "Copy the link from the field.";

export class Share {
  #dialog;

  constructor() {
    this.field = element("input", {
      type: "text",
      readOnly: true,
      "aria-label": "Link to this view",
    });
    this.field.onfocus = () => this.field.select();
    this.code = element("img", { class: "lnl-qr", alt: "QR code of the link" });
    this.said = element("p", { role: "status" });
    const copy = element("button", { type: "button", class: "lnl-action" }, "Copy link");
    copy.onclick = () => this.#copy();
    const close = element("button", { type: "button", class: "lnl-action" }, "Close");
    close.onclick = () => this.#dialog.close();
    const buttons = element("div", { class: "lnl-tools" }, copy, close);
    const title = element("h3", {}, "Share this view");
    this.#dialog = element(
      "dialog",
      { class: "lnl-dialog", "aria-label": "Share this view" },
      title,
      this.code,
      this.field,
      buttons,
      this.said,
    );
    this.element = this.#dialog;
  }

  /** @param {string} link */
  open(link) {
    this.field.value = link;
    this.code.src = new URL(`qr.svg?${new URLSearchParams({ link })}`, document.baseURI).href;
    this.#dialog.showModal();
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
