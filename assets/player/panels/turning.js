/** The blocks of a chart turn, slowly and together, until someone does something on the page. */

import { element, setText } from "../dom.js";

const ROUND = 60_000; // milliseconds of a full turn: slow enough to aim at a cube
const EVERY = 50; // milliseconds between two pictures
const SHARE = 0.2; // of the time may go into drawing them: the page comes first
const LONGEST = 1000; // milliseconds, whatever it took: a tab that was hidden gets no pictures
const SCREEN = 17; // milliseconds from one picture of the screen to the next
const PER_PIXEL = 0.01; // radians that a block turns under a hand
const TREMBLE = 8; // pixels that a hand may move and still click

export class Turning {
  /** Whether the last press has left its place, as no click does. */
  dragged = false;
  #turning = false;
  #round = null;
  #ended = new AbortController();

  /**
   * @param {(about: number, up?: number) => void} turn brings every block on by angles in radians
   * @param {HTMLElement} held where they are taken hold of; a finger that goes up or down scrolls
   *   the page instead, see player.css
   */
  constructor(turn, held) {
    this.turn = turn;
    this.button = element("button", {
      type: "button",
      class: "lnl-chip",
      onclick: () => this.#set(!this.#turning),
    });
    const { signal } = this.#ended;
    for (const gesture of ["pointerdown", "keydown", "wheel"]) {
      document.addEventListener(
        gesture,
        ({ target }) => target === this.button || this.#set(false),
        {
          signal,
          passive: true,
          capture: true,
        },
      );
    }
    held.classList.add("lnl-turns");
    held.addEventListener("pointerdown", (start) => this.#follow(start));
    this.#set(!matchMedia("(prefers-reduced-motion: reduce)").matches);
  }

  destroy() {
    this.#set(false);
    this.#ended.abort();
  }

  /** Turn the blocks as the pointer goes, wherever it goes, until it lets go. */
  #follow(start) {
    this.dragged = false;
    if (start.button) return;
    const over = new AbortController();
    const on = (event, hear) =>
      document.addEventListener(event, hear, {
        signal: AbortSignal.any([over.signal, this.#ended.signal]),
      });
    let last = start;
    on("pointermove", (event) => {
      if (!event.buttons) return over.abort(); // it was let go of where nobody was told
      this.dragged ||=
        Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) >= TREMBLE;
      this.turn(
        PER_PIXEL * (last.clientX - event.clientX),
        PER_PIXEL * (event.clientY - last.clientY),
      );
      last = event;
    });
    for (const end of ["pointerup", "pointercancel"]) on(end, () => over.abort());
  }

  #set(turning) {
    this.#turning = turning;
    setText(this.button, turning ? "Hold still" : "Turn");
    this.#round = null;
    if (turning) this.#go(EVERY);
  }

  /** Turn on after a pause; the longer the browser is at the picture, the longer the next pause. */
  async #go(pause) {
    const round = (this.#round = {}); // another call ends this one
    while (this.#round === round) {
      await new Promise((later) => setTimeout(later, pause));
      const start = await nextPicture();
      if (this.#round !== round) return;
      this.turn((2 * Math.PI * pause) / ROUND);
      await nextPicture(); // it is drawn by then, but only what follows is late
      pause = pauseAfter((await nextPicture()) - start);
    }
  }
}

/**
 * How long to wait until the next picture: long enough to leave the page most of the time.
 * @param {number} took milliseconds until the picture after the next one was due
 */
export const pauseAfter = (took) => Math.min(LONGEST, Math.max(EVERY, (took - 2 * SCREEN) / SHARE));

const nextPicture = () => new Promise(requestAnimationFrame);
