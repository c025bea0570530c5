/**
 * A class: the teacher's page says what it shows, and the members' pages show it too. One for the
 * browser's page, whichever players come and go in it. What is said over the line is described in
 * ln_core/rooms/route.py.
 */

import { isAt, readSearch, writeSearch } from "./address.js";
import { chosenAt } from "./answers.js";
import { ClassBar } from "./class-bar.js";
import { ClassCards } from "./class-cards.js";
import { element } from "./dom.js";
import { keeper } from "./kept.js";
import { Line } from "./line.js";
import { loadStyle } from "./load.js";
import { same } from "./same.js";

/** Milliseconds between two reports of a film that plays. */
const REPORTED = 500;
/** The least between two reports of a hand. */
const SOON = 80;

/** What may be tried again without anyone's doing. */
const PASSING = ["away", "fast"];

const NAME = "lnl-class";
/** `{code, secret, tab}`, of a teacher: the tab that was looked at last is the one that leads. */
const teaching = keeper(NAME, () => localStorage);
/** `{code, token, alone}`, of a member: each tab is one. */
const attending = keeper(NAME, () => sessionStorage);

/** `{recording}`: which of its page's films a teacher's tab has touched last; its run's if none. */
const touched = keeper("lnl-touched", () => sessionStorage);

/** @typedef {{path?: string, recording?: {name: string, title: string}, root: HTMLElement, now: any,
 *   join: (now: any) => void, hold: (paused: boolean) => void,
 *   stops?: import("./stops.js").Stops, onchange: (byHand: boolean) => void}} Player */

export class Room {
  /** @type {"teacher"|"member"|null} */
  role = null;
  /** All that was told last. */
  told = /** @type {any} */ ({});
  /** A member looks around on their own. */
  alone = false;
  /** @type {boolean|null} whether the teacher has paused all; null: the server knows */
  paused = null;
  #line = null;
  /** @type {Set<Player>} Streamlit may make one more than it shows */
  #players = new Set();
  /** Players that have not been led yet. */
  #late = new WeakSet();
  /** The recording that was brought into view last; "": the run. */
  #inView = "";
  /** The page that this one was led to last. */
  #led = null;
  #said = null;
  #reporting = 0;
  #tab = String(Math.random());

