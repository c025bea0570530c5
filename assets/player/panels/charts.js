/** The grid of charts: which boxes there are, and drawing them within a budget of time. */

import { element, place, setText, still } from "../dom.js";
import { scaleOf, widen } from "./axes.js";
import { beneath, isComparable, isPicture, lighter, second, withAxesOf } from "./beside.js";
import { boundOn } from "./bindings.js";
import { Block } from "./block.js";
import { Grid } from "./grid.js";
import { Plot, barWidth, margins } from "./plot.js";
import { EYE, turned } from "./projection.js";
import { Reader } from "./series.js";
import { Turning } from "./turning.js";

/** Axes whose ranges may grow; z is that of colours. */
const AXES = /** @type {("x"|"y"|"z")[]} */ (["x", "y", "z"]);
const KINDS = { plot: Plot, grid: Grid, block: Block };
const NAME_HEIGHT = 18; // of the line above a small multiple, see player.css
const PANEL_GAP = 8;
const NARROWEST = 130;
const GRID_NAMES = 70; // pixels for the names of rows in a picture
const ROW_GAP = 8; // between rows of a section, see player.css
const CAPTION_GAP = 2;
const SECOND = 0.55; // height of a pinned picture, as a share of that above it
const LIT = 2500; // milliseconds for which a chart is framed
const HIGHEST = 4; // times its least height that a plot grows to
/** The least part of a row, of twelve: half a column. */
const COLUMN = 0.5;
/** Widths up to which charts take whole multiples of so many of the twelve columns. */
const SPANS = [
  [560, 12],
  [820, 6],
];

/**
 * Lay panels out in rows. Squares share the given height and are made as large as they can be;
 * other panels keep the height and wrap where they would become too narrow to read.
 * @returns {{columns: number, rows: number}}
 */
export function arrange(count, width, height, square, narrowest = NARROWEST) {
  if (!square) {
    const most = Math.max(1, Math.floor(width / narrowest));
    const rows = Math.ceil(count / Math.min(count, most));
    return { columns: Math.ceil(count / rows), rows };
  }
  const options = Array.from({ length: count }, (_, i) => {
    const rows = i + 1;
    const columns = Math.ceil(count / rows);
    return { columns, rows, size: Math.min(width / columns, height / rows) };
  });
  const { columns, rows } = options.reduce((best, option) =>
    option.size > best.size ? option : best,
  );
  return { columns, rows };
}

/**
 * Put charts into rows of twelve columns.
 * @param {number[]} spans columns of each chart
 * @param {number} width of the section, in pixels of ordinary type
 * @returns {{columns: number, spans: number[], rows: number[][]}} columns of the grid, how many of
 *   them each chart takes, and the charts of each row
 */
export function rowsOf(spans, width) {
  const least = SPANS.find(([narrow]) => width <= narrow)?.[1] ?? COLUMN;
  const wide = spans.map((span) => least * Math.ceil(span / least));
  const rows = [];
  let used = 12;
  wide.forEach((span, at) => {
    if (used + span > 12) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1).push(at);
    used += span;
  });
  return { columns: 12 / least, spans: wide.map((span) => span / least), rows };
}

/**
 * Share the room that rows leave free among them, in the proportion of their heights.
 * @param {{fixed: number, height: number}[]} rows what a row takes in any case, and the least height
 *   of its plots; 0: they do not grow
 * @param {number} room for all of them, and the gaps between them
 * @param {number} [least] share of its height that a plot keeps where there is less room
 * @returns {number[]} heights of the plots
 */
export function shareRoom(rows, room, least = 1) {
  const gaps = ROW_GAP * (rows.length - 1);
  const free = room - gaps - rows.reduce((sum, { fixed }) => sum + fixed, 0);
  const wanted = rows.reduce((sum, { height }) => sum + height, 0);
  const factor = Math.min(HIGHEST, Math.max(least, free / (wanted || 1)));
  return rows.map(({ height }) => Math.floor(height * factor));
}

