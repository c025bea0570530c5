/** The code of the run on screen: to read, to copy, and as a script or a notebook to take along. */

import { makeDialog } from "./dialog.js";
import { actionButton, element, setText } from "./dom.js";

/**
 * What stands out in Python: comments and texts, decorators and names that are defined, and so on.
 * @type {[string, RegExp][]}
 */
const PARTS = [
  ["comment", /#[^\n]*/],
  ["text", /[rfb]?(?:"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')/],
  ["defined", /(?<=\b(?:def|class) +)\w+/],
  [
    "keyword",
    /\b(?:and|as|assert|break|class|continue|def|elif|else|False|for|from|if|import|in|is|lambda|None|not|or|raise|return|True|while|with|yield)\b/,
  ],
  ["number", /\b\d[\d_]*\.?\d*(?:e[+-]?\d+)?\b/],
];
const ANY = new RegExp(PARTS.map(([kind, form]) => `(?<${kind}>${form.source})`).join("|"), "g");

/**
 * Cut Python into its parts: `[kind, text]`, where "" is what does not stand out.
 * @param {string} python
 * @returns {[string, string][]}
 */
export function partsOf(python) {
  const parts = [];
  let at = 0;
  for (const found of python.matchAll(ANY)) {
    if (found.index > at) parts.push(["", python.slice(at, found.index)]);
    const [kind] = Object.entries(found.groups).find(([, text]) => text !== undefined);
    parts.push([kind, found[0]]);
    at = found.index + found[0].length;
  }
  if (at < python.length) parts.push(["", python.slice(at)]);
  return parts;
}

export class Code {
  constructor() {
    this.code = element("code");
    this.said = element("p", { role: "status" });
    const link = (text) => element("a", { class: "lnl-action", download: "" }, text);
    this.files = { py: link("Download script"), ipynb: link("Download notebook") };
    this.element = makeDialog(
      "The code of this run",
      [element("pre", { tabIndex: 0 }, this.code), this.said],
      [actionButton("Copy", () => this.#copy()), this.files.py, this.files.ipynb],
    );
    this.element.classList.add("lnl-code");
  }

  /** @param {(suffix: string) => string} address of the code as a file, by its suffix */
  async open(address) {
    for (const [suffix, file] of Object.entries(this.files)) file.href = address(suffix);
    this.code.replaceChildren();
    setText(this.said, "Loading");
    this.element.showModal();
    try {
      const response = await fetch(this.files.py.href);
      const text = await response.text();
      if (!response.ok) return setText(this.said, text);
      this.code.replaceChildren(
        ...partsOf(text).map(([kind, part]) =>
          kind ? element("span", { class: `lnl-${kind}` }, part) : part,
        ),
      );
      setText(this.said, "");
    } catch {
      setText(this.said, "The server does not answer. Close this and try again.");
    }
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.code.textContent);
      setText(this.said, "The code is copied.");
    } catch {
      getSelection().selectAllChildren(this.code); // the browser does not let pages copy
      setText(this.said, "The code is selected: copy it with the keyboard.");
    }
  }
}
