/** A chart to take along: its numbers as a table, its picture as PNG or SVG; and all numbers of the run. */

import { makeDialog } from "./dialog.js";
import { actionButton, element, saveFile, setText } from "./dom.js";
import { csvOf } from "./table.js";

const TOP = 52; // pixels above the plots: the title, and what the axes are
const EDGE = 10; // pixels beside the words
const ENTRY = { letter: 0.62, more: 56, height: 2.4 }; // of the legend: letters and rows by their type
const SOURCE = { size: 9, width: 5.4, height: 12 }; // of the letters of the source
const NAME = 16; // pixels of a small multiple's name
const SCALE = 2;

/**
 * What a panel shows, as it was drawn.
 * @typedef {object} Picture
 * @property {import("./panels/panel.js").Chart} chart
 * @property {string|null} variant of a small multiple
 * @property {boolean} isPinned whether it is a pinned run's
 * @property {any[]} traces as Plotly draws them
 * @property {any} block what a block of numbers has been drawn from
 * @property {ArrayLike<number>[][]} seeds of each trace that is a mean over seeds: their own curves
 * @property {any[]} shapes
 * @property {any} layout null: it is no plot
 * @property {{left: number, top: number, width: number, height: number}} area of its axes in the chart
 */

/**
 * Put a chart's panels into one figure of Plotly's, in their places, below the title.
 * @param {Picture[]} pictures of one chart
 * @param {{width: number, height: number, theme: import("./theme.js").Theme, source: string}} page
 */
export function figureOf(pictures, { width, height, theme, source }) {
  const [{ chart }] = pictures;
  const lines = wrapped(source, Math.floor((width - 2 * EDGE) / SOURCE.width));
  const below = SOURCE.height * lines.length + 8;
  const entries = new Set(pictures[0].variant ? [] : pictures[0].traces.map(({ name }) => name));
  const type = 0.86 * theme.size;
  const longest = Math.max(0, ...[...entries].map((name) => name?.length ?? 0));
  const entrywidth = Math.ceil(ENTRY.letter * type * longest);
  const across = Math.max(1, Math.floor(width / (entrywidth + ENTRY.more)));
  const legend = ENTRY.height * type * Math.ceil(entries.size / across);
  const whole = TOP + height + legend + below;
  const layout = {
    width,
    height: whole,
    margin: { l: 0, r: 0, t: 0, b: 0 },
    paper_bgcolor: theme.background,
    plot_bgcolor: theme.background,
    font: { family: theme.font, size: type, color: theme.text },
    showlegend: true,
    legend: {
      orientation: "h",
      entrywidth,
      x: 0,
      y: below / whole,
      xanchor: "left",
      yanchor: "bottom",
      bgcolor: "rgba(0, 0, 0, 0)",
    },
    annotations: [],
    shapes: [],
  };
  const write = (text, x, y, more = {}) =>
    layout.annotations.push({
      text,
      xref: "paper",
      yref: "paper",
      x: x / width,
      y: 1 - y / whole,
      xanchor: "left",
      yanchor: "top",
      align: "left", // where another font is wider than the page's, it grows to the right
      showarrow: false,
      ...more,
    });
  write(`<b>${escaped(chart.title)}</b>`, EDGE, 4, { font: { size: 1.1 * theme.size } });
  const { x, y } = chart;
  const axes = [y?.title, x?.title && `over ${x.title}`].filter(Boolean).join(" ");
  write(escaped(axes), EDGE, 26, { font: { color: theme.muted } });
  write(lines.map(escaped).join("<br>"), EDGE, whole - below, {
    font: { size: SOURCE.size, color: theme.muted },
  });
  const named = new Set();
  const data = pictures.flatMap((picture, index) => {
    const { variant, isPinned, area } = picture;
    const id = index ? `${index + 1}` : "";
    const domains = {
      x: [area.left / width, (area.left + area.width) / width],
      y: [1 - (TOP + area.top + area.height) / whole, 1 - (TOP + area.top) / whole],
    };
    const own = picture.layout ?? gridAxes(chart, theme);
    for (const axis of ["x", "y"])
      layout[`${axis}axis${id}`] = {
        ...structuredClone(own[`${axis}axis`]),
        ...(axis === "y" && picture.layout && { showgrid: true, gridcolor: theme.grid }),
        domain: domains[axis].map((share) => Math.min(1, Math.max(0, share))),
        anchor: `${axis === "x" ? "y" : "x"}${id}`,
      };
    for (const shape of picture.shapes)
      layout.shapes.push({ ...shape, ...placed("x", shape, id), ...placed("y", shape, id) });
    const name = [variant, isPinned && "pinned"].filter(Boolean).join(", ");
    if (name) write(escaped(name), area.left, TOP + area.top - NAME - 2);
    return picture.traces.map((trace) => {
      const isNew = trace.name && trace.hoverinfo !== "skip" && !trace.z && !named.has(trace.name);
      if (isNew) named.add(trace.name);
      return {
        ...trace,
        ...(trace.type === "cells" && cellsOf(chart)),
        ...(trace.showscale && { colorbar: barOf(trace, domains) }),
        xaxis: `x${id}`,
        yaxis: `y${id}`,
        legendgroup: trace.name,
        showlegend: Boolean(isNew && !variant),
      };
    });
  });
  return { data, layout };
}

