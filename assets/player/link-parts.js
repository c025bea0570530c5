/** A link on a card: a field to copy it from, and its QR code, which a room can read from the wall. */

import { element } from "./dom.js";

/**
 * @param {string} label of the field
 * @returns {{field: HTMLInputElement, code: HTMLImageElement, show: (link: string) => void}}
 */
export function linkParts(label) {
  const onfocus = () => field.select();
  const field = element("input", { type: "text", readOnly: true, "aria-label": label, onfocus });
  const code = element("img", { class: "lnl-qr", alt: "QR code of the link" });
  const show = (link) => {
    field.value = link;
    code.src = new URL(`qr.svg?${new URLSearchParams({ link })}`, document.baseURI).href;
  };
  return { field, code, show };
}
