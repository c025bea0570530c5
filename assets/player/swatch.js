/** The sign of a variant: a piece of its line with its marker, in its colour for the present theme. */

import { drawing } from "./dom.js";
import { SYMBOLS } from "./symbols.js";

/** Dashes by Plotly's names; its own notation, such as "8px,2px", is nearly SVG's. */
const DASHES = {
  dot: "2 3",
  dash: "6 3",
  longdash: "9 3",
  dashdot: "6 3 2 3",
  longdashdot: "9 3 2 3",
};

/**
 * @param {import("./view.js").Sign} variant
 * @returns {SVGElement}
 */
export function swatch({ color, dash, symbol }) {
  const line = `<path d="M0 6H28" stroke-width="2" stroke-dasharray="${dashes(dash)}"/>`;
  const marker = `<path d="${SYMBOLS[symbol] ?? SYMBOLS.circle}" transform="translate(14 6) scale(3.6)"/>`;
  const sign = drawing("0 0 28 12", line + marker, "lnl-swatch");
  sign.style.setProperty("--lnl-light", color.light);
  sign.style.setProperty("--lnl-dark", color.dark);
  return sign;
}

/**
 * @param {string} dash in Plotly's terms
 * @returns {string} for SVG's `stroke-dasharray`
 */
export function dashes(dash) {
  return (
    DASHES[dash] ??
    (/^[\d.px, ]+$/.test(dash) ? dash.replaceAll("px", "").replaceAll(",", " ") : "")
  );
}
