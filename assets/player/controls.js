/** The settings of a page: presets, and a control for each declared knob. */

import { sameQuery } from "./address.js";
import { actionButton, element, setText } from "./dom.js";
import { isOfUse, makeControl, takingPart } from "./knobs.js";
import { edited, sizeOf } from "./matrix.js";
import { readPin } from "./pin-text.js";
import { presetChoices } from "./preset-choices.js";

/** A fixed order through a million seeds, each of which comes once in a round: all who press it see the same. */
const nextSeed = (seed) => (421 * seed + 54_773) % 1_000_000;

const NARROW = "(max-width: 640px)";
/** Told to the browser once someone has seen the settings open on a phone. */
const SEEN = "lnl-settings-seen";

const DIFFERS =
  "Where this link was copied, the run began with other initial weights or another batch order " +
  "(another processor or version of PyTorch): its curves may differ from these.";

/** Whether this browser has shown the settings before; one that keeps nothing shows them each time. */
function seenBefore() {
  try {
    const before = localStorage.getItem(SEEN);
    localStorage.setItem(SEEN, "yes");
    return before !== null;
  } catch {
    return false;
  }
}

/**
 * What can be run, as ln_core/runs/schema.py describes it.
 * @typedef {{knobs: import("./knobs.js").Schema[], at_once: boolean, changes: object|null,
 *   presets: {label: string, group: string, notice: string, query: Object<string, string>,
 *     view: import("./view.js").Fields}[]}} Run
 */

/**
 * A change that refused ones went along with.
 * @typedef {{own: Object<string, string>, along: string[], problems: Problem[]|null}} Joint `own` and the
 *   names of the others; `problems`: why they cannot be together, and `own` is tried by itself
 * @typedef {{said: string, fields: string[], beside: string[]}} Problem of settings: those at fault, and
 *   others that decide it
 */

