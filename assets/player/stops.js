/**
 * The panel of a path: at each stop it asks what will happen, and says what has happened once that is
 * to be seen (ln_core/paths.py). Which stop it is stands in the address; what was answered is kept in
 * this browser, and in a class it is told (`answered`).
 *
 * @typedef {{id: string, name: string, href: string, page: string}} Linked
 * @typedef {Linked & {path: string, own: boolean,
 *   stops: Linked[], end: import("./path-end.js").End, query: Object<string, string>,
 *   view: import("./view.js").Fields, veils: string[], lights: string, asked: string, options: string[], right: number,
 *   happened: string, takeaway: string}} Stop texts are HTML of our own lessons
 *
 * What the player says of the film at each moment.
 * @typedef {{film: import("./film.js").Film, frame: number, goal: number, isOver: boolean,
 *   isOwn: boolean}} Now the frame on screen, the frame of the stop's moment, whether no more frames
 *   will come, whether the settings are the stop's
 */

import { SHOWN, answerOf, chosenAt, keepAnswer } from "./answers.js";
import { actionButton, element, setText } from "./dom.js";
import { typeset } from "./mathematics.js";
import { fill, valuesAt } from "./measured-values.js";
import { makePathEnd } from "./path-end.js";

const CHANGED = "The settings of this question have been changed.";
const TOLD_OF = "The text below is about its original run.";
const COMING = "Watch the charts. Playback pauses where you can see the answer.";
const WAITING = "Answered. Your teacher will show what happens.";

export class Stops {
  /** @type {Stop|null} */
  #stop = null;
  /** @type {string|null} the theme of a presentation */
  #present = null;
  #stops;
  #katex;
  #actions;
  /** Is told that something was answered. */
  answered = () => {};
  /** @type {(stop: string) => boolean} whether a class is not shown the answer yet */
  waits = () => false;
  /** Whether a teacher says which stop is next. */
  isLed = () => false;
  /** Whether what is to be seen has been on screen since it was answered. */
  #isSeen = false;
  /** Whether what happened has been told since: it stays, whatever settings are tried then. */
  #isTold = false;
  /** What the panel shows: "asked", "waiting", "coming", "changed" or "seen". */
  #phase = "";
  #counts = null;
  #options = [];

  /**
   * @param {Stop[]} stops of this page
   * @param {string} katex address of its module
   * @param {{reveal: (stop: Stop) => void, skip: (stop: Stop) => void, again: (stop: Stop) => void,
   *   leave: (stop: Stop) => void, light: (stop: Stop, isWanted: boolean) => void}} actions what an
   *   answer sets off; going to the moment at once; asking again, or going back to the settings;
   *   leaving; showing where the answer is to be seen
   */
  constructor(stops, katex, actions) {
    this.#stops = stops;
    this.#katex = katex;
    this.#actions = actions;
    this.element = element("section", { class: "lnl-stop", hidden: true });
  }

  get ids() {
    return this.#stops.map(({ id }) => id);
  }

  /** The first question of the page's own, if it has some. */
  get first() {
    return this.#stops.find(({ own }) => own) ?? null;
  }

  /** @param {string|undefined|null} id */
  find(id) {
    return this.#stops.find((stop) => stop.id === id) ?? null;
  }

  /** Whether a stop waits for an answer, or a class for its teacher: until then nothing shows it. */
  asks(id) {
    return Boolean(this.find(id)) && (answerOf(id) === null || this.waits(id));
  }

  /** What an address asks for: one that names a stop alone means its settings and its view. */
  resolve({ query, view }) {
    const stop = this.find(view.stop);
    if (!stop || Object.keys(query).length) return { query, view };
    return { query: stop.query, view: { ...stop.view, ...view } };
  }

