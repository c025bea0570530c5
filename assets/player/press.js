/** The last press on an element, by any pointer: whether it has left its place, as no click does. */

const TREMBLE = 8; // pixels that a hand may move and still click

export class Press {
  moved = false;
  #start = { clientX: 0, clientY: 0 };
  #ended = new AbortController();

  /** @param {HTMLElement} held what is pressed on; the pointer may go anywhere from there */
  constructor(held) {
    // Plotly takes what happens on a plot for itself, but for what it has not seen yet.
    const options = { signal: this.#ended.signal, capture: true };
    held.addEventListener("pointerdown", (event) => this.#begin(event), options);
    document.addEventListener("pointermove", (event) => (this.moved ||= this.#far(event)), options);
    document.addEventListener("pointercancel", () => (this.moved = true), options); // it scrolls the page
  }

  destroy() {
    this.#ended.abort();
  }

  #begin(event) {
    this.#start = event;
    this.moved = false;
  }

  #far({ clientX, clientY }) {
    return Math.hypot(clientX - this.#start.clientX, clientY - this.#start.clientY) >= TREMBLE;
  }
}
