/** A matrix as a query has it: rows joined by "_", numbers in a row by ",". */

const rowsOf = (text) => text.split("_").map((row) => row.split(","));

/** @param {(string|number)[][]} rows */
export const textOf = (rows) => rows.map((row) => row.join(",")).join("_");

/** As lines, to be read and edited. */
export const linesOf = (text) => text.replaceAll("_", "\n").replaceAll(",", ", ");

/**
 * How many rows and columns a matrix has.
 * @returns {[number, number]}
 */
export function sizeOf(text) {
  const rows = rowsOf(text);
  return [rows.length, rows[0].length];
}

/**
 * Cut a matrix to a size, or fill it up from another one.
 * @param {string} text
 * @param {[number, number]} size rows and columns, at most those of `fill`
 * @param {string} fill
 */
export function resized(text, [height, width], fill) {
  const [rows, others] = [rowsOf(text), rowsOf(fill)];
  const line = (row, column) => rows[row]?.[column] ?? others[row][column];
  return textOf(
    Array.from({ length: height }, (_, n) => Array.from({ length: width }, (_, k) => line(n, k))),
  );
}

/**
 * Give other numbers for a matrix of this size: the next of those that are `ready`, in a round.
 * @param {string} text
 * @param {string[]} ready
 */
export function another(text, ready) {
  const cut = ready.map((one) => resized(one, sizeOf(text), one));
  return cut[(cut.indexOf(text) + 1) % cut.length];
}

/**
 * Put rows of numbers in place of those from a cell on; what lies beyond the matrix is left out.
 * @param {string} text
 * @param {{row: number, column: number, values: number[][]}} edit
 */
export const edited = (text, { row, column, values }) =>
  textOf(rowsOf(text).map((line, n) => line.map((old, k) => values[n - row]?.[k - column] ?? old)));
