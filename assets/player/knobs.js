/**
 * One control for each declared knob, by the type that its schema names. Each is a native element,
 * with a label, help on demand, and a place for what was wrong with the last value.
 *
 * @typedef {object} Schema as ln_core/runs/schema.py describes a knob
 * @property {string} name
 * @property {string} label
 * @property {string} help
 * @property {string} [group]
 * @property {string} [allowed] in words
 * @property {Object<string, string[]>} [where] it matters where these fields are, or hold, one of these
 * @property {string} type
 * @property {string[]} [stops] of a slider
 * @property {Object<string, string>} [options] labels by value
 * @property {Object<string, Object<string, string[]>>} [offered] by value, where not everywhere
 * @property {number} [low]
 * @property {number} [high]
 * @property {number|string} [step]
 * @property {number} [longest] characters of a text
 * @property {number} [limit] size of a matrix's entry at most
 * @property {[string, string]} [chosen] fields that say which entry of a matrix is chosen
 * @property {number} [rows] of a matrix at most
 * @property {number} [columns]
 * @property {string[]} [sizes] labels
 * @property {any} [ready] numbers for a matrix
 *
 * @typedef {(text: string, gesture?: {key?: string|null}) => void} Choose is told of a new text; a
 *   gesture with a key goes on as long as the same one is made again
 */

import { actionButton, element, setText } from "./dom.js";
import { another, linesOf, resized, sizeOf, textOf } from "./matrix.js";
import { readRows } from "./typed.js";

/** Options that stand side by side; more are a list that opens. */
const MOST_SEEN = 3;

/**
 * Whether a knob does something in a run.
 * @param {Pick<Schema, "where">} schema
 * @param {import("./shows.js").Query} query
 */
export const isOfUse = ({ where }, query) =>
  Object.entries(where ?? {}).every(([field, those]) =>
    (query[field] ?? "").split(",").some((part) => those.includes(part)),
  );

/**
 * A query whose choices of several hold what is offered: one that the run cannot have is chosen in vain.
 * @param {Schema[]} schemas
 * @param {import("./shows.js").Query} query
 * @returns {import("./shows.js").Query}
 */
export function takingPart(schemas, query) {
  const several = schemas.filter(({ type, offered }) => type === "subset" && offered);
  const held = several.map(({ name, offered }) => [
    name,
    (query[name] ?? "")
      .split(",")
      .filter((option) => isOfUse({ where: offered[option] }, query))
      .join(","),
  ]);
  return { ...query, ...Object.fromEntries(held) };
}

let made = 0;

/** What all controls have in common. */
export class Control {
  /** @type {HTMLElement[]} what else it has, to stand apart from it */
  extra = [];
  /** The text that holds: Escape brings it back. */
  chosen = "";
  /** Something was typed or moved, and not chosen yet; or it was refused, and is to be mended. */
  held = false;
  /** @type {{text: string, fields: string[]}|null} what the server refused, and which fields it named */
  refused = null;

  /**
   * @param {Schema} schema
   * @param {Choose} choose
   */
  constructor(schema, choose) {
    this.schema = schema;
    this.choose = choose;
    this.id = `lnl-knob-${++made}`;
    this.hint = element(
      "p",
      { class: "lnl-hint", id: `${this.id}-hint`, hidden: true },
      schema.help,
    );
    this.error = element("p", { class: "lnl-error", id: `${this.id}-error`, role: "alert" });
    this.described = { "aria-describedby": `${this.hint.id} ${this.error.id}` };
  }

