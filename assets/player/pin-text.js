/**
 * The settings of a pinned run as they differ from those of the run on screen: as a text of the
 * address, "batch_size:2;optimizer:sgd", and in words.
 *
 * @typedef {import("./shows.js").Query} Query
 */

import { differing } from "./address.js";
import { nameOf, readChanges } from "./changes.js";

const escaped = (text) => text.replaceAll("%", "%25").replaceAll(";", "%3B");
const unescaped = (text) => text.replaceAll("%3B", ";").replaceAll("%25", "%");

/** Differences that are named in a line; the others are counted. */
const NAMED = 3;

/**
 * @param {Query} pinned
 * @param {Query} query of the run on screen
 * @returns {string} empty: nothing differs
 */
export const writePin = (pinned, query) =>
  differing(pinned, query)
    .map((name) => `${name}:${escaped(pinned[name] ?? "")}`)
    .join(";");

/**
 * @param {string} text
 * @param {Query} query of the run on screen
 * @returns {Query} of the pinned run: what cannot be is the server's to refuse
 */
export function readPin(text, query) {
  const parts = text.split(";").filter(Boolean);
  const own = parts.map((part) => {
    const [name, ...rest] = part.split(":");
    return [name, unescaped(rest.join(":"))];
  });
  return { ...query, ...Object.fromEntries(own) };
}

/**
 * Name what differs, such as "batch size: 32 (pinned: 2)".
 * @param {Query} pinned
 * @param {Query} query of the run on screen
 * @param {import("./knobs.js").Schema[]} schemas
 * @param {number} [most] differences that are named
 */
export function sayPin(pinned, query, schemas, most = NAMED) {
  const differs = new Set(differing(pinned, query));
  const said = schemas
    .filter(({ name }) => differs.has(name))
    .map((schema) => {
      const [now, then] = [query, pinned].map((one) => worded(schema, one[schema.name]));
      if (schema.type === "changes") return `${now}; pinned: ${then}`;
      return `${lower(schema.label)}: ${now} (pinned: ${then})`;
    });
  const rest = said.length - most;
  return [...said.slice(0, most), ...(rest > 0 ? [`${rest} more`] : [])].join("; ");
}

/**
 * A setting's value as people read it.
 * @param {any} schema
 * @param {string} [text]
 */
const worded = ({ options, ...schema }, text = "") => {
  if (schema.type === "changes")
    return (
      readChanges(text)
        .map((one) => `from step ${one.step} on: ${lower(nameOf(one, schema))}`)
        .join(", ") || "no change"
    );
  return options
    ? text
        .split(",")
        .map((id) => options[id] ?? id)
        .join(" + ")
    : text;
};

/** A label within a sentence; an abbreviation stays as it is. */
const lower = (label) =>
  /^[A-Z][A-Z]/.test(label) ? label : label[0].toLowerCase() + label.slice(1);
