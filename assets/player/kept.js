/** What a browser keeps under a name, as JSON: in all its tabs, or in one alone. */

/**
 * @param {string} name
 * @param {() => Storage} storage
 * @returns {{read: () => any, write: (value: any) => void}} a browser that keeps nothing reads null
 */
export function keeper(name, storage) {
  let text = null;
  let value = null;
  return {
    read() {
      try {
        const kept = storage().getItem(name);
        if (kept === text) return value; // it is read in every animation frame
        [text, value] = [kept, null];
        value = JSON.parse(kept);
        return value;
      } catch {
        return null;
      }
    },
    write(value) {
      try {
        if (value) storage().setItem(name, JSON.stringify(value));
        else storage().removeItem(name);
      } catch {
        // it is forgotten with the page
      }
    },
  };
}
