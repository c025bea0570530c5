/** Cards over the page. */

import { actionButton, element } from "./dom.js";

/**
 * Make a card over the page, to be opened by `showModal()`: a title, what it holds, a row of buttons.
 * @param {string} title
 * @param {(Node|string)[]} content
 * @param {HTMLElement[]} [actions] buttons and links to the left of the one that closes the card
 * @param {HTMLElement} [heading] where it says more than the title
 */
export function makeDialog(title, content, actions = [], heading = element("h3", {}, title)) {
  const close = actionButton("Close", () => dialog.close());
  const dialog = element(
    "dialog",
    { class: "lnl-dialog", "aria-label": title },
    heading,
    ...content,
    element("div", { class: "lnl-tools" }, ...actions, close),
  );
  return dialog;
}
