/**
 * Changes in mid-run: what a run does differently from a step on, as its address has it
 * ("400:batch_size:2,600:learning_rate:0.01"), and in words.
 *
 * @typedef {{step: number, field: string, value: string}} Change
 *
 * What may change, as ln_core/runs/changes.py describes it: each field as a control, with its `first`
 * value where no setting has it.
 * @typedef {object} Course
 * @property {string} name of the setting that holds the changes
 * @property {string} label
 * @property {number} most changes of one run
 * @property {(import("./knobs.js").Schema & {first: string|null})[]} fields
 */

import { differing } from "./address.js";
import { Film } from "./film.js";

/**
 * @param {string} [text]
 * @returns {Change[]}
 */
export const readChanges = (text = "") =>
  text
    .split(",")
    .filter(Boolean)
    .map((part) => {
      const [step, field, value] = part.split(":");
      return { step: Number(step), field, value };
    });

/** @param {Change[]} changes */
export const writeChanges = (changes) =>
  changes.map(({ step, field, value }) => `${step}:${field}:${value}`).join(",");

/**
 * Name a change, such as "Batch size 2".
 * @param {Change} change
 * @param {Course} course
 */
export function nameOf({ field, value }, { fields }) {
  const { label = field, options, type } = fields.find(({ name }) => name === field) ?? {};
  if (type === "switch") return value === "on" ? label : `${label}: off`;
  return `${label} ${options?.[value] ?? value}`;
}

/**
 * The value with which a step is trained: of the setting, or of the last change after a step before it.
 * @param {import("./shows.js").Query} query
 * @param {Course} course
 * @param {string} field
 * @param {number} step
 */
export function valueAt(query, { name, fields }, field, step) {
  const earlier = readChanges(query[name]).filter((one) => one.field === field && one.step < step);
  return earlier.at(-1)?.value ?? query[field] ?? fields.find((one) => one.name === field).first;
}

/**
 * The changes of a run that goes on from a step with these values: what it would do later is given up.
 * @param {import("./shows.js").Query} query
 * @param {Course} course
 * @param {number} step
 * @param {Map<string, string>} values of fields, in their order
 * @returns {Change[]}
 */
export function goingOn(query, course, step, values) {
  const earlier = readChanges(query[course.name]).filter((one) => one.step < step);
  const own = [...values].filter(([field, text]) => text !== valueAt(query, course, field, step));
  return [...earlier, ...own.map(([field, value]) => ({ step, field, value }))];
}

/**
 * The film of a run as far as another run, which is here, has begun in the same way.
 * @param {import("./shows.js").Query} query
 * @param {import("./pinned.js").Held} held
 * @param {Course|null} course
 * @returns {import("./film.js").Film|null} null: the runs differ from the start
 */
export function begun(query, held, course) {
  if (!course || !held.query || differing(query, held.query).join() !== course.name) return null;
  const all = [query, held.query].flatMap((one) => (one[course.name] ?? "").split(","));
  const unshared = all.filter((one) => all.indexOf(one) === all.lastIndexOf(one));
  const step = Math.min(...readChanges(unshared.join()).map((one) => one.step));
  const film = new Film();
  film.append(
    0,
    held.film.frames.filter((frame) => frame.step <= step),
  );
  return film;
}
