/**
 * What the reader chose to see: variants and choices, remembered by id across figures.
 *
 * @typedef {{color: {light: string, dark: string}, dash: string, symbol: string}} Sign
 * @typedef {Sign & {id: string, label: string, shown: boolean}} Variant
 * @typedef {{id: string, label: string, options: string[], value: number, help?: string}} Choice
 * @typedef {{array: string, index: any[], page: string, field: string, limit: number, text: string}} MatrixLink
 *
 * What Python sends to be drawn (`figure.py` of each experiment).
 * @typedef {object} Figure
 * @property {Variant[]} variants
 * @property {Choice[]} [choices]
 * @property {Object<string, number|null>} [pointing] choices that the pointer makes
 * @property {object[]} sections
 * @property {MatrixLink} [matrix_link]
 *
 * A figure's variants, which of them are shown, and what is chosen.
 * @typedef {{variants: Variant[], shown: boolean[], choices: Object<string, number>}} Scene
 */

export class View {
  #shown = new Map();
  #chosen = new Map();
  /** @type {Object<string, number>} */
  #pointed = {};

  /** @param {Figure} figure */
  constructor(figure) {
    this.figure = figure;
  }

  /**
   * The variants of the figure with what is shown of them: what `bindings.js` draws.
   * @returns {Scene}
   */
  get scene() {
    const { variants, choices = [], pointing = {} } = this.figure;
    return {
      variants,
      shown: variants.map(({ id, shown }) => this.#shown.get(id) ?? shown),
      choices: {
        ...Object.fromEntries(choices.map((choice) => [choice.id, this.#value(choice)])),
        ...pointing,
        ...this.#pointed,
      },
    };
  }

  /** Show or hide a variant. The last one stays. */
  toggle(index) {
    const { shown } = this.scene;
    if (shown[index] && shown.filter(Boolean).length === 1) return;
    this.#shown.set(this.figure.variants[index].id, !shown[index]);
  }

  choose(id, value) {
    this.#chosen.set(id, value);
  }

  /**
   * As long as the pointer rests on something, it chooses in place of the figure's `pointing`.
   * @param {Object<string, number>} place empty: it rests on nothing
   */
  point(place) {
    this.#pointed = this.figure.pointing ? place : {};
  }

  #value({ id, options, value }) {
    const chosen = this.#chosen.get(id) ?? value;
    return Math.min(chosen, options.length - 1);
  }
}
