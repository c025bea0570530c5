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

async function show() {
  const film = addressOf(await unpackFilm(), "application/octet-stream");
  const packed = text("lnl-katex");
  const katex = packed && (await (await window.lnlUnpack("lnl-katex")).text());
  const katexAddress = katex && addressOf(katex, "text/javascript");
  const data = { ...JSON.parse(text("lnl-data")), film, katex: katexAddress };
  mount(document.getElementById("lnl-place"), data);
}

/** The page's theme is the system's until someone wants the other one. */
function changeTheme() {
  const root = document.documentElement;
  const isDark = getComputedStyle(root).colorScheme === "dark";
  root.dataset.theme = isDark ? "light" : "dark";
}

document.getElementById("lnl-theme").onclick = changeTheme;
show();
