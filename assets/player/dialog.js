/** Cards over the page. */

import { actionButton, element } from "./dom.js";

/**
 * Make a card over the page, to be opened by `showModal()`: a title, what it holds, a row of buttons.
 * @param {string} title
 * @param {(Node|string)[]} content
 * @param {HTMLButtonElement[]} [actions] buttons to the left of the one that closes the card
 */
export function makeDialog(title, content, actions = []) {
  const close = actionButton("Close", () => dialog.close());
  const dialog = element(
    "dialog",
    { class: "lnl-dialog", "aria-label": title },
    element("h3", {}, title),
    ...content,
    element("div", { class: "lnl-tools" }, ...actions, close),
  );
  return dialog;
}
