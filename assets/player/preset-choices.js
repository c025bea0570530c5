/** The presets above the charts: a button for each, and a menu for each group of them. */

import { element } from "./dom.js";

/** @typedef {{label: string, group: string}} Preset */
/** @typedef {{element: HTMLElement, show: (present: Preset|undefined) => void}} Choice */

/**
 * Make what presets are chosen by, in their order; a menu stands where its first preset would.
 * @template {Preset} P
 * @param {P[]} presets
 * @param {(preset: P) => void} choose
 * @returns {Choice[]}
 */
export function presetChoices(presets, choose) {
  const those = (name) => presets.filter(({ group }) => group === name);
  return presets
    .filter(({ group }, at) => !group || presets.findIndex((one) => one.group === group) === at)
    .map((one) => (one.group ? menu(one.group, those(one.group), choose) : button(one, choose)));
}

function button(preset, choose) {
  const onclick = () => choose(preset);
  const made = element("button", { type: "button", class: "lnl-preset", onclick }, preset.label);
  const show = (present) => made.setAttribute("aria-pressed", String(preset === present));
  return { element: made, show };
}

function menu(group, presets, choose) {
  const options = presets.map(({ label }, value) => element("option", { value }, label));
  const onchange = ({ target }) => choose(presets[target.value]);
  const made = element(
    "select",
    { class: "lnl-preset", "aria-label": group, onchange },
    element("option", { value: "", hidden: true }, group), // what it says while none is chosen
    ...options,
  );
  const show = (present) => {
    const at = presets.indexOf(present);
    made.value = at < 0 ? "" : String(at);
    made.classList.toggle("lnl-chosen", at >= 0);
  };
  return { element: made, show };
}
