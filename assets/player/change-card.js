/** The card of what may change in mid-run: a control for each field, from the step on screen on. */

import { goingOn, nameOf, readChanges, valueAt, writeChanges } from "./changes.js";
import { makeDialog } from "./dialog.js";
import { actionButton, element, setText } from "./dom.js";
import { isOfUse, makeControl, takingPart } from "./knobs.js";

const WHAT = "The run goes on from the same weights; what is on screen stays beside it.";
const OVER =
  "Settings can change only between start and end. Close this card, move the slider below the charts to a step between, and choose Change again.";

export class ChangeCard {
  #course;
  /** @type {import("./knobs.js").Schema[]} of the run's settings */
  #schemas;
  /** @type {Map<string, import("./knobs.js").Control>} */
  #controls = new Map();
  #chosen = {};
  #query = {};
  #step = 0;
  #isWithin = false;

  /**
   * @param {{changes: import("./changes.js").Course, knobs: import("./knobs.js").Schema[]}} run
   * @param {(fields: Object<string, string>) => void} apply
   */
  constructor({ changes: course, knobs }, apply) {
    this.#course = course;
    this.#schemas = knobs;
    for (const schema of course.fields) {
      const choose = (text) => this.#choose(schema.name, text);
      const control = makeControl(schema, choose, true);
      delete control.element.dataset.knob; // it is no setting of the run
      control.element.dataset.change = schema.name;
      this.#controls.set(schema.name, control);
    }
    this.title = element("h3");
    this.what = element("p", {}, WHAT);
    this.apply = actionButton("Change", () => {
      this.element.close();
      apply({ [course.name]: writeChanges(this.#changes) });
    });
    const controls = [...this.#controls.values()].map((control) => control.element);
    const fields = element("div", { class: "lnl-change" }, ...controls);
    const label = "Change from here";
    this.element = makeDialog(label, [this.what, fields], [this.apply], this.title);
  }

  /**
   * @param {import("./shows.js").Query} query of the run on screen
   * @param {number} step on screen
   * @param {number} steps of the whole run
   */
  open(query, step, steps) {
    this.#query = query;
    this.#step = step;
    this.#chosen = {};
    const isWithin = step > 0 && step < steps;
    setText(this.title, `Change from step ${step} on`);
    const later = readChanges(query[this.#course.name]).filter((one) => one.step > step);
    const names = later.map((change) => nameOf(change, this.#course)).join(", ");
    const without = names && ` It leaves out what changes later: ${names}.`;
    setText(this.what, isWithin ? WHAT + without : OVER);
    this.#isWithin = isWithin;
    const now = this.#now;
    for (const [name, control] of this.#controls) control.reset(now[name]);
    this.#say();
    this.element.showModal();
  }

  #choose(name, text) {
    this.#chosen[name] = text;
    this.#controls.get(name).show(text);
    this.#say();
  }

  /** What is chosen and can be, where it differs from what the run has. */
  get #changed() {
    const [now, offered] = [this.#now, this.#offered];
    return Object.entries(this.#chosen)
      .filter(([name, text]) => offered.has(name) && now[name] !== text)
      .map(([field, value]) => ({ step: this.#step, field, value }));
  }

  /** The run's settings from the step on. */
  get #now() {
    return { ...this.#query, ...this.#valuesAt(this.#step + 1) };
  }

  #valuesAt(step) {
    const names = this.#course.fields.map(({ name }) => name);
    return Object.fromEntries(
      names.map((name) => [name, valueAt(this.#query, this.#course, name, step)]),
    );
  }

  /** The fields that do something beside what else is chosen. */
  get #offered() {
    const query = takingPart(this.#schemas, { ...this.#now, ...this.#chosen });
    const { fields } = this.#course;
    return new Set(fields.filter((one) => isOfUse(one, query)).map(({ name }) => name));
  }

  /** The changes of the run that is asked for. */
  get #changes() {
    const [wanted, offered] = [{ ...this.#now, ...this.#chosen }, this.#offered];
    const values = new Map();
    for (const name of this.#controls.keys()) if (offered.has(name)) values.set(name, wanted[name]);
    return goingOn(this.#query, this.#course, this.#step, values);
  }

  /** Offer what can be changed, and say on the button what it does. */
  #say() {
    const [now, before, offered] = [this.#now, this.#valuesAt(this.#step), this.#offered];
    for (const [name, control] of this.#controls) {
      control.element.hidden = !this.#isWithin || !offered.has(name);
      // A change at this very step gives way to what is chosen: it goes on from the value before it.
      control.offer([takingPart(this.#schemas, { ...now, [name]: before[name] })]);
    }
    const names = this.#changed.map((change) => nameOf(change, this.#course));
    const { most } = this.#course;
    const isTooMany = this.#changes.length > most;
    this.apply.disabled = !names.length || isTooMany;
    const wish = names.length ? `Go on with ${names.join(", ")}` : "Go on with a change";
    setText(this.apply, isTooMany ? `A run has at most ${most} changes` : wish);
  }
}
