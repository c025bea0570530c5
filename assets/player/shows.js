/**
 * What is to be shown: the query on screen, the changes that people have made since, and what was
 * asked of the server and is not answered yet. The one owner of a page's settings.
 *
 * @typedef {Object<string, string>} Query texts of a config's fields
 * @typedef {{fields: Query, at: string}} Change new texts, and where they were chosen
 * @typedef {{show: Query, from: number, strict: boolean, id: number, rest?: boolean}} Asking as the
 *   server reads it; `rest`: its training is to rest
 */

/** Milliseconds after which something newer is asked for though a picture has not come. */
const PATIENCE = 500;

export class Shows {
  #default;
  /** @type {Query} what the server has accepted last */
  #accepted;
  /** @type {Change[]} */
  #changes = [];
  #asked = null; // {show, strict, id, size: how many changes it holds}
  #last = 0;
  #since = -Infinity; // when it was asked
  #awaits = false; // the first frame of what was accepted
  #send;
  #timer = 0;
  /** The number of what is on screen, or about to be. */
  id = 0;

  /**
   * @param {Query} query of a page that nothing was asked of
   * @param {() => void} send has the line ask for what is `asking`
   */
  constructor(query, send) {
    this.#default = this.#accepted = query;
    this.#send = send;
  }

  /** The query as people want it, whether the server has heard of it or not. */
  get query() {
    const wanted = Object.assign({}, this.#changed, ...this.#changes.map(({ fields }) => fields));
    // What is set to nothing is not there, unless it has a default: a link may name what is unknown.
    const those = Object.entries(wanted).filter(([name, text]) => text || name in this.#default);
    return Object.fromEntries(those);
  }

  /** What the changes are made to: a link's query, if that is not answered yet. */
  get #changed() {
    const isLink = this.#asked && !this.#asked.strict;
    return isLink ? { ...this.#default, ...this.#asked.show } : this.#accepted;
  }

  /** The query that the server is to answer next, or that it has answered last. */
  get asked() {
    return this.#asked?.show ?? this.query;
  }

  /** Whether something newer than the picture is wanted. */
  get isOpen() {
    return Boolean(this.#asked || this.#changes.length || this.#awaits);
  }

  /**
   * What a connection asks for: what is not answered yet, or else the rest of what is shown.
   * @param {number} held frames of what is shown
   * @param {(query: Query) => number} [atHand] frames that are here of what was not shown yet
   * @returns {Asking}
   */
  asking(held, atHand = () => 0) {
    if (!this.#asked) return { show: this.#accepted, from: held, strict: false, id: this.id };
    const { show, strict, id } = this.#asked;
    return { show, from: atHand(show), strict, id };
  }

  /**
   * Ask for the config of a query, whatever was wanted before; where it cannot be, for its default.
   * @param {Query} query
   */
  open(query) {
    this.#changes = [];
    this.#ask(query, false);
  }

  /** @param {Change} change a gesture: nothing of it falls back */
  want(change) {
    this.#changes.push(change);
    this.#next();
  }

  /** Frames have come, or never will: the next may be asked for. */
  arrived() {
    this.#awaits = false;
    this.#next();
  }

  /**
   * Take an answer of the server.
   * @param {{id: number, state: string, query?: Query, problems?: object[]}} status
   * @returns {{accepted?: boolean, refused?: Change}|null} null: something else is asked for by now
   */
  take({ id, state, query, problems }) {
    if (id !== this.#asked?.id) return id === this.id && state !== "refused" ? {} : null;
    const { size } = this.#asked;
    this.#asked = null;
    if (state === "refused") return { refused: this.#giveUp(size, problems) };
    this.id = id;
    this.#accepted = query;
    this.#changes.splice(0, size);
    this.#awaits = true;
    this.#next();
    return { accepted: true };
  }

  /** Of changes that cannot be the last one is given up; the others are asked for again. */
  #giveUp(size, problems) {
    const fields = problems.flatMap((problem) => problem.fields);
    const tried = this.#changes.slice(0, size);
    const culprit = tried.findLastIndex((change) => fields.some((name) => name in change.fields));
    const [refused] = this.#changes.splice(culprit < 0 ? size - 1 : culprit, 1);
    this.#next();
    return refused;
  }

  #next() {
    clearTimeout(this.#timer);
    if (!this.#changes.length) return;
    if (this.#asked && !this.#asked.strict) return; // what is changed is a link's query: it comes first
    const waits = this.#asked || this.#awaits ? this.#since + PATIENCE - performance.now() : 0;
    if (waits > 0) this.#timer = setTimeout(() => this.#next(), waits);
    else this.#ask(this.query, true);
  }

  #ask(show, strict) {
    clearTimeout(this.#timer);
    this.#asked = { show, strict, id: ++this.#last, size: this.#changes.length };
    this.#since = performance.now();
    this.#awaits = false;
    this.#send();
  }
}
