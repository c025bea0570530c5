/** Links that take a small matrix of the present moment to the page where it is edited. */

import { resolve } from "./panels/bindings.js";
import { element } from "./dom.js";
import { pick } from "./panels/series.js";
import { swatch } from "./swatch.js";

const DIGITS = 3; // as `to_rows` in ln_core/see/matrix_text.py: cells stay legible

/**
 * Write a matrix as a config's value: rows joined by "_", numbers in a row by ",".
 * @param {ArrayLike<number>} values row by row
 * @param {number} columns
 * @param {number} limit size of an entry at most
 * @returns {string|null} null: an entry is beyond the limit or not finite
 */
export function matrixText(values, columns, limit) {
  // + 0: a minus zero is no number to read.
  const rounded = Array.from(values, (value) => Number(value.toPrecision(DIGITS)) + 0);
  if (!rounded.length || !rounded.every((value) => Math.abs(value) <= limit)) return null;
  const rows = [];
  for (let at = 0; at < rounded.length; at += columns)
    rows.push(rounded.slice(at, at + columns).join(","));
  return rows.join("_");
}

/**
 * What can be taken over at a moment.
 * @param {import("./view.js").MatrixLink} spec `matrix_link` of the figure
 * @param {import("./film.js").Film} film
 * @param {number} frame
 * @param {import("./view.js").Scene} scene
 * @returns {{step: number, size: string, links: {variant: import("./view.js").Variant, href: string|null}[]}|null}
 */
export function offers(spec, film, frame, scene) {
  const at = film.latest(spec.array, frame);
  if (at < 0) return null;
  const { step, arrays } = film.frames[at];
  const { shape, values } = arrays.get(spec.array);
  const [rows, columns] = shape.slice(-2);
  const links = scene.variants.flatMap((variant, subject) => {
    if (!scene.shown[subject]) return [];
    const { offsets } = pick(shape, resolve(spec, scene, subject).index);
    const text = matrixText(
      offsets.map((offset) => values[offset]),
      columns,
      spec.limit,
    );
    return [
      { variant, href: text && `${spec.page}?${new URLSearchParams({ [spec.field]: text })}` },
    ];
  });
  return { step, size: `${rows} × ${columns}`, links };
}

export class MatrixLinks {
  #shown = "";

  constructor() {
    this.element = element("p", { class: "lnl-matrix-links", hidden: true });
  }

  /** `spec` is undefined where a figure has no matrix to link. */
  update(film, frame, scene, spec) {
    const offered = spec ? offers(spec, film, frame, scene) : null;
    this.element.hidden = !offered;
    const key = JSON.stringify(offered);
    if (key === this.#shown) return;
    this.#shown = key;
    if (!offered) return;
    const { step, size, links } = offered;
    this.element.replaceChildren(
      `${spec.text} (${size}, step ${step}):`,
      ...links.map(({ variant, href }) =>
        href
          ? element("a", { href }, swatch(variant), variant.label)
          : element("span", {}, swatch(variant), `${variant.label}: too large or no number`),
      ),
    );
  }
}
