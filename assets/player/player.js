/**
 * The player: shows the film of a run. It is given one JSON document (what to draw, and where the
 * frames come from) and knows nothing of what was trained.
 */

import { readSearch, replacing, sameQuery } from "./address.js";
import { Animation } from "./animation.js";
import { markAnswered } from "./answers.js";
import { Asked } from "./asked.js";
import { Carry } from "./carry.js";
import { ChangeCard } from "./change-card.js";
import { begun } from "./changes.js";
import { Chapters } from "./chapters.js";
import { Controls } from "./controls.js";
import { fingerprint } from "./diagnoses.js";
import { element, still } from "./dom.js";
import { Film } from "./film.js";
import { PRESENTED, heightLeft, squeezeOf, typeUnit } from "./fitting.js";
import { makeHead } from "./head.js";
import { TRANSPORT_COMMANDS, listenToKeys } from "./keyboard.js";
import { loadScript, loadStyle } from "./load.js";
import { same } from "./same.js";
import { Playback } from "./playback.js";
import { Charts } from "./panels/charts.js";
import { Pinning } from "./pinning.js";
import { Readings } from "./readings.js";
import { RunsOfCells } from "./runs-of-cells.js";
import { shortcuts } from "./shortcuts.js";
import { Smoothing } from "./smoothing.js";
import { Stage } from "./stage.js";
import { Stops } from "./stops.js";
import { Stream } from "./stream.js";
import { readTheme } from "./theme.js";
import "./translated.js";
import { Transport } from "./transport.js";
import { VariantBar } from "./variant-bar.js";
import { View, momentOf } from "./view.js";

/** Milliseconds of drawing in one animation frame; the rest is left to the page. */
const DRAWING_BUDGET = 8;
/** Of a picture: nothing moves meanwhile, so that it is there sooner. */
const SNAPSHOT_BUDGET = 60;

/** An element that Streamlit only moves is back in the document by then. */
const GRACE = 1000;

/** Milliseconds after which a file that did not come is asked for again. */
const RETRY = 2000;
const UNDRAWN = "The charts could not be loaded. Trying again.";

/** Milliseconds after which it is seen again whether the browser has come to the page's own path. */
const ON_THE_WAY = 20;

/** Where a click has a use of its own while presenting. */
const USED =
  "button, a, input, select, summary, label, .lnl-stop, .lnl-box, .lnl-table, .lnl-transport";

const players = new WeakMap();
// The browser tests read the player that is on the page; Streamlit may make one and throw it away.
Object.defineProperty(window, "__player", {
  get: () => [...document.querySelectorAll(".lnl-player")].at(-1)?.handle,
  configurable: true, // the module is loaded again where a file was lost
});

/**
 * Show a player in an element; where one with the same data is there, see only what the address
 * says now. The player ends by itself when it has left the document.
 * @param {HTMLElement} parent
 * @param {object} data a recorded film (`film`, `figure`, `total`, `label`; on a page of its own also
 *   `title`, `line`, `view`, `link` and a `pinned` film with its `query`, and that of the film that is
 *   `shown`), or what can be run (`run`: its settings, as
 *   ln_core/runs/schema.py describes them; `path`, `line`, `note`)
 * @returns {Player}
 */
export function mount(parent, data) {
  const text = JSON.stringify(data);
  const there = players.get(parent);
  if (there?.text === text) {
    there.player.follow();
    return there.player;
  }
  there?.player.destroy();
  const player = new Player(parent, data, () => {
    if (players.get(parent)?.player === player) players.delete(parent);
  });
  players.set(parent, { text, player });
  return player;
}

/**
 * What tells an answer stands around a player as well (pages/ui/layout.py): the page hides it. CSS
 * alone could (`:root:has()`), and the browser would style all of the page anew whenever a chart
 * adds an element.
 */
function tellPage() {
  const { classList } = document.documentElement;
  const has = (name) => document.querySelector(`.lnl-player.${name}`) !== null;
  classList.toggle("lnl-page-on-stop", has("lnl-on-stop"));
  classList.toggle("lnl-page-asks", has("lnl-predicting"));
}

class Player {
  #data;
  /** How long the film is. */
  #total = { frames: 0, steps: 0, moments: [], steps_per_epoch: 0 };
  /** What is to be drawn: it may have come before the frames that it draws. */
  #drawing = null;
  #film = new Film();
  /** What charts and words show: the film, or the picture before it until its own is there. */
  #screen = this.#film;
  /** @type {import("./view.js").Figure} */
  #figure = null;
  /** @type {View} */
  view;
  #playback = new Playback(1);
  /** The fields that the view has not taken yet: it waits for its figure. */
  #fields = null;
  /** What cannot be of the run on screen, of its view and of its pin; what it began with, by its link. */
  #told = { problems: [], unseen: [], unpinned: [], linked: "" };
  #onPaper = false;
  #stream = null;
  /** @type {Asked|null} null: a recorded film */
  #asked = null;
  #status = { state: "loading" };
  #phase = "idle";
  #awaitsDrawing = false;
  #acknowledged = 0;
  /** Someone, here or in a class, has moved the playhead: it no longer goes to the end by itself. */
  #touched = false;
  #animation = new Animation((elapsed) => this.#tick(elapsed));
  /** The frame that every chart in view shows. */
  #drawn = 0;
  /** Whether people have its training rest. */
  #rests = false;
  #cells = new RunsOfCells();
  #ended = new AbortController();
  /** What is on another screen, and not yet on this one. */
  #leader = null;
  /** Whether the film goes on when everyone does. */
  #goesOn = false;
  /** @type {(byHand: boolean) => void} called when something else is seen; by hand: chosen here */
  onchange = () => {};

