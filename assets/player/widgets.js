/**
 * The sliders of a page that shows pictures, read as they move: Streamlit tells the server of a
 * gesture later, and of a slider that is dragged only once it is let go of.
 */

/** Milliseconds after which a picture is no longer waited for. */
const LONGEST = 500;

export class Sliders {
  #observer;

  /**
   * @param {() => string} prefix of the keys of the page's widgets
   * @param {(field: string, value: string) => void} moved is told of a config's field, and of its
   *   new value as it stands in a query
   */
  constructor(prefix, moved) {
    this.#observer = new MutationObserver((changes) => {
      for (const { target, oldValue } of changes) {
        // The others follow what was chosen elsewhere, perhaps a gesture behind.
        if (target !== document.activeElement || target.getAttribute("value") === oldValue) continue;
        const field = fieldOf(target, prefix());
        if (field) moved(field, target.getAttribute("aria-valuetext"));
      }
    });
    this.#observer.observe(document.body, {
      subtree: true,
      attributeFilter: ["value"],
      attributeOldValue: true,
    });
  }

  destroy() {
    this.#observer.disconnect();
  }
}

/** The field that a slider sets: Streamlit gives a widget's key to its box as a class. */
function fieldOf(slider, prefix) {
  if (slider.type !== "range") return null;
  const start = `st-key-${prefix}-`;
  const name = [...(slider.closest(`[class*="${start}"]`)?.classList ?? [])].find((one) => one.startsWith(start));
  return name?.slice(start.length) ?? null;
}

/**
 * Pictures that a page is about to ask for: one at a time, and of several the latest.
 */
export class Foresight {
  #present;
  #send;
  #wanted = null;
  #sent = -Infinity;

  /**
   * @param {() => string} present gives the query of the picture that is there
   * @param {(query: string) => void} send
   */
  constructor(present, send) {
    this.#present = present;
    this.#send = send;
  }

  /** A field is about to take a value. */
  want(field, value) {
    this.#wanted = [field, value];
    this.#next();
  }

  /** A picture has been drawn: the next may come. */
  drawn() {
    this.#sent = -Infinity;
    this.#next();
  }

  #next() {
    // A picture that cannot be never comes.
    if (!this.#wanted || performance.now() - this.#sent < LONGEST) return;
    const [field, value] = this.#wanted;
    this.#wanted = null;
    const query = new URLSearchParams(this.#present());
    if (!query.has(field)) return;
    // What is there already brings no answer; but another picture may be on its way, to be taken back.
    if (query.get(field) !== value) this.#sent = performance.now();
    query.set(field, value);
    this.#send(query.toString());
  }
}
