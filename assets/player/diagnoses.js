/** What the run says of itself at this moment: of a film on demand, of a picture below the variants. */

import { element } from "./dom.js";
import { swatch } from "./swatch.js";

/**
 * The diagnoses of the shown variants at a moment, each once.
 * @param {import("./film.js").Film} film
 * @param {number} frame
 * @param {{variants: {id: string}[], shown: boolean[]}} scene
 * @returns {{variant: string, title: string, text: string}[]}
 */
export function cardsAt(film, frame, { variants, shown }) {
  const hidden = new Set(variants.filter((_, index) => !shown[index]).map(({ id }) => id));
  const cards = (film.frames[frame]?.notes.cards ?? []).filter(
    ({ variant }) => !hidden.has(variant),
  );
  return [...new Map(cards.map((card) => [`${card.variant}\n${card.title}`, card])).values()];
}

/**
 * What the variants have in common, and where they differ.
 * @param {{variant: string, label: string, value: string}[]} facts of frame 0
 * @param {{id: string, label: string}[]} variants
 * @returns {string[]} one sentence a label
 */
export function factLines(facts, variants) {
  const names = new Map(variants.map(({ id, label }) => [id, label]));
  const labels = new Set(facts.map(({ label }) => label));
  return [...labels].map((label) => {
    const own = facts.filter((fact) => fact.label === label);
    const same = new Set(own.map(({ value }) => value)).size === 1;
    if (same && own.length > 1)
      return `${label} ${own[0].value}: the same for ${own.length > 2 ? `all ${own.length}` : "both"}`;
    return `${label} ${own.map(({ variant, value }) => `${names.get(variant) ?? variant} ${value}`).join(", ")}`;
  });
}

/**
 * What a run began with: the same text wherever the same weights learn from the same batches.
 * @param {{value: string}[]} facts of frame 0
 */
export const fingerprint = (facts) => [...new Set(facts.map(({ value }) => value))].join("-");

/** What stands above the reason why a run does not go on, by its state. */
const TROUBLES = { failed: "The run stopped", waiting: "Waiting to train" };

/**
 * Says why a run does not go on; nothing of one that does.
 * @param {{state: string, error?: string|null}} status
 */
export function troubleOf({ state, error }) {
  const title = TROUBLES[state];
  return title && error ? [{ variant: null, title, text: error }] : [];
}

const DETAILS = "Details";

/** Milliseconds for which a diagnosis that is new shows itself. */
const SHOWS_ITSELF = 6000;
const STAYS = "lnl-stays"; // what is new, until it is so no more

export class Diagnoses {
  #shown = "";
  /** @type {import("./film.js").Film|null} of what was shown last */
  #film = null;
  #told = new Set(); // the diagnoses that have shown themselves
  #timer = 0;

  /** @param {...HTMLElement} more stands below what is said on demand */
  constructor(...more) {
    this.line = element("div", { class: "lnl-line" });
    this.more = element(
      "button",
      { type: "button", class: "lnl-more", "aria-expanded": "false" },
      DETAILS,
    );
    this.more.onclick = () => this.#toggle(this.all.hidden);
    this.said = element("div");
    this.all = element("div", { class: "lnl-all", hidden: true }, this.said, ...more);
    this.news = element("div", { class: "lnl-news", role: "status" });
    this.element = element("div", { class: "lnl-diagnoses" }, this.line, this.all, this.news);
    /** @param {KeyboardEvent} event */
    const close = ({ key }) => key === "Escape" && this.#toggle(false);
    this.element.addEventListener("keydown", close);
    this.more.addEventListener("keydown", close);
  }

  /**
   * @param {import("./film.js").Film} film
   * @param {number} frame
   * @param {import("./view.js").Scene} scene
   * @param {{state: string, error?: string|null}} status of the run
   * @returns {Map<string, number>} how many diagnoses each variant has
   */
  update(film, frame, scene, status) {
    const { variants } = scene;
    const cards = [...troubleOf(status), ...cardsAt(film, frame, scene)];
    const facts = factLines(film.frames[0]?.notes.facts ?? [], variants);
    const counts = new Map();
    for (const { variant } of cards) counts.set(variant, (counts.get(variant) ?? 0) + 1);
    const isEmpty = !film.length;
    const key = JSON.stringify([cards, facts, variants, isEmpty]);
    if (key === this.#shown) return counts;
    this.#shown = key;
    const render = (card) => this.#card(card, variants);
    this.line.replaceChildren(...cards.map(render));
    this.said.replaceChildren(
      ...cards.map(render),
      ...facts.map((fact) => element("p", { class: "lnl-facts" }, fact)),
    );
    this.line.hidden = !cards.length;
    this.more.hidden = !cards.length && !facts.length; // nothing to say
    // What is new is of its step, however far the film is by now; of another run it is none.
    if (film !== this.#film || this.news.classList.contains(STAYS)) this.news.replaceChildren();
    this.#film = film;
    this.news.classList.remove(STAYS);
    this.#announce(cards, film.frames[frame]?.step, render);
    // Where nothing is to be seen, the reason for it stays, in full.
    if (isEmpty && cards.length) this.#stay(cards.map(render));
    return counts;
  }

  /** Show all that is said of the run. */
  open() {
    this.#toggle(true);
  }

  /** What is new shows itself, once, with the step at which it is. */
  #announce(cards, step, render) {
    const fresh = cards.filter(({ variant, title }) => !this.#told.has(`${variant} ${title}`));
    for (const { variant, title } of fresh) this.#told.add(`${variant} ${title}`);
    if (!fresh.length) return;
    clearTimeout(this.#timer);
    const [first, ...others] = fresh;
    const since = first.variant === null ? "" : `at step ${step}`;
    const more = others.length ? `and ${others.length} more` : "";
    this.news.replaceChildren(render({ ...first, text: [since, more].filter(Boolean).join(", ") }));
    this.#timer = setTimeout(() => this.news.replaceChildren(), SHOWS_ITSELF);
  }

  #stay(cards) {
    clearTimeout(this.#timer);
    this.news.classList.add(STAYS);
    this.news.replaceChildren(...cards);
  }

  destroy() {
    clearTimeout(this.#timer);
  }

  #card({ variant, title, text }, variants) {
    const own = variants.find(({ id }) => id === variant);
    const sign = own
      ? swatch(own)
      : element("span", { class: "lnl-alert", "aria-hidden": "true" }, "!");
    const heading = element("strong", {}, own ? `${own.label}: ${title}` : title);
    return element("div", { class: "lnl-card" }, sign, element("p", {}, heading, " ", text));
  }

  #toggle(open) {
    this.all.hidden = !open;
    this.more.setAttribute("aria-expanded", String(open));
    this.news.replaceChildren();
  }
}
