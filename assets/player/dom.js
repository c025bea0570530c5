/** Making elements without a framework. */

/**
 * Make an HTML element.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Object<string, any>} [properties] `class`, `style` (text), `dataset`, `aria-*`, `role`
 *   become attributes; everything else is set as a property (`onclick`, `disabled`, ...).
 * @param {...(Node|string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "dataset") Object.assign(made.dataset, value);
    else if (/^(class|style|role|aria-.*)$/.test(name)) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

/**
 * Make a button that stands in the page's text, with a border.
 * @param {string} label
 * @param {() => void} onclick
 */
export function actionButton(label, onclick) {
  return element("button", { type: "button", class: "lnl-action", onclick }, label);
}

/**
 * Have the browser save a file.
 * @param {Blob|string} file itself, or an address that holds it
 * @param {string} name
 */
export function saveFile(file, name) {
  const href = typeof file === "string" ? file : URL.createObjectURL(file);
  element("a", { href, download: name }).click();
  if (href !== file) setTimeout(() => URL.revokeObjectURL(href), 60_000); // a slow disk is not cut off
}

/**
 * Make an SVG drawing from its markup, hidden from screen readers.
 * @param {string} viewBox
 * @param {string} markup trusted text written in this folder, never data
 * @param {string} className
 * @returns {SVGElement}
 */
export function drawing(viewBox, markup, className) {
  const svg = draw("svg", { viewBox, class: className, "aria-hidden": "true" });
  svg.innerHTML = markup;
  return svg;
}

/**
 * Make an element of SVG.
 * @param {string} tag
 * @param {Object<string, any>} [attributes]
 * @returns {SVGElement}
 */
export function draw(tag, attributes = {}) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** Set a text only where it changed: an equal write would still cost layout. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Give an element these children in this order. Those that stand there already are not moved: it
 * would cost their focus, and the layout of all that is in them.
 */
export function place(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, index) => {
    const there = parent.children[index];
    if (there !== child) parent.insertBefore(child, there ?? null);
  });
}

/** Whether this browser's people want nothing to move. */
export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
