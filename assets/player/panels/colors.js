/** The numbers in the cells of a heat map, as HTML: Plotly takes as long for them as for all else. */

import { element, layOver, setText, spans } from "./dom.js";
import { channels } from "./theme.js";

const LARGEST = 12; // font size in pixels
const SMALLEST = 7; // below it numbers are left out
const DIGIT = 0.56; // width of a digit, relative to the font size
const AIR = 3; // pixels beside a number

/**
 * Write a cell of a heat map as its `texttemplate` has it: `%{z:.2f}`, `%{z:.3~g}`, `%{z:.0%}`, or
 * its word, `%{text}`.
 * @param {string} template
 * @param {number} value NaN: nothing is written
 * @param {string} [word]
 */
export function write(template, value, word = "") {
  if (template === "%{text}") return word;
  if (!Number.isFinite(value)) return "";
  const [, digits, kind] = template.match(/^%\{z:\.(\d)(f|~g|%)\}$/);
  if (kind === "%") return `${(100 * value).toFixed(digits)}%`;
  if (kind === "~g") return String(Number(value.toPrecision(digits)));
  return value.toFixed(digits).replace(/^-(?=[0.]+$)/, ""); // no minus before a zero
}

/**
 * The colour of a value, in red, green and blue.
 * @param {number} value
 * @param {{colorscale: [number, string][], zmin: number, zmax: number}} scale
 */
export function colorOf(value, { colorscale, zmin, zmax }) {
  const share = Math.min(1, Math.max(0, (value - zmin) / (zmax - zmin)));
  const next = Math.max(1, colorscale.findIndex(([stop]) => stop >= share));
  const [[low, from], [high, to]] = [colorscale[next - 1], colorscale[next]];
  const along = (share - low) / (high - low || 1);
  const ends = [channels(from), channels(to)];
  return ends[0].map((channel, at) => (1 - along) * channel + along * ends[1][at]);
}

/** Of two colours the one that stands out more from a third. */
export function legible(ground, colors) {
  const contrast = (color) => {
    const [dark, light] = [luminance(channels(color)), luminance(ground)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  return contrast(colors[0]) >= contrast(colors[1]) ? colors[0] : colors[1];
}

/** As WCAG defines it, from 0 to 1. */
function luminance(color) {
  const linear = color.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

export class Numbers {
  constructor() {
    this.element = element("div", { class: "lnl-numbers", "aria-hidden": "true" });
  }

  /**
   * @param {object|undefined} heat map as a Plotly trace; undefined: there is none with numbers
   * @param {{l: number, r: number, t: number, b: number}} margin of the heat map in its box
   * @param {{x: number, y: number}} size within it, in pixels
   * @param {import("./theme.js").Theme} theme
   */
  update(heat, margin, size, theme) {
    const rows = Array.from(heat?.z ?? []); // before there are numbers it is no list of rows
    const columns = rows[0]?.length ?? 0;
    layOver(this.element, margin, rows.length, columns);
    const cells = rows.flatMap((row, n) =>
      Array.from(row, (value, k) => ({ value, word: write(heat.texttemplate, value, heat.text?.[n][k]) })),
    );
    const longest = Math.max(1, ...cells.map(({ word }) => word.length));
    const [width, height] = [size.x / columns - AIR, size.y / rows.length];
    const font = Math.floor(2 * Math.min(LARGEST, 0.7 * height, width / (DIGIT * longest))) / 2;
    this.element.hidden = font < SMALLEST;
    this.element.style.fontSize = `${font}px`;
    const written = spans(this.element, cells.length);
    cells.forEach(({ value, word }, at) => {
      setText(written[at], word);
      written[at].style.color = word && legible(colorOf(value, heat), [theme.text, theme.background]);
    });
  }
}
