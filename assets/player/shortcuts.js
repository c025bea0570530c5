/** The card of all keys. */

import { makeDialog } from "./dialog.js";
import { element } from "./dom.js";

const KEYS = [
  ["Space", "play or pause"],
  ["← →", "one frame back or on"],
  ["Home, End", "first or last frame"],
  ["F", "enlarge the chart under the pointer or with the focus, and back"],
  ["E", "download that chart's numbers or picture"],
  ["C", "fold the settings away, and back"],
  ["P", "present: charts in the whole window"],
  [
    "Page down",
    "while presenting: next preset or, on a path, next question; a click does the same",
  ],
  ["Page up", "while presenting: previous preset"],
  ["D", "while presenting: light or dark"],
  ["I", "pin this run: it stays beside what you change; and unpin it"],
  ["B", "change something from the step on screen on"],
  ["X", "swap this run and the pinned one"],
  ["S", "share this view"],
  ["K", "the code of this run"],
  ["?", "this card"],
  ["Esc", "leave what was opened"],
];

/** Make the card; the other keys scroll the page as ever. */
export function shortcuts() {
  const rows = KEYS.flatMap(([key, what]) => [
    element("dt", {}, element("kbd", {}, key)),
    element("dd", {}, what),
  ]);
  return makeDialog("Keyboard shortcuts", [element("dl", { class: "lnl-keys" }, ...rows)]);
}
