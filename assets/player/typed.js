/** Numbers as people write them: typed into a cell, or pasted from a spreadsheet, a paper, a program. */

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const SPACED = /[^,\s] +[^,\s]/; // numbers with nothing but spaces between them

/**
 * Read one number, with a decimal point or comma, and any kind of minus.
 * @param {string} text
 * @returns {number|null} null: not a finite number
 */
export function readNumber(text) {
  const plain = text.trim().replace(/[−–]/g, "-").replace(",", ".");
  const value = NUMBER.test(plain) ? Number(plain) + 0 : NaN; // + 0: a minus zero is no number to read
  return Number.isFinite(value) ? value : null;
}

/**
 * Read a table of numbers: rows stand in lines or brackets, or end with `;` or `_`; between numbers
 * are tabs, semicolons, commas or spaces. A comma that does not separate is a decimal one.
 * @param {string} text
 * @returns {number[][]|null} null: something is not a number
 */
export function readRows(text) {
  const lines = text
    .replace(/[\])}]\s*[,;]?\s*[[({]/g, "\n")
    .replace(/[[\](){}]/g, "")
    .replaceAll("_", "\n")
    .split(/[\r\n]+/)
    .map((line) => line.replace(/^ +|[ ]+$/g, ""))
    .filter((line) => line.trim());
  const rows = lines.length === 1 && !/\t/.test(lines[0]) ? lines[0].split(";") : lines;
  const between = separator(rows.join("\n"));
  const numbers = rows.map((row) => row.trim().split(between).map(readNumber));
  return numbers.length && numbers.every((row) => !row.includes(null)) ? numbers : null;
}

/** What stands between numbers, all through a text. */
function separator(text) {
  if (text.includes("\t")) return "\t";
  if (text.includes(";")) return ";";
  return text.includes(",") && !SPACED.test(text) ? "," : / +/;
}
