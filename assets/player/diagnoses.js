/** What the run says of itself at this moment, below the variants. Its height is fixed. */

import { element, setText } from "./dom.js";
import { swatch } from "./swatch.js";

/**
 * The diagnoses of the shown variants at a moment, each once.
 * @param {import("./film.js").Film} film
 * @param {number} frame
 * @param {{variants: {id: string}[], shown: boolean[]}} scene
 * @returns {{track: string, title: string, text: string}[]}
 */
export function cardsAt(film, frame, { variants, shown }) {
  const hidden = new Set(variants.filter((_, index) => !shown[index]).map(({ id }) => id));
  const cards = (film.frames[frame]?.notes.cards ?? []).filter(({ track }) => !hidden.has(track));
  return [...new Map(cards.map((card) => [`${card.track}\n${card.title}`, card])).values()];
}

/**
 * What the variants have in common, and where they differ.
 * @param {{track: string, label: string, value: string}[]} facts of frame 0
 * @param {{id: string, label: string}[]} variants
 * @returns {string[]} one sentence a label
 */
export function factLines(facts, variants) {
  const names = new Map(variants.map(({ id, label }) => [id, label]));
  const labels = new Set(facts.map(({ label }) => label));
  return [...labels].map((label) => {
    const own = facts.filter((fact) => fact.label === label);
    const same = new Set(own.map(({ value }) => value)).size === 1;
    if (same && own.length > 1) return `${label} ${own[0].value}: the same for all ${own.length}`;
    return `${label} ${own.map(({ track, value }) => `${names.get(track) ?? track} ${value}`).join(", ")}`;
  });
}

const DETAILS = "Details";

export class Diagnoses {
  #shown = "";
  #open = false;
  #hidden = new Set(); // cards that do not fit

  constructor() {
    this.line = element("div", { class: "lnl-line" });
    this.more = element(
      "button",
      { type: "button", class: "lnl-more", "aria-expanded": "false" },
      DETAILS,
    );
    this.more.onclick = () => this.#toggle(!this.#open);
    this.all = element("div", { class: "lnl-all", hidden: true });
    this.element = element("div", { class: "lnl-strip" }, this.line, this.more, this.all);
    this.element.onkeydown = ({ key }) => key === "Escape" && this.#toggle(false);
    // Which cards fit is known once the strip is laid out: to ask for it now would take time.
    this.views = new IntersectionObserver((entries) => this.#count(entries), {
      root: this.line,
      rootMargin: "-1px",
    });
  }

  /**
   * @param {import("./film.js").Film} film
   * @param {number} frame
   * @param {{variants: object[], shown: boolean[]}} scene
   * @param {string|null} error of a run that failed
   */
  update(film, frame, scene, error) {
    const { variants } = scene;
    const failure = error ? [{ track: null, title: "The run stopped", text: error }] : [];
    const cards = [...failure, ...cardsAt(film, frame, scene)];
    const facts = factLines(film.frames[0]?.notes.facts ?? [], variants);
    const key = JSON.stringify([cards, facts, variants, film.length > 0]);
    if (key === this.#shown) return;
    this.#shown = key;
    const render = (card) => this.#card(card, variants);
    this.line.replaceChildren(
      ...(cards.length
        ? cards.map(render)
        : [element("p", { class: "lnl-facts" }, shorten(facts))]),
    );
    this.all.replaceChildren(
      ...cards.map(render),
      ...facts.map((fact) => element("p", { class: "lnl-facts" }, fact)),
    );
    this.element.hidden = film.length > 0 && !cards.length && !facts.length; // nothing to say, ever
    this.more.hidden = !cards.length && !facts.length;
    this.views.disconnect();
    this.#hidden.clear();
    for (const card of this.line.children) this.views.observe(card);
  }

  destroy() {
    this.views.disconnect();
  }

  #card({ track, title, text }, variants) {
    const own = variants.find(({ id }) => id === track);
    const sign = own
      ? swatch(own)
      : element("span", { class: "lnl-alert", "aria-hidden": "true" }, "!");
    const heading = element("strong", {}, own ? `${own.label}: ${title}` : title);
    return element("div", { class: "lnl-card" }, sign, element("p", {}, heading, " ", text));
  }

  #count(entries) {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) this.#hidden.delete(target);
      else this.#hidden.add(target);
    }
    setText(this.more, this.#hidden.size ? `+${this.#hidden.size} more` : DETAILS);
  }

  #toggle(open) {
    this.#open = open;
    this.all.hidden = !open;
    this.more.setAttribute("aria-expanded", String(open));
  }
}

/** Two facts that hold for the same variants share the end of their sentence. */
function shorten(facts) {
  const split = facts.map((fact) => fact.split(": the same"));
  const shared = split.every(([, end]) => end !== undefined && end === split[0][1]);
  if (!shared || facts.length < 2) return facts.join(". ");
  return `${split.map(([start]) => start).join(", ")}: the same${split[0][1]}`;
}
