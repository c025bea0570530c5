/** Frames and films for tests. */

import { Film } from "../../assets/player/film.js";
import { Reader } from "../../assets/player/panels/series.js";

/** A frame from nested numbers: `frame(10, { loss: [[[1, 2]]] })`. */
export function frame(step, arrays = {}, notes = {}) {
  const blocks = Object.entries(arrays).map(([name, nested]) => [name, block(nested)]);
  return { step, arrays: new Map(blocks), notes };
}

/** A film of frames, in order. */
export function filmOf(...frames) {
  const film = new Film();
  film.append(0, frames);
  return film;
}

/** What is seen of a film at a frame, and of what runs over its steps up to another one. */
export const seen = (film, at, end = at) => ({
  film,
  reader: new Reader(film, film.frames.at(-1).step),
  frame: at,
  end,
});

/** A binding as `bindings.js` makes it. */
export const bound = (bind) => ({ index: [], ...bind, key: JSON.stringify(bind) });

/** A variant of a figure. */
export const variant = (id, color) => ({
  id,
  label: id.toUpperCase(),
  color: { light: color, dark: color },
  dash: "dot",
  symbol: "square",
});

/** A light theme, as far as figures ask for it. */
export const theme = {
  dark: false,
  text: "rgb(0, 0, 0)",
  background: "rgb(255, 255, 255)",
  muted: "rgb(80, 80, 80)",
};

function block(nested) {
  const shape = [];
  for (let level = nested; Array.isArray(level); level = level[0]) shape.push(level.length);
  return { shape, values: Float32Array.from(nested.flat(Infinity)) };
}
