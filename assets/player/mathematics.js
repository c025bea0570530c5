/** Typesets LaTeX, as MathML, which browsers set by themselves: it needs no style of KaTeX's version. */

/** @type {Promise<any>|null} KaTeX: all that is typeset is there at once, once it has come */
let coming = null;

/**
 * Have what typesets LaTeX in an element. Rejects where KaTeX does not come: the next one asks again.
 * @param {string} katex address of its module
 * @returns {Promise<(node: Element, latex: string, options?: object) => void>} `options` of KaTeX
 */
export async function typesetter(katex) {
  coming ??= import(katex);
  try {
    const { default: writer } = await coming;
    return (node, latex, options = {}) =>
      writer.render(latex, node, { output: "mathml", ...options });
  } catch (error) {
    coming = null;
    throw error;
  }
}

/**
 * Typeset LaTeX in an element. Where that cannot be done, its source is shown.
 * @param {HTMLElement} node
 * @param {string} latex
 * @param {string} katex address of its module
 * @param {object} [options] of KaTeX
 */
export async function write(node, latex, katex, options) {
  try {
    const set = await typesetter(katex);
    set(node, latex, options);
  } catch {
    node.textContent = latex;
  }
}

/**
 * Typeset all mathematics below an element.
 * @param {ParentNode} root
 * @param {string} katex address of its module
 */
export function typeset(root, katex) {
  const nodes = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".lnl-math"));
  for (const node of nodes) write(node, node.dataset.latex, katex);
}
