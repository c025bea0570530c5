/**
 * The link to the view on screen: to copy, and as a QR code that a room can read from the wall; and
 * the film on screen as a page in one file.
 */

import { makeDialog } from "./dialog.js";
import { actionButton, element, saveFile, setText } from "./dom.js";
import { linkParts } from "./link-parts.js";

const COPIED = "The link is copied.";
const TO_COPY = "Copy the link from the field.";
const TO_PAGE =
  "The link opens this page. To share the recorded run as you see it, save it as a page.";

export class Share {
  #asked;

  /**
   * @param {() => {path: string, name: string}} asked what a page is to be written of, by which
   *   path of the server, and how its file is named
   * @param {boolean} isRecorded a recorded run: no address names its view
   */
  constructor(asked, isRecorded) {
    this.#asked = asked;
    this.link = linkParts(isRecorded ? "Link to this page" : "Link to this view");
    this.said = element("p", { role: "status" });
    const hint = element("p", { hidden: !isRecorded }, TO_PAGE);
    const content = [this.link.code, this.link.field, hint, this.said];
    const copy = actionButton("Copy link", () => this.#copy());
    this.save = actionButton("Save as a page", () => this.#save());
    const title = isRecorded ? "Share this page" : "Share this view";
    this.element = makeDialog(title, content, [copy, this.save]);
  }

  /** @param {string} link */
  open(link) {
    this.link.show(link);
    this.element.showModal();
    this.#copy();
  }

  /** The page may take the server a moment, and is asked for once at a time. */
  async #save() {
    this.save.disabled = true;
    setText(this.said, "The page is being written…");
    const { path, name, ...asked } = this.#asked();
    try {
      const request = { method: "POST", body: JSON.stringify(asked) };
      const response = await fetch(new URL(path, document.baseURI), request);
      if (!response.ok) throw new Error(await response.text());
      const page = await response.blob();
      saveFile(page, `layer-norm-lab-${name}.html`);
      const size = (page.size / 1e6).toFixed(1);
      setText(
        this.said,
        `The page is saved (${size} MB). It opens anywhere, without an internet connection.`,
      );
    } catch (error) {
      setText(this.said, `The page could not be saved: ${error.message}`);
    }
    this.save.disabled = false;
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.link.field.value);
      setText(this.said, COPIED);
    } catch {
      setText(this.said, TO_COPY); // the browser does not let pages copy
      this.link.field.focus();
    }
  }
}
