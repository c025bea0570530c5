/**
 * The player: shows the film of a run. It is given one JSON document (what to draw, and where the
 * frames come from) and knows nothing of what was trained.
 */

import { Address, readSearch, sameQuery } from "./address.js";
import { Chapters } from "./chapters.js";
import { Code } from "./code.js";
import { Controls } from "./controls.js";
import { Diagnoses, fingerprint } from "./diagnoses.js";
import { element } from "./dom.js";
import { Film } from "./film.js";
import { Formulas } from "./formulas.js";
import { TRANSPORT_COMMANDS, commandOf } from "./keyboard.js";
import { MatrixLinks } from "./matrix-link.js";
import { Lists } from "./lists.js";
import { same } from "./same.js";
import { Playback } from "./playback.js";
import { Charts } from "./panels/charts.js";
import { Reader } from "./panels/series.js";
import { Share } from "./share.js";
import { shortcuts } from "./shortcuts.js";
import { Shows } from "./shows.js";
import { MeasuredValues } from "./measured-values.js";
import { Stage } from "./stage.js";
import { Stream } from "./stream.js";
import { Take, fileName } from "./take.js";
import { Texts } from "./texts.js";
import { readTheme } from "./theme.js";
import "./translated.js";
import { Transport } from "./transport.js";
import { VariantBar } from "./variant-bar.js";
import { SMOOTHINGS, View, momentOf } from "./view.js";

/** Milliseconds of drawing in one animation frame; the rest is left to the page. */
const DRAWING_BUDGET = 8;
/** Of a picture: nothing moves meanwhile, so that it is there sooner. */
const SNAPSHOT_BUDGET = 60;

/** An element that Streamlit only moves is back in the document by then. */
const GRACE = 1000;

/** Milliseconds after which a file that did not come is asked for again. */
const RETRY = 2000;
const UNDRAWN = "What draws the charts did not load. It is asked for again.";

/** Milliseconds for which what a link shows is framed. */
const LIT = 2500;

/** Milliseconds after which the address names another view: browsers count how often it is written. */
const NOTED = 250;

/** Milliseconds after which it is seen again whether the browser has come to the page's own path. */
const ON_THE_WAY = 20;

/** Type grows more slowly than the window: 1.36 times as large at 1080p, 2.3 times at 2160p. */
const GROWTH = 0.75;
/** What fills the window is not scrolled: its plots may get lower. */
const SQUEEZED = 0.4;
/** A presentation's type is so many times as large: at 720p the least of it is 20 px. */
const PRESENTED = 1.68;

/** Pixels beside a player that has a page's width for itself. */
const MARGIN = 24;

/** The most that is above a player which is seen with the head of its page, as a share of the window. */
const HEADER = 0.3;
/** Pixels that are left below the charts. */
const FOOT = 4;

/** Where a click has a use of its own while presenting. */
const USED = "button, a, input, select, summary, label, .lnl-box, .lnl-table, .lnl-transport";

const players = new WeakMap();
/** Of several players on a page the keys are those of the one touched last. */
let touched = null;

/**
 * Show a player in an element; where one with the same data is there, see only what the address
 * says now. The player ends by itself when it has left the document.
 * @param {HTMLElement} parent
 * @param {object} data a recorded film (`film`, `figure`, `total`, `label`; on a page of its own also
 *   `title`, `line`, `view`, `link`), or what can be run (`run`: its settings, as
 *   ln_core/runs/schema.py describes them; `path`, `line`, `note`)
 */
export function mount(parent, data) {
  const text = JSON.stringify(data);
  const there = players.get(parent);
  if (there?.text === text) return there.player.follow();
  there?.player.destroy();
  const player = new Player(parent, data, () => {
    if (players.get(parent)?.player === player) players.delete(parent);
  });
  players.set(parent, { text, player });
}

