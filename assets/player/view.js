/** What the reader chose to see: tracks and choices, remembered by id across figures. */

export class View {
  #shown = new Map();
  #chosen = new Map();

  /** @param {object} figure */
  constructor(figure) {
    this.figure = figure;
  }

  /** The tracks of the figure with what is shown of them: what `bindings.js` draws. */
  get scene() {
    const { tracks, choices = [] } = this.figure;
    return {
      tracks,
      shown: tracks.map(({ id, shown }) => this.#shown.get(id) ?? shown),
      choices: Object.fromEntries(choices.map((choice) => [choice.id, this.#value(choice)])),
    };
  }

  /** Show or hide a track. The last one stays. */
  toggle(index) {
    const { shown } = this.scene;
    if (shown[index] && shown.filter(Boolean).length === 1) return;
    this.#shown.set(this.figure.tracks[index].id, !shown[index]);
  }

  choose(id, value) {
    this.#chosen.set(id, value);
  }

  #value({ id, options, value }) {
    const chosen = this.#chosen.get(id) ?? value;
    return Math.min(chosen, options.length - 1);
  }
}
