/** The solids of a chart turn, slowly and together, until someone takes hold of one. */

import { element, setText } from "./dom.js";

const ROUND = 60_000; // milliseconds of a full turn: slow enough to aim at a cube
const EVERY = 50; // milliseconds between two pictures

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
  #last = performance.now();
  #turning = false;
  #animation = 0;

  /** @param {(angle: number) => void} turn brings every solid in view on by an angle */
  constructor(turn) {
    this.turn = turn;
    this.button = element("button", {
      type: "button",
      class: "lnl-chip",
      onclick: () => this.set(!this.#turning),
    });
    this.set(!matchMedia("(prefers-reduced-motion: reduce)").matches);
  }

  /** Turn, or hold still. */
  set(turning) {
    this.#turning = turning;
    setText(this.button, turning ? "Hold still" : "Turn");
    cancelAnimationFrame(this.#animation);
    if (turning) this.#animation = requestAnimationFrame((now) => this.#go(now));
  }

  #go(now) {
    const passed = now - this.#last;
    if (passed >= EVERY) {
      this.#last = now;
      // After a while in which nobody looked, it goes on from where it was.
      if (passed < 20 * EVERY) this.turn((2 * Math.PI * passed) / ROUND);
    }
    this.#animation = requestAnimationFrame((later) => this.#go(later));
  }
}
