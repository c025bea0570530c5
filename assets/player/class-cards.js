/** The cards of a class: to start or join one, and for the teacher the code that lets others in. */

import { makeDialog } from "./dialog.js";
import { actionButton, element, setText } from "./dom.js";
import { linkParts } from "./link-parts.js";

const INVITES = "Start a class, and whoever joins sees on their own screen what you show here.";
const LETTERS = 4;

export class ClassCards {
  #room;
  /** Whether the next click ends the class. */
  #asks = false;
  /** @type {HTMLElement|null} where the page's colours are to be had */
  home = null;

  /** @param {import("./room.js").Room} room */
  constructor(room) {
    this.#room = room;
    this.field = element("input", {
      type: "text",
      id: "lnl-class-code",
      class: "lnl-class-code",
      maxLength: LETTERS,
      autocomplete: "off",
      spellcheck: false,
      required: true,
      pattern: `[A-Za-z]{${LETTERS}}`,
      title: `${LETTERS} letters`,
    });
    this.said = element("p", { role: "status" });
    const onsubmit = (event) => {
      event.preventDefault();
      this.tell("Joining…");
      room.join(this.field.value);
    };
    const join = element("button", { type: "submit", class: "lnl-action" }, "Join");
    this.way = makeDialog("A class", [
      element("p", {}, INVITES),
      actionButton("Start a class", () => {
        this.tell("Starting…");
        room.start();
      }),
      element(
        "form",
        { class: "lnl-class-join", onsubmit },
        element("label", { htmlFor: "lnl-class-code" }, "Or join one. Its code:"),
        this.field,
        join,
      ),
      this.said,
    ]);
    this.letters = element("p", { class: "lnl-class-letters" });
    this.ender = actionButton("", () => {
      if (!this.#asks) return this.#ask(true);
      this.invitation.close();
      room.end();
    });
    this.#ask(false);
    this.link = linkParts("Link to join");
    this.invitation = makeDialog(
      "Join this class",
      [
        this.letters,
        this.link.code,
        this.link.field,
        element("p", {}, "Or on Home: “Start or join a class”, then the code."),
      ],
      [this.ender],
    );
    this.invitation.addEventListener("close", () => this.#ask(false));
    for (const card of [this.way, this.invitation]) card.classList.add("lnl-class-card");
  }

  /** Ask whether the class is to end, or ask no more. */
  #ask(asks) {
    this.#asks = asks;
    setText(this.ender, asks ? "Yes, end it for everyone" : "End class");
  }

  /** Open the card that is of use now. */
  open() {
    setText(this.said, "");
    const { role, code, link } = this.#room;
    if (role === "teacher" && code) {
      setText(this.letters, code);
      this.link.show(link);
      this.#show(this.invitation);
    } else this.#show(this.way);
  }

  /** Say why one is not, or no longer, in a class. */
  tell(words) {
    if (!this.way.open) this.open();
    setText(this.said, words);
  }

  /** Whoever has come in needs no card. */
  update() {
    if (this.way.open && this.#room.code) this.way.close();
  }

  /** A card has the colours of the player that is on the page, or of the place of one. */
  #show(card) {
    for (const other of [this.way, this.invitation]) if (other !== card) other.close();
    const players = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".lnl-player")]);
    const host = players.find((one) => one.checkVisibility()) ?? this.#place;
    if (card.parentElement !== host) host.append(card);
    if (!card.open) card.showModal();
  }

  /** On a page without a player. */
  get #place() {
    const place = element("div", { class: "lnl-player" });
    (this.home?.isConnected ? this.home : document.body).append(place);
    place.addEventListener("close", () => place.remove(), { capture: true, once: true });
    return place;
  }
}