  constructor() {
    this.bar = new ClassBar(this);
    this.cards = new ClassCards(this);
    document.addEventListener("lnl-class", () => this.cards.open());
    // Of a teacher's tabs the one that was looked at last is followed.
    addEventListener("focus", () => this.#takeLead());
    document.addEventListener("visibilitychange", () => this.#report());
    const plays = () => this.role === "teacher" && this.#player?.now?.view.play;
    setInterval(() => plays() && this.#report(), REPORTED);
    this.#resume();
  }

  /** Go on with what a link, this tab or this browser knows of. */
  #resume() {
    const url = new URL(location.href);
    const code = url.searchParams.get("room");
    url.searchParams.delete("room");
    if (code !== null) history.replaceState(history.state, "", url);
    const member = attending.read();
    if (code !== null) this.join(code, code.toUpperCase() === member?.code ? member.token : "");
    else if (member) this.join(member.code, member.token, member.alone);
    else if (teaching.read()) this.#connect("teacher", () => ({ teach: this.#own }));
  }

  get #own() {
    const { code, secret } = teaching.read() ?? {};
    return secret ? { code, secret } : {};
  }

  get code() {
    return this.told.you?.code ?? "";
  }

  get isReached() {
    return Boolean(this.#line?.isOpen);
  }

  /** The link that lets others in. */
  get link() {
    return new URL(`.?room=${this.code}`, document.baseURI).href;
  }

  /** Begin a class. */
  start() {
    teaching.write(null);
    attending.write(null);
    this.#connect("teacher", () => ({ teach: this.#own }));
  }

  /** Take part in a class. */
  join(code, token = "", alone = false) {
    attending.write(null);
    const asked = { code: code.trim().toUpperCase(), token };
    this.alone = alone;
    this.#led = null;
    this.#connect("member", () => ({ join: this.told.you ?? asked }));
  }

  #connect(role, hello) {
    this.#line?.close();
    this.role = role;
    this.told = {};
    this.paused = null;
    this.#line = new Line({
      hello,
      take: (parts) => this.#take(parts),
      phase: () => this.bar.update(),
    });
    this.bar.update();
  }

  /** Leave the class, or have ended it. */
  leave() {
    if (this.role === "teacher") teaching.write(null);
    else attending.write(null);
    this.#line?.close();
    this.#line = this.role = null;
    this.told = {};
    this.#tally();
    this.bar.update();
  }

  #take(parts) {
    if (parts.refused) return this.#refused(parts);
    const fresh = "you" in parts;
    const before = this.told;
    this.told = fresh ? parts : { ...before, ...parts };
    if (this.told.over) {
      const { over } = this.told;
      this.leave();
      this.cards.tell(over);
      return true;
    }
    if (this.role === "teacher") this.#lead(fresh);
    else this.#follow(fresh, before);
    this.#tally();
    this.bar.update();
    this.cards.update();
    return true;
  }

  /** Show at the question that is asked how all have answered, and what is right, once revealed. */
  #tally() {
    const { question, tally = null } = this.told;
    const { stops, now } = this.#player ?? {};
    const stop = now?.view.stop;
    stops?.showTally(stop && stop === question ? tally : null);
    stops?.refresh();
  }

  /** Whether someone does what the teacher does. */
  get #isLed() {
    return this.role === "member" && !this.alone;
  }

  /** Whether the answer to a question is not shown before the teacher reveals it. */
  #waits(stop) {
    return this.#isLed && this.told.question === stop && !this.told.tally;
  }

  /** @returns {boolean} whether that is the end of it */
  #refused({ refused, said }) {
    const isHeld = this.role === "teacher" && this.#own.secret && refused === "rooms";
    if (isHeld || PASSING.includes(refused)) return false;
    this.leave();
    this.cards.tell(said);
    return true;
  }

  // --- the teacher's page ---

  #lead(fresh) {
    if (!fresh) return;
    const { you, paused } = this.told;
    const isNew = teaching.read()?.secret !== you.secret;
    if (isNew) teaching.write(you);
    if (this.paused === null) this.#takeLead(); // the page was loaded just now
    this.paused ??= paused;
    this.#said = null;
    this.#report();
    if (paused !== this.paused) this.#line.say("pause", this.paused);
    if (isNew) this.cards.open();
  }

  #takeLead() {
    const known = teaching.read();
    if (this.role !== "teacher" || !known) return;
    if (known.tab !== this.#tab) teaching.write({ ...known, tab: this.#tab });
    this.#report();
  }

  /** Say soon what is on the screen, if it is something else than before. */
  #report() {
    if (this.role === "teacher")
      this.#reporting ||= window.setTimeout(() => {
        this.#reporting = 0;
        this.#say();
      }, SOON);
  }

  #say() {
    const player = this.#player;
    if (!player?.now) return;
    if (this.role !== "teacher" || teaching.read()?.tab !== this.#tab) return;
    const { query, view } = player.now;
    const { fingerprint, ...seen } = view;
    const show = { page: player.path, recording: nameOf(player), query, view: seen };
    if (same(show, this.#said) || !this.isReached) return;
    this.#said = show;
    this.#line.say("show", show);
    const { stop = "" } = view;
    if (stop !== this.told.question) this.#line.say("ask", stop);
  }

  /** Pause all, or have all go on. */
  pause(paused) {
    this.paused = paused;
    this.#player?.hold(paused);
    this.#line.say("pause", paused);
    this.bar.update();
  }

  /** Show all how they have answered, and what is right. */
  reveal() {
    this.#line.say("reveal", this.told.question);
    this.#player?.stops?.showAnswer();
  }

  /** End the class for all. */
  end() {
    this.#line.say("end", true);
  }

  // --- a member's page ---

  #follow(fresh, before) {
    const { paused, run, view } = this.told;
    if (fresh) this.#keep();
    // Who has answered before the teacher was there, or the server forgot it, has answered.
    if (fresh || before.question !== this.told.question) this.#sayAnswer();
    if (this.alone && Boolean(before.paused) !== paused) this.#player?.hold(paused);
    if (!same(run, before.run) || !same(view, before.view)) this.#show();
  }

  #sayAnswer() {
    const { question: stop } = this.told;
    const option = chosenAt(stop);
    if (this.role === "member" && option !== null) this.#line.say("answer", { stop, option });
  }

  #keep() {
    if (this.told.you) attending.write({ ...this.told.you, alone: this.alone });
  }

  /** Show what the teacher shows. */
  #show() {
    const { run, view } = this.told;
    if (this.role !== "member" || this.alone || !run) return;
    if (!isAt(location.pathname, run.page)) {
      // Who has gone elsewhere since wants to be there.
      if (this.#led !== null && !isAt(location.pathname, this.#led)) this.lookAround();
      else this.#go(run, view);
      return;
    }
    this.#led = run.page;
    const player = this.#player;
    if (!player?.now) return;
    if (run.recording !== this.#inView) bringIntoView(player);
    this.#inView = run.recording;
    player.join({ query: run.query, view });
  }

  /** Go to a page as the menu does. */
  #go({ page, recording, query }, { speed, ...view }) {
    this.#led = page;
    this.#inView = "";
    const kept = readSearch(location.search).kept.filter(([name]) => name !== "controls");
    const search = writeSearch(recording ? {} : { ...query, ...view }, kept);
    history.pushState({}, "", new URL(`${page}${search}`, document.baseURI));
    dispatchEvent(new PopStateEvent("popstate", { state: {} }));
  }

  /** Let go of the teacher. */
  lookAround() {
    this.alone = true;
    this.#keep();
    this.#tally();
    this.bar.update();
  }

  /** Follow the teacher again. */
  comeBack() {
    this.alone = false;
    this.#led = null;
    this.#keep();
    this.#show();
    this.#tally();
    this.bar.update();
  }

  // --- players ---

  /** The one that leads, or is led, on the page that the browser is at. */
  get #player() {
    /** @param {Player} player */
    const isShown = ({ path, root }) => root.isConnected && isAt(location.pathname, path);
    const shown = [...this.#players].filter(isShown);
    const of = (name) => shown.find((player) => nameOf(player) === name);
    if (this.role === "member") return of(this.told.run?.recording ?? "") ?? null;
    return of(this.#touched) ?? of("") ?? shown[0] ?? null;
  }

  get #touched() {
    return touched.read()?.recording ?? "";
  }

  /** @param {Player} player of a page */
  attend(player) {
    if (!player.path || this.#players.has(player)) return;
    for (const other of this.#players)
      if (!other.root.isConnected || other.root === player.root) this.#players.delete(other);
    this.#players.add(player);
    this.#late.add(player);
    if (player.stops)
      Object.assign(player.stops, {
        answered: () => this.#sayAnswer(),
        waits: (stop) => this.#waits(stop),
        isLed: () => this.#isLed,
      });
    player.onchange = (byHand) => this.#changed(player, byHand);
    this.#report();
    this.bar.place();
  }

  #changed(player, byHand) {
    this.bar.place(); // it may fill the window now
    this.#tally();
    if (this.role === "teacher" && byHand) touched.write({ recording: nameOf(player) });
    if (player !== this.#player) return;
    const isNew = player.now && this.#late.delete(player);
    if (this.role === "teacher") this.#teach(byHand, isNew);
    else if (byHand && this.role && !this.alone) this.lookAround();
    else if (isNew) this.#show();
  }

  #teach(byHand, isNew) {
    // Of a recorded film, the tab was open before a reload.
    if (isNew && this.#touched && this.#touched === nameOf(this.#player))
      bringIntoView(this.#player);
    if (byHand && this.paused && this.#player.now?.view.play) this.pause(false);
    this.#report();
  }
}

/** The name of the recorded film that a player shows; "": it shows a run. @param {Player} player */
const nameOf = ({ recording }) => recording?.name ?? "";

/** Scroll to a player; if another tab hides it, open its own. @param {Player} player */
function bringIntoView({ root, recording }) {
  /** @type {NodeListOf<HTMLElement>} */
  const tabs = document.querySelectorAll("[role=tab]");
  if (!root.checkVisibility())
    [...tabs].find(({ textContent }) => textContent === recording?.title)?.click();
  root.scrollIntoView({ block: "nearest" });
}

/** @type {Room} */
const room = (window.lnlRoom ??= new Room());

/** Have the page's player lead or follow, if there is a class. */
export const attend = (player) => room.attend(player);

/**
 * On a page without a run: be led to it by its path, or show how to start or join a class.
 * @param {HTMLElement} parent
 * @param {{path: string, style: string}} data
 */
export function mount(parent, { path, style }) {
  loadStyle(style).catch(() => {});
  room.cards.home = parent;
  const now = { query: {}, view: {} };
  if (path) return attend({ path, root: parent, now, join() {}, hold() {}, onchange() {} });
  const start = { type: "button", class: "lnl-class-start", onclick: () => room.cards.open() };
  parent.replaceChildren(element("button", start, "Start or join a class"));
}
