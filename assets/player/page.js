/** A page that holds one film (assets/page.html, written by ln_core/saved): unpacks and shows it. */

import { mount } from "./player.js";

const text = (id) => document.getElementById(id).textContent;

/** The bytes of a film from its planes: the first bytes of all words, then all second ones. */
async function unpackFilm() {
  const planes = new Uint8Array(await (await window.lnlUnpack("lnl-film")).arrayBuffer());
  const words = planes.length / 4;
  return planes.map((_, at) => planes[(at % 4) * words + (at >> 2)]);
}

const addressOf = (part, type) => URL.createObjectURL(new Blob([part], { type }));

/** The address of KaTeX's module; empty where the page has no mathematics. */
async function unpackKatex() {
  if (!text("lnl-katex")) return "";
  return addressOf(await (await window.lnlUnpack("lnl-katex")).text(), "text/javascript");
}

async function show() {
  const film = addressOf(await unpackFilm(), "application/octet-stream");
  const katex = await unpackKatex();
  mount(document.getElementById("lnl-place"), { ...JSON.parse(text("lnl-data")), film, katex });
  typeset(katex);
}

/** Typeset the mathematics of the page's text. */
async function typeset(katex) {
  const nodes = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".lnl-math"));
  if (!nodes.length) return;
  const { default: writer } = await import(katex);
  for (const node of nodes) writer.render(node.dataset.latex, node, { output: "mathml" });
}

/** The page's theme is the system's until someone wants the other one. */
function changeTheme() {
  const root = document.documentElement;
  const isDark = getComputedStyle(root).colorScheme === "dark";
  root.dataset.theme = isDark ? "light" : "dark";
}

document.getElementById("lnl-theme").onclick = changeTheme;
show();
