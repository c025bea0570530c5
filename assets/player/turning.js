/** The solids of a chart turn, slowly and together, until someone does something on the page. */

import { element, setText } from "./dom.js";

const ROUND = 60_000; // milliseconds of a full turn: slow enough to aim at a cube
const EVERY = 50; // milliseconds between two pictures
const SHARE = 0.2; // of the time may go into drawing them: the page comes first
const LONGEST = 1000; // milliseconds, whatever it took: a tab that was hidden gets no pictures
const SCREEN = 17; // milliseconds from one picture of the screen to the next

/**
 * Go round the upright axis.
 * @param {{x: number, y: number, z: number}} eye
 * @param {number} angle in radians
 */
export function goRound({ x, y, z }, angle) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return { x: cos * x - sin * y, y: sin * x + cos * y, z };
}

export class Turning {
  #turning = false;
  #round = null;
  #ended = new AbortController();

  /** @param {(angle: number) => void} turn brings every solid in view on by an angle */
  constructor(turn) {
    this.turn = turn;
    this.button = element("button", {
      type: "button",
      class: "lnl-chip",
      onclick: () => this.#set(!this.#turning),
    });
    const { signal } = this.#ended;
    for (const gesture of ["pointerdown", "keydown", "wheel"]) {
      document.addEventListener(gesture, ({ target }) => target === this.button || this.#set(false), {
        signal,
        passive: true,
        capture: true,
      });
    }
    this.#set(!matchMedia("(prefers-reduced-motion: reduce)").matches);
  }

  destroy() {
    this.#set(false);
    this.#ended.abort();
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
      await nextPicture(); // the solids are drawn in another process: only what follows is late
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
