/** Colours and type of the page, and the tokens with which figures ask for them. */

/**
 * @typedef {{dark: boolean, text: string, muted: string, grid: string, background: string,
 *   border: string, font: string, size: number}} Theme
 */

/**
 * Read the theme from the root element, whose own colours come from Streamlit's variables
 * (`player.css`): computed colours are always rgb(), whatever form the variables have.
 * @param {HTMLElement} root
 * @returns {Theme}
 */
export function readTheme(root) {
  const style = getComputedStyle(root);
  const [text, background] = [channels(style.color), channels(style.backgroundColor)];
  const mixed = (share) =>
    rgb(text.map((channel, i) => share * channel + (1 - share) * background[i]));
  return {
    dark: (background[0] + background[1] + background[2]) / 3 < 128,
    text: rgb(text),
    muted: mixed(0.68),
    grid: mixed(0.1),
    border: mixed(0.3),
    background: rgb(background),
    font: style.fontFamily,
    size: parseFloat(style.fontSize),
  };
}

/**
 * Replace tokens such as "@variant/0.2" anywhere in a piece of a Plotly figure.
 * @param {any} value
 * @param {Theme} theme
 * @param {{color: {light: string, dark: string}, dash: string, symbol: string}|null} variant
 */
export function withTheme(value, theme, variant) {
  if (typeof value === "string")
    return value.startsWith("@") ? token(value, theme, variant) : value;
  if (Array.isArray(value)) return value.map((entry) => withTheme(entry, theme, variant));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, withTheme(entry, theme, variant)]),
  );
}

function token(text, theme, variant) {
  const [name, alpha] = text.slice(1).split("/");
  if (name === "dash" || name === "symbol") return variant?.[name];
  const color = name === "variant" ? variant?.color[theme.dark ? "dark" : "light"] : theme[name];
  if (!color) throw new Error(`unknown colour ${text}`);
  return alpha === undefined ? color : `rgba(${channels(color).slice(0, 3).join(", ")}, ${alpha})`;
}

/** Red, green and blue of a colour as CSS writes it. */
export function channels(color) {
  if (color.startsWith("#")) {
    const hex = color.length === 4 ? color.replace(/[^#]/g, "$&$&") : color;
    return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  }
  return color
    .match(/[\d.]+/g)
    .slice(0, 3)
    .map(Number);
}

export const rgb = (color) => `rgb(${color.slice(0, 3).map(Math.round).join(", ")})`;