/** Where a shape of a panel's own axes lies in the whole figure. */
const placed = (axis, shape, id) => ({
  [`${axis}ref`]: `${axis}${id}${shape[`${axis}ref`] === "paper" ? " domain" : ""}`,
});

/**
 * A grid of numbers is a heat map with its numbers written into it.
 * @param {any} chart
 */
const cellsOf = ({ format }) => ({
  type: "heatmap",
  showscale: false,
  texttemplate: `%{z:${format ?? ".3g"}}`,
  xgap: 1,
  ygap: 1,
});

/**
 * Rows from the top down, and their names.
 * @param {any} chart
 * @param {import("./theme.js").Theme} theme
 */
function gridAxes({ rows, columns }, theme) {
  const axis = (names) => ({
    tickmode: "array",
    tickvals: (names?.names ?? []).map((_, at) => at),
    ticktext: names?.names ?? [],
    showgrid: false,
    zeroline: false,
    tickfont: { color: theme.muted },
  });
  return { xaxis: axis(columns), yaxis: { ...axis(rows), autorange: "reversed" } };
}

const barOf = ({ colorbar }, { x, y }) => ({
  thickness: 8,
  ...colorbar,
  x: x[1] + 0.005,
  xanchor: "left",
  xpad: 0,
  y: (y[0] + y[1]) / 2,
  len: y[1] - y[0],
  ypad: 0,
});

/** Cut a text into lines of so many letters. */
const wrapped = (text, letters) =>
  text.match(new RegExp(`.{1,${Math.max(20, letters)}}`, "g")) ?? [];

const escaped = (text) =>
  (text ?? "").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/**
 * Name a file after what it holds.
 * @param {(string|number|undefined)[]} parts
 */
export const fileName = (...parts) =>
  parts
    .filter((part) => part !== undefined && part !== "")
    .map((part) => `${part}`.replaceAll(/[^\w.-]+/g, "-"))
    .join("_");

export class Take {
  constructor() {
    this.title = element("h3");
    this.said = element("p", { role: "status" });
    this.numbers = element(
      "a",
      { class: "lnl-action", download: "" },
      "All numbers of the run (NPZ)",
    );
    const actions = [
      actionButton("Numbers (CSV)", () => this.#write()),
      actionButton("Picture (PNG)", () => this.#draw("png")),
      actionButton("Picture (SVG)", () => this.#draw("svg")),
      this.numbers,
    ];
    this.element = makeDialog("Take this chart along", [this.said], actions, this.title);
  }

  /**
   * @param {{pictures: Picture[], page: any, seeds: {now: number, pinned: number}, name: string,
   *   numbers: string}} chart what it shows, the page around it, the first seeds, how its files are
   *   named, and the address of all numbers
   */
  open(chart) {
    this.chart = chart;
    setText(this.title, `Download: ${chart.pictures[0].chart.title}`);
    this.numbers.hidden = !chart.numbers;
    if (chart.numbers) this.numbers.href = chart.numbers;
    setText(this.said, "");
    this.element.showModal();
  }

  #write() {
    this.#save(
      new Blob([csvOf(this.chart.pictures, this.chart.seeds)], { type: "text/csv" }),
      "csv",
    );
  }

  async #draw(format) {
    const { pictures, page } = this.chart;
    const figure = figureOf(pictures, page);
    const { width, height } = figure.layout;
    const { Plotly } = window;
    try {
      this.#save(await Plotly.toImage(figure, { format, width, height, scale: SCALE }), format);
    } catch (error) {
      setText(this.said, "The picture could not be drawn.");
      console.warn(error);
    }
  }

  #save(file, suffix) {
    const name = `${this.chart.name}.${suffix}`;
    saveFile(file, name);
    setText(this.said, `Saved as ${name}.`);
  }
}
