/** How type grows with the window, and how much of the window is left to charts. */

/** Type grows more slowly than the window: 1.36 times as large at 1080p, 2.3 times at 2160p. */
const GROWTH = 0.75;
/** A presentation's type is so many times as large: at 720p the least of it is 20 px. */
export const PRESENTED = 1.68;
/** What fills the window is not scrolled: its plots may get lower. */
const SQUEEZED = 0.4;
/** Of a path's panel and the charts that it speaks of as much as can be is seen together. */
const ON_PATH = 0.75;
/** Where charts stand side by side: on a phone they are scrolled. */
const WIDE = "(min-width: 641px)";

/** The most that is above a player which is seen with the head of its page, as a share of the window. */
const HEADER = 0.5;
/** Pixels of the menu, which stays above a player that is scrolled to. */
const MENU = 64;
/** Pixels that are left below the charts. */
const FOOT = 4;

/** Pixels of type for one in a usual window. */
export const typeUnit = () => Math.max(1, Math.min(innerWidth / 1280, innerHeight / 720) ** GROWTH);

/**
 * The height that the first section of charts may fill: the window's, without what stands above it
 * and the transport. A player further down the page is scrolled to.
 * @param {HTMLElement} root of the player
 * @param {HTMLElement} charts
 * @param {number} below pixels that the transport takes
 */
export function heightLeft(root, charts, below) {
  const { top } = root.getBoundingClientRect();
  const above = charts.getBoundingClientRect().top - top;
  const before = top + scrolled(root);
  const head = before > HEADER * innerHeight ? MENU : before;
  return innerHeight - head - above - below - FOOT;
}

/**
 * How low plots may get to be seen at once, as a share of their least heights.
 * @param {Partial<import("./view.js").View>} view
 * @param {boolean} isPinned whether a run is pinned
 */
export function squeezeOf({ chart, present, stop }, isPinned) {
  const fills = chart || present || (isPinned && matchMedia(WIDE).matches);
  return fills ? SQUEEZED : stop ? ON_PATH : 1;
}

/** How far the page that holds an element is scrolled. */
function scrolled(node) {
  for (let parent = node.parentElement; parent; parent = parent.parentElement)
    if (parent.scrollTop) return parent.scrollTop;
  return 0;
}
