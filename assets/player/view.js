/**
 * What the reader chose to see of a run: it is part of the address, and of a preset. Variants and
 * choices are remembered by id across figures.
 *
 * @typedef {Object<string, string>} Fields texts of the address: `at` the step that is shown,
 *   `play` whether it plays on from there, `shown` variants, `choose` choices as "layer.2",
 *   `chart` the one enlarged, `present` the theme that is presented in, `smooth` the curves' smoothing;
 *   `pin` in what another run, seen beside it, differs (pin-text.js);
 *   a copied link also has the `fingerprint` of what the run began with; `stop` the stop of a path that
 *   the page is at
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
 * @property {{title: string|null, charts: any[]}[]} sections
 * @property {MatrixLink} [matrix_link]
 * @property {{label: string, step: number}[]} [chapters] parts of the film, by their first steps
 *
 * A figure's variants, which of them are shown, and what is chosen.
 * @typedef {{variants: Variant[], shown: boolean[], choices: Object<string, number>,
 *   smooth?: number}} Scene
 */

/** The fields of a view: no setting of an experiment has such a name. */
export const FIELDS = [
  "at",
  "play",
  "shown",
  "choose",
  "chart",
  "present",
  "smooth",
  "pin",
  "fingerprint",
  "stop",
];

/** By what the time over which curves are smoothed is multiplied. */
export const SMOOTHINGS = new Map([
  ["off", 0],
  ["usual", 1],
  ["strong", 4],
]);
const THEMES = ["light", "dark"];

/**
 * @typedef {{fields: string[], labels: string[], received: string, allowed: string, instead?: string}}
 *   Problem `instead`: what the page does then, if not without it
 */

export class View {
  #shown = new Map();
  #chosen = new Map();
  /** @type {Object<string, number>} */
  #pointed = {};
  /** @type {string|null} the id of the chart that fills the window */
  chart = null;
  /** @type {string|null} light or dark: the theme of a presentation; null: nothing is presented */
  present = null;
  smooth = "usual";
  /** @type {string|null} the id of the stop of a path */
  stop = null;

  /**
   * @param {Figure} figure
   * @param {string[]} [stops] ids of those that there are
   */
  constructor(figure, stops = []) {
    this.figure = figure;
    this.stops = stops;
  }

  /**
   * The variants of the figure with what is shown of them: what `bindings.js` draws.
   * @returns {Scene}
   */
  get scene() {
    return this.sceneOf(this.figure);
  }

  /**
   * What is shown of another figure in the same view.
   * @param {Figure} figure
   * @returns {Scene}
   */
  sceneOf({ variants, choices = [], pointing = {} }) {
    return {
      variants,
      shown: variants.map(({ id, shown }) => this.#shown.get(id) ?? shown),
      smooth: SMOOTHINGS.get(this.smooth),
      choices: {
        ...Object.fromEntries(choices.map((choice) => [choice.id, this.#value(choice)])),
        ...pointing,
        ...this.#pointed,
      },
    };
  }

  /** What differs from the figure as it comes, as texts of the address; without the moment. */
  get fields() {
    const { variants, choices = [] } = this.figure;
    const { shown } = this.scene;
    const ids = variants.map(({ id }) => id).filter((_, at) => shown[at]);
    const chosen = choices
      .filter((choice) => this.#value(choice) !== choice.value)
      .map((choice) => `${choice.id}.${this.#value(choice) + 1}`);
    const own = variants.every((variant, at) => variant.shown === shown[at]);
    return Object.fromEntries(
      Object.entries({
        shown: own ? "" : ids.join(","),
        choose: chosen.join(","),
        chart: this.#chartOf(this.chart) ? this.chart : "",
        present: this.present ?? "",
        smooth: this.smooth === "usual" ? "" : this.smooth,
        stop: this.stop ?? "",
      }).filter(([, text]) => text),
    );
  }

  /**
   * See the figure as the fields say, and as it comes where they say nothing.
   * @param {Fields} fields
   * @returns {Problem[]} what cannot be seen
   */
  set({ shown = "", choose = "", chart = "", present = "", smooth = "", stop = "" }) {
    const problems = [];
    const refuse = (field, label, received, allowed) =>
      problems.push({ fields: [field], labels: [label], received: short(received), allowed });
    this.#shown.clear();
    this.#chosen.clear();
    Object.assign(this, { chart: null, present: null, smooth: "usual", stop: null });
    this.#setShown(shown, refuse);
    for (const text of choose.split(",").filter(Boolean)) this.#setChoice(text, refuse);
    if (this.#chartOf(chart)) this.chart = chart;
    else if (chart)
      refuse("chart", "Enlarged chart", chart, list(this.#charts.map(({ id }) => id)));
    if (THEMES.includes(present)) this.present = present;
    else if (present) refuse("present", "Presenting", present, list(THEMES));
    if (SMOOTHINGS.has(smooth)) this.smooth = smooth;
    else if (smooth) refuse("smooth", "Smoothing", smooth, list([...SMOOTHINGS.keys()]));
    if (this.stops.includes(stop)) this.stop = stop;
    else if (stop) refuse("stop", "Stop", stop, list(this.stops));
    return problems;
  }

  #setShown(text, refuse) {
    if (!text) return;
    const { variants } = this.figure;
    const wanted = text.split(",");
    const known = wanted.filter((id) => variants.some((variant) => variant.id === id));
    if (known.length < wanted.length || !known.length)
      refuse("shown", "Shown variants", text, list(variants.map(({ id }) => id)));
    if (known.length) for (const { id } of variants) this.#shown.set(id, known.includes(id));
  }

  #setChoice(text, refuse) {
    const [id, number] = text.split(".");
    const choice = (this.figure.choices ?? []).find((one) => one.id === id);
    const value = Number(number) - 1;
    if (choice?.options[value] !== undefined) this.#chosen.set(id, value);
    else {
      const all = (this.figure.choices ?? []).map(
        (one) => `${one.id}.1 to ${one.id}.${one.options.length}`,
      );
      refuse("choose", "Choice", text, list(all));
    }
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

  get #charts() {
    return this.figure.sections.flatMap(({ charts }) => charts);
  }

  #chartOf(id) {
    return this.#charts.find((chart) => chart.id === id);
  }

  #value({ id, options, value }) {
    const chosen = this.#chosen.get(id) ?? value;
    return Math.min(chosen, options.length - 1);
  }
}

/**
 * Read the moment of a view.
 * @param {Fields} fields
 * @param {{steps: number, moments: number[]}} total moments: the step of each frame
 * @returns {{frame: number|null, playing: boolean, problems: Problem[]}} frame null: none is named
 */
export function momentOf({ at, play }, { steps, moments }) {
  if (at === undefined) return { frame: null, playing: true, problems: [] };
  const problem = {
    fields: ["at"],
    labels: ["Moment"],
    received: short(at),
    allowed: `whole steps from 0 to ${steps}`,
  };
  if (!/^\d{1,9}$/.test(at)) return { frame: null, playing: true, problems: [problem] };
  const late = { ...problem, instead: "The page shows the last step." };
  const away = (frame) => Math.abs(moments[frame] - Number(at));
  const frame = moments.reduce((best, _, next) => (away(next) <= away(best) ? next : best), 0);
  return { frame, playing: play === "1", problems: Number(at) > steps ? [late] : [] };
}

const list = (names) => names.join(", ") || "nothing on this page";
const short = (text) => (text.length > 80 ? `${text.slice(0, 80)}…` : text);