class Player {
  #data;
  /** How long the film is. */
  #total = { frames: 0, steps: 0, frame_every: 1, steps_per_epoch: 0 };
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
  /** How the run that is asked for is to be seen: fields of a view, and whether it is gone to at once. */
  #next = { fields: null, jumps: false };
  /** The fields that the view has not taken yet: it waits for its figure. */
  #fields = null;
  /** What the server has accepted last, and what cannot be of it and of its view. */
  #accepted = { query: null, problems: [], unseen: [] };
  #noting = 0;
  #onPaper = false;
  #stream = null;
  #address = null;
  #shows = null;
  #status = { state: "loading" };
  #phase = "idle";
  #awaitsDrawing = false;
  #acknowledged = 0;
  /** Someone has moved the playhead: it no longer goes to the end by itself. */
  #touched = false;
  #animation = 0;
  #lastTick = 0;
  #ticking = false;
  /** The frame that every chart in view shows. */
  #drawn = 0;
  #ended = new AbortController();

  constructor(parent, data, forget) {
    this.#data = { ...data, katex: new URL(data.katex, document.baseURI).href };
    this.forget = forget;
    const act =
      (change) =>
      (...values) => {
        change(...values);
        this.#wake();
      };
    this.smoothing = this.#smoothing();
    this.diagnoses = new Diagnoses(
      element("label", { class: "lnl-choice" }, "Smoothing of curves", this.smoothing),
    );
    this.variants = new VariantBar(
      {
        toggle: (index) => this.#look(() => this.view.toggle(index)),
        choose: (id, value) => this.#look(() => this.view.choose(id, value)),
        tell: () => this.diagnoses.open(),
      },
      this.diagnoses.more,
    );
    this.texts = new Texts();
    this.formulas = new Formulas();
    this.lists = new Lists();
    this.matrixLinks = new MatrixLinks();
    this.charts = new Charts(
      () => this.#wake(),
      () => this.#room(),
      this.formulas.element,
    );
    this.transport = new Transport({
      do: act((command) => this.#do(command)),
      seek: act((frame) => this.#seek(frame)),
      speed: act((speed) => (this.speed = this.#playback.speed = speed)),
    });
    this.chapters = new Chapters(act((step) => this.#playFrom(step)));
    this.share = new Share(() => this.#asked);
    this.code = new Code();
    this.take = new Take();
    this.shortcuts = shortcuts();
    this.undrawn = element("p", { class: "lnl-undrawn", role: "alert", hidden: true }, UNDRAWN);
    this.screen = element(
      "div",
      { class: "lnl-screen" },
      this.undrawn,
      this.chapters.element,
      this.variants.element,
      this.diagnoses.element,
      this.lists.element,
      this.texts.element,
      this.charts.element,
      this.matrixLinks.element,
      this.transport.element,
    );
    this.root = element("div", { class: "lnl-player" });
    if (data.run) {
      this.controls = new Controls(data, (fields, gesture) => this.#want(fields, gesture));
      this.#address = new Address(data.path);
      this.#shows = new Shows(data.run.query, () => this.#stream?.ask());
      this.root.append(
        this.controls.top,
        element("div", { class: "lnl-desk" }, this.controls.side, this.screen),
      );
    } else {
      if (data.line) this.root.append(element("p", { class: "lnl-notice" }, data.line));
      this.root.append(this.screen);
    }
    if (data.title) this.root.prepend(this.#head(data.title));
    this.link = element("p", { class: "lnl-link" });
    this.root.append(
      this.share.element,
      this.code.element,
      this.take.element,
      this.shortcuts,
      this.link,
    );
    this.charts.standBelow([
      ...(this.controls ? [this.controls.top] : []),
      ...[this.variants, this.diagnoses, this.lists, this.texts].map((part) => part.element),
    ]);
    this.stage = new Stage(this.root, data.themes, () => this.#leaveStage());
    this.measuredValues = new MeasuredValues(this.root);
    this.speed = 1;
    this.root.hidden = true; // until its style is there
    parent.replaceChildren(this.root);
    this.#listen();
    this.#load();
    if (data.run) this.follow();
    else this.#replay();
    window.__player = this.#handle();
  }

  /** How much curves are smoothed. */
  #smoothing() {
    const onchange = ({ target }) => this.#look(() => (this.view.smooth = target.value));
    const options = [...SMOOTHINGS.keys()].map((name) => element("option", { value: name }, name));
    return element("select", { class: "lnl-select", onchange }, ...options);
  }

  /** The question, and what can be done with the page. */
  #head(title) {
    const button = (command, label, text) => {
      const properties = { type: "button", class: "lnl-tool", title: label, "aria-label": label };
      return element("button", { ...properties, onclick: () => this.#act(command) }, text);
    };
    return element(
      "div",
      { class: "lnl-head" },
      element("h2", { class: "lnl-title" }, title),
      ...(this.#data.run?.code ? [button("code", "The code of this run", "Code")] : []),
      ...(this.#data.run ? [button("share", "Share this view", "Share")] : []),
      button("present", "Present", "Present"),
      button("shortcuts", "Keyboard shortcuts", "?"),
    );
  }

  /** Show what the address says, if someone else has written it: a link, the menu, Back, Forward. */
  follow() {
    this.#applyTheme();
    if (!this.#address || this.#ended.signal.aborted) return;
    // Streamlit draws a page before the browser is at its path: until then the query is another's.
    if (!this.#address.isOwn) {
      if (!this.#stream) setTimeout(() => this.root.isConnected && this.follow(), ON_THE_WAY);
      return;
    }
    const asked = this.#address.read();
    if (!asked) return;
    const { query, view } = asked;
    const [first] = this.#data.run.presets;
    if (this.view && sameQuery(query, this.#shows.query)) return this.#see(view, true);
    const isBare = !Object.keys({ ...query, ...view }).length;
    this.#next =
      isBare && first ? { fields: first.view, jumps: false } : { fields: view, jumps: true };
    this.#shows.open(isBare ? this.#data.run.query : query);
    this.controls.show({ ...this.#data.run.query, ...query });
    this.#stream ??= this.#connect({
      socket: `runs/${this.#data.run.experiment}`,
      poll: `frames/${this.#data.run.experiment}`,
    });
  }

  /** Show a recorded film: at the moment of its view, or else from its end, unless it is to play. */
  #replay() {
    const { figure, total, plays, view = {}, film } = this.#data;
    this.#drawing = figure;
    this.#wait(total);
    this.#fields = view;
    this.#touched = plays || view.at !== undefined;
    if (this.#touched) this.#go(view, true);
    this.#stream = this.#connect({ film });
    this.#show();
  }

  #connect(addresses) {
    return new Stream(addresses, {
      asking: () => this.#shows.asking(this.#film.length),
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
   * @param {Object<string, string>} fields
   * @param {{key?: string|null, at?: string, view?: import("./view.js").Fields}} [gesture]
   */
  #want(fields, { key = null, at = "control", ...asked } = {}) {
    const { present } = this.view?.fields ?? {}; // goes on from preset to preset
    const view = asked.view ? { ...asked.view, ...(present && { present }) } : null;
    const { query } = this.#shows;
    if (!sameQuery(query, { ...query, ...fields })) {
      this.#next = { fields: view, jumps: false };
      this.#address.note(key);
      this.#shows.want({ fields, at });
    } else if (view) this.#see(view, false);
    this.controls.show(this.#shows.query);
  }

  /** See the run on screen as the fields of a view say. */
  #see(fields, jumps) {
    this.#fields = fields;
    this.#show();
    if (fields.at !== undefined || !jumps) this.#go(fields, true);
    this.#wake();
  }

  /** Go to the moment of a view: at once, or as the film comes there. */
  #go(fields, jumps) {
    const { frame, playing, problems } = momentOf(fields, this.#total);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#accepted.unseen = problems;
    if (frame === null && still) this.#playback.goTo(this.#total.frames - 1, false);
    else if (frame === null) this.#playback.stopAt(null);
    else if (jumps || still) this.#playback.goTo(frame, playing && !still);
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
    this.view ??= new View(this.#figure);
    const seen = this.#fields;
    this.#fields = null;
    if (redrawn || seen)
      this.#look(() => {
        this.view.figure = this.#figure;
        if (seen) this.#accepted.unseen.push(...this.view.set(seen));
      });
    if (seen) this.#warn(); // the style may have come after what was accepted
    if (another) this.charts.begin(this.#film, new Reader(this.#film, this.#total.steps));
  }

  /** Fetch what the page needs only once, again and again until it is there. */
  async #load() {
    const [style, plotly] = [this.#data.style, this.#data.plotly].map(
      (file) => new URL(file, document.baseURI).href,
    );
    try {
      if (this.#data.style)
        await once(`link[href="${style}"]`, () =>
          element("link", { rel: "stylesheet", href: style }),
        );
      this.root.hidden = false;
      this.#fit();
      this.#show();
      if (!window.Plotly)
        await once(`script[src="${plotly}"]`, () => element("script", { src: plotly }));
      this.undrawn.hidden = true;
    } catch {
      this.undrawn.hidden = false;
      if (!this.#ended.signal.aborted) setTimeout(() => this.#load(), RETRY);
      return;
    }
    this.#wake();
  }

  /** Wait for the first frame of another film. */
  #wait(total) {
    this.#total = total;
    this.root.classList.toggle("lnl-snapshot", this.#snapshot);
    this.#film = new Film();
    this.#playback = new Playback(total.frames);
    this.#playback.speed = this.speed;
    this.#playback.playing = Boolean(this.#data.run || this.#data.plays);
    this.#touched = this.#awaitsDrawing = false;
    this.#drawn = 0;
    this.#status = { state: "loading" };
  }

  /** Take in a message; it is acknowledged once what it brought is drawn. */
  #take(frames, status) {
    if (!this.root.isConnected) this.#leaveSoon();
    this.#drawing = status.figure ?? this.#drawing; // of whatever was asked for: it comes only once
    const answer = this.#shows ? this.#shows.take(status) : {};
    if (!answer) return true; // to what is wanted no more
    if (answer.refused) {
      this.controls.refuse(status.problems, answer.refused);
      this.controls.show(this.#shows.query); // what a refused control goes back to
      return true;
    }
    if (answer.accepted) this.#begin(status);
    if (!this.#film.append(status.from, frames)) return false;
    this.#status = status;
    if (frames.length || status.state === "failed" || !this.#pictured) this.#show();
    this.#playback.hold(this.#film.length);
    this.#playback.complete = status.state === "failed";
    if (this.#data.film && !this.#touched) this.#playback.seek(this.#film.length - 1);
    this.charts.grow();
    this.#awaitsDrawing = true;
    if (document.hidden) this.#acknowledge();
    if (this.#snapshot) this.#drawAtOnce();
    else this.#wake();
    // Once the picture is drawn; a run's first answer tells what it began with.
    if (answer.accepted) this.#tell();
    else if (frames.length && !status.from) this.#warn();
    if (frames.length || status.state === "failed") this.#shows?.arrived();
    return true;
  }

  /** The server has accepted what was asked for: its film begins. */
  #begin({ query, problems, total }) {
    const { fields, jumps } = this.#next;
    this.#next = { fields: null, jumps: false };
    this.#fields = fields;
    this.#accepted = { query, problems, unseen: [], fingerprint: fields?.fingerprint };
    this.#wait(total);
    this.#go(fields ?? {}, jumps);
  }

  /** Address and controls say from now on what was accepted. */
  #tell() {
    this.#write();
    this.controls.show(this.#shows.query);
    this.#warn();
  }

  /** Say what a link asked for in vain, and whether its run began otherwise where it was copied. */
  #warn() {
    const { problems, unseen, fingerprint: linked } = this.#accepted;
    const own = this.#fingerprint;
    this.controls?.warn([...problems, ...unseen], linked && own && linked !== own);
  }

  /** What the run on screen began with; empty where that is not known. */
  get #fingerprint() {
    return fingerprint(this.#film.frames[0]?.notes.facts ?? []);
  }

  /** The view is another one: the address is to say it soon. */
  #note() {
    clearTimeout(this.#noting);
    if (this.#shows) this.#noting = setTimeout(() => this.#shows.isOpen || this.#write(), NOTED);
  }

  #write() {
    // One that was left knows nothing of the address that its page has by now.
    if (this.#accepted.query && this.root.isConnected)
      this.#address.write(this.#accepted.query, this.#seen());
  }

  /** The fields of the present view; those of one that plays name no moment, unless it is left. */
  #seen(leaving = false) {
    const { playing, arriving, frame } = this.#playback;
    const moves = playing && arriving === null;
    const { steps, frame_every } = this.#total;
    const at = String(Math.min((arriving ?? frame) * frame_every, steps));
    const moment = this.#snapshot || (moves && !leaving) ? {} : { at, ...(moves && { play: "1" }) };
    return { ...moment, ...(this.#fields ?? this.view?.fields) };
  }

  #acknowledge() {
    if (!this.#awaitsDrawing) return;
    this.#awaitsDrawing = false;
    this.#acknowledged++;
    this.#stream.drawn();
  }

  #wake() {
    if (this.#animation) return;
    // Time in which nothing was to be drawn is not played: the playhead goes on from where it is.
    if (!this.#ticking) this.#lastTick = performance.now();
    this.#animation = requestAnimationFrame((now) => {
      this.#ticking = true;
      this.#tick(now);
      this.#ticking = false;
    });
  }

  /** Draw a picture now: the next animation frame may be long in coming while the page is drawn. */
  #drawAtOnce() {
    cancelAnimationFrame(this.#animation);
    this.#tick(performance.now());
  }

  /**
   * One animation frame. The playhead waits until every chart in view shows the present moment:
   * a slow browser skips moments, but never mixes them.
   */
  #tick(now) {
    this.#animation = 0;
    if (this.#ended.signal.aborted || !this.view) return;
    const playback = this.#playback;
    const { playing } = playback;
    if (window.Plotly) playback.advance(Math.max(0, now - this.#lastTick));
    if (playing && !playback.playing) this.#note();
    this.#lastTick = now;
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
    if (this.charts.frame === this.#playback.frame) this.charts.describe(!this.#playback.playing);
    this.#acknowledge();
  }

  #report() {
    const { frame, playing, waiting } = this.#playback;
    const { state, rate = null, error = null } = this.#status;
    const { label } = this.#data;
    const total = this.#total;
    const buffered = this.#film.length;
    const moment = { frame, step: this.#stepOf(frame), buffered, playing, waiting };
    this.transport.update({ ...moment, total, label, state, rate, phase: this.#phase });
    this.variants.mark(
      this.diagnoses.update(
        this.#screen,
        this.#drawn,
        this.view.scene,
        state === "failed" ? error : null,
      ),
    );
    this.lists.update(this.#screen, this.#drawn, this.view.scene);
    this.texts.update(this.#screen, this.#drawn, this.view.scene);
    this.matrixLinks.update(this.#screen, this.#drawn, this.view.scene, this.#figure.matrix_link);
    this.measuredValues.update(this.#screen, this.#drawn);
    this.formulas.update(this.#screen, this.#drawn, this.view.scene, this.#data.katex);
    this.chapters.update(this.#figure?.chapters ?? [], this.#stepOf(this.#drawn));
    this.transport.element.hidden = this.#snapshot;
    const drawn = { frame: this.#drawn, step: this.#stepOf(this.#drawn) };
    Object.assign(this.root.dataset, { ...drawn, buffered, playing, state, stale: this.#pictured });
  }

  /**
   * The height that the first section of charts may fill: the window's, without what stands above it
   * and the transport. A player further down the page is scrolled to.
   */
  #room() {
    const { top } = this.root.getBoundingClientRect();
    const above = this.charts.element.getBoundingClientRect().top - top;
    const below = this.#snapshot ? 0 : this.transport.element.offsetHeight;
    const head = Math.min(top + scrolled(this.root), HEADER * innerHeight);
    const height = this.#onPaper ? 0 : innerHeight - head - above - below - FOOT;
    const { chart, present } = this.view ?? {};
    return { height, unit: this.#unit, least: chart || present ? SQUEEZED : 1 };
  }

  #stepOf(frame) {
    return this.#film.frames[frame]?.step ?? 0;
  }

  /** Change the view of the same film. */
  #look(change) {
    change();
    this.variants.update(this.view);
    this.smoothing.value = this.view.smooth;
    if (this.stage.show(this.view)) this.#fit();
    this.charts.enlarge(this.view.chart);
    this.charts.compose(this.#figure, this.view.scene, this.theme);
    this.#note();
    this.#wake();
  }

  /** Leave what fills the window: first an enlarged chart, then the presentation. */
  #leaveStage() {
    this.#look(() => {
      if (this.view.chart) this.view.chart = null;
      else this.view.present = null;
    });
  }

  /** What the keys and buttons of every page do. */
  #act(command) {
    if (!this.view) return;
    const { view } = this;
    const acts = {
      enlarge: () => this.#enlarge(this.charts.pointed),
      present: () => this.#look(() => (view.present = view.present ? null : "light")),
      theme: () =>
        view.present &&
        this.#look(() => (view.present = view.present === "light" ? "dark" : "light")),
      fold: () => this.controls?.fold(),
      share: () => this.#accepted.query && this.share.open(this.#link),
      take: () => this.#takeChart(this.charts.pointed),
      code: () => this.#showCode(),
      shortcuts: () => this.shortcuts.open || this.shortcuts.showModal(),
      next: () => this.controls?.choosePreset(1),
      previous: () => this.controls?.choosePreset(-1),
    };
    acts[command]();
  }

  /** @param {string} id of a chart: it fills the window, or takes its place again */
  #enlarge(id) {
    this.#look(() => (this.view.chart = this.view.chart ? null : id));
  }

  /** The link to the view on screen. */
  get #link() {
    const own = this.#fingerprint;
    const view = { ...this.#seen(true), ...(own && { fingerprint: own }) };
    const search = this.#address.search(this.#accepted.query, view);
    return `${location.origin}${location.pathname}${search}`;
  }

  /** What the server is told to write the film on screen, as far as it is held, as a page. */
  get #asked() {
    return {
      experiment: this.#data.run.experiment,
      show: this.#accepted.query,
      frames: this.#film.length,
      title: this.#data.title,
      line: this.controls.notice.textContent,
      view: this.#seen(true),
      link: this.#link,
    };
  }

  /** @param {string} id of a chart, to take along what it shows now */
  #takeChart(id) {
    const { pictures, ...page } = this.charts.taken(id);
    if (pictures.every(({ traces }) => !traces.length)) return; // not drawn yet
    const { experiment } = this.#data.run ?? {};
    const step = this.#snapshot ? undefined : `step-${this.#stepOf(this.#drawn)}`;
    const source = this.#accepted.query ? this.#link : this.#data.link || location.href;
    const query = new URLSearchParams({ ...this.#accepted.query, link: source });
    this.take.open({
      pictures,
      page: { ...page, source },
      name: fileName(experiment ?? this.#data.label, id, step),
      numbers: experiment && new URL(`numbers/${experiment}.npz?${query}`, document.baseURI).href,
    });
  }

  #showCode() {
    const { query } = this.#accepted;
    const { experiment, code } = this.#data.run ?? {};
    if (code && query) this.code.open(experiment, { ...query, link: this.#link });
  }

  /** Play the part of a film that begins after a step. */
  #playFrom(step) {
    const frame = this.#film.frames.findIndex((one) => one.step > step);
    if (frame < 0) return;
    this.#seek(frame);
    this.#playback.play();
  }

  #seek(frame) {
    this.#touched = true;
    this.#playback.seek(frame);
    this.#note();
  }

  #do(command) {
    const playback = this.#playback;
    this.#touched = true;
    if (command === "toggle") playback.playing ? playback.pause() : playback.play();
    if (command === "back") playback.step(-1);
    if (command === "forward") playback.step(1);
    if (command === "start") playback.seek(0);
    if (command === "end") playback.seek(Infinity);
    this.#note();
    this.#wake();
  }

  /** Pixels of type for one in a usual window. */
  get #unit() {
    if (this.#onPaper) return 1;
    return Math.max(1, Math.min(innerWidth / 1280, innerHeight / 720) ** GROWTH);
  }

  /** Type and plots grow with the window, and a player as wide as the page with its margins. */
  #fit() {
    const unit = this.#unit * (this.view?.present ? PRESENTED : 1);
    const { left, right } = this.root.parentElement.getBoundingClientRect();
    const isAlone = Math.abs(innerWidth - right - left) < 2 * MARGIN;
    this.root.style.setProperty("--lnl-unit", unit.toFixed(3));
    const wide = isAlone && !this.#onPaper;
    this.root.style.marginInline = wide ? `${Math.min(0, MARGIN - left)}px` : "";
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
    if (this.view) this.#look(() => {});
    else this.#show();
  }

  #listen() {
    const { signal } = this.#ended;
    document.addEventListener(
      "keydown",
      (event) => {
        const command = commandOf(event, this.root);
        if (!this.root.checkVisibility()) return; // its page was left, or it is behind another tab
        if (!touched?.root.checkVisibility()) touched = this;
        if (!command || touched !== this || this.root.querySelector("dialog[open]")) return;
        if (this.#heeds(command)) event.preventDefault();
      },
      { signal },
    );
    const touch = () => (touched = this);
    this.root.addEventListener("focusin", touch);
    this.root.addEventListener("pointerdown", ({ target }) => {
      touch();
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
    this.root.addEventListener("lnl-choose", (/** @type {CustomEvent} */ { detail }) =>
      this.#look(() => this.view.choose(detail.choice, detail.value)),
    );
    this.root.addEventListener("lnl-take", (/** @type {CustomEvent} */ { detail }) =>
      this.#takeChart(detail),
    );
    this.root.addEventListener("lnl-enlarge", (/** @type {CustomEvent} */ { detail }) =>
      this.#enlarge(detail),
    );
    this.root.addEventListener("click", (event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      if (this.view?.present && !target.closest(USED)) this.#act("next");
    });
    this.root.addEventListener("lnl-point", (/** @type {CustomEvent} */ { detail }) =>
      this.#look(() => this.view.point(detail)),
    );
    this.root.addEventListener(
      "lnl-tell",
      (/** @type {CustomEvent} */ { detail: { event, detail } }) => {
        const fields = this.controls?.chosen(event, detail, this.#shows.query);
        if (fields) this.#want(fields, { at: "chart" });
      },
    );
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

  /** A link in the page's text to settings of this very page shows them, and what they give. */
  #follow(event) {
    const link = event.target.closest?.("a[data-show]");
    if (!this.#shows || link?.dataset.show !== this.#data.path || event.ctrlKey || event.metaKey)
      return;
    event.preventDefault();
    event.stopPropagation();
    const { query, view } = readSearch(new URL(link.href).search);
    this.#want(query, { at: "preset", view });
    this.root.scrollIntoView({ behavior: "smooth", block: "start" });
    this.screen.classList.add("lnl-lit");
    setTimeout(() => this.screen.classList.remove("lnl-lit"), LIT);
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
    if (this.#accepted.query) this.#address.write(this.#accepted.query, this.#seen(true));
  }

  #leaveSoon() {
    setTimeout(() => this.root.isConnected || this.destroy(), GRACE);
  }

  destroy() {
    if (this.#ended.signal.aborted) return;
    clearTimeout(this.#noting);
    this.#ended.abort();
    this.presence.disconnect();
    this.#stream?.close();
    this.diagnoses.destroy();
    this.measuredValues.destroy();
    this.controls?.destroy();
    this.charts.destroy();
    this.forget();
  }

  /** What the browser tests read. */
  #handle() {
    const player = this;
    return {
      get frame() {
        return player.#drawn;
      },
      get step() {
        return player.#stepOf(player.#drawn);
      },
      get buffered() {
        return player.#film.length;
      },
      get playing() {
        return player.#playback.playing;
      },
      get state() {
        return player.#status.state;
      },
      get draws() {
        return player.charts.draws;
      },
      get pictures() {
        return player.charts.pictures;
      },
      get created() {
        return player.charts.created;
      },
      get acks() {
        return player.#acknowledged;
      },
      get settled() {
        const shown = player.charts.settled && player.charts.frame === player.#playback.frame;
        return shown && !player.#pictured && !player.#shows?.isOpen;
      },
      get film() {
        return player.#film;
      },
      get query() {
        return player.#shows?.query;
      },
    };
  }
}

/** How far the page that holds an element is scrolled. */
function scrolled(node) {
  for (let parent = node.parentElement; parent; parent = parent.parentElement)
    if (parent.scrollTop) return parent.scrollTop;
  return 0;
}

/** Put an element that loads something into the head, unless it is there; wait until it is loaded. */
function once(selector, make) {
  const found = document.head.querySelector(selector);
  if (found?.dataset.loaded) return Promise.resolve();
  const node = found ?? document.head.appendChild(make());
  return new Promise((resolve, reject) => {
    node.addEventListener("load", () => resolve((node.dataset.loaded = "true")));
    node.addEventListener("error", () => {
      node.remove(); // the next one to ask for it asks the server again
      reject(new Error(`could not load ${selector}`));
    });
  });
}