/**
 * What the charts of a section may fill.
 * @typedef {object} Room
 * @property {number} height in pixels
 * @property {number} unit pixels of the window for one of a usual window
 * @property {number} least share of their heights that plots keep in any case
 */

/** A film of which nothing is seen yet. @returns {import("./bindings.js").Seen} */
const seen = (film, steps) => ({ film, reader: new Reader(film, steps), frame: 0, end: 0 });

const chartsOf = (run) => run?.figure.sections.flatMap(({ charts }) => charts) ?? [];

/** The numbers of the variants that a chart has a panel for: null, if it is one for all. */
const subjectsOf = ({ repeat }, { variants, shown }) =>
  repeat ? [...variants.keys()].filter((subject) => shown[subject]) : [null];

/** Whether a subject of a scene is the variant of an id. */
const isOf =
  ({ variants }, id) =>
  (subject) =>
    (variants[subject]?.id ?? null) === id;

/** Name a button that shows but a sign. */
function call(button, name) {
  if (button.title === name) return;
  button.title = name;
  button.setAttribute("aria-label", name);
}

/** One chart of the figure: its caption and its panels. */
class Chart {
  panels = new Map();
  /** The panels that are seen: each with the one below it, where a run is pinned. */
  places = [];
  #eye = EYE; // from where its blocks are seen
  #ranges = new Map();
  unit = 1;

  constructor() {
    this.title = element("strong");
    this.takeaway = element("span", { class: "lnl-takeaway" });
    this.row = element("div", { class: "lnl-panels" });
    this.axis = element("span");
    this.enlarger = this.#tool("⤢", "lnl-enlarge", "lnl-enlarge");
    this.taker = this.#tool("⤓", "lnl-enlarge lnl-take", "lnl-take");
    const tools = element("span", { class: "lnl-chart-tools" }, this.taker, this.enlarger);
    this.caption = element("figcaption", {}, this.title, this.axis, this.takeaway, tools);
    this.element = element("figure", { class: "lnl-chart" }, this.caption, this.row);
  }