  /** Put the pieces of a control below each other. */
  build(label, ...inputs) {
    const head = element("div", { class: "lnl-label" }, label, this.#help());
    this.element = element("div", { class: "lnl-knob", dataset: { knob: this.schema.name } });
    this.element.append(head, this.hint, ...inputs, this.error);
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.held) return;
      event.stopPropagation();
      this.reset(this.chosen);
    });
  }

  /** Put several inputs under one label. */
  buildGroup(...inputs) {
    const legend = element("span", { id: `${this.id}-label` }, this.schema.label);
    const named = { "aria-labelledby": legend.id, ...this.described };
    const role = this.schema.type === "choice" ? "radiogroup" : "group";
    this.build(legend, element("div", { class: "lnl-options", role, ...named }, ...inputs));
  }

  labelFor(...more) {
    return element("label", { htmlFor: this.id }, this.schema.label, ...more);
  }

  /** Show a text, unless there is something that people have not finished. */
  show(text) {
    this.chosen = text;
    if (this.refused?.text === text) this.refuse(""); // it can be by now
    if (!this.held) this.put(text);
  }

  /** Show a text whatever is there. */
  reset(text) {
    this.chosen = text;
    this.refuse("");
    this.held = false;
    this.put(text);
  }

  /**
   * Say why what it shows cannot be; it stays until it is mended, here or at a control that the
   * refusal names.
   * @param {string} words
   * @param {{text: string, fields: string[]}|null} [refused]
   */
  refuse(words, refused = null) {
    this.held = Boolean(words);
    this.refused = refused;
    setText(this.error, words);
    this.element.classList.toggle("lnl-refused", this.held);
  }

  /**
   * Put a text into the inputs.
   * @param {string} _text
   */
  put(_text) {
    throw new Error("every kind of control shows its own text");
  }

  /**
   * Offer what is of use in one of some runs.
   * @param {import("./shows.js").Query[]} _queries
   */
  offer(_queries) {}

  /** Whether an option does something in one of some runs. */
  isOffered(option, queries) {
    return queries.some((query) => isOfUse({ where: this.schema.offered?.[option] }, query));
  }

  /** People have chosen. */
  take(text, gesture) {
    this.refuse("");
    this.choose(text, gesture);
  }

  #help() {
    const { label } = this.schema;
    const properties = { type: "button", class: "lnl-help", "aria-label": `About ${label}` };
    const button = element(
      "button",
      { ...properties, "aria-expanded": "false", "aria-controls": this.hint.id },
      "?",
    );
    button.onclick = () => {
      this.hint.hidden = !this.hint.hidden;
      button.setAttribute("aria-expanded", String(!this.hint.hidden));
    };
    return button;
  }
}

/** A slider over stops; a value that is none of them takes its place among them. */
class Slider extends Control {
  constructor(schema, choose, atOnce) {
    super(schema, choose);
    this.stops = schema.stops;
    this.value = element("output", { htmlFor: this.id });
    this.input = element("input", {
      type: "range",
      id: this.id,
      min: 0,
      step: 1,
      ...this.described,
    });
    const chosen = () => this.take(this.stops[this.input.valueAsNumber], { key: schema.name });
    this.input.oninput = () => {
      this.#say();
      if (atOnce) chosen();
      else this.held = true;
    };
    if (!atOnce) this.input.onchange = chosen;
    this.build(this.labelFor(), this.input);
    this.element.querySelector(".lnl-label").append(this.value);
  }

  put(text) {
    if (!this.stops.includes(text)) {
      this.stops = [...new Set([...this.schema.stops, text])].sort((a, b) => Number(a) - Number(b));
    }
    this.input.max = String(this.stops.length - 1);
    this.input.value = String(this.stops.indexOf(text));
    this.#say();
  }

  #say() {
    const text = this.stops[this.input.valueAsNumber];
    setText(this.value, text);
    this.input.setAttribute("aria-valuetext", text);
  }
}

/** A number that is typed. */
class Entry extends Control {
  constructor(schema, choose, type = "number") {
    super(schema, choose);
    this.input = element("input", { type, id: this.id, autocomplete: "off", ...this.described });
    this.input.oninput = () => (this.held = true);
    this.input.onchange = () => this.read(this.input.value);
    this.build(this.labelFor(), this.input);
  }

  put(text) {
    if (this.input.value !== text) this.input.value = text;
  }

  /**
   * Choose what was typed, or say why it cannot be.
   * @param {string} _text
   */
  read(_text) {
    throw new Error("every kind of entry reads its own text");
  }
}

class NumberEntry extends Entry {
  constructor(schema, choose) {
    super(schema, choose);
    Object.assign(this.input, { min: schema.low, max: schema.high, step: schema.step });
  }

  read(text) {
    // Browsers give an empty text for what is not a number.
    if (text === "") this.refuse(`This is not a number. Allowed: ${this.schema.allowed}.`);
    else this.take(text, { key: this.schema.name });
  }
}

class TextEntry extends Entry {
  constructor(schema, choose) {
    super(schema, choose, "text");
  }

  read(text) {
    const { longest, allowed } = this.schema;
    if (text.length <= longest) return this.take(text);
    this.refuse(`This has ${text.length} characters. Allowed: ${allowed}.`);
  }
}

/** Radio buttons side by side. */
class Radios extends Control {
  constructor(schema, choose) {
    super(schema, choose);
    this.inputs = new Map(
      Object.keys(schema.options).map((option) => [
        option,
        element("input", { type: "radio", name: this.id, onchange: () => this.take(option) }),
      ]),
    );
    this.buildGroup(
      ...[...this.inputs].map(([option, input]) => labelled(input, schema.options[option])),
    );
  }

