/** One Plotly plot: its box, made once, and how it is drawn. */

import { scaleOf, ticks, toPlotted } from "./axes.js";
import { EYE, blockTraces, labelsOf } from "./block.js";
import { describe, fill, momentKey, recipes, resolve } from "./bindings.js";
import { Cells } from "./cells.js";
import { element, setText, spans } from "./dom.js";
import { Numbers } from "./numbers.js";
import { refill, same } from "./picture.js";
import { Press } from "./press.js";
import { swatch } from "./swatch.js";
import { withTheme } from "./theme.js";
import { Ticks } from "./ticks.js";

/** On a touch screen a drag scrolls the page, so it cannot zoom. */
const coarse = () => matchMedia("(pointer: coarse)").matches;

const CONFIG = { displayModeBar: false, responsive: false, doubleClick: false, showTips: false };

export class Panel {
  drawn = 0;
  /** @type {boolean|null} null: not known yet */
  inView = null;
  stale = true;
  /** Without labels on the y axis: a neighbour on the left carries them. */
  bare = false;
  #recipes = [];
  #shapes = [];
  #frames = []; // as traces
  #composed = "";
  #picture = null; // what was given to Plotly last
  #eye = EYE; // from where a block is seen
  #edited = null; // the binding of the numbers in cells to type into
  #drawnMoment = null;
  #zoom = { x: null, y: null };
  #resets = 1; // Plotly ignores a revision of 0
  #press;

  /** @param {{label: string}|null} variant of a small multiple */
  constructor(variant) {
    this.plot = element("div", { class: "lnl-plot" });
    this.titles = { x: element("span", { class: "lnl-x" }), y: element("span", { class: "lnl-y" }) };
    this.box = element("div", { class: "lnl-box", role: "img" }, this.plot, this.titles.x, this.titles.y);
    this.#press = new Press(this.box, () => this.#forget());
    this.variant = variant;
    this.element = element("div", { class: "lnl-panel" });
    if (variant) this.element.append(element("div", { class: "lnl-name" }, swatch(variant), variant.label));
    this.element.append(this.box);
  }