  /** A button that tells the player of a wish for this chart. */
  #tool(sign, classes, wish) {
    const onclick = () =>
      this.element.dispatchEvent(new CustomEvent(wish, { bubbles: true, detail: this.spec.id }));
    return element("button", { type: "button", class: classes, onclick }, sign);
  }

  get shown() {
    return this.places.flat();
  }

  /**
   * Take in a new specification, view or theme. Panels once made are kept, hidden or not.
   * @param {any} chart as the figure declares it
   * @param {import("../view.js").Scene} scene
   * @param {import("../theme.js").Theme} theme
   * @param {(panel: any) => void} made is told of each new panel
   * @param {import("./beside.js").Other} [other] the chart of this name of a pinned run
   */
  compose(chart, scene, theme, made, other) {
    const pinned = other && isComparable(chart, other.spec) ? other : undefined;
    const spec = pinned ? withAxesOf(chart, pinned.spec) : chart;
    const [aside, below] = isPicture(chart)
      ? [pinned]
      : [undefined, pinned && { ...pinned, spec: lighter(pinned.spec) }];
    this.spec = spec;
    this.theme = theme;
    this.#bind({ now: { spec, scene }, pinned: aside ?? below }, theme);
    // Another choice of layer has its own range, and finds it again when chosen again.
    this.view = JSON.stringify([spec.x, spec.y, spec.z, this.binds]);
    setText(this.title, spec.title);
    call(this.enlarger, `Enlarge ${spec.title}`);
    call(this.taker, `Download ${spec.title}`);
    setText(this.axis, spec.y && !spec.y.hidden ? (spec.y.title ?? "") : "");
    setText(this.takeaway, spec.takeaway ?? "");
    this.element.dataset.chart = spec.id;
    const { kind = "plot" } = spec;
    if (kind === "block" && !this.turning) this.#turn();
    for (const panel of this.panels.values()) panel.element.hidden = true;
    this.places = subjectsOf(spec, scene).map((subject) => {
      const variant = scene.variants[subject] ?? null;
      const id = variant?.id ?? null;
      const panel = this.#panel(variant, "now", made);
      panel.compose(spec, scene, theme, subject, below ? beneath(below, theme, id) : []);
      const there = aside && subjectsOf(aside.spec, aside.scene).find(isOf(aside.scene, id));
      if (there === undefined) return [panel];
      const lower = this.#panel(variant, "pinned", made);
      lower.compose(second(withAxesOf(aside.spec, chart)), aside.scene, theme, there);
      return [panel, lower];
    });
    this.arrange();
  }

  /** @param {Object<string, import("./beside.js").Other|undefined>} sources whose numbers the axes have to hold */
  #bind(sources, theme) {
    const bound = (axis) =>
      Object.entries(sources).flatMap(([source, from]) =>
        from ? boundOn(axis, from.spec, from.scene, theme).map((bind) => ({ source, bind })) : [],
      );
    this.binds = Object.fromEntries(AXES.map((axis) => [axis, bound(axis)]));
  }

  /** The panel of a variant, seen from now on. */
  #panel(variant, source, made) {
    const id = `${source} ${variant?.id}`;
    if (!this.panels.has(id)) {
      const { kind = "plot" } = this.spec;
      this.panels.set(id, new KINDS[kind](variant, source, this.turning));
      this.panels.get(id).look?.(this.#eye);
      made(this.panels.get(id));
    }
    const panel = this.panels.get(id);
    panel.element.hidden = false;
    if (!panel.element.isConnected) this.row.append(panel.element);
    return panel;
  }

  /** The least height of its plots, in pixels; 0: it has none, and takes the height that it needs. */
  get least() {
    return (this.spec.height ?? 0) * this.unit;
  }

  /** Take a share of its row: columns, and the height of its plots. */
  take(span, height) {
    this.element.style.gridColumn = `span ${span}`;
    this.height = height;
    this.arrange(this.width || this.row.clientWidth); // at first no observer has told it yet
  }

  /** Give the panels their places, and below each that of the pinned run. */
  arrange(width = this.width) {
    this.width = width;
    const { places } = this;
    if (!width || !places.length) return;
    const { spec, theme } = this;
    const { narrowest = NARROWEST, kind = "plot" } = spec;
    const { height = this.least } = this;
    const unit = theme.size / 14;
    const square = Boolean(spec.x?.square);
    const isPaired = places.some((place) => place.length > 1);
    const parts = isPaired ? 1 + SECOND : 1;
    const { columns, rows } = arrange(
      places.length,
      width,
      square ? height / parts : height,
      square,
      narrowest * unit,
    );
    // The first plot of a row carries the labels, the last one the bar of colours: these are wider by
    // them, so that all are equal.
    const several = kind === "plot" && columns > 1;
    const extra = several ? margins(spec, theme, false).l - margins(spec, theme, true).l : 0;
    const bar = several ? barWidth(spec, theme) : 0;
    const share = (width - extra - bar - (columns - 1) * PANEL_GAP) / columns;
    const name = places[0][0].variant ? NAME_HEIGHT * unit : 0; // within the height
    const tall = (square ? (height - (rows - 1) * PANEL_GAP) / rows : height) - name;
    const first = isPaired ? (tall - PANEL_GAP) / parts : tall;
    const widths = Array.from({ length: columns }, (_, at) =>
      Math.floor(share + (at ? 0 : extra) + (at < columns - 1 ? 0 : bar)),
    );
    this.row.style.gridTemplateColumns =
      columns === 1 ? "100%" : widths.map((pixels) => `${pixels}px`).join(" ");
    places.forEach((pair, place) => {
      const column = place % columns;
      const row = (isPaired ? 2 : 1) * Math.floor(place / columns);
      pair.forEach((panel, at) => {
        panel.element.style.gridArea = `${row + at + 1} / ${column + 1}`;
        const tallness = Math.floor(at ? SECOND * first : first);
        panel.resize(widths[column], tallness, column > 0, column === columns - 1);
      });
    });
  }

  /** Forget the ranges of another film. */
  forget() {
    this.#ranges.clear();
    for (const panel of this.panels.values()) panel.stale = true;
  }

  /** Widen the growing axes to what is buffered now; where that changes one, redraw. */
  fit(moment) {
    const before = this.#ranges.get(this.view);
    const after = Object.fromEntries(AXES.map((axis) => [axis, this.#fit(axis, before, moment)]));
    if (before && AXES.every((axis) => after[axis] === before[axis])) return;
    this.#ranges.set(this.view, after);
    for (const panel of this.panels.values()) panel.stale = true;
  }

  #fit(name, before, moment) {
    const axis = this.spec[name] ?? {};
    if (name === "z" && !axis.grow) return null; // its traces say their own
    const last = before?.[name] ?? null;
    // What is left out depends on all of it, and people choose other frames: it may narrow again.
    const isChosen = this.binds[name].some(({ bind }) => bind.frame !== undefined);
    const start = (axis.without || isChosen ? null : last) ?? axis.range ?? null;
    if (!axis.grow && start) return start;
    const extent = ({ source, bind }) => moment[source].reader.extent(bind, axis.without);
    const range =
      this.binds[name].reduce(
        (range, found) => widen(range, extent(found), scaleOf(axis)),
        start,
      ) ?? widen(null, { low: NaN, high: NaN, positive: NaN }, scaleOf(axis));
    return last?.every((end, at) => end === range[at]) ? last : range;
  }

  get ranges() {
    return this.#ranges.get(this.view);
  }

  /** Blocks turn by themselves, or are turned by hand, all together. */
  #turn() {
    const turn = (about, up = 0) => {
      this.#eye = turned(this.#eye, [about, up]);
      for (const panel of this.panels.values()) panel.look(this.#eye);
      if (!this.shown.some(({ inView }) => inView)) return;
      this.element.dispatchEvent(new CustomEvent("lnl-stale", { bubbles: true }));
    };
    this.turning = new Turning(turn, this.row);
    this.caption.append(" ", this.turning.button);
  }

  /** What its panels show, and where in the chart. */
  get taken() {
    const whole = this.row.getBoundingClientRect();
    const pictures = this.shown.map((panel) => {
      const { chart, variant, source, box, shapes = [] } = panel;
      const { left, top, width, height } = box.getBoundingClientRect();
      const area = panel.area ?? {
        left: GRID_NAMES,
        top: 8,
        width: width - GRID_NAMES,
        height: height - 30,
      };
      const place = {
        ...area,
        left: left - whole.left + area.left,
        top: top - whole.top + area.top,
      };
      return {
        chart,
        traces: panel.drawing,
        seeds: panel.traces.length ? panel.seeds : [],
        block: chart.kind === "block" ? panel.traces[0] : null,
        shapes,
        layout: panel.untitled ?? panel.layout ?? null,
        variant: variant?.label ?? null,
        isPinned: source === "pinned",
        area: place,
      };
    });
    return { pictures, width: whole.width, height: whole.height, theme: this.theme };
  }

  destroy() {
    this.turning?.destroy();
    for (const panel of this.panels.values()) panel.destroy();
    this.element.remove();
  }
}

export class Charts {
  /** Chart updates drawn, and plots made (each box once). */
  draws = 0;
  created = 0;
  #charts = new Map();
  #panelOf = new WeakMap();
  #sections = new Map(); // by title
  /** @type {{now: import("./bindings.js").Seen|null, pinned: import("./bindings.js").Seen|null}} */
  #moment = { now: null, pinned: null };
  /** Which charts were laid out, and how large they want to be. */
  #outlined = "";
  /** The id of the chart that has all the room, or null. */
  enlarged = null;
  /** Whether the text alternatives name values, and all of them do so of this frame. */
  #described = null;

  /**
   * @param {() => void} wake called when there is something to draw
   * @param {() => Room} room for the first section
   * @param {HTMLElement} between stands below the first section
   */
  constructor(wake, room, between) {
    this.room = room;
    this.between = between;
    this.element = element("div", { class: "lnl-sections", translate: false }); // numbers, symbols
    this.element.addEventListener("lnl-stale", wake);
    this.element.addEventListener("lnl-read", (/** @type {CustomEvent} */ event) =>
      this.#share(/** @type {HTMLElement} */ (event.target), event.detail),
    );
    this.views = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries)
          this.#panelOf.get(target).inView = isIntersecting;
        wake();
      },
      { rootMargin: "120px" },
    );
    this.sizes = new ResizeObserver((entries) => {
      let roomChanged = false;
      for (const { target, contentRect } of entries) {
        const chart = this.#charts.get(target.parentElement?.dataset.chart);
        const isRow = target === chart?.row;
        if (isRow && Math.abs(contentRect.width - (chart.width ?? 0)) >= 1)
          chart.arrange(contentRect.width);
        // Plots have the heights that they were given; all else takes room from them.
        roomChanged ||= !isRow || !chart.least;
      }
      if (roomChanged) this.layOut();
      wake();
    });
    this.sizes.observe(this.element);
  }

  /** What is read at an x of one chart is read at it in all charts of its section with such an axis. */
  #share(from, { x, axis }) {
    const section = [...this.#sections.values()].find(({ element }) => element.contains(from));
    for (const chart of section?.charts ?? [])
      if (axis && chart.spec.x?.title === axis)
        for (const panel of chart.shown) if (panel.box !== from) panel.read(x);
  }

  /**
   * Hide what charts show.
   * @param {(id: string) => boolean} isVeiled
   */
  veil(isVeiled) {
    for (const [id, { element }] of this.#charts)
      element.classList.toggle("lnl-veiled", isVeiled(id));
  }

  /** Have a chart come first where charts stand one below the other. @param {string} [first] its id */
  putFirst(first) {
    for (const [id, { element }] of this.#charts)
      element.classList.toggle("lnl-answering", id === first);
  }

  /**
   * Bring a chart into view, and frame it for a while.
   * @param {string} id
   * @param {boolean} isWanted it stands in the middle then, or else wherever it can be seen
   */
  light(id, isWanted) {
    const lit = this.#charts.get(id)?.element;
    const behavior = still() ? "auto" : "smooth";
    lit?.scrollIntoView({ behavior, block: isWanted ? "center" : "nearest" });
    lit?.classList.add("lnl-lit");
    setTimeout(() => lit?.classList.remove("lnl-lit"), LIT);
  }

  /** @param {HTMLElement[]} elements above the charts, which take room from them */
  standBelow(elements) {
    for (const one of elements) this.sizes.observe(one);
  }

  /**
   * Take in a new figure, view or theme.
   * @param {import("../view.js").Figure} figure
   * @param {import("../view.js").Scene} scene
   * @param {import("../theme.js").Theme} theme
   * @param {import("../pinned.js").Held & {scene: import("../view.js").Scene}} [pinned] beside it
   */
  compose({ sections }, scene, theme, pinned) {
    this.#pin(pinned);
    const specs = sections.flatMap(({ charts }) => charts);
    const others = new Map(
      chartsOf(pinned).map((spec) => [spec.id, { spec, scene: pinned.scene }]),
    );
    const wanted = new Set(specs.map(({ id }) => id));
    for (const [id, chart] of this.#charts) {
      if (wanted.has(id)) continue;
      chart.destroy();
      this.#charts.delete(id);
    }
    for (const spec of specs) {
      if (!this.#charts.has(spec.id)) {
        this.#charts.set(spec.id, new Chart());
        const { row, caption } = this.#charts.get(spec.id);
        for (const part of [row, caption]) this.sizes.observe(part);
      }
      const made = (panel) => this.#watch(panel);
      this.#charts.get(spec.id).compose(spec, scene, theme, made, others.get(spec.id));
    }
    this.#place(sections);
    this.enlarge(this.enlarged);
    // What else the layout depends on is observed; a pointer that chooses changes none of it.
    const outline = specs.map(({ id, span, height, repeat }) => [id, span, height, repeat]);
    const outlined = JSON.stringify([outline, scene.shown, this.enlarged, theme.size]);
    if (outlined !== this.#outlined) this.layOut();
    this.#outlined = outlined;
    this.grow();
  }

  /** The chart under the pointer or with the focus, or else the first one: its id. */
  get pointed() {
    const find = (selector) => /** @type {HTMLElement} */ (this.element.querySelector(selector));
    return (find("figure:hover, figure:focus-within") ?? find("figure")).dataset.chart;
  }

  /**
   * Let one chart have all the room.
   * @param {string|null} id null: each has its own place again
   */
  enlarge(id) {
    this.enlarged = id;
    for (const [name, chart] of this.#charts) chart.element.hidden = Boolean(id) && name !== id;
    for (const { element: section, charts } of this.#sections.values())
      section.hidden = charts.every((chart) => chart.element.hidden);
  }

  /**
   * Lay the charts out: the first section fills the window as far as it has room, the others take
   * their least heights.
   */
  layOut() {
    const { width } = this.element.getBoundingClientRect();
    if (!width) return;
    const room = this.room();
    const shown = [...this.#sections.values()].filter((section) => !section.element.hidden);
    shown.forEach((section, at) => section.layOut(width, at ? { ...room, height: 0 } : room));
  }

  /** Take the widths that the page has now, and draw all charts, in view or not: for paper. */
  drawAll() {
    for (const chart of this.#charts.values()) chart.arrange(chart.row.clientWidth);
    const moment = this.#moment;
    if (!window.Plotly || !moment.now) return;
    for (const { panel, chart } of this.#panels) panel.draw({ ...moment, ranges: chart.ranges });
  }

  /**
   * A new film begins.
   * @param {import("../film.js").Film} film
   * @param {number} steps of the whole run
   */
  begin(film, steps) {
    this.#moment.now = seen(film, steps);
    for (const chart of this.#charts.values()) chart.forget();
    this.grow();
  }

  /** Frames have come in: growing axes may have to widen. */
  grow() {
    const { now, pinned } = this.#moment;
    if (pinned) pinned.end = pinned.film.length - 1;
    if (now) for (const chart of this.#charts.values()) chart.fit(this.#moment);
  }

  /** Have the film of a pinned run beside the present one, or none. */
  #pin(pinned) {
    if (pinned?.film === this.#moment.pinned?.film) return;
    this.#moment.pinned = pinned ? seen(pinned.film, pinned.total.steps) : null;
    for (const chart of this.#charts.values()) chart.forget();
    this.show(this.frame);
  }

  /** The frame that charts show, or are about to show. */
  get frame() {
    return this.#moment.now?.frame ?? 0;
  }

  /** Whether every chart in view shows that frame, and it is known which those are. */
  get settled() {
    return !this.#pending().length && this.#panels.every(({ panel }) => panel.inView !== null);
  }

  /** Set the frame that every chart is to show; of a pinned run they show the same step. */
  show(frame) {
    const { now, pinned } = this.#moment;
    if (now) now.frame = now.end = frame;
    const step = now?.film.frames[frame]?.step ?? 0;
    if (pinned) pinned.frame = pinned.film.at(step);
  }

  /**
   * Draw what is in view and not up to date, in turn, until the budget is spent.
   * @param {number} budget milliseconds; at least one chart is drawn
   * @returns {boolean} whether all in view show the frame
   */
  draw(budget) {
    const moment = this.#moment;
    if (!window.Plotly || !moment.now) return false;
    const deadline = performance.now() + budget;
    const pending = this.#pending();
    while (pending.length && performance.now() < deadline) {
      const { panel, chart } = pending.shift();
      const drawn = panel.draw({ ...moment, ranges: chart.ranges });
      if (drawn) this.draws++;
      if (drawn && panel.drawn === 1) this.created++;
      if (this.#described) this.#described = null;
    }
    return this.settled;
  }

  /**
   * Bring the text alternatives up to date.
   * @param {boolean} paused whether to name the values on screen
   */
  describe(paused) {
    if (this.#described === paused) return;
    this.#described = paused;
    for (const { panel } of this.#panels) panel.describe(this.#moment, paused);
  }

  /** What one chart shows, and where. @param {string} id */
  taken(id) {
    return this.#charts.get(id).taken;
  }

  /** What each panel shows. */
  get pictures() {
    return this.#panels.map(({ panel: { chart, source, traces, shapes, layout, names, box } }) => ({
      chart: chart.id,
      source,
      traces,
      shapes,
      layout,
      names,
      box,
    }));
  }

  destroy() {
    this.views.disconnect();
    this.sizes.disconnect();
    for (const chart of this.#charts.values()) chart.destroy();
  }

  /** The panels in view that do not show the frame, those drawn longest ago first. */
  #pending() {
    const moment = this.#moment;
    return this.#panels
      .filter(({ panel }) => panel.inView && panel.width > 0 && panel.needs(moment))
      .sort((a, b) => a.panel.drawn - b.panel.drawn);
  }

  get #panels() {
    return [...this.#charts.values()].flatMap((chart) =>
      chart.shown.map((panel) => ({ panel, chart })),
    );
  }

  #watch(panel) {
    this.#panelOf.set(panel.box, panel);
    this.views.observe(panel.box);
  }

  /** Put charts into their sections. */
  #place(sections) {
    const kept = this.#sections;
    this.#sections = new Map(
      sections.map(({ title }) => [title, kept.get(title) ?? new Section(title)]),
    );
    for (const { title, charts } of sections)
      this.#sections.get(title).hold(charts.map(({ id }) => this.#charts.get(id)));
    const [first, ...rest] = [...this.#sections.values()].map((section) => section.element);
    place(this.element, [first, this.between, ...rest]);
  }
}

/** Charts below a title, which no other section has. */
class Section {
  constructor(title) {
    this.grid = element("div", { class: "lnl-grid" });
    this.element = element("section", { class: "lnl-section" }, this.grid);
    if (title) this.grid.before(element("h3", {}, title));
  }

  /** @param {Chart[]} charts */
  hold(charts) {
    this.charts = charts;
    place(
      this.grid,
      charts.map((chart) => chart.element),
    );
  }

  /**
   * @param {number} width
   * @param {Room} room
   */
  layOut(width, { height, unit, least }) {
    const charts = this.charts.filter((chart) => !chart.element.hidden);
    for (const chart of charts) chart.unit = unit;
    const alone = charts.length === 1;
    const { columns, spans, rows } = rowsOf(
      charts.map(({ spec }) => (alone ? 12 : spec.span)),
      width / unit,
    );
    this.grid.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    charts.forEach((chart, at) => chart.take(spans[at], chart.height ?? chart.least));
    const heading =
      this.grid.getBoundingClientRect().top - this.element.getBoundingClientRect().top;
    const heights = shareRoom(
      rows.map((row) => needsOf(row.map((at) => charts[at]))),
      columns > 1 ? height - heading : 0, // a phone's charts are scrolled
      height ? least : 1,
    );
    rows.forEach((row, place) => {
      for (const at of row) {
        const names = namesOf(row.map((other) => charts[other]));
        charts[at].take(spans[at], heights[place] + names);
      }
    });
  }
}

/** What a row of charts takes beside its plots, and the least height of these. */
function needsOf(charts) {
  const height = Math.max(...charts.map(({ least }) => least));
  if (!height)
    return { fixed: Math.max(...charts.map((chart) => chart.element.offsetHeight)), height };
  const captions = charts.map(({ caption }) => caption.offsetHeight);
  return { fixed: Math.max(...captions) + CAPTION_GAP + namesOf(charts), height };
}

/** The height of the lines above small multiples; squares find room for theirs. */
function namesOf(charts) {
  const named = charts.some(({ spec }) => spec.repeat && !spec.x?.square);
  const all = charts.every(({ spec }) => spec.repeat);
  return named || all ? NAME_HEIGHT * (charts[0].theme.size / 14) : 0;
}
