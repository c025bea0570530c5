/** Values compared by what is in them. */

/**
 * Whether two values are alike: plain values, arrays of any kind, plain objects.
 * @param {any} a
 * @param {any} b
 * @returns {boolean}
 */
export function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (isList(a) !== isList(b)) return false;
  if (isList(a))
    return a.length === b.length && isEvery(a, (value, index) => same(value, b[index]));
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => name in b && same(a[name], b[name]))
  );
}

/** @type {(value: any) => boolean} */
const isList = (value) => Array.isArray(value) || ArrayBuffer.isView(value);
/** Whether a condition holds for all values of an array of any kind. */
const isEvery = (list, holds) => Array.prototype.every.call(list, holds);