export class Controls {
  /** @type {Map<string, import("./knobs.js").Control>} */
  #knobs = new Map();
  #presets;
  #choices;
  #line;
  /** What there is to notice in the present preset. */
  noticed = "";
  #want;
  #narrow = matchMedia(NARROW);
  /** @type {string[]|null} the settings that an exercise has; null: all */
  #only = null;
  /** @type {Joint|null} the last change, if refused ones went along */
  #joint = null;
  #fold = () => {
    this.side.open = !this.#narrow.matches || !seenBefore();
  };

  /**
   * @param {{run: Run, line: string, note: string}} data
   * @param {(fields: Object<string, string>, gesture?: {key?: string|null, at?: string,
   *   view?: import("./view.js").Fields}) => void} want
   */
  constructor({ run, line, note }, want) {
    this.#line = line;
    this.#want = want;
    this.schemas = run.knobs;
    for (const schema of run.knobs) {
      const choose = (text, gesture) => this.#take({ [schema.name]: text }, gesture);
      this.#knobs.set(schema.name, makeControl(schema, choose, run.at_once));
    }
    this.#presets = run.presets;
    this.notice = element("p", { class: "lnl-notice" });
    this.problems = element("div", { class: "lnl-problems", role: "alert", hidden: true });
    this.#choices = presetChoices(run.presets, (preset) => this.#choose(preset));
    this.row = element(
      "div",
      { class: "lnl-presets", role: "group", "aria-label": "Presets", hidden: !run.presets.length },
      ...this.#choices.map(({ element }) => element),
    );
    this.top = element(
      "div",
      { class: "lnl-top" },
      this.row,
      this.notice,
      this.problems,
      ...this.#of("top"),
    );
    this.side = this.#side(note);
    this.#narrow.addEventListener("change", this.#fold);
    this.#fold();
  }

  #of(group) {
    return this.schemas
      .filter((schema) => schema.group === group)
      .map(({ name }) => this.#knobs.get(name).element);
  }

  #side(note) {
    const extra = [...this.#knobs.values()].flatMap((control) => control.extra);
    const advanced = this.#of("advanced");
    this.seeds = this.#seedButton();
    this.advanced = folded("lnl-advanced", "Advanced", ...advanced);
    return folded(
      "lnl-side",
      "Settings",
      ...extra,
      ...this.#of("primary"),
      ...(advanced.length ? [this.advanced] : []),
      ...(this.#knobs.has("seed") ? [this.seeds] : []),
      element("p", { class: "lnl-note" }, note),
    );
  }

  #seedButton() {
    return actionButton("New seed", () => {
      const seed = String(nextSeed(Number(this.query.seed)));
      this.#knobs.get("seed").reset(seed); // whatever was typed there
      this.#want({ seed });
    });
  }

  /**
   * Show some of the settings alone, for an exercise; what a chart sets is set as ever.
   * @param {string[]|null} only their names, and "preset"; null: all are shown
   */
  restrict(only) {
    this.#only = only;
    const shown = this.schemas.filter(({ name }) => this.#allows(name));
    this.row.hidden = !this.#presets.length || !this.#allows("preset");
    this.side.hidden = !shown.some(({ group }) => ["primary", "advanced"].includes(group));
    if (only) this.advanced.open = true;
    for (const { extra } of this.#knobs.values())
      for (const one of extra) one.hidden = only !== null;
    if (this.query) this.show(this.query);
  }

  #allows(name) {
    return this.#only?.includes(name) ?? true;
  }

  /** Show the settings of a query; what people are at stays, and what may mend what was refused. */
  show(query) {
    this.query = query;
    for (const [name, control] of this.#knobs) control.show(query[name]);
    const runs = [query, { ...query, ...this.#refused }];
    const held = runs.map((run) => takingPart(this.schemas, run));
    const single = singleIn(this.schemas, query);
    const shown = this.schemas.filter(
      (one) =>
        held.some((run) => isOfUse(one, run)) &&
        this.#allows(one.name) &&
        !single.includes(one.name),
    );
    for (const schema of this.schemas) {
      const isShown = shown.includes(schema);
      this.#knobs.get(schema.name).element.hidden = !isShown;
      if (schema.name === "seed") this.seeds.hidden = !isShown;
      this.#knobs.get(schema.name).offer(runs);
    }
    this.advanced.hidden = !shown.some(({ group }) => group === "advanced");
    const present = this.#presets.find((preset) => sameQuery(preset.query, query));
    for (const choice of this.#choices) choice.show(present);
    this.noticed = present?.notice ?? "";
    setText(this.notice, this.noticed || this.#line);
  }

  /** The texts that were refused and stand at their controls. */
  get #refused() {
    const refused = [...this.#knobs].filter(([, control]) => control.refused);
    return Object.fromEntries(refused.map(([name, control]) => [name, control.refused.text]));
  }

  /** Show the settings of a query, whatever was typed or refused before. */
  reset(query) {
    for (const [name, control] of this.#knobs) control.reset(query[name]);
    this.show(query);
  }

  /** On a phone, fold the settings away: charts are what is asked about. */
  makeRoom() {
    if (this.#narrow.matches) this.side.open = false;
  }

  /** Fold the settings away, or back. */
  fold() {
    this.side.open = !this.side.open;
  }

  /** Whether it is a preset that brings a pinned run. @param {import("./shows.js").Query} pinned */
  brings(pinned) {
    return this.#presets.some(
      ({ query, view }) => view.pin !== undefined && sameQuery(readPin(view.pin, query), pinned),
    );
  }

  /** Choose the preset that comes some places after the present one, round and round. */
  choosePreset(places) {
    const count = this.#presets.length;
    if (!count || !this.#allows("preset")) return;
    const at = this.#presets.findIndex((preset) => sameQuery(preset.query, this.query));
    this.#choose(this.#presets[(at + places + count + (at < 0 && places < 0)) % count]);
  }

  #choose({ query, view }) {
    this.reset(query);
    this.#want(query, { at: "preset", view });
  }

  /** Take a change of one control; what was refused is tried again with it, if it may be mended by it. */
  #take(own, gesture) {
    const [name] = Object.keys(own);
    const refused = [...this.#knobs].filter(([, control]) =>
      control.refused?.fields.includes(name),
    );
    const along = refused.map(([other]) => other);
    this.#joint = along.length ? { own, along, problems: null } : null;
    const before = refused.map(([other, control]) => [other, control.refused.text]);
    this.#want({ ...Object.fromEntries(before), ...own }, gesture);
  }

  /**
   * Say at its control why the last change cannot be; of a gesture in a chart, above the charts.
   * @param {Problem[]} problems
   * @param {{fields: Object<string, string>, at: string}} change
   */
  refuse(problems, { fields, at }) {
    if (at !== "control") return this.#tell(problems.map(({ said }) => said));
    const joint = this.#joint;
    const has = (names) => names.every((name) => name in fields);
    if (joint && !joint.problems && has(joint.along)) {
      joint.problems = problems;
      this.#refuseAt(joint.along, problems, fields);
      this.#want(joint.own); // it may be possible by itself
      return;
    }
    const isAlone = joint?.problems && has(Object.keys(joint.own));
    this.#refuseAt(Object.keys(fields), isAlone ? joint.problems : problems, fields);
  }

  /** Hold what controls show together, each with the problem that names it, or else with the first. */
  #refuseAt(names, problems, fields) {
    const together = Object.keys(fields);
    for (const name of names) {
      const problem = problems.find((one) => one.fields.includes(name)) ?? problems[0];
      const control = this.#knobs.get(name);
      control.refuse(problem.said, {
        text: fields[name],
        fields: [...problem.fields, ...problem.beside, ...together],
      });
      if (this.advanced.contains(control.element)) this.advanced.open = true;
    }
  }

  /**
   * Say what a link asked for in vain, and whether its run began otherwise where it was copied.
   * @param {import("./view.js").Problem[]} problems
   * @param {boolean} differs
   * @param {string[]} unpinned why a run is not pinned
   */
  warn(problems, differs, unpinned) {
    const inVain = problems.map((problem) =>
      problem.labels.length === problem.fields.length
        ? `${named(problem)}: the link says ${problem.received}, which is not possible. Allowed: ${problem.allowed}. ${problem.instead ?? "The page goes on without it."}`
        : `The link sets ${problem.fields[0]}, which this page does not know. It is ignored.`,
    );
    const known = ["preset", ...this.#knobs.keys()];
    const missing = (this.#only ?? []).filter((name) => !known.includes(name));
    if (missing.length)
      inVain.push(
        `The link asks for the control ${missing.join(", ")}, which this page does not have. ` +
          `It may ask for ${known.join(", ")}.`,
      );
    this.#tell([...inVain, ...unpinned, ...(differs ? [DIFFERS] : [])]);
  }

  #tell(sentences) {
    this.problems.hidden = !sentences.length;
    this.problems.replaceChildren(...sentences.map((sentence) => element("p", {}, sentence)));
  }

  /**
   * What a gesture in a chart makes of the settings.
   * @param {"pick"|"edit"} event
   * @param {any} detail fields, or a cell's row and column, and the values from there on
   * @param {Object<string, string>} query as it is wanted now
   * @returns {Object<string, string>|null} null: nothing
   */
  chosen(event, detail, query) {
    if (event === "pick") return texts(detail, query);
    const schema = this.schemas.find(({ type }) => type === "matrix");
    if (!schema) return null;
    const [row, column] = schema.chosen;
    const matrix = edited(query[schema.name], detail);
    return texts({ [schema.name]: matrix, [row]: detail.row, [column]: detail.column }, query);
  }

  destroy() {
    this.#narrow.removeEventListener("change", this.#fold);
  }
}

const folded = (name, summary, ...children) =>
  element(
    "details",
    { class: name },
    element("summary", {}, summary),
    element("div", { class: "lnl-fields" }, ...children),
  );

/** The settings that choose a row or column of a matrix which has but one. */
function singleIn(schemas, query) {
  const matrix = schemas.find(({ type }) => type === "matrix");
  return matrix?.chosen.filter((_, axis) => sizeOf(query[matrix.name])[axis] === 1) ?? [];
}

const texts = (fields, query) =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => name in query)
      .map(([name, value]) => [name, String(value)]),
  );

/** The labels of the settings that a problem is about, and their names in the address. */
const named = ({ labels, fields }) => `${labels.join(", ")} (${fields.join(", ")})`;
