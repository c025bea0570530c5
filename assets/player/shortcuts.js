/** The card of all keys. */

import { makeDialog } from "./dialog.js";
import { element } from "./dom.js";

/** A key, what it does, and what a page must be able to do for it. */
const KEYS = [
  ["Space", "play or pause", "play"],
  ["← →", "one frame back or on", "play"],
  ["Home, End", "first or last frame", "play"],
  ["F", "enlarge the chart under the pointer or with the focus, and back"],
  ["E", "download that chart's numbers or picture"],
  ["C", "fold the settings away, and back", "set"],
  ["P", "present: charts in the whole window"],
  [
    "Page down",
    "while presenting: next preset or, on a path, next question; a click does the same",
    "next",
  ],
  ["Page up", "while presenting: previous preset", "next"],
  ["D", "while presenting: light or dark"],
  ["I", "pin this run: it stays beside what you change; and unpin it", "pin"],
  ["B", "change something after the step on screen", "change"],
  ["X", "swap this run and the pinned one", "pin"],
  ["S", "share this view", "share"],
  ["K", "the code of this run", "code"],
  ["?", "this card"],
  ["Esc", "leave what was opened"],
];

/**
 * Make the card; the other keys scroll the page as ever.
 * @param {Object<string, boolean>} can what this page can do
 */
export function shortcuts(can) {
  const rows = KEYS.filter(([, , need]) => !need || can[need]).flatMap(([key, what]) => [
    element("dt", {}, element("kbd", {}, key)),
    element("dd", {}, what),
  ]);
  return makeDialog("Keyboard shortcuts", [element("dl", { class: "lnl-keys" }, ...rows)]);
}
