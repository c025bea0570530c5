/** `notes.formulas` of a moment: a line of mathematics a track, with the current numbers in it. */

import { element } from "./dom.js";
import { swatch } from "./swatch.js";

const TOKEN = /\\text\{[^}]*\}|\\[a-zA-Z]+|\d+(?:\.\d+)?|[^\s]/g;
const SIGNS = { "-": "−", "\\cdot": "·" };
const NAMES = { "\\infty": "∞", "\\max": "max" };
const SCRIPTS = { _: "msub", "^": "msup" };

/**
 * Read the little LaTeX that films write: numbers, letters, operators, `\frac`, `\sqrt`, `\text`,
 * brackets with `\left` and `\right`, indices and exponents.
 * @param {string} latex
 * @returns {Array} a MathML tree: `[tag, ...children]`, a child being a tree or a text
 */
export function parse(latex) {
  const tokens = latex.match(TOKEN) ?? [];
  const row = (end) => {
    const nodes = [];
    while (tokens.length && tokens[0] !== end) nodes.push(node(nodes));
    tokens.shift();
    return ["mrow", ...nodes];
  };
  const argument = () => (tokens[0] === "{" ? (tokens.shift(), row("}")) : node([]));
  const node = (before) => {
    const token = tokens.shift();
    if (token === "{") return row("}");
    if (token in SCRIPTS) return [SCRIPTS[token], before.pop() ?? ["mrow"], argument()];
    if (token === "\\frac") return ["mfrac", argument(), argument()];
    if (token === "\\sqrt") return ["msqrt", argument()];
    if (token === "\\left" || token === "\\right") return ["mo", tokens.shift() ?? ""];
    if (token?.startsWith("\\text{")) return ["mtext", token.slice(6, -1)];
    if (token in NAMES) return ["mi", NAMES[token]];
    if (/^\d/.test(token)) return ["mn", token];
    if (/^[a-zA-Z]$/.test(token)) return ["mi", token];
    return ["mo", SIGNS[token] ?? token ?? ""];
  };
  return row(null);
}

/** @returns {Element} */
function build([tag, ...children]) {
  const made = document.createElementNS("http://www.w3.org/1998/Math/MathML", tag);
  made.append(...children.map((child) => (typeof child === "string" ? child : build(child))));
  return made;
}

export class Formulas {
  #key = "";

  constructor() {
    this.element = element("div", { class: "lnl-formulas" });
  }

  /**
   * @param {import("./film.js").Film} film
   * @param {number} frame
   * @param {{tracks: object[], shown: boolean[]}} scene
   */
  update(film, frame, { tracks, shown }) {
    const formulas = film.frames[frame]?.notes.formulas ?? [];
    const seen = tracks.filter((_, index) => shown[index]);
    const key = JSON.stringify([formulas, seen]);
    if (key === this.#key) return;
    this.#key = key;
    this.element.replaceChildren(
      ...seen.flatMap((track) =>
        formulas.filter((formula) => formula.track === track.id).map(({ latex }) => this.#line(track, latex)),
      ),
    );
  }

  #line(track, latex) {
    const name = element("div", { class: "lnl-name" }, swatch(track), track.label);
    return element("div", { class: "lnl-formula" }, name, build(["math", parse(latex)]));
  }
}
