/** Keys of the player, and when they are not ours. */

/** Of a film. */
const TRANSPORT = {
  " ": "toggle",
  ArrowLeft: "back",
  ArrowRight: "forward",
  Home: "start",
  End: "end",
};
export const TRANSPORT_COMMANDS = new Set(Object.values(TRANSPORT));
/** Of every page. */
const PAGE = {
  f: "enlarge",
  c: "fold",
  p: "present",
  s: "share",
  k: "code",
  e: "take",
  d: "theme",
  b: "change",
  i: "pin",
  x: "swap",
  "?": "shortcuts",
  PageDown: "next",
  PageUp: "previous",
};

/** Elements that have a use of their own for the transport's keys. */
const TYPING =
  "input, textarea, select, a[href], summary, [contenteditable]:not([contenteditable=false]), [role=slider], " +
  "[role=textbox], [role=combobox], [role=listbox], [role=option], [role=menu], [role=menuitem], " +
  "[role=tab], [role=radio], [role=switch], [role=button], [role=dialog]";
/** Elements into which letters are typed, or that choose by them. */
const LETTERS =
  "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [role=textbox], " +
  "[role=combobox], [role=listbox], [contenteditable]:not([contenteditable=false])";

/** Of several players on a page the keys are those of the one touched last: its root. */
let touched = null;

/**
 * Have the keys of a player.
 * @param {HTMLElement} root
 * @param {(command: string) => boolean} heeds does what a key asks for; whether it means something
 * @param {AbortSignal} signal
 */
export function listenToKeys(root, heeds, signal) {
  const touch = () => (touched = root);
  for (const event of ["focusin", "pointerdown"]) root.addEventListener(event, touch);
  const listen = (event) => {
    const command = commandOf(event, root);
    if (!root.checkVisibility()) return; // its page was left, or it is behind another tab
    if (!touched?.checkVisibility()) touched = root;
    if (!command || touched !== root || root.querySelector("dialog[open]")) return;
    if (heeds(command)) event.preventDefault();
  };
  document.addEventListener("keydown", listen, { signal });
}

/**
 * What a key press asks of the player.
 * @param {KeyboardEvent} event
 * @param {HTMLElement} root of the player
 * @returns {string|null} a command of the tables above; null: the key is not for us
 */
export function commandOf(event, root) {
  const { key, shiftKey } = event;
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return null;
  const page = PAGE[key] ?? PAGE[key.toLowerCase()];
  if (page)
    return target.closest?.(LETTERS) || target.closest?.("[role=application]") ? null : page;
  if (shiftKey) return null;
  const command = TRANSPORT[key] ?? null;
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
