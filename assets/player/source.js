/**
 * Where frames come from, as the page's data say it: the URLs of a film; or of pictures, which
 * the page asks for in turn. The server tells the player of each turn as soon as the page asks,
 * which is long before Streamlit has drawn the page again and hands the player its new data.
 *
 * @typedef {{live?: string, poll?: string, film?: string}} Urls
 * @typedef {{still: string, poll: string, query: string, viewer: string, turn: number}} Pictures
 */

/**
 * Whether a source is the present one, or an earlier turn of it.
 * @param {Urls | Pictures} source
 * @param {Urls | Pictures} present
 */
export function isOf(source, present) {
  if (!source.still) return JSON.stringify(source) === JSON.stringify(present);
  return source.viewer === present.viewer && source.still === present.still && source.turn <= present.turn;
}

/**
 * @param {Urls | Pictures} source
 * @returns {Urls}
 */
export function urlsOf(source) {
  if (!source.still) return source;
  const { still, poll, query, viewer, turn } = source;
  return { live: `${still}?viewer=${viewer}&turn=${turn}&${query}`, poll: `${poll}?${query}` };
}
