/** The head of a player: its question, and what can be done with the page. */

import { element } from "./dom.js";

/** What can be done: a command, what it does, and the word on its button. */
const TOOLS = [
  ["predict", "Answer before you look", "Predict"],
  ["pin", "Pin this run beside what you change", "Pin"],
  ["change", "Change from here", "Change"],
  ["code", "The code of this run", "Code"],
  ["share", "Share this view", "Share"],
  ["class", "Start or join a class", "Class"],
  ["present", "Present", "Present"],
  ["shortcuts", "Keyboard shortcuts", "?"],
];

/**
 * @param {string} title empty where the page has it
 * @param {Object<string, boolean>} can what this page can do beside the rest
 * @param {(command: string) => void} act
 */
export function makeHead(title, can, act) {
  const button = ([command, label, text]) => {
    const properties = { type: "button", class: "lnl-tool", title: label, "aria-label": label };
    const onclick = () => act(command);
    return element("button", { ...properties, dataset: { tool: command }, onclick }, text);
  };
  return element(
    "div",
    { class: "lnl-head" },
    element(title ? "h2" : "div", { class: "lnl-title" }, title),
    ...TOOLS.filter(([command]) => can[command] ?? true).map(button),
  );
}
