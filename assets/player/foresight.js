/** Milliseconds after which a picture is no longer waited for. */
const LONGEST = 500;

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
   * @param {import("./widgets.js").Change} change
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
    const change = Object.entries(this.#wanted).map(([field, value]) => [field, String(value)]);
    this.#wanted = null;
    const query = new URLSearchParams(this.#present());
    if (!change.every(([field]) => query.has(field))) return;
    // What is there already brings no answer; but another picture may be on its way, to be taken back.
    if (change.some(([field, value]) => query.get(field) !== value)) this.#sent = performance.now();
    for (const [field, value] of change) query.set(field, value);
    this.#send(query.toString());
  }
}