  /**
   * Show a stop, or none.
   * @param {string|null} [id]
   * @param {string|null} [present] the theme of a presentation, which links keep
   */
  show(id = null, present = null) {
    const stop = this.find(id);
    if (stop === this.#stop && present === this.#present) return;
    this.#present = present;
    if (stop !== this.#stop) {
      const isHere = this.element.contains(document.activeElement);
      this.#stop = stop;
      this.#counts = null;
      this.#isSeen = this.#isTold = false;
      this.element.hidden = !stop;
      this.element.replaceChildren(...(stop ? this.#build(stop) : []));
      this.#phase = "";
      if (stop) this.#enter("asked");
      if (isHere) this.focus();
      else this.arrive();
    }
    for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (
      this.element.querySelectorAll("a[data-show]")
    ))
      link.search = search(link.search, present);
  }

  /** @param {Now} now */
  update({ film, frame, goal, isOver, isOwn }) {
    const stop = this.#stop;
    if (!stop) return;
    if (this.asks(stop.id)) {
      // Who was only shown it may still choose, with a class.
      return this.#enter(chosenAt(stop.id) === null ? "asked" : "waiting");
    }
    if (!isOwn) return this.#enter("changed");
    const isHeld = film.length > goal || (isOver && film.length > 0);
    this.#isSeen ||= isHeld && frame >= Math.min(goal, film.length - 1);
    if (!isHeld || !this.#isSeen) return this.#enter("coming");
    if (this.#phase === "seen") return;
    fill(this.revealed, valuesAt(film, goal), "value");
    this.#isTold = true;
    this.#enter("seen");
  }

  /** Someone has come to the page: keys begin at what is asked, unless they are used elsewhere. */
  arrive() {
    if (this.#stop && document.activeElement === document.body) this.focus();
  }

  focus() {
    this.question?.focus({ preventScroll: true });
  }

  /** Go on to the next stop, once this one is answered and seen. */
  goOn() {
    if (this.#tells && !this.isLed()) this.next.click();
  }

  /** A teacher shows the answer without having given one. */
  showAnswer() {
    if (this.#phase === "asked") this.#answer(SHOWN);
  }

  /** What a class waits for may be another thing now: show the answer that was waited for. */
  refresh() {
    if (!this.#stop) return;
    this.#offer();
    if (this.#phase === "waiting" && !this.waits(this.#stop.id)) this.#reveal(this.#stop);
  }

  #offer() {
    this.shower.hidden = this.#phase !== "asked" || this.waits(this.#stop.id);
    this.next.hidden = this.isLed();
  }

  /**
   * Show how a class has answered, below the options.
   * @param {number[]|null} counts of each option; null: nothing is shown
   */
  showTally(counts) {
    this.#counts = counts;
    const all = Math.max(1, counts?.reduce((sum, count) => sum + count, 0) ?? 1);
    this.#options.forEach(({ tally }, option) => {
      tally.hidden = !counts;
      setText(tally, counts ? String(counts[option] ?? 0) : "");
      tally.style.setProperty("--lnl-share", String((counts?.[option] ?? 0) / all));
    });
  }

  #build(stop) {
    this.question = element("legend", { tabIndex: -1 });
    this.question.innerHTML = stop.asked;
    this.#options = stop.options.map((html, option) => this.#option(html, option));
    this.shower = actionButton("Just show me", () => this.#answer(SHOWN));
    this.said = element("p", { class: "lnl-stop-said", role: "status", tabIndex: -1 });
    this.skipper = actionButton("Skip ahead", () => this.#actions.skip(stop));
    this.returner = actionButton("Back to the question", () =>
      this.#again(stop, answerOf(stop.id)),
    );
    const place = stop.stops.findIndex(({ id }) => id === stop.id) + 1;
    this.revealed = this.#outcome(stop, stop.stops[place]);
    this.element.setAttribute("aria-label", `${stop.path}, stop ${place} of ${stop.stops.length}`);
    this.fieldset = element(
      "fieldset",
      {},
      this.question,
      element(
        "div",
        { class: "lnl-answers" },
        ...this.#options.map(({ whole }) => whole),
        this.shower,
      ),
    );
    const saying = element(
      "div",
      { class: "lnl-stop-line" },
      this.said,
      this.skipper,
      this.returner,
    );
    typeset(this.fieldset, this.#katex);
    typeset(this.revealed, this.#katex);
    return [this.#head(stop, place), this.fieldset, saying, this.revealed];
  }

  /** Where on the path it is, and the way out. */
  #head(stop, place) {
    const steps = stop.stops.map((one, at) => {
      const isDone = answerOf(one.id) !== null;
      const name = `Stop ${at + 1}: ${one.name}${isDone ? " (answered)" : ""}`;
      const properties = { href: one.href, title: name, "aria-label": name };
      const link = element("a", { ...properties, dataset: { show: one.page } }, String(at + 1));
      if (one === stop.stops[place - 1]) {
        link.setAttribute("aria-current", "step");
        this.step = link;
      }
      link.classList.toggle("lnl-done", isDone);
      return element("li", {}, link);
    });
    const leave = element(
      "button",
      { type: "button", class: "lnl-tool", onclick: () => this.#actions.leave(stop) },
      "Leave the path",
    );
    return element(
      "div",
      { class: "lnl-stop-head" },
      element("strong", {}, stop.name),
      element("span", { class: "lnl-place" }, `${stop.path}, ${place} of ${stop.stops.length}`),
      element("nav", { "aria-label": stop.path }, element("ol", {}, ...steps)),
      leave,
    );
  }

  #option(html, option) {
    const text = element("span");
    text.innerHTML = html;
    const mark = element("span", { class: "lnl-mark" });
    const button = element(
      "button",
      { type: "button", class: "lnl-answer", onclick: () => this.#answer(option) },
      text,
      mark,
    );
    const tally = element("span", { class: "lnl-tally", hidden: true });
    return {
      button,
      mark,
      tally,
      whole: element("div", { class: "lnl-answered" }, button, tally),
    };
  }

  /** What is told once it is seen. */
  #outcome(stop, next) {
    const happened = told("What happened", stop.happened);
    for (const node of /** @type {NodeListOf<HTMLElement>} */ (
      happened.querySelectorAll("[data-slot]")
    )) {
      node.dataset.value = node.dataset.slot; // of the stop's moment, wherever the playhead is
      delete node.dataset.slot;
    }
    this.next = next
      ? element("a", { href: next.href, dataset: { show: next.page } }, `Next: ${next.name}`)
      : this.#end(stop);
    this.next.classList.add("lnl-action", "lnl-next");
    const again = actionButton("Answer again", () => this.#again(stop, null));
    const shower = actionButton("Show the chart", () => this.#actions.light(stop, true));
    shower.hidden = !stop.lights;
    return element(
      "div",
      { class: "lnl-revealed", tabIndex: -1 },
      happened,
      element(
        "div",
        { class: "lnl-stop-line" },
        told("Takeaway", stop.takeaway),
        this.next,
        shower,
        again,
      ),
    );
  }

  /** What leads on from the last stop: out, or to all that the path has told. */
  #end({ path, end }) {
    if (!end.told.length) return element("a", { href: end.href }, end.name);
    return actionButton("Finish the path", () => {
      const card = makePathEnd(path, end, this.#katex);
      card.addEventListener("close", () => card.remove());
      this.element.after(card);
      card.showModal();
    });
  }

  #answer(option) {
    const stop = this.#stop;
    keepAnswer(stop.id, option);
    this.answered();
    if (this.waits(stop.id)) this.#enter("waiting");
    else this.#reveal(stop);
    this.said.focus({ preventScroll: true });
  }

  #reveal(stop) {
    this.#isSeen = this.#isTold = false;
    this.#enter("coming");
    this.#actions.reveal(stop);
  }

  #again(stop, answer) {
    keepAnswer(stop.id, answer);
    this.#isSeen = this.#isTold = false;
    this.#actions.again(stop);
    if (answer === null) this.#enter("asked");
    this.focus();
  }

  /** Show a phase; who is in the panel goes on at what has just been revealed. */
  #enter(phase) {
    if (phase === this.#phase) return;
    const isHere = this.element.contains(document.activeElement);
    this.#phase = phase;
    this.element.dataset.phase = phase;
    this.#offer();
    this.skipper.hidden = phase !== "coming";
    this.returner.hidden = phase !== "changed";
    this.revealed.hidden = !this.#tells;
    this.#judge(phase === "asked" ? null : answerOf(this.#stop.id));
    const changed = this.#isTold ? `${CHANGED} ${TOLD_OF}` : CHANGED;
    const saying = { waiting: WAITING, coming: COMING, changed };
    setText(this.said, saying[phase] ?? "");
    if (phase !== "seen") return;
    if (isHere) this.revealed.focus({ preventScroll: true });
    this.#actions.light(this.#stop, false);
  }

  /** Whether the panel says what happened. */
  get #tells() {
    return this.#phase === "seen" || (this.#phase === "changed" && this.#isTold);
  }

  /** Mark the right option, unless a class waits for it, and the one chosen; null: none of them yet. */
  #judge(answer) {
    const isJudged = answer !== null;
    const isTold = isJudged && this.#phase !== "waiting";
    this.step.classList.toggle("lnl-done", isJudged);
    this.#options.forEach(({ button, mark }, option) => {
      const isRight = isTold && option === this.#stop.right;
      const isMine = isJudged && option === answer;
      button.disabled = isJudged;
      button.classList.toggle("lnl-right", isRight);
      button.classList.toggle("lnl-mine", isMine);
      setText(
        mark,
        [isRight ? "✓ right" : "", isMine ? "your answer" : ""].filter(Boolean).join(", "),
      );
    });
    this.showTally(this.#counts);
  }
}

/** A text below its name. */
function told(name, html) {
  const text = element("div", { class: "lnl-told" });
  text.innerHTML = html;
  const named = element("strong", {}, `${name}: `);
  (text.firstElementChild ?? text).prepend(named);
  return text;
}

/** The query of a link with the theme of a presentation, or without. */
function search(text, present) {
  const query = new URLSearchParams(text);
  if (present) query.set("present", present);
  else query.delete("present");
  return `?${query}`;
}
