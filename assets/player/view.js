/** What the reader chose to see: variants and choices, remembered by id across figures. */

export class View {
  #shown = new Map();
  #chosen = new Map();
  #pointed = {};

  /** @param {object} figure */
  constructor(figure) {
    this.figure = figure;
  }

  /** The variants of the figure with what is shown of them: what `bindings.js` draws. */
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