  /**
   * Take in a new figure, view or theme.
   * @param {object} chart
   * @param {object} scene
   * @param {import("./theme.js").Theme} theme
   * @param {number|null} subject variant index of a small multiple
   */
  compose(chart, scene, theme, subject) {
    this.#recipes = recipes(chart, scene, theme, subject);
    const shapes = (chart.shapes ?? []).map((shape) => placed(shape, scene.choices));
    const composed = JSON.stringify([chart, theme, this.#recipes, shapes]);
    if (composed === this.#composed) return;
    this.#composed = composed;
    const coloured = withTheme(shapes, theme, this.variant);
    this.#frames = frameTraces(coloured.filter(isFrame));
    this.#shapes = coloured.filter((shape) => !isFrame(shape));
    this.chart = chart;
    this.theme = theme;
    this.subject = subject;
    for (const axis of ["x", "y"]) {
      setText(this.titles[axis], chart[axis].hidden ? "" : (chart[axis].title ?? ""));
      this.titles[axis].classList.toggle("lnl-top", chart[axis].side === "top");
    }
    if (chart.edit) this.#edited = resolve(chart.edit, scene, subject);
    if (chart.edit && !this.cells) {
      this.cells = new Cells(
        (...event) => this.#tell(...event),
        (place) => this.#point(place),
      );
      this.box.append(this.cells.element);
      this.box.setAttribute("role", "group"); // what an image holds is out of reach
    }
    this.describe(null, 0, false);
    this.stale = true;
  }

  /** Take a size in pixels; `bare` decides what stands at the y axis. */
  resize(width, height, bare) {
    if (width === this.width && height === this.height && bare === this.bare) return;
    Object.assign(this, { width, height, bare, stale: true });
    this.titles.y.hidden = bare;
    this.box.style.width = `${width}px`;
    this.box.style.height = `${height}px`;
  }

  /** Whether the plot does not show a moment yet. */
  needs(film, frame) {
    return this.stale || momentKey(this.#recipes, film, frame) !== this.#drawnMoment;
  }

  /**
   * Draw a moment.
   * @param {import("./film.js").Film} film
   * @param {import("./series.js").Reader} reader
   * @param {number} frame
   * @param {{x: [number, number], y: [number, number]}} ranges in data units
   * @returns {boolean} whether there was something to draw
   */
  draw(film, reader, frame, ranges) {
    const layout = this.#layout(ranges);
    const size = this.#inner(layout.margin);
    const filled = [...this.#recipes.map((recipe) => fill(recipe, reader, frame)), ...this.#frames];
    const blocks = filled.filter(({ type }) => type === "block");
    const traces = blocks.length ? blockTraces(blocks[0], this.#eye, size) : filled.map(withoutNumbers);
    this.#write(filled.find(isNumbered), layout.margin);
    this.#tick(layout.margin, size);
    if (blocks.length) this.#label(labelsOf(blocks[0], this.#eye, size));
    this.#drawnMoment = momentKey(this.#recipes, film, frame);
    this.stale = false;
    if (this.cells) this.cells.update(reader.read(this.#edited, frame), layout.margin);
    const [before, after] = [this.#picture, { traces, layout }];
    if (before && same(before, after)) return false;
    this.#picture = null; // until it is drawn
    const zoomed = this.#zoom.x || this.#zoom.y; // to ranges that are not those of the layout
    if (!before || (zoomed && !same(before.layout, layout)) || !refill(this.plot, before, after)) {
      // Plotly writes into the layout that it is given.
      window.Plotly.react(this.plot, traces, { ...structuredClone(layout), datarevision: this.drawn }, CONFIG);
    }
    this.#picture = after;
    if (!this.drawn++) this.#listen();
    return true;
  }

  /** See a block from elsewhere. */
  look(eye) {
    this.#eye = eye;
    this.stale = true;
  }

  /** Write the numbers of a heat map into its cells; those that another one had go. */
  #write(heat, margin) {
    if (!heat && !this.numbers) return;
    if (!this.numbers) this.box.append((this.numbers = new Numbers()).element);
    const size = { x: this.width - margin.l - margin.r, y: this.height - margin.t - margin.b };
    this.numbers.update(heat, margin, size, this.theme);
  }

  /** Label the axes of a plot that is never zoomed; labels of one that was not go. */
  #tick(margin, size) {
    const ticked = isTicked(this.chart);
    if (!ticked && !this.ticks) return;
    if (!this.ticks) this.box.append((this.ticks = new Ticks()).element);
    const { x, y } = ticked ? this.chart : { x: {}, y: {} };
    this.ticks.update({ x, y: this.bare ? {} : y }, margin, size);
  }

  /** Write the labels of a block, as HTML, which costs Plotly no time. */
  #label(labels) {
    this.labels ??= this.box.appendChild(element("div", { class: "lnl-labels", "aria-hidden": "true" }));
    const written = spans(this.labels, labels.length);
    labels.forEach(({ text, at }, index) => {
      const span = written[index];
      setText(span, text);
      span.style.transform = `translate(-50%, -50%) translate(${at[0].toFixed(1)}px, ${(-at[1]).toFixed(1)}px)`;
    });
  }

  /** Name the chart, and the values on screen when paused, for those who do not see them. */
  describe(reader, frame, paused) {
    const { title, takeaway } = this.chart;
    const values = paused ? describe(this.#recipes, reader, frame) : "";
    const name = this.variant ? `${title}, ${this.variant.label}` : title;
    this.box.setAttribute(
      "aria-label",
      [name, takeaway?.replace(/\.$/, ""), values].filter(Boolean).join(". "),
    );
  }

  destroy() {
    if (this.drawn) window.Plotly.purge(this.plot);
  }

  #layout(ranges) {
    const { chart, theme, bare } = this;
    const margin = { ...margins(chart, theme, bare), ...chart.margin };
    const size = this.#inner(margin);
    // A block is drawn in pixels, from its middle.
    if (isBlock(chart)) ranges = { x: [-size.x / 2, size.x / 2], y: [-size.y / 2, size.y / 2] };
    const overTime = chart.traces.every(({ x }) => x?.over === "steps" || x?.over === "frames");
    return {
      width: this.width,
      height: size.y + margin.t + margin.b,
      autosize: false,
      margin,
      // Constant, so that a zoom survives every new moment; a double click lets go of it.
      uirevision: this.#resets,
      showlegend: false,
      paper_bgcolor: "rgba(0, 0, 0, 0)",
      plot_bgcolor: "rgba(0, 0, 0, 0)",
      font: { family: theme.font, size: 0.8 * theme.size, color: theme.muted },
      hovermode: chart.hover ?? (overTime ? "x unified" : "closest"),
      hoverlabel: {
        bgcolor: theme.background,
        bordercolor: theme.border,
        font: { family: theme.font, size: 0.85 * theme.size, color: theme.text },
      },
      dragmode: coarse() || isFixed(chart) ? false : "zoom",
      xaxis: this.#axis("x", ranges.x, size.x, 40),
      yaxis: {
        ...this.#axis("y", ranges.y, size.y, 22),
        ...(bare && { showticklabels: false, ticks: "" }),
        ...(chart.x.square && { scaleanchor: "x", constrain: "domain", constraintoward: "top" }),
      },
      shapes: this.#shapes,
      ...withTheme(chart.layout ?? {}, theme, this.variant),
    };
  }

  /** The size within the margins, of which the box may show the upper part alone. */
  #inner(margin) {
    const { rows } = this.chart.y;
    return { x: this.width - margin.l - margin.r, y: rows ? rows.of * rows.pixels : this.height - margin.t - margin.b };
  }

  #axis(name, range, pixels, spacing) {
    const axis = this.chart[name];
    const { grid, border } = this.theme;
    const scale = scaleOf(axis);
    const plotted = range.map(toPlotted[scale]);
    const layout = {
      type: scale === "log" ? "log" : "linear",
      range: plotted,
      fixedrange: coarse() || isFixed(this.chart),
      zeroline: false,
      gridcolor: grid,
      automargin: false,
    };
    if (axis.hidden || isTicked(this.chart)) return { ...layout, visible: false };
    Object.assign(layout, {
      ticks: "outside",
      ticklen: 4,
      tickcolor: border,
      tickangle: axis.angle ?? 0,
      ...(axis.side && { side: axis.side }),
      ...(axis.grid === false && { showgrid: false }),
      ...(name === "x" && { showgrid: false, showline: true, linecolor: border, ...this.#cursor(axis) }),
      ...(axis.square ? { constrain: "domain" } : {}),
    });
    const own = axis.ticks?.map(([value, text]) => ({ value, text }));
    if (!own && scale === "linear") return { ...layout, nticks: Math.max(3, Math.floor(pixels / spacing)) };
    const places = own ?? ticks(this.#zoom[name] ?? plotted, scale, (0.8 * spacing) / pixels);
    // Plotly wants the ticks of a log axis in data units, those of our symlog axis as plotted.
    const place = scale === "symlog" ? toPlotted.symlog : (value) => value;
    return {
      ...layout,
      tickmode: "array",
      tickvals: places.map(({ value }) => place(value)),
      ticktext: places.map(({ text }) => text),
    };
  }

  /** The thin line under the pointer, and the heading of the values it meets. */
  #cursor({ title }) {
    return {
      spikecolor: this.theme.border,
      spikethickness: -1, // negative: without an outline
      spikedash: "solid",
      unifiedhovertitle: { text: `${title ?? ""} %{x}` },
    };
  }

  /** A click chooses what lies there; ticks follow what a zoom shows. */
  #listen() {
    this.plot.on("plotly_click", ({ points: [point] }) => {
      // Where a drag does not zoom, Plotly takes its end for a click on what it has begun on.
      if (this.#press.moved) return;
      const fields = picked(this.chart.pick, point);
      if (fields) this.#tell("pick", fields);
    });
    if (this.chart.points) {
      this.plot.on("plotly_hover", ({ points: [point] }) =>
        this.#point({ ...picked(this.chart.pick, point), of: this.subject }),
      );
      this.plot.on("plotly_unhover", () => this.#point({}));
    }
    this.plot.on("plotly_relayout", (change) => {
      for (const axis of ["x", "y"]) {
        if (`${axis}axis.range[0]` in change) {
          this.#zoom[axis] = [change[`${axis}axis.range[0]`], change[`${axis}axis.range[1]`]];
          this.#changed();
        }
      }
    });
    this.plot.on("plotly_doubleclick", () => {
      this.#zoom = { x: null, y: null };
      this.#resets++;
      this.#changed();
    });
  }

  /**
   * Have Plotly look anew what a click is on. It looks no more than every 50 ms, and forgets what it
   * saw last where its time has come while a button is down: such a click chose nothing.
   */
  #forget() {
    if (this.drawn && this.chart.pick) window.Plotly.Fx.unhover(this.plot);
  }

  #changed() {
    this.stale = true;
    this.box.dispatchEvent(new CustomEvent("lnl-stale", { bubbles: true }));
  }

  /** Tell the player what the pointer rests on. */
  #point(place) {
    this.box.dispatchEvent(new CustomEvent("lnl-point", { bubbles: true, detail: place }));
  }

  /** Tell the page of a gesture. */
  #tell(event, detail) {
    this.box.dispatchEvent(new CustomEvent("lnl-tell", { bubbles: true, detail: { event, detail } }));
  }
}

/** Whether a chart shows blocks, which can be turned. */
export const isBlock = ({ traces }) => traces.some(({ type }) => type === "block");

const isNumbered = ({ type, texttemplate }) => type === "heatmap" && Boolean(texttemplate);
const hasNumbers = ({ traces }) => traces.some(({ type, style }) => isNumbered({ type, ...style }));

/** A heat map without the numbers in its cells, which are ours. */
function withoutNumbers(trace) {
  if (!isNumbered(trace)) return trace;
  const { texttemplate, text, ...drawn } = trace;
  return drawn;
}

/** Whether no part of a chart can be shown larger: a block, rows that are cut off, numbers in cells. */
const isFixed = (chart) => isBlock(chart) || Boolean(chart.y.rows) || hasNumbers(chart);

/** Whether its axes are labelled by us: those of cells in a plot that is never zoomed. */
const isTicked = (chart) => isFixed(chart) && !isBlock(chart);

const isFrame = ({ type }) => type === "rect";

/**
 * Frames as traces: to move them takes Plotly new numbers instead of a new layout. Those with the
 * same line are one, so that there may be another number of them.
 */
function frameTraces(frames) {
  const alike = new Map();
  for (const { x0, x1, y0, y1, line } of frames) {
    const look = JSON.stringify(line);
    if (!alike.has(look)) alike.set(look, { type: "scatter", mode: "lines", x: [], y: [], line, hoverinfo: "skip" });
    const { x, y } = alike.get(look);
    x.push(x0, x1, x1, x0, x0, x1, null); // on to the second corner, for the first to be sharp
    y.push(y0, y0, y1, y1, y0, y0, null);
  }
  return [...alike.values()].map((trace) => ({ ...trace, line: { ...trace.line, simplify: false } }));
}

/** A shape that is `on` two choices frames the cell that they name. */
function placed({ on, ...shape }, choices) {
  if (!on) return shape;
  const [x, y] = [choices[on.x], choices[on.y]];
  return { ...shape, x0: x - 0.5, x1: x + 0.5, y0: y - 0.5, y1: y + 0.5 };
}

/**
 * What a click chooses, in the fields that the figure names: the value on an axis (`"x"`, `"y"`),
 * or a place in the clicked point's own data.
 * @param {Object<string, "x"|"y"|number>|undefined} pick
 * @param {object} point of a Plotly event
 * @returns {Object<string, number>|null} null: nothing can be chosen here
 */
export function picked(pick, point) {
  if (!pick || !point) return null;
  const own = point.data?.customdata?.[point.pointNumber] ?? [];
  const entries = Object.entries(pick).map(([field, from]) => [
    field,
    typeof from === "number" ? own[from] : point[from],
  ]);
  return entries.every(([, value]) => Number.isInteger(value)) ? Object.fromEntries(entries) : null;
}

/**
 * The margins of a plot; titles are drawn by HTML inside them, which costs Plotly no time.
 * @returns {{l: number, r: number, t: number, b: number}} pixels
 */
export function margins(chart, { size }, bare) {
  const unit = size / 14;
  const y = chart.y.hidden ? (chart.x.hidden ? 2 : 8) : bare ? 13 * unit : 42 * unit;
  const titled = (axis) => !axis.hidden && axis.title;
  const top = chart.x.side === "top";
  return {
    l: y,
    r: chart.x.hidden ? 2 : 16 * unit, // half of the last label
    t: (titled(chart.y) || (top && titled(chart.x)) ? 20 * unit : chart.y.hidden ? 2 : 8) + (top ? 20 * unit : 0),
    b: chart.x.hidden || top ? 4 : titled(chart.x) ? 34 * unit : 20 * unit,
  };
}

/** The height of a panel's box in pixels: that of its chart, or as many rows as are to be seen. */
export function heightOf(chart, theme) {
  const { rows } = chart.y;
  const { t, b } = margins(chart, theme, false);
  return rows ? t + b + rows.seen * rows.pixels : chart.height;
}

/**
 * Lay panels out in rows. Squares share the given height and are made as large as they can be;
 * other panels keep the height and wrap where they would become too narrow to read.
 * @returns {{columns: number, rows: number}}
 */
export function arrange(count, width, height, square, narrowest = NARROWEST) {
  if (!square) {
    const most = Math.max(1, Math.floor(width / narrowest));
    const columns = Math.min(count, most);
    const rows = Math.ceil(count / columns);
    return { columns: Math.ceil(count / rows), rows };
  }
  const options = Array.from({ length: count }, (_, i) => {
    const rows = i + 1;
    const columns = Math.ceil(count / rows);
    return { columns, rows, size: Math.min(width / columns, height / rows) };
  });
  const { columns, rows } = options.reduce((best, option) => (option.size > best.size ? option : best));
  return { columns, rows };
}

const NARROWEST = 130;
