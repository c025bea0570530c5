/** Milliseconds after which a picture is no longer waited for. */
const LONGEST = 500;

/**
 * @typedef {Object<string, string|number|((before: string) => string)>} Foreseen new values of a
 *   config's fields, or what becomes of those that they have
 */

/**
 * Pictures that a page is about to ask for: one at a time, and of several the latest.
 */
export class Foresight {
  #present;
  #send;
  #wanted = null;
  #sent = -Infinity;

  /**
   * @param {() => string} present gives the query of the picture that is there
   * @param {(query: string) => void} send
   */
  constructor(present, send) {
    this.#present = present;
    this.#send = send;
  }

  /**
   * Fields are about to take new values.
   * @param {Foreseen} change
   */
  want(change) {
    this.#wanted = change;
    this.#next();
  }

  /** A picture has been drawn: the next may come. */
  drawn() {
    this.#sent = -Infinity;
    this.#next();
  }

  #next() {
    // A picture that cannot be never comes.
    if (!this.#wanted || performance.now() - this.#sent < LONGEST) return;
    const wanted = Object.entries(this.#wanted);
    this.#wanted = null;
    const query = new URLSearchParams(this.#present());
    if (!wanted.every(([field]) => query.has(field))) return;
    const change = wanted.map(([field, value]) => {
      return [field, String(typeof value === "function" ? value(query.get(field)) : value)];
    });
    // What is there already brings no answer; but another picture may be on its way, to be taken back.
    if (change.some(([field, value]) => query.get(field) !== value)) this.#sent = performance.now();
    for (const [field, value] of change) query.set(field, value);
    this.#send(query.toString());
  }
}
