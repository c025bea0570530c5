/** The last press on an element, by any pointer: whether it has left its place, as no click does. */

const TREMBLE = 8; // pixels that a hand may move and still click

export class Press {
  moved = false;
  #over = new AbortController();
  #ends;

  /**
   * @param {HTMLElement} held what is pressed on; the pointer may go anywhere from there
   * @param {() => void} ends is called when the pointer lets go, before anything else hears of it
   */
  constructor(held, ends) {
    this.#ends = ends;
    // Plotly takes what happens on a plot for itself, but for what it has not seen yet.
    held.addEventListener("pointerdown", (start) => this.#follow(start), { capture: true });
  }

  /** Listen for as long as the press lasts: a page of charts has many of these. */
  #follow(start) {
    this.#over.abort(); // of a press that ended where nobody was told
    this.#over = new AbortController();
    this.moved = false;
    const on = (event, hear) => document.addEventListener(event, hear, { signal: this.#over.signal, capture: true });
    on("pointermove", ({ clientX, clientY }) => {
      this.moved ||= Math.hypot(clientX - start.clientX, clientY - start.clientY) >= TREMBLE;
    });
    on("pointerup", () => {
      this.#over.abort();
      this.#ends();
    });
    on("pointercancel", () => {
      this.moved = true; // it scrolls the page
      this.#over.abort();
    });
  }
}
