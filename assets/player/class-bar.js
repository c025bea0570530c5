/** The bar of a class, above everything: which class it is, and what one can do in it. */

import { element, setText } from "./dom.js";

const IN_CLASS = "lnl-in-class";

export class ClassBar {
  #room;
  #resized = new ResizeObserver(() => this.#makeRoom());

  /** @param {import("./room.js").Room} room */
  constructor(room) {
    this.#room = room;
    const button = (label, onclick) =>
      element("button", { type: "button", class: "lnl-class-button", onclick }, label);
    this.name = element("strong", {});
    this.state = element("span", { role: "status" });
    this.reveal = button("Reveal answers", () => room.reveal());
    this.code = button("Show class code", () => room.cards.open());
    this.pause = button("", () => room.pause(!room.paused));
    this.lookAround = button("Look around", () => room.lookAround());
    this.lookAround.append(element("span", { class: "lnl-class-more" }, " on my own"));
    this.comeBack = button("Come back", () => room.comeBack());
    this.leave = button("Leave", () => room.leave());
    this.element = element(
      "div",
      { class: "lnl-class", role: "region", "aria-label": "Class" },
      element("div", { class: "lnl-class-words" }, this.name, this.state),
      this.reveal,
      this.code,
      this.pause,
      this.lookAround,
      this.comeBack,
      this.leave,
    );
    this.#resized.observe(this.element);
  }

  /** Say what there is now. */
  update() {
    const { role, code, alone, paused, told } = this.#room;
    const teaches = role === "teacher";
    setText(this.name, code ? `Class ${code}` : "Class");
    setText(this.state, this.#words);
    setText(this.pause, paused ? "Go on" : "Pause all");
    this.code.hidden = this.pause.hidden = !teaches || !code;
    this.reveal.hidden = !teaches || !told.question || Boolean(told.tally);
    this.lookAround.hidden = teaches || !code || alone;
    this.comeBack.hidden = teaches || !code || !alone;
    this.leave.hidden = teaches && Boolean(code);
    this.place();
  }

  get #words() {
    const { role, isReached, told, alone, paused } = this.#room;
    if (!isReached) return told.you ? "reconnecting…" : "connecting…";
    const { members, answered, question } = told;
    if (role === "teacher" && question) return `${answered} of ${members} answered`;
    if (role === "teacher")
      return `${members} ${members === 1 ? "student" : "students"}${paused ? ", paused" : ""}`;
    if (told.paused) return "paused by the teacher";
    return alone ? "on your own" : told.run ? "following the teacher" : "waiting for the teacher";
  }

  /** Stand above what fills the window. */
  place() {
    const { element: bar } = this;
    const stage = document.querySelector("dialog.lnl-stage[open]");
    const parent = this.#room.role ? (stage ?? document.body) : null;
    if (bar.parentElement === parent) return;
    if (parent) parent.prepend(bar);
    else bar.remove();
    this.#makeRoom();
  }

  /** The page begins below it. */
  #makeRoom() {
    const { style, classList } = document.documentElement;
    const height = `${this.element.offsetHeight}px`;
    if (style.getPropertyValue("--lnl-class-height") === height) return;
    style.setProperty("--lnl-class-height", height);
    classList.toggle(IN_CLASS, this.element.isConnected);
    dispatchEvent(new Event("resize"));
  }
}
