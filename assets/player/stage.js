/**
 * The whole window for a player: to present it, or to see one of its charts large. What lies behind
 * can be neither seen nor reached meanwhile.
 */

import { element } from "./dom.js";

/** What a presentation shows has the theme's own colours of links and warnings. */
const PLAIN = ["--st-link-color", "--st-red-text-color", "--st-yellow-text-color"];

export class Stage {
  #root;
  #home = null;
  #shown = { chart: null, present: null };
  #dialog = element("dialog", { class: "lnl-stage", autofocus: true });
  #themes;

  /**
   * @param {HTMLElement} root of the player
   * @param {Object<string, Object<string, string>>} themes CSS variables of the light and the dark theme
   * @param {() => void} leave called when people want to leave it
   */
  constructor(root, themes, leave) {
    this.#root = root;
    this.#themes = themes;
    this.#dialog.addEventListener("cancel", (event) => {
      event.preventDefault(); // the view is the owner: it closes the dialog
      leave();
    });
  }

  /**
   * Show the player as a view says.
   * @param {{chart: string|null, present: string|null}} view
   * @returns {boolean} whether that changed anything
   */
  show({ chart, present }) {
    if (chart === this.#shown.chart && present === this.#shown.present) return false;
    this.#shown = { chart, present };
    this.#root.classList.toggle("lnl-enlarged", Boolean(chart));
    this.#root.classList.toggle("lnl-presenting", Boolean(present));
    this.#colour(present);
    if (chart || present) this.#open();
    else this.#close();
    return true;
  }

  #open() {
    if (this.#home) return;
    const focused = /** @type {HTMLElement} */ (document.activeElement);
    this.#home = this.#root.parentElement;
    this.#home.append(this.#dialog);
    this.#dialog.append(this.#root);
    this.#dialog.showModal();
    if (this.#root.contains(focused)) focused.focus({ preventScroll: true });
  }

  #close() {
    if (!this.#home) return;
    const focused = /** @type {HTMLElement} */ (document.activeElement);
    const inside = this.#root.contains(focused);
    this.#dialog.close();
    this.#home.append(this.#root);
    this.#dialog.remove();
    this.#home = null;
    if (inside) focused.focus({ preventScroll: true });
  }

  /** A presentation has the theme that was chosen for it, whatever the page's. */
  #colour(theme) {
    const { style } = this.#root;
    for (const name of [...Object.keys(this.#themes.light), ...PLAIN]) style.removeProperty(name);
    if (!theme) return;
    for (const name of PLAIN) style.setProperty(name, "initial");
    for (const [name, color] of Object.entries(this.#themes[theme])) style.setProperty(name, color);
  }
}
