/** The sign of a variant: a piece of its line with its marker, in its colour for the present theme. */

import { drawing } from "./dom.js";

/** Dashes by Plotly's names; its own notation, such as "8px,2px", is nearly SVG's. */
const DASHES = { dot: "2 3", dash: "6 3", longdash: "9 3", dashdot: "6 3 2 3", longdashdot: "9 3 2 3" };

const MARKERS = {
  circle: '<circle cx="14" cy="6" r="3.6"/>',
  square: '<rect x="10.7" y="2.7" width="6.6" height="6.6"/>',
  diamond: '<path d="M14 1.4 18.6 6 14 10.6 9.4 6Z"/>',
  "triangle-up": '<path d="M14 1.8 18.4 9.4H9.6Z"/>',
  "triangle-down": '<path d="M14 10.2 9.6 2.6H18.4Z"/>',
  x: '<path d="m11 3 6 6m0-6-6 6" stroke-width="2.4"/>',
  star: '<path d="m14 .8 1.5 3.4 3.7.4-2.8 2.5.8 3.6-3.2-1.8-3.2 1.8.8-3.6-2.8-2.5 3.7-.4Z"/>',
  hexagon: '<path d="m14 1.6 3.8 2.2v4.4L14 10.4l-3.8-2.2V3.8Z"/>',
  pentagon: '<path d="m14 1.4 4.4 3.2-1.7 5.2h-5.4L9.6 4.6Z"/>',
  cross: '<path d="M14 2v8M10 6h8" stroke-width="2.4"/>',
};

/** @param {{color: {light: string, dark: string}, dash: string, symbol: string}} variant */
export function swatch({ color, dash, symbol }) {
  const line = `<path d="M0 6H28" stroke-width="2" stroke-dasharray="${dashes(dash)}"/>`;
  const sign = drawing("0 0 28 12", line + (MARKERS[symbol] ?? MARKERS.circle), "lnl-swatch");
  sign.style.setProperty("--lnl-light", color.light);
  sign.style.setProperty("--lnl-dark", color.dark);
  return sign;
}

/** @param {string} dash in Plotly's terms */
export function dashes(dash) {
  return DASHES[dash] ?? (/^[\d.px, ]+$/.test(dash) ? dash.replaceAll("px", "").replaceAll(",", " ") : "");
}
