/**
 * A panel with axes. Curves and heat maps are drawn on a canvas, many times a second; Plotly, above
 * it, draws the axes, and has values read and ranges zoomed into. Of the points it is told only once
 * the pointer is there: that takes it longer than all the drawing.
 */

import { element, setText } from "../dom.js";
import { same } from "../same.js";
import { withTheme } from "../theme.js";
import { label, scaleOf, ticks, titledTick, toPlotted } from "./axes.js";
import { freeOf, namesAtEnds } from "./ends.js";
import { drawColorBar, drawShapes, drawTraces, endsOf, pointsOf } from "./ink.js";
import { Panel } from "./panel.js";

const CONFIG = { displayModeBar: false, responsive: false, doubleClick: false, showTips: false };
const SPACING = { x: { linear: 40, log: 32, symlog: 32 }, y: { linear: 18, log: 18, symlog: 18 } }; // of ticks, in pixels
const CLICK = 4; // pixels that a pointer may move in a click
const COLOR_BAR = 44; // pixels beside a heat map, for what its colours stand for
const TICKS = 0.86; // size of the type at axes, as a share of the page's
const MOST_POWERS = 6; // of ten that a colour bar names
const SMALLER = 0.7; // type in a second picture of squares, as a share of that in the first
const APART = 4; // pixels between a second picture and what it is called
const HALO = 3; // pixels round the name of a curve, which keep it apart from what it lies on
const NAME_ROOM = 8; // pixels from the upper edge to the middle of a name
const NOTES = [0.7, 0, 0.5, 0.25, 1]; // heights, as shares of a plot, at which a note may stand
const WORD = 6; // pixels between a tick's number and the title of the axis

/** On a touch screen a drag scrolls the page, so it cannot zoom. */
const coarse = () => matchMedia("(pointer: coarse)").matches;

/**
 * An element that Plotly has taken over.
 * @typedef {HTMLDivElement & {on: (event: string, act: (change: any) => void) => void}} PlotlyElement
 */

export class Plot extends Panel {
  #canvas = element("canvas");
  #plot = element("div", { class: "lnl-plot" });
  /** The tick of the x axis that stands after the axis' title. */
  #entitled = element("span", { class: "lnl-x" }, element("i"), element("span"));
  /** Which variants have nothing to draw here, and why. */
  #absent = element("span", { class: "lnl-absent" });
  /** Lines and rectangles that do not change with the moment. */
  shapes = [];
  /** The names that stand at the ends of curves. */
  names = [];
  /** What Plotly is told of the axes. */
  layout = null;
  /** Ranges in plotted units, if someone has zoomed into them. */
  #zoom = null;
  #ranges = null;
  #painted = null;
  /** What Plotly was given last. */
  #given = null;
  #read = false;

