/** Keys of the transport, and when they are not ours. */

const COMMANDS = {
  " ": "toggle",
  ArrowLeft: "back",
  ArrowRight: "forward",
  Home: "start",
  End: "end",
};

/** Elements that have a use of their own for these keys. */
const TYPING =
  "input, textarea, select, a[href], summary, [contenteditable]:not([contenteditable=false]), [role=slider], " +
  "[role=textbox], [role=combobox], [role=listbox], [role=option], [role=menu], [role=menuitem], " +
  "[role=tab], [role=radio], [role=switch], [role=button], [role=dialog]";

/**
 * What a key press asks of the player.
 * @param {KeyboardEvent} event
 * @param {HTMLElement} root of the player
 * @returns {"toggle"|"back"|"forward"|"start"|"end"|null} null: the key is not for us
 */
export function commandOf(event, root) {
  const { key } = event;
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey)
    return null;
  const command = COMMANDS[key] ?? null;
  // The range input moves by itself, and does nothing with Space.
  if (target.closest?.(".lnl-scrubber") && root.contains(target))
    return key === " " ? command : null;
  // So do the sliders of settings, which the hand has just left.
  if (key === " " && target.matches?.("input[type=range]")) return command;
  if (target.closest?.(TYPING)) return null;
  const button = target.closest?.("button");
  // Space presses the button that has the focus; arrows may still step from one of ours.
  if (button && (key === " " || !root.contains(button))) return null;
  return command;
}
