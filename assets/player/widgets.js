/**
 * The widgets of a page that shows pictures, read as they are used: Streamlit tells the server of
 * a gesture later, and of a slider that is dragged only once it is let go of.
 *
 * @typedef {Object<string, string|number>} Change new values of a config's fields, as a query has them
 * @typedef {Object<string, Object<string, Change>>} Leads for widgets with named options, and those
 *   that are no field of the config: where each of their values leads
 */

export class Widgets {
  #page;
  #used;
  #observer;
  #ended = new AbortController();

  /**
   * @param {() => {prefix: string, leads: Leads}|undefined} page gives the prefix of the keys of its
   *   widgets, and where these lead; undefined: it shows no pictures
   * @param {(change: Change) => void} used is told of what a gesture is about to change
   */
  constructor(page, used) {
    this.#page = page;
    this.#used = used;
    this.#observer = new MutationObserver((changes) => {
      for (const { target, oldValue } of changes) {
        // The others follow what was chosen elsewhere, perhaps a gesture behind.
        if (target !== document.activeElement || target.getAttribute("value") === oldValue) continue;
        if (target.type === "range") this.#set(target, target.getAttribute("aria-valuetext"));
      }
    });
    this.#observer.observe(document.body, {
      subtree: true,
      attributeFilter: ["value"],
      attributeOldValue: true,
    });
    const options = { signal: this.#ended.signal, capture: true };
    const on = (event, hear) => document.addEventListener(event, hear, options);
    on("change", ({ target }) => target.type === "number" && this.#set(target, target.value));
    on("click", ({ target }) => {
      const option = target.closest("[role=option], button");
      option ? this.#choose(option) : this.#turn(target);
    });
    // Of options that stand side by side the one that is chosen gets the focus first.
    on("focusin", ({ target }) => {
      if (target.type === "radio" && !target.checked) this.#choose(target.closest("label"));
    });
    on("keydown", ({ key, target }) => {
      if (key === "Enter") this.#choose(document.getElementById(target.getAttribute("aria-activedescendant")));
    });
  }

  destroy() {
    this.#observer.disconnect();
    this.#ended.abort();
  }

  /** A switch is turned by its label, before it shows that, or is clicked itself, and shows it. */
  #turn(target) {
    const input = target.closest("label")?.querySelector("input[type=checkbox]");
    if (input) this.#set(input, (target === input) === input.checked ? "on" : "off");
  }

  #set(input, value) {
    const name = this.#nameOf(input);
    if (name) this.#used(this.#page().leads[name]?.[value] ?? { [name]: value });
  }

  /** One of some options was chosen, or a button. */
  #choose(option) {
    if (!option) return;
    const list = option.closest("[role=listbox]");
    const widget = list ? document.querySelector(`[aria-controls="${list.id}"]`) : option;
    const label = (option.querySelector("p") ?? option).textContent;
    const change = this.#page()?.leads[this.#nameOf(widget)]?.[label];
    if (change) this.#used(change);
  }

  /** The name of a widget within the page: Streamlit gives a widget's key to its box as a class. */
  #nameOf(widget) {
    const page = this.#page();
    if (!page) return undefined;
    const start = `st-key-${page.prefix}-`;
    const classes = widget?.closest(`[class*="${start}"]`)?.classList ?? [];
    return [...classes].find((one) => one.startsWith(start))?.slice(start.length);
  }
}