  /**
   * @param {import("../view.js").Variant|null} variant of a small multiple
   * @param {import("./bindings.js").Source} source
   */
  constructor(variant, source) {
    const box = element("div", { class: "lnl-box", role: "img" });
    super(variant, box, box, source);
    this.box.append(this.#canvas, this.#plot, this.#entitled, this.#absent);
    this.box.addEventListener("pointerenter", () => this.#look(true));
    this.box.addEventListener("pointerleave", () => {
      this.#look(false);
      this.share(null);
    });
    // Plotly puts something of its own under a pressed pointer: its clicks do not arrive.
    this.box.addEventListener("pointerdown", (event) => this.#press(event), { capture: true });
  }

  adopt() {
    const { chart, theme, variant } = this;
    this.shapes = withTheme(chart.shapes ?? [], theme, variant);
  }

  resize(width, height, bare, barred) {
    if (!super.resize(width, height, bare, barred)) return false;
    Object.assign(this.box.style, { width: `${width}px`, height: `${height}px` });
    const scale = window.devicePixelRatio;
    Object.assign(this.#canvas, { width: width * scale, height: height * scale });
    return true;
  }

  paint({ ranges }) {
    this.#ranges = ranges;
    if (ranges.z) this.traces = this.traces.map((trace) => coloured(trace, ranges.z));
    if (!this.barred) this.traces = this.traces.map(({ showscale, ...trace }) => trace);
    const painted = { traces: this.traces, layout: this.#layout(), scale: this.#canvas.width };
    if (same(painted, this.#painted)) return false;
    this.#painted = painted;
    this.layout = painted.layout;
    setText(this.#absent, absent(this.traces, this.chart));
    this.#give();
    this.#ink();
    return true;
  }

  destroy() {
    if (this.#given) window.Plotly.purge(this.#plot);
  }

  /** Draw the curves, and what lies below them. */
  #ink() {
    const scale = this.#canvas.width / this.width;
    const { area, theme, traces } = this;
    const axis = (name) => {
      const toUnits = scaleOf(this.chart[name]) === "log" ? Math.log10 : (value) => value; // symlog comes as plotted
      const [from, to] = this.#rangeOf(name);
      const [start, length] =
        name === "x" ? [area.left, area.width] : [area.top + area.height, -area.height];
      return (value) => start + (length * (toUnits(value) - from)) / (to - from);
    };
    const frame = {
      area,
      x: axis("x"),
      y: axis("y"),
      font: this.#font(this.source === "pinned" && this.chart.x.square ? SMALLER : 1),
    };
    const ink = this.#canvas.getContext("2d");
    ink.setTransform(scale, 0, 0, scale, 0, 0);
    ink.clearRect(0, 0, this.width, this.height);
    const barred = traces.find(({ showscale }) => showscale);
    if (barred && this.source === "now") drawColorBar(ink, barred, frame, theme.muted);
    ink.save();
    ink.beginPath();
    ink.rect(area.left, area.top, area.width, area.height);
    if (traces.every(({ cliponaxis }) => cliponaxis !== false)) ink.clip();
    drawShapes(ink, this.#grid(), frame);
    const points = traces.map((trace) => pointsOf(trace, frame));
    drawTraces(ink, traces, points, frame);
    drawShapes(ink, this.shapes, frame);
    this.#name(ink, points, frame);
    ink.restore();
    if (this.source === "pinned") this.#mark(ink, area);
  }

  /** Name the curves at their ends; a small multiple has its name above it. */
  #name(ink, allPoints, frame) {
    if (this.variant) return;
    const { area, font } = frame;
    const drawn = this.traces
      .map((trace, at) => ({ ...trace, points: allPoints[at], light: Boolean(trace.isPinned) }))
      .filter(({ mode }) => mode?.includes("lines"));
    drawn.unshift(...this.shapes.filter(isLine).map((shape) => lineOf(shape, frame)));
    const curves = new Map(); // of two of one name, the first
    for (const { name, hoverinfo, line, points, light } of drawn)
      if (name && hoverinfo !== "skip" && !curves.has(name))
        curves.set(name, { name: light ? "pinned" : name, color: line.color, points, light });
    Object.assign(ink, { font, textBaseline: "middle" });
    this.names = namesAtEnds(
      [...curves.values()].reverse(), // Layer Norm before those that it is compared with
      drawn,
      area,
      TICKS * this.theme.size,
      (name) => ink.measureText(name).width,
    );
    Object.assign(ink, { strokeStyle: this.theme.background, lineWidth: HALO, lineJoin: "round" });
    this.#placeAbsent(drawn, ink);
    for (const named of this.names) {
      ink.strokeText(named.name, named.left, named.y);
      ink.fillStyle = named.color ?? this.theme.text;
      ink.fillText(named.name, named.left, named.y);
    }
  }

  /** Say what has nothing to draw where no curve passes. */
  #placeAbsent(lines, ink) {
    const { area } = this;
    const [left, height] = [area.left + APART, this.theme.size];
    const right = left + ink.measureText(this.#absent.textContent).width;
    const boxes = NOTES.map((share) => {
      const top = area.top + share * (area.height - height);
      return { left, right, top, bottom: top + height };
    });
    const { top } = freeOf(boxes, lines) ?? boxes[0];
    Object.assign(this.#absent.style, { top: `${top}px`, left: `${left}px`, bottom: "auto" });
  }

  /** Write beside the picture of a pinned run what it is; where there is no room its neighbour says so. */
  #mark(ink, { left, top }) {
    const { size } = this.theme;
    Object.assign(ink, { font: this.#font(), textBaseline: "middle" });
    const start = left - ink.measureText(this.source).width - APART;
    if (start < 0) return;
    ink.fillStyle = this.theme.muted;
    ink.fillText(this.source, start, top + 0.5 * size);
  }

  /** Lines across the plot at the ticks of the y axis. */
  #grid() {
    const { y } = this.chart;
    if (y.hidden || y.grid === false) return [];
    const line = { color: this.theme.grid, width: 1 };
    const place = scaleOf(y) === "symlog" ? toPlotted.symlog : (value) => value;
    return this.#ticks("y").map(({ value }) => {
      return {
        type: "line",
        xref: "paper",
        x0: 0,
        x1: 1,
        y0: place(value),
        y1: place(value),
        line,
      };
    });
  }

  /** A click on a chart that lets one choose makes the choice that lies there. */
  #press({ clientX, clientY }) {
    const { chooses } = this.chart;
    if (!chooses) return;
    const { top } = this.box.getBoundingClientRect();
    const release = (event) => {
      if (Math.hypot(event.clientX - clientX, event.clientY - clientY) > CLICK) return;
      const { area } = this;
      const [from, to] = this.#rangeOf("y");
      const share = 1 - (clientY - top - area.top) / area.height;
      const value = Math.round(from + share * (to - from)) - chooses.from;
      if (share >= 0 && share <= 1) this.choose(chooses.choice, value);
    };
    addEventListener("pointerup", release, { once: true, capture: true });
  }

  read(x) {
    const isMap = this.traces.some(({ type }) => type === "heatmap");
    if (!this.#given || isMap || this.layout.hovermode !== "x unified") return;
    this.#look(x !== null);
    if (x === null) window.Plotly.Fx.unhover(this.#plot);
    else window.Plotly.Fx.hover(this.#plot, { xval: x });
  }

  /** Someone begins to read values, or ends it. */
  #look(reads) {
    this.#read = reads;
    if (reads && this.#given) this.#give();
  }

  /** Give Plotly axes, and the points as long as someone reads them: what it draws of these is hidden. */
  #give() {
    const data = this.#read
      ? this.traces.map((trace) => ({ ...trace, showscale: false })) // the canvas has the colour bar
      : (this.#given?.data ?? []);
    const given = { data, layout: this.layout };
    if (same(given, this.#given)) return;
    const before = this.#given;
    this.#given = given;
    const change = before?.data === data && rescaled(before.layout, given.layout);
    if (change) return window.Plotly.relayout(this.#plot, change);
    // Plotly writes into the layout that it is given.
    const layout = { ...structuredClone(given.layout), datarevision: this.drawn };
    window.Plotly.react(this.#plot, data, layout, CONFIG);
    if (!before) this.#listen();
  }

  #layout() {
    const { chart, theme, width, height } = this;
    const { left, top, ...size } = this.area;
    const overTime = chart.traces.every(({ x }) => x?.over === "steps" || x?.over === "frames");
    return {
      width,
      height,
      autosize: false,
      margin: { l: left, t: top, r: width - left - size.width, b: height - top - size.height },
      showlegend: false,
      paper_bgcolor: "rgba(0, 0, 0, 0)",
      plot_bgcolor: "rgba(0, 0, 0, 0)",
      font: { family: theme.font, size: TICKS * theme.size, color: theme.muted },
      hovermode: chart.hover ?? (overTime ? "x unified" : "closest"),
      hoverlabel: {
        bgcolor: theme.background,
        bordercolor: theme.border,
        font: { family: theme.font, size: 0.85 * theme.size, color: theme.text },
      },
      dragmode: coarse() ? false : "zoom",
      xaxis: { ...this.#axis("x"), ...this.#cursor() },
      yaxis: { ...this.#axis("y"), ...(this.bare && { showticklabels: false, ticks: "" }) },
    };
  }

  /** Where data are seen, in pixels; on square axes units are equally long. */
  get area() {
    const { chart, theme, width, height } = this;
    const { l, r, t, b } = margins(chart, theme, this.bare);
    const bar = this.barred ? barWidth(chart, theme) : 0;
    const room = { width: width - l - r - bar, height: height - t - b };
    if (!chart.x.square) return { left: l, top: t, ...room };
    const [across, up] = ["x", "y"].map((name) =>
      Math.abs(chart[name].range[1] - chart[name].range[0]),
    );
    const unit = Math.min(room.width / across, room.height / up);
    return {
      left: l + (room.width - unit * across) / 2,
      top: t,
      width: unit * across,
      height: unit * up,
    };
  }

  /** The visible range of an axis, in plotted units. */
  #rangeOf(name) {
    return this.#zoom?.[name] ?? this.#ranges[name].map(toPlotted[scaleOf(this.chart[name])]);
  }

  #ticks(name) {
    const own = this.chart[name].ticks;
    if (own) return own.map(([value, text]) => ({ value, text }));
    const pixels = this.area[name === "x" ? "width" : "height"];
    const scale = scaleOf(this.chart[name]);
    return ticks(this.#rangeOf(name), scale, (SPACING[name][scale] * this.#unit) / pixels);
  }

  /** Pixels of the page for one pixel of ordinary type. */
  get #unit() {
    return this.theme.size / 14;
  }

  /**
   * Write the title of the x axis in the line of its ticks: before the last of them, or else before
   * the first, wherever no tick has to give way.
   * @param {{value: number, text: string}[]} places
   * @returns {{value: number, text: string}[]} the other ticks, as far as they have room
   */
  #titled(places) {
    const { title, angle } = this.chart.x;
    if (!title || !places.length || angle) {
      this.#entitle("", "");
      return places;
    }
    const { area } = this;
    const [from, to] = this.#rangeOf("x");
    const plotted = toPlotted[scaleOf(this.chart.x)];
    const spots = places.map(({ value, text }) => {
      const middle = area.left + (area.width * (plotted(value) - from)) / (to - from);
      return { half: this.#widthOf(text) / 2, middle };
    });
    const width = this.#widthOf(`${title} `) + WORD;
    const at = titledTick(spots, width);
    this.#entitle(`${title} `, places[at].text);
    const { middle, half } = spots[at];
    const start = middle - half - width;
    this.#entitled.style.right = `${this.width - middle - half}px`;
    return places.filter((_, place) =>
      place < at ? spots[place].middle + spots[place].half < start : place > at,
    );
  }

  /** The title is in italics: it is no part of the number. */
  #entitle(...texts) {
    texts.forEach((text, at) => setText(this.#entitled.children[at], text));
  }

  /** The type of the axes, or a share of it. */
  #font(share = 1) {
    return `${share * TICKS * this.theme.size}px ${this.theme.font}`;
  }

  /** How wide a text at the axes is, in pixels. */
  #widthOf(text) {
    const ink = this.#canvas.getContext("2d");
    ink.font = this.#font();
    return ink.measureText(text).width;
  }

  #axis(name) {
    const axis = this.chart[name];
    const scale = scaleOf(axis);
    const layout = {
      type: scale === "log" ? "log" : "linear",
      range: this.#rangeOf(name),
      fixedrange: coarse(),
      zeroline: false,
      showgrid: false, // it is drawn below the curves
      automargin: false,
    };
    if (axis.hidden) return { ...layout, visible: false };
    const places = name === "x" ? this.#titled(this.#ticks("x")) : this.#ticks(name);
    return {
      ...layout,
      ticks: "outside",
      ticklen: 4,
      tickcolor: this.theme.border,
      tickangle: axis.angle ?? 0,
      tickmode: "array",
      ...this.#marks(places, scale),
      ...(name === "x" && { showline: true, linecolor: this.theme.border }),
    };
  }

  /** Ticks for Plotly: of a log axis in data units, of our symlog axis as plotted. */
  #marks(places, scale) {
    const place = scale === "symlog" ? toPlotted.symlog : (value) => value;
    return {
      tickvals: places.map(({ value }) => place(value)),
      ticktext: places.map(({ text }) => text),
    };
  }

  /** The layout of a picture, where the title of the x axis stands elsewhere: all ticks are named. */
  get untitled() {
    const { x } = this.chart;
    if (!this.layout || x.hidden) return this.layout ?? null;
    const xaxis = { ...this.layout.xaxis, ...this.#marks(this.#ticks("x"), scaleOf(x)) };
    return { ...this.layout, xaxis };
  }

  /** The thin line under the pointer, and the heading of the values it meets. */
  #cursor() {
    return {
      spikecolor: this.theme.border,
      spikethickness: -1, // negative: without an outline
      spikedash: "solid",
      unifiedhovertitle: { text: `${this.chart.x.title ?? ""} %{x}` },
    };
  }

  /** Curves and ticks follow a zoom; a double click lets go of it. */
  #listen() {
    const plot = /** @type {PlotlyElement} */ (this.#plot);
    plot.on("plotly_relayout", (change) => {
      const zoomed = (axis) => [change[`${axis}axis.range[0]`], change[`${axis}axis.range[1]`]];
      const ranges = ["x", "y"]
        .map((axis) => [axis, zoomed(axis)])
        .filter(([, [low]]) => low !== undefined);
      if (!ranges.length) return;
      this.#zoom = { ...this.#zoom, ...Object.fromEntries(ranges) };
      this.change();
    });
    // What another chart has it read is no news.
    const share = (x) => this.box.matches(":hover") && this.share(x);
    plot.on("plotly_hover", ({ xvals: [x] }) => share(x));
    plot.on("plotly_doubleclick", () => {
      this.#zoom = null;
      this.change();
    });
  }
}

const isLine = ({ type }) => type === "line";

/** A line that does not move, as a curve: one that stands upright ends where its name has room. */
export function lineOf(shape, frame) {
  const { label, line } = shape;
  const ends = endsOf(shape, frame);
  const [[x0, y0], [x1, y1]] = ends;
  const [lower, upper] = [Math.max(y0, y1), Math.min(y0, y1)];
  const points =
    x0 === x1
      ? [
          [x0, lower],
          [x1, upper + NAME_ROOM],
        ]
      : ends;
  return { name: label?.text, line, points };
}

/**
 * Say which curves cannot be seen: no point of theirs has a place on the axes.
 * @param {any[]} traces
 * @param {import("./panel.js").Chart} chart
 */
export function absent(traces, chart) {
  const unseen = new Map();
  for (const { name, y, type = "scatter", hoverinfo } of traces) {
    if (!name || !y?.length || type === "heatmap" || hoverinfo === "skip") continue;
    const values = [...y];
    if (values.some((v) => Number.isFinite(v) && (v > 0 || !chart.y.log))) continue;
    unseen.set(name, values.some((v) => v === 0) ? "0" : (chart.nothing ?? "no number"));
  }
  const named = (why) => [...unseen.keys()].filter((name) => unseen.get(name) === why).join(", ");
  return [...new Set(unseen.values())].map((why) => `${named(why)}: ${why}`).join("; ");
}

/** Pixels beside a chart's last map, for what the colours of all stand for. */
export const barWidth = (chart, { size }) =>
  chart.traces?.some(({ style }) => style?.showscale) ? (COLOR_BAR * size) / 14 : 0;

/** A heat map of powers of ten with the range of its colours, and what they stand for. */
function coloured(trace, [zmin, zmax]) {
  if (trace.type !== "heatmap") return trace;
  const most = Math.max(1, Math.ceil((zmax - zmin) / MOST_POWERS));
  const powers = Array.from({ length: Math.floor(zmax) - Math.ceil(zmin) + 1 }, (_, at) => at);
  const tickvals = powers.map((at) => Math.ceil(zmin) + at).filter((_, at) => at % most === 0);
  const ticktext = tickvals.map((power) => label(10 ** power));
  return { ...trace, zmin, zmax, colorbar: { thickness: 8, outlinewidth: 0, tickvals, ticktext } };
}

/**
 * What is to be set where two layouts differ in the scales of their axes alone: Plotly takes a third
 * of the time for it.
 * @returns {Object<string, any[]>|null} null: more than that differs
 */
export function rescaled(before, after) {
  const change = {};
  for (const name of Object.keys({ ...before, ...after })) {
    if (same(before[name], after[name])) continue;
    if (name !== "xaxis" && name !== "yaxis") return null;
    for (const part of Object.keys({ ...before[name], ...after[name] })) {
      if (same(before[name][part], after[name][part])) continue;
      if (!["range", "tickvals", "ticktext"].includes(part)) return null;
      change[`${name}.${part}`] = structuredClone(after[name][part]);
    }
  }
  return change;
}

/**
 * The margins of a plot. The titles of its axes stand above it, and beside its last tick.
 * @param {import("./panel.js").Chart} chart
 * @param {{size: number}} theme
 * @param {boolean} bare without labels at the y axis
 * @returns {{l: number, r: number, t: number, b: number}} pixels
 */
export function margins(chart, { size }, bare) {
  const unit = size / 14;
  const own = Object.entries(chart.margin ?? {}).map(([side, pixels]) => [side, pixels * unit]);
  return {
    l: chart.y.hidden ? (chart.x.hidden ? 2 : 8) : (bare ? 13 : 42) * unit,
    r: chart.x.hidden ? 2 : 16 * unit, // half of the last label
    t: chart.y.hidden ? 2 : 8 * unit, // half of the highest label
    b: (chart.x.hidden ? 4 : 22) * unit,
    ...Object.fromEntries(own),
  };
}
