/** Files that a page needs once, however many players it has. */

import { element } from "./dom.js";

const addressOf = (file) => new URL(file, document.baseURI).href;

/** Have a style sheet. @param {string} file its address, from the page's base */
export function loadStyle(file) {
  const href = addressOf(file);
  return once(`link[href="${href}"]`, () => element("link", { rel: "stylesheet", href }));
}

/** Have a script. @param {string} file its address, from the page's base */
export function loadScript(file) {
  const src = addressOf(file);
  return once(`script[src="${src}"]`, () => element("script", { src }));
}

/**
 * Put an element that loads something into the head, unless it is there; wait until it is loaded.
 * @param {string} selector
 * @param {() => HTMLElement} make
 */
function once(selector, make) {
  const found = /** @type {HTMLElement} */ (document.head.querySelector(selector));
  if (found?.dataset.loaded) return Promise.resolve();
  const node = found ?? document.head.appendChild(make());
  return new Promise((resolve, reject) => {
    node.addEventListener("load", () => resolve((node.dataset.loaded = "true")));
    node.addEventListener("error", () => {
      node.remove(); // the next one to ask for it asks the server again
      reject(new Error(`could not load ${selector}`));
    });
  });
}