  put(text) {
    for (const [option, input] of this.inputs) input.checked = option === text;
  }
}

class Select extends Control {
  constructor(schema, choose) {
    super(schema, choose);
    const options = Object.entries(schema.options).map(([value, label]) =>
      element("option", { value }, label),
    );
    const onchange = ({ target }) => this.take(target.value);
    this.input = element(
      "select",
      { id: this.id, class: "lnl-select", onchange, ...this.described },
      ...options,
    );
    this.build(this.labelFor(), this.input);
  }

  put(text) {
    this.input.value = text;
  }

  offer(queries) {
    for (const option of this.input.options)
      option.hidden = option.disabled = !this.isOffered(option.value, queries);
  }
}

/** Check boxes: one or more of them. */
class Subset extends Control {
  constructor(schema, choose) {
    super(schema, choose);
    const onchange = () => {
      const checked = [...this.inputs]
        .filter(([, input]) => input.checked)
        .map(([option]) => option);
      if (checked.length) this.take(checked.join(","));
      else this.refuse("Choose at least one.");
    };
    this.inputs = new Map(
      Object.keys(schema.options).map((option) => [
        option,
        element("input", { type: "checkbox", onchange }),
      ]),
    );
    this.buildGroup(
      ...[...this.inputs].map(([option, input]) => labelled(input, schema.options[option])),
    );
  }

  put(text) {
    const chosen = text.split(",");
    for (const [option, input] of this.inputs) input.checked = chosen.includes(option);
  }

  offer(queries) {
    for (const [option, input] of this.inputs)
      input.parentElement.hidden = !this.isOffered(option, queries);
  }
}

class Switch extends Control {
  constructor(schema, choose) {
    super(schema, choose);
    const onchange = ({ target }) => this.take(target.checked ? "on" : "off");
    this.input = element("input", {
      type: "checkbox",
      role: "switch",
      onchange,
      ...this.described,
    });
    this.build(labelled(this.input, schema.label));
  }

  put(text) {
    this.input.checked = text === "on";
  }
}

/** A matrix: its numbers as lines; and elsewhere its size, and other numbers for it. */
class Matrix extends Control {
  constructor(schema, choose) {
    super(schema, choose);
    this.input = element("textarea", {
      id: this.id,
      rows: 4,
      spellcheck: false,
      ...this.described,
    });
    this.input.oninput = () => (this.held = true);
    this.input.onchange = () => this.#read(this.input.value);
    this.build(this.labelFor(), this.input);
    const most = [schema.rows, schema.columns];
    this.sizes = schema.sizes.map((label, axis) => {
      const stops = Array.from({ length: most[axis] }, (_, index) => String(index + 1));
      const help = `From 1 to ${most[axis]}. New rows and columns get random numbers, the same for everybody.`;
      const resize = (text, gesture) => {
        const size = sizeOf(this.text);
        size[axis] = Number(text);
        this.take(resized(this.text, size, schema.ready[0]), gesture);
      };
      return new Slider({ name: label, label, help, stops, type: "range" }, resize, true);
    });
    const onclick = () => this.take(another(this.text, schema.ready));
    const button = actionButton("New numbers", onclick);
    this.extra = [...this.sizes.map((size) => size.element), button];
  }

  put(text) {
    this.input.value = linesOf(text);
  }

  show(text) {
    super.show(text);
    this.#know(text);
  }

  reset(text) {
    super.reset(text);
    this.#know(text);
  }

  #know(text) {
    this.text = text;
    sizeOf(text).forEach((size, axis) => this.sizes[axis].show(String(size)));
  }

  #read(text) {
    const rows = readRows(text);
    if (!rows) this.refuse(`These are not rows of numbers. Allowed: ${this.schema.allowed}.`);
    else this.take(textOf(rows));
  }
}

const labelled = (input, label) => element("label", { class: "lnl-option" }, input, label);

const TYPES = {
  number: NumberEntry,
  text: TextEntry,
  subset: Subset,
  switch: Switch,
  matrix: Matrix,
  range: Slider,
};

/**
 * Make the control of a knob.
 * @param {Schema} schema
 * @param {Choose} choose
 * @param {boolean} atOnce whether a slider chooses while it is dragged, or when it is let go of
 */
export function makeControl(schema, choose, atOnce) {
  const few = Object.keys(schema.options ?? {}).length <= MOST_SEEN;
  const Type = schema.type === "choice" ? (few ? Radios : Select) : TYPES[schema.type];
  return new Type(schema, choose, atOnce);
}
