/**
 * The equations of a page's text. Each has a row of its symbols: pointing at one, here or in the
 * equation, says in a line below what it means; so do focus and a tap.
 *
 * Python writes `<div class="lnl-equation">` with the LaTeX and, for each symbol, an item of a list
 * (ln_core/lessons.py): where KaTeX does not come they stay.
 */

import { element, setText } from "./dom.js";
import { typesetter } from "./mathematics.js";

const HINT = "Point at a symbol, or tap it, to read what it means.";
const UNWRITTEN = ".lnl-equation:not([data-written])";

export class Equations {
  /** Text may come later than the player, and again. */
  #text = new MutationObserver(() => this.write());
  #katex;

  /** @param {string} katex address of its module */
  constructor(katex) {
    this.#katex = katex;
    this.#text.observe(document.body, { childList: true, subtree: true });
    this.write();
  }

  destroy() {
    this.#text.disconnect();
  }

  async write() {
    const found = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(UNWRITTEN));
    if (!found.length) return;
    for (const node of found) node.dataset.written = "";
    try {
      const set = await typesetter(this.#katex);
      for (const node of found) write(node, set);
    } catch {
      for (const node of found) delete node.dataset.written; // asked for when text comes again
    }
  }
}

/** Write an equation, and its symbols as buttons, into the place of its list. */
function write(place, set) {
  const equation = element("div", { class: "lnl-equation-line" });
  set(equation, place.querySelector("code").textContent, { displayMode: true });
  const said = element("p", { class: "lnl-meaning" }, HINT);
  const parts = [...equation.querySelectorAll("semantics *")];
  const symbols = [...place.querySelectorAll("li")].map((item) => {
    const button = element("button", { type: "button", class: "lnl-symbol" });
    set(button, item.querySelector("code").textContent);
    const key = keyOf(button.querySelector("semantics > mrow"));
    const meaning = item.querySelector("span").textContent;
    return { button, meaning, inside: parts.filter((one) => keyOf(one) === key) };
  });
  const show = (chosen) => {
    for (const { button, inside } of symbols) {
      button.setAttribute("aria-pressed", String(button === chosen.button));
      for (const part of inside) part.classList.toggle("lnl-meant", button === chosen.button);
    }
    setText(said, chosen.meaning);
  };
  for (const symbol of symbols) {
    symbol.button.setAttribute("aria-label", `${spoken(symbol.button)}: ${symbol.meaning}`);
    symbol.button.setAttribute("aria-pressed", "false");
    for (const part of [symbol.button, ...symbol.inside])
      for (const event of ["pointerenter", "focus", "click"])
        part.addEventListener(event, () => show(symbol));
  }
  const row = element("div", { class: "lnl-symbols" }, ...symbols.map(({ button }) => button));
  place.replaceChildren(equation, row, said);
}

/** What an element of MathML shows: equal for the same symbol, wherever it stands. */
function keyOf(node) {
  const { children } = node;
  if (node.localName === "mrow" && children.length === 1) return keyOf(children[0]);
  const inner = children.length ? [...children].map(keyOf).join() : node.textContent;
  return `${node.localName}(${inner})`;
}

/** A symbol as text, without its LaTeX. */
function spoken(button) {
  return button.querySelector("semantics > mrow").textContent;
}
