/** What is told of the moment on screen in words and numbers, round the charts. */

import { Diagnoses } from "./diagnoses.js";
import { Equations } from "./equations.js";
import { Formulas } from "./formulas.js";
import { Lists } from "./lists.js";
import { MatrixLinks } from "./matrix-link.js";
import { MeasuredValues } from "./measured-values.js";
import { Texts } from "./texts.js";

export class Readings {
  #equations;
  #katex;
  #measuredValues;

  /**
   * @param {HTMLElement} root of the player
   * @param {HTMLElement} smoothing stands among the diagnoses
   * @param {string} katex address of its module
   */
  constructor(root, smoothing, katex) {
    this.#katex = katex;
    this.#measuredValues = new MeasuredValues(root);
    this.#equations = new Equations(katex);
    this.diagnoses = new Diagnoses(smoothing);
    this.lists = new Lists();
    this.texts = new Texts();
    this.formulas = new Formulas();
    this.matrixLinks = new MatrixLinks();
    /** What stands above the charts. */
    this.above = [this.diagnoses, this.lists, this.texts].map((part) => part.element);
  }

  /**
   * @param {import("./film.js").Film} film
   * @param {number} frame
   * @param {import("./view.js").Scene} scene
   * @param {import("./view.js").Figure} figure
   * @param {any} status of the run
   * @returns {ReturnType<Diagnoses["update"]>} what is to be marked at the variants
   */
  update(film, frame, scene, figure, status) {
    this.lists.update(film, frame, scene);
    this.texts.update(film, frame, scene);
    this.matrixLinks.update(film, frame, scene, figure.matrix_link);
    this.#measuredValues.update(film, frame);
    this.formulas.update(film, frame, scene, this.#katex);
    return this.diagnoses.update(film, frame, scene, status);
  }

  destroy() {
    this.diagnoses.destroy();
    this.#measuredValues.destroy();
    this.#equations.destroy();
  }
}