  constructor(parent, data, forget) {
    this.#data = { ...data, katex: new URL(data.katex, document.baseURI).href };
    this.forget = forget;
    this.root = element("div", { class: "lnl-player" });
    this.#makeScreen();
    this.#makePage();
    this.charts.standBelow([
      ...(this.controls ? [this.controls.top] : []),
      this.stops.element,
      this.variants.element,
      ...this.readings.above,
      ...(this.pinning ? [this.pinning.strip.element] : []),
    ]);
    this.stage = new Stage(this.root, data.themes, () => this.#leaveStage());
    this.root.hidden = true; // until its style is there
    parent.replaceChildren(this.root);
    this.#listen();
    this.#load();
    if (data.run) this.follow();
    else this.#replay();
    this.root.handle = this.#handle();
  }

  /** Charts, and what is told round them. */
  #makeScreen() {
    const act =
      (change) =>
      (...values) => {
        change(...values);
        this.#wake();
      };
    this.smoothing = new Smoothing((name) => this.#look(() => (this.view.smooth = name)));
    this.readings = new Readings(this.root, this.smoothing.element, this.#data.katex);
    const { diagnoses, formulas, matrixLinks } = this.readings;
    this.variants = new VariantBar(
      {
        toggle: (index) => this.#look(() => this.view.toggle(index)),
        choose: (id, value) => this.#look(() => this.view.choose(id, value)),
        tell: () => diagnoses.open(),
      },
      diagnoses.more,
    );
    this.charts = new Charts(
      () => this.#wake(),
      () => this.#room(),
      formulas.element,
    );
    this.transport = new Transport({
      do: act((command) => this.#do(command)),
      seek: act((frame) => this.#seek(frame)),
      speed: act((speed) => {
        this.#playback.speed = speed;
        this.#note(true);
      }),
      rest: act((rests) => this.#rest(rests)),
    });
    this.chapters = new Chapters(act((step) => this.#playFrom(step)));
    this.undrawn = element("p", { class: "lnl-undrawn", role: "alert", hidden: true }, UNDRAWN);
    this.screen = element(
      "div",
      { class: "lnl-screen" },
      this.undrawn,
      this.chapters.element,
      this.variants.element,
      ...this.readings.above,
      this.charts.element,
      matrixLinks.element,
      this.transport.element,
    );
  }

  /** What stands round the screen: settings, the panel of a path, the head, cards. */
  #makePage() {
    const data = this.#data;
    if (data.run) {
      this.controls = new Controls(data, (fields, gesture) => this.#want(fields, gesture));
      this.#asked = new Asked(data.path, data.run.query, () => this.#stream?.ask());
      this.root.append(
        this.controls.top,
        element("div", { class: "lnl-desk" }, this.controls.side, this.screen),
      );
      if (data.run.changes) {
        this.changeCard = new ChangeCard(data.run, (fields) => this.#changeTo(fields));
        this.root.append(this.changeCard.element);
      }
    } else {
      if (data.line) this.root.append(element("p", { class: "lnl-notice" }, data.line));
      this.root.append(this.screen);
    }
    if (data.run || data.pinned) {
      this.pinning = this.#makePinning();
      this.variants.element.after(this.pinning.strip.element);
    }
    this.stops = new Stops(data.stops ?? [], this.#data.katex, {
      reveal: (stop) => this.#reveal(stop),
      skip: ({ view }) => this.#go(view, true),
      again: (stop) => this.#goTo(stop),
      leave: (stop) => this.#leavePath(stop),
      light: ({ lights }, isWanted) => this.charts.light(lights, isWanted),
    });
    this.root.prepend(this.stops.element);
    if (data.title || data.recording) this.root.prepend(this.#makeHead());
    this.carry = new Carry(data, this.charts, () => this.#carried);
    this.shortcuts = shortcuts(this.#can);
    this.link = element("p", { class: "lnl-link" });
    this.root.append(...this.carry.elements, this.shortcuts, this.link);
  }

  #makeHead() {
    return makeHead(this.#data.title ?? "", this.#can, (command) => this.#act(command));
  }

  /** What can be done here, beside what every player does. */
  get #can() {
    const { run, recording, total } = this.#data;
    return {
      predict: Boolean(this.stops.first),
      play: run ? !run.at_once : total.frames > 1,
      set: Boolean(run),
      next: Boolean(run?.presets.length || this.stops.first),
      change: Boolean(this.changeCard),
      pin: Boolean(run) && !run.at_once,
      code: Boolean(run?.code || recording?.name),
      share: Boolean(run || recording?.name),
      class: Boolean(run),
    };
  }

  /** Show what the address says, if someone else has written it: a link, the menu, Back, Forward. */
  follow() {
    this.#applyTheme();
    if (!this.#asked || this.#ended.signal.aborted) return;
    // Streamlit draws a page before the browser is at its path: until then the query is another's.
    if (!this.#asked.isHere) {
      if (!this.#stream) setTimeout(() => this.root.isConnected && this.follow(), ON_THE_WAY);
      return;
    }
    const read = this.#asked.read();
    if (!read) return;
    const { query, view } = this.stops.resolve(read);
    this.#stand(view);
    this.controls.restrict(read.controls);
    const [first] = this.#data.run.presets;
    if (this.view && sameQuery(query, this.#asked.query)) return this.#see(view, true);
    const isBare = !Object.keys({ ...query, ...view }).length;
    const way = isBare && first ? { fields: first.view } : { fields: view, jumps: true };
    this.#asked.open(isBare ? this.#data.run.query : query, way);
    this.controls.show(this.#asked.query);
    this.#stream ??= this.#connect(this.#addresses);
  }

  /** Where the frames of the page's runs come from. */
  get #addresses() {
    const { experiment } = this.#data.run;
    return { socket: `runs/${experiment}`, poll: `frames/${experiment}` };
  }

  /** Show a recorded film: at the moment of its view, or else from its end, unless it is to play. */
  #replay() {
    const { figure, total, plays, view = {}, film, pinned } = this.#data;
    this.#drawing = figure;
    this.#wait(total);
    this.#fields = view;
    this.#touched = plays || view.at !== undefined;
    if (this.#touched) this.#go(view, true);
    this.#stream = this.#connect({ film });
    if (pinned) this.pinning.replay(pinned);
    this.#show();
  }

  #connect(addresses) {
    return new Stream(addresses, {
      asking: () => {
        const asking = this.#asked.asking(
          this.#film.length,
          (query) => this.#atHand(query, this.#held)?.film.length ?? 0,
        );
        return { ...asking, rest: this.#rests && asking.id === this.#asked.id };
      },
      take: (...message) => this.#take(...message),
      isWhole: () => this.#film.length >= this.#total.frames,
      phase: (phase) => {
        this.#phase = phase;
        this.#wake();
      },
    });
  }

  /**
   * People want other settings.
   * @param {Object<string, string>} asked some settings, or with a view all of them
   * @param {{key?: string|null, at?: string, view?: import("./view.js").Fields,
   *   jumps?: boolean}} [gesture]
   */
  #want(asked, { key = null, at = "control", jumps = false, view: seen } = {}) {
    const { present } = this.view?.fields ?? {}; // goes on from preset to preset
    const view = seen ? { ...seen, ...(present && { present }) } : null;
    const { query } = this.#asked;
    const fields = view ? replacing(query, asked) : asked;
    this.onchange(true);
    if (!sameQuery(query, { ...query, ...fields })) {
      this.#asked.want({ fields, at }, { fields: view, jumps }, key);
    } else if (view) this.#see(view, false);
    this.controls.show(this.#asked.query);
    // Below a recording, what a preset speaks of may be out of the window.
    if (at === "preset" && this.root.getBoundingClientRect().top > innerHeight / 3)
      this.#bringIntoView();
  }

  /** See the run on screen as the fields of a view say. */
  #see(fields, jumps) {
    this.#fields = fields;
    this.#told.unpinned = [];
    this.pinning?.follow(fields, jumps);
    this.#show();
    if (fields.at !== undefined || !jumps) this.#go(fields, true);
    this.#wake();
  }

  /** Go to the moment of a view: at once, or as the film comes there. */
  #go(fields, jumps) {
    const isHeld = this.stops.asks(fields.stop);
    const { frame, playing, problems } = momentOf(isHeld ? { at: "0" } : fields, this.#total);
    this.#told.unseen = problems;
    if (frame === null && still()) this.#playback.goTo(this.#total.frames - 1, false);
    else if (frame === null) this.#playback.stopAt(null);
    else if (jumps || still() || isHeld) this.#playback.goTo(frame, playing && !still());
    else this.#playback.stopAt(frame);
  }

  /**
   * Whether a picture is on screen that is not the one asked for. It stays until the next one is
   * there: figure, numbers and words change together.
   */
  get #pictured() {
    return this.#snapshot && this.#screen !== this.#film && this.#screen.length > 0;
  }

  get #snapshot() {
    return this.#total.frames === 1;
  }

  /** Put the present figure, and the film that it draws, on the screen. */
  #show() {
    // Without its style nothing has its place, and out of the document nothing has a colour.
    if (!this.#drawing || this.root.hidden || !this.theme) return;
    const another = this.#screen !== this.#film;
    const redrawn = this.#drawing !== this.#figure && !same(this.#drawing, this.#figure);
    this.#screen = this.#film;
    this.#figure = this.#drawing;
    this.view ??= new View(this.#figure, this.stops.ids);
    const seen = this.#fields;
    this.#fields = null;
    if (redrawn || seen || (another && this.pinning?.query))
      this.#look(() => {
        this.view.figure = this.#figure;
        if (seen) this.#told.unseen.push(...this.view.set(seen));
      }, false);
    if (seen) this.#warn(); // the style may have come after what was accepted
    if (another) this.charts.begin(this.#film, this.#total.steps);
  }

  /** Fetch what the page needs only once, again and again until it is there. */
  async #load() {
    const { style, plotly } = this.#data;
    try {
      if (style) await loadStyle(style);
      this.root.hidden = false;
      this.stops.arrive();
      this.#fit();
      this.#show();
      if (this.#leader) this.join(this.#leader); // the style may have come after the film
      if (!window.Plotly) await loadScript(plotly);
      this.undrawn.hidden = true;
    } catch {
      this.undrawn.hidden = false;
      if (!this.#ended.signal.aborted) setTimeout(() => this.#load(), RETRY);
      return;
    }
    this.#wake();
  }

  /** Wait for the first frame of another film, or for the rest of one that is here. */
  #wait(total, film = new Film()) {
    this.#total = total;
    this.root.classList.toggle("lnl-snapshot", this.#snapshot);
    this.#film = film;
    this.#playback = new Playback(total.frames, this.#playback.speed);
    this.#playback.playing = Boolean(this.#data.run || this.#data.plays);
    this.#touched = this.#awaitsDrawing = false;
    this.#drawn = 0;
    this.#status = { state: "loading" };
  }

  /** Take in a message; it is acknowledged once what it brought is drawn. */
  #take(frames, status) {
    if (!this.root.isConnected) this.#leaveSoon();
    const before = this.#drawing;
    this.#drawing = status.figure ?? before; // of whatever was asked for: it comes only once
    const answer = this.#asked ? this.#asked.take(status) : {};
    if (!answer) return true; // to what is wanted no more
    if (answer.refused) {
      this.controls.refuse(status.problems, answer.refused);
      this.controls.show(this.#asked.query); // what a refused control goes back to
      return true;
    }
    if (answer.accepted) this.#begin(status, { ...this.#held, figure: before });
    if (!this.#film.append(status.from, frames)) return false;
    this.#status = status;
    if (this.#film.length || status.error || !this.#pictured) this.#show();
    this.#playback.hold(this.#film.length);
    this.#playback.complete = status.state === "failed";
    if (this.#data.film && !this.#touched) this.#playback.seek(this.#film.length - 1);
    this.charts.grow();
    this.#awaitsDrawing = true;
    if (document.hidden) this.#acknowledge();
    if (this.#snapshot) this.#animation.drawAtOnce();
    else this.#wake();
    // Once the picture is drawn; a run's first answer tells what it began with.
    if (answer.accepted) this.#tell();
    else if (frames.length && !status.from) this.#warn();
    if (this.#film.length || status.state === "failed") {
      this.#asked?.arrived();
      if (this.#leader) this.join(this.#leader);
    }
    return true;
  }

  /** The server has accepted what was asked for: its film begins. */
  #begin({ query, problems, total, figure }, before) {
    const { fields, jumps, pins } = this.#asked.accept(query);
    const here = this.#atHand(query, before);
    this.#fields = fields;
    this.#rests = false;
    this.#told = { problems, unseen: [], unpinned: [], linked: fields?.fingerprint ?? "" };
    this.#wait(total, here?.film);
    this.#drawing = figure ?? here?.figure ?? this.#drawing;
    if (pins) this.pinning.hold(before);
    else if (fields) this.pinning.follow(fields, jumps);
    this.pinning.goOn(this.#film);
    this.#go(fields ?? { stop: this.view?.stop }, jumps);
  }

  /** Have the training of the run on screen rest, or go on. */
  #rest(rests) {
    this.#rests = rests;
    this.#stream.ask();
  }

  /** The settings of the run on screen; null: there are none, or none yet. */
  get #accepted() {
    return this.#asked?.accepted ?? null;
  }

  /** The run on screen, as far as it is here. @returns {import("./pinned.js").Held} */
  get #held() {
    const { state } = this.#status;
    const query = this.#accepted;
    return { query, film: this.#film, total: this.#total, figure: this.#drawing, state };
  }

  /**
   * What is here of a run: that of the pinned one, or what it has in common with the one on screen.
   * @param {import("./shows.js").Query} query
   * @param {import("./pinned.js").Held} held
   * @returns {{film: Film, figure?: import("./view.js").Figure}|null}
   */
  #atHand(query, held) {
    const pinned = this.pinning.with(query);
    const film = pinned ? null : begun(query, held, this.#data.run.changes);
    return film ? { film } : pinned;
  }

  /** Open the card of what may change from the step on screen on. */
  #change() {
    if (!this.changeCard || !this.#accepted) return;
    if (this.#playback.playing) this.#do("toggle");
    this.changeCard.open(this.#accepted, this.#stepOf(this.#drawn), this.#total.steps);
  }

  /** Go on from the step on screen with other settings, and keep what would have been as a pinned run. */
  #changeTo(fields) {
    this.onchange(true);
    const now = { ...this.#seen(true), play: "1" };
    this.#asked.want({ fields, at: "chart" }, { fields: now, jumps: true, pins: true });
  }

  /** Let runs be pinned; of a saved page that one alone which was, when it was saved. */
  #makePinning() {
    const { run, pinned } = this.#data;
    const page = run
      ? {
          pins: !run.at_once,
          held: () => this.#held,
          schemas: [...run.knobs, ...(run.changes ? [run.changes] : [])],
          swap: () => this.#swap(),
        }
      : {
          pins: false,
          held: () => ({ ...this.#held, query: pinned.shown }),
          schemas: pinned.knobs,
          swap: null,
        };
    return new Pinning(run ? this.#addresses : { film: pinned.film }, {
      ...page,
      brings: (query) => this.controls.brings(query),
      changed: () => this.view && this.#look(() => {}, false),
      grown: () => {
        this.charts.grow();
        this.#wake();
      },
      refused: (words) => {
        this.#told.unpinned = words;
        this.#warn();
      },
    });
  }

  /** Watch the pinned run from the same moment, and pin the one on screen. */
  #swap() {
    if (!this.pinning.beside(this.#film) || this.#asked.isOpen) return;
    this.onchange(true);
    const fields = replacing(this.#asked.query, this.pinning.query);
    const way = { fields: this.#seen(true), jumps: true, pins: true };
    this.#asked.want({ fields, at: "chart" }, way);
  }

  /** Address and controls say from now on what was accepted. */
  #tell() {
    this.#write();
    this.controls.show(this.#asked.query);
    this.#warn();
    this.onchange(false);
  }

  /** Say what a link asked for in vain, and whether its run began otherwise where it was copied. */
  #warn() {
    const { problems, unseen, unpinned, linked } = this.#told;
    const own = this.#fingerprint;
    const differs = Boolean(linked && own && linked !== own);
    this.controls?.warn([...problems, ...unseen], differs, unpinned);
  }

  /** What the run on screen began with; empty where that is not known. */
  get #fingerprint() {
    return fingerprint(this.#film.frames[0]?.notes.facts ?? []);
  }

  /** The view is another one: the address is to say it soon. */
  #note(byHand = false) {
    this.onchange(byHand);
    this.#asked?.writeSoon(() => this.#write());
  }

  #write() {
    // One that was left knows nothing of the address that its page has by now.
    if (this.root.isConnected) this.#asked?.write(this.#seen());
  }

  /** The fields of the present view; those of one that plays name no moment, unless it is left. */
  #seen(leaving = false) {
    const { playing, arriving, frame } = this.#playback;
    const moves = playing && arriving === null;
    const at = String(this.#total.moments[arriving ?? frame] ?? 0);
    const moment = this.#snapshot || (moves && !leaving) ? {} : { at, ...(moves && { play: "1" }) };
    const { pin: _, ...fields } = this.#fields ?? this.view?.fields ?? {};
    return { ...moment, ...fields, ...this.pinning?.fields(this.#accepted) };
  }

  /** The page that it is a player of, if there is one. */
  get path() {
    return this.#data.path;
  }

  /** The recorded film that it shows: its name, and its title, by which its tab is called. */
  get recording() {
    return this.#data.recording;
  }

  /** What is on screen: a run, its view with the moment, and the speed; null: nothing yet. */
  get now() {
    const query = this.#asked ? this.#accepted : {};
    if (!query) return null;
    const { present, ...view } = this.#seen(true);
    if (document.hidden) delete view.play; // nothing moves meanwhile
    return {
      query,
      view: this.#snapshot ? view : { ...view, speed: String(this.#playback.speed) },
    };
  }

  /**
   * Show what is on another screen; a film that plays there is played along with it.
   * @param {{query: Object<string, string>, view: import("./view.js").Fields}} now of that one
   */
  join(now) {
    this.#leader = now;
    const { query, view } = now;
    const { speed = "1", ...fields } = view;
    if (this.#asked && !sameQuery(query, this.#asked.sent))
      this.#asked.open(query, { fields, jumps: true });
    if (this.#asked?.isOpen || !this.view) return; // until it is there
    this.#leader = null;
    const { at, play, ...seen } = fields;
    this.#touched = true;
    const { present, pin: _, ...own } = { ...this.view.fields };
    if (!sameQuery(seen, { ...own, ...this.pinning?.fields(query) }))
      this.#see({ ...seen, ...(present && { present }) }, true);
    this.#playback.speed = Number(speed);
    if (this.#isHeld) return; // who has not answered yet is shown no answer
    const { frame, playing } = momentOf(fields, this.#total);
    if (playing && at && !still()) this.#playback.pursue(frame);
    else if (at && (this.#playback.playing || this.#playback.frame !== frame))
      this.#playback.goTo(frame, false);
    this.#wake();
  }

  /** Pause with everyone, or go on with them. */
  hold(paused) {
    if (paused) {
      this.#goesOn = this.#playback.playing;
      this.#playback.pause();
    } else if (this.#goesOn) this.#playback.play();
    this.#note();
    this.#wake();
  }

  #acknowledge() {
    if (!this.#awaitsDrawing) return;
    this.#awaitsDrawing = false;
    this.#acknowledged++;
    this.#stream.drawn();
  }

  #wake() {
    this.#animation.wake();
  }

  /**
   * One animation frame. The playhead waits until every chart in view shows the present moment:
   * a slow browser skips moments, but never mixes them.
   */
  #tick(elapsed) {
    if (this.#ended.signal.aborted || !this.view) return;
    const playback = this.#playback;
    const { playing } = playback;
    if (window.Plotly) playback.advance(elapsed);
    if (playing && !playback.playing) this.#note();
    if (this.charts.settled) this.charts.show(playback.frame);
    const settled = this.charts.draw(this.#snapshot ? SNAPSHOT_BUDGET : DRAWING_BUDGET);
    if (settled) this.#settle();
    this.#report();
    const behind = !settled || this.#drawn !== playback.frame;
    if ((playback.playing && !playback.waiting) || (behind && window.Plotly)) this.#wake();
  }

  /** Every chart in view shows the moment. */
  #settle() {
    this.#drawn = this.charts.frame;
    if (this.#screen.length) this.root.classList.add("lnl-drawn");
    if (this.charts.frame === this.#playback.frame) this.charts.describe(!this.#playback.playing);
    this.#acknowledge();
  }

  #report() {
    const { frame, playing, waiting, speed } = this.#playback;
    const { state, rate = null } = this.#status;
    const { label } = this.#data;
    const total = this.#total;
    const buffered = this.#film.length;
    const moment = { frame, step: this.#stepOf(frame), buffered, playing, waiting };
    const clock = { ...moment, speed, total };
    const rests = this.#rests;
    this.transport.update({ ...clock, label, state, rate, rests, phase: this.#phase });
    this.pinning?.say();
    const { scene } = this.view;
    this.variants.mark(
      this.readings.update(this.#screen, this.#drawn, scene, this.#figure, this.#status),
    );
    this.#markChapter();
    this.transport.element.hidden = this.#snapshot;
    this.#tellStops();
    markAnswered();
    const drawn = { frame: this.#drawn, step: this.#stepOf(this.#drawn) };
    Object.assign(this.root.dataset, { ...drawn, buffered, playing, state, stale: this.#pictured });
  }

  #markChapter() {
    this.chapters.update(this.#figure.chapters ?? [], this.#stepOf(this.#drawn));
  }

  /** The room for the first section of charts. */
  #room() {
    const below = this.#snapshot ? 0 : this.transport.element.offsetHeight;
    const left = () => heightLeft(this.root, this.charts.element, below);
    const least = squeezeOf(this.view ?? {}, Boolean(this.pinning?.query));
    return { height: this.#onPaper ? 0 : left(), unit: this.#unit, least };
  }

  #stepOf(frame) {
    return this.#film.frames[frame]?.step ?? 0;
  }

  /** Change the view of the same film. */
  #look(change, byHand = true) {
    change();
    this.#markChapter(); // what stands above the charts comes with them, or they would move
    this.variants.update(this.view);
    this.smoothing.update(this.view);
    if (this.stage.show(this.view)) this.#fit();
    this.charts.enlarge(this.view.chart);
    const beside = this.pinning?.beside(this.#screen);
    this.charts.compose(
      this.#figure,
      this.view.scene,
      this.theme,
      beside && { ...beside, scene: this.view.sceneOf(beside.figure) },
    );
    this.#stand(this.view);
    this.#note(byHand);
    this.#wake();
  }

  /** Leave what fills the window: first an enlarged chart, then the presentation. */
  #leaveStage() {
    if (this.view.chart) this.#enlarge(this.view.chart);
    else this.#present(null);
  }

  /** How it is presented is not what is seen. */
  #present(theme) {
    this.#look(() => (this.view.present = theme), false);
  }

  /** What the keys and buttons of every page do. */
  #act(command) {
    if (!this.view) return;
    const { view } = this;
    const acts = {
      enlarge: () => this.#enlarge(this.charts.pointed),
      present: () => this.#present(view.present ? null : "light"),
      theme: () => view.present && this.#present(view.present === "light" ? "dark" : "light"),
      fold: () => this.controls?.fold(),
      change: () => this.#change(),
      pin: () => {
        this.onchange(true);
        this.pinning?.toggle();
      },
      swap: () => this.#asked && this.#swap(),
      predict: () => this.#goTo(this.stops.first),
      share: () => this.carry.shareView(),
      take: () => this.#takeChart(this.charts.pointed),
      code: () => this.carry.showCode(),
      class: () => document.dispatchEvent(new CustomEvent("lnl-class")),
      shortcuts: () => this.shortcuts.open || this.shortcuts.showModal(),
      next: () => (view.stop ? this.stops.goOn() : this.controls?.choosePreset(1)),
      previous: () => view.stop || this.controls?.choosePreset(-1),
    };
    acts[command]();
  }

  /** @param {string} id of a chart: it fills the window, or takes its place again */
  #enlarge(id) {
    this.#look(() => (this.view.chart = this.view.chart ? null : id));
  }

  /** Open the run of a cell, where there is a lab. */
  #openCell({ opens, place }) {
    const { run, recording, link } = this.#data;
    const from = link || ((run || recording) && document.baseURI);
    if (from) this.#cells.open(opens, place, from);
  }

  #takeChart(id) {
    if (!this.#isHeld) this.carry.takeChart(id);
  }

  /** What of the screen is carried away. @returns {import("./carry.js").Shown} */
  get #carried() {
    return {
      query: this.#accepted,
      view: this.#seen(true),
      fingerprint: this.#fingerprint,
      frames: this.#film.length,
      pinned: this.pinning?.beside(this.#film)?.film.length ?? 0,
      words: this.pinning?.words(Infinity) ?? "",
      pinnedSeed: Number(this.pinning?.query?.seed ?? 0),
      line: this.controls?.noticed ?? "",
      step: this.#snapshot ? undefined : this.#stepOf(this.#drawn),
    };
  }

  /** Play the part of a film that begins after a step. */
  #playFrom(step) {
    const frame = this.#film.frames.findIndex((one) => one.step > step);
    if (frame < 0) return;
    this.#seek(frame);
    this.#playback.play();
  }

  #seek(frame) {
    if (this.#isHeld) return;
    this.#touched = true;
    this.#playback.seek(frame);
    this.#note(true);
  }

  #do(command) {
    if (this.#isHeld) return;
    const playback = this.#playback;
    this.#touched = true;
    if (command === "toggle") playback.playing ? playback.pause() : playback.play();
    if (command === "back") playback.step(-1);
    if (command === "forward") playback.step(1);
    if (command === "start") playback.seek(0);
    if (command === "end") playback.seek(Infinity);
    this.#note(true);
    this.#wake();
  }

  get #unit() {
    return this.#onPaper ? 1 : typeUnit();
  }

  /** Type and plots grow with the window. */
  #fit() {
    const unit = this.#unit * (this.view?.present ? PRESENTED : 1);
    this.root.style.setProperty("--lnl-unit", unit.toFixed(3));
    this.#applyTheme();
    this.charts.layOut();
    this.#wake();
  }

  #applyTheme() {
    if (!this.root.isConnected) return; // it has no colours there
    const theme = readTheme(this.root);
    if (JSON.stringify(theme) === JSON.stringify(this.theme)) return;
    this.theme = theme;
    this.root.classList.toggle("lnl-dark", theme.dark);
    if (this.view) this.#look(() => {}, false);
    else this.#show();
  }

  #listen() {
    const { signal } = this.#ended;
    listenToKeys(this.root, (command) => this.#heeds(command), signal);
    this.root.addEventListener("pointerdown", ({ target }) => {
      // Plotly leaves the focus where it is, and a number that was typed there would wait.
      const typing = /** @type {HTMLElement} */ (document.activeElement);
      if (typing !== target && typing?.matches(".lnl-cells input")) typing.blur();
    });
    document.addEventListener(
      "visibilitychange",
      () => {
        if (document.hidden) this.#acknowledge();
      },
      { signal },
    );
    this.#listenToCharts();
    this.root.addEventListener("click", (event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      if (this.view?.present && !target.closest(USED)) this.#act("next");
    });
    // One that was left answers to no address: its page's next player does.
    addEventListener("popstate", () => this.root.isConnected && this.follow(), { signal });
    addEventListener("pagehide", () => this.#leave(), { signal });
    addEventListener("resize", () => this.#fit(), { signal });
    addEventListener("beforeprint", () => this.#print(true), { signal });
    addEventListener("afterprint", () => this.#print(false), { signal });
    document.addEventListener("click", (event) => this.#follow(event), { signal, capture: true });
    // The root's colours have a short transition, so that a change of theme is an event. One that is
    // cut off, as by another tab or another theme, has changed the colours all the same.
    for (const event of ["transitionend", "transitioncancel"]) {
      this.root.addEventListener(event, ({ target }) => {
        if (target === this.root) this.#applyTheme();
      });
    }
    // Leaving the document takes the size away; who is put into it late is given one.
    this.presence = new ResizeObserver(() =>
      this.root.isConnected ? this.#applyTheme() : this.#leaveSoon(),
    );
    this.presence.observe(this.root);
  }

  /** Gestures in charts and lists. */
  #listenToCharts() {
    const hears = {
      "lnl-choose": ({ choice, value }) => this.#look(() => this.view.choose(choice, value)),
      "lnl-point": (detail) => this.#look(() => this.view.point(detail), false),
      "lnl-take": (id) => this.#takeChart(id),
      "lnl-enlarge": (id) => this.#enlarge(id),
      "lnl-open": (cell) => this.#openCell(cell),
      "lnl-tell": ({ event, detail }) => {
        const fields = this.controls?.chosen(event, detail, this.#asked.query);
        if (fields) this.#want(fields, { at: "chart" });
      },
    };
    for (const [name, hear] of Object.entries(hears))
      this.root.addEventListener(name, (/** @type {CustomEvent} */ { detail }) => hear(detail));
  }

  /** Do what a key asks for. @returns {boolean} whether it means something here */
  #heeds(command) {
    const { present } = this.view ?? {};
    if (TRANSPORT_COMMANDS.has(command)) {
      if (!this.#snapshot) this.#do(command);
      return !this.#snapshot;
    }
    if (!present && ["next", "previous", "theme"].includes(command)) return false;
    this.#act(command);
    return true;
  }

  /** A link to a stop at this very page goes there without loading the page again. */
  #follow(event) {
    const link = event.target.closest?.("a[data-show]");
    if (!this.#asked || link?.dataset.show !== this.#data.path || event.ctrlKey || event.metaKey)
      return;
    event.preventDefault();
    event.stopPropagation();
    this.#goTo(this.stops.find(readSearch(new URL(link.href).search).view.stop));
  }

  /** Whether a stop waits for an answer, so that nothing may show it. */
  get #isHeld() {
    return this.stops.asks(this.view?.stop);
  }

  /** Go to a stop of this page: a step of Back. */
  #goTo({ id, query, view }) {
    this.#asked.step();
    this.#want(query, { at: "preset", view: { ...view, stop: id }, jumps: true });
    this.#bringIntoView();
  }

  #bringIntoView() {
    this.root.scrollIntoView({ behavior: still() ? "auto" : "smooth", block: "start" });
  }

  /** Stand at the stop of a view, if it has one: what would show its answer is hidden until then. */
  #stand({ stop: id, present }) {
    this.stops.show(id, present);
    const stop = this.stops.find(id);
    const asks = this.stops.asks(id);
    if (stop && !this.root.classList.contains("lnl-on-stop")) this.controls?.makeRoom();
    this.root.classList.toggle("lnl-on-stop", Boolean(stop));
    this.root.classList.toggle("lnl-predicting", asks);
    tellPage();
    this.transport.element.inert = asks;
    const { veils = [], lights } = stop ?? {};
    this.charts.putFirst(lights);
    this.charts.veil((chart) => asks && (veils.length ? veils.includes(chart) : this.#snapshot));
  }

  /** A stop is answered: its film plays up to its moment. */
  #reveal({ id, query, view, lights }) {
    if (!sameQuery(this.#asked.query, query)) {
      this.#want(query, { at: "preset", view: { ...view, stop: id } });
      return;
    }
    this.#asked.play(); // a film that has not begun yet is played as well
    this.#see({ ...this.view?.fields, ...view, stop: id }, true);
    this.#playback.seek(0);
    this.#playback.play();
    this.#go(view, false);
    this.charts.light(lights, false);
    this.#wake();
  }

  /** Tell the panel of a path what is on screen. */
  #tellStops() {
    const stop = this.stops.find(this.view.stop);
    if (!stop) return;
    const query = this.#accepted;
    const { frame } = momentOf(stop.view, this.#total);
    this.stops.update({
      film: this.#film,
      frame: this.#drawn,
      goal: frame ?? this.#total.frames - 1,
      isOver: this.#playback.complete,
      isOwn: !query || sameQuery(query, stop.query),
    });
  }

  /** Leave a path: the page shows what it would have shown, and its presets. */
  #leavePath({ view }) {
    const wasHeld = this.#isHeld;
    this.#look(() => (this.view.stop = null));
    if (wasHeld) this.#go(view, true);
  }

  /** Fit all charts to paper, and say where they are from; or go back to the screen. */
  #print(onPaper) {
    if (!this.view || !this.root.checkVisibility()) return;
    this.#onPaper = onPaper;
    this.root.classList.toggle("lnl-paper", onPaper);
    this.link.textContent = onPaper ? this.#data.link || location.href : "";
    this.#fit();
    if (onPaper) this.charts.drawAll();
  }

  /** The page is left: who comes back goes on from here. */
  #leave() {
    this.#asked?.write(this.#seen(true));
  }

  #leaveSoon() {
    setTimeout(() => this.root.isConnected || this.destroy(), GRACE);
  }

  destroy() {
    if (this.#ended.signal.aborted) return;
    this.#asked?.destroy();
    this.#ended.abort();
    this.presence.disconnect();
    this.#stream?.close();
    this.pinning?.destroy();
    this.readings.destroy();
    this.controls?.destroy();
    this.charts.destroy();
    tellPage();
    this.forget();
  }

  /** What the browser tests read. */
  #handle() {
    const tells = {
      frame: () => this.#drawn,
      step: () => this.#stepOf(this.#drawn),
      buffered: () => this.#film.length,
      playing: () => this.#playback.playing,
      state: () => this.#status.state,
      draws: () => this.charts.draws,
      pictures: () => this.charts.pictures,
      created: () => this.charts.created,
      acks: () => this.#acknowledged,
      settled: () => this.#isSettled,
      film: () => this.#film,
      pinned: () => this.pinning?.beside(this.#screen) ?? null,
      stops: () => this.stops,
      query: () => this.#asked?.query,
    };
    const getters = Object.entries(tells).map(([name, get]) => [name, { get }]);
    return Object.defineProperties({}, Object.fromEntries(getters));
  }

  get #isSettled() {
    const isDrawn = this.charts.settled && this.charts.frame === this.#playback.frame;
    return !this.root.hidden && isDrawn && !this.#pictured && !this.#asked?.isOpen;
  }
}
