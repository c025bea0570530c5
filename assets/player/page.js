/** A page that holds one film (assets/page.html, written by ln_core/saved): unpacks and shows it. */

import { typeset } from "./mathematics.js";
import { mount } from "./player.js";

const text = (id) => document.getElementById(id).textContent;

/** The bytes of a film from its planes: the first bytes of all words, then all second ones. */
async function unpackFilm(id) {
  const planes = new Uint8Array(await (await window.lnlUnpack(id)).arrayBuffer());
  const words = planes.length / 4;
  return planes.map((_, at) => planes[(at % 4) * words + (at >> 2)]);
}

/** The address of a film. */
const filmAt = async (id) => addressOf(await unpackFilm(id), "application/octet-stream");

const addressOf = (part, type) => URL.createObjectURL(new Blob([part], { type }));

/** The address of KaTeX's module; empty where the page has no mathematics. */
async function unpackKatex() {
  if (!text("lnl-katex")) return "";
  return addressOf(await (await window.lnlUnpack("lnl-katex")).text(), "text/javascript");
}

async function show() {
  const film = await filmAt("lnl-film");
  const katex = await unpackKatex();
  const data = JSON.parse(text("lnl-data"));
  if (data.pinned) data.pinned.film = await filmAt("lnl-pinned");
  mount(document.getElementById("lnl-place"), { ...data, film, katex });
  typeset(document, katex);
}

/** The page's theme is the system's until someone wants the other one. */
function changeTheme() {
  const root = document.documentElement;
  const isDark = getComputedStyle(root).colorScheme === "dark";
  root.dataset.theme = isDark ? "light" : "dark";
}

document.getElementById("lnl-theme").onclick = changeTheme;
show();
