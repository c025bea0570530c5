/** The transport bar: buttons, scrubber, counters. */

import { drawing, element, setText } from "./dom.js";
import { Forecast, clock } from "./forecast.js";
import { SPEEDS } from "./playback.js";

const ICONS = {
  start: '<path d="M6 5v14M19 5 9 12l10 7z"/>',
  back: '<path d="m15 6-7 6 7 6"/>',
  play: '<path d="M7 4.5 19 12 7 19.5z"/>',
  pause: '<path d="M7 5h3.2v14H7zM13.8 5H17v14h-3.2z"/>',
  forward: '<path d="m9 6 7 6-7 6"/>',
};
const SPEED_NAMES = new Map([
  [0.25, "¼×"],
  [0.5, "½×"],
]);

const icon = (name) => drawing("0 0 24 24", ICONS[name], `lnl-icon lnl-icon-${name}`);

export class Transport {
  #said = "";
  #forecast;

  /**
   * @param {{do: (command: string) => void, seek: (frame: number) => void,
   *   speed: (speed: number) => void, rest: (rests: boolean) => void}} actions
   */
  constructor(actions) {
    const button = (command, label, ...icons) => {
      const properties = { type: "button", class: "lnl-button", "aria-label": label, title: label };
      const onclick = () => actions.do(command);
      return element("button", { ...properties, onclick }, ...icons.map(icon));
    };
    this.play = button("toggle", "Play", "play", "pause");
    this.scrubber = element("input", {
      type: "range",
      class: "lnl-scrubber",
      min: 0,
      step: 1,
      "aria-label": "Moment of training",
      oninput: ({ target }) => actions.seek(Number(target.value)),
    });
    this.step = element("span");
    this.epoch = element("span", { class: "lnl-epoch" });
    this.state = element("span", { class: "lnl-state" });
    this.lost = element("span", { class: "lnl-lost", role: "status" });
    this.badge = element("span", { class: "lnl-badge" });
    const speedName = (value) => SPEED_NAMES.get(value) ?? `${value}×`;
    const speeds = SPEEDS.map((value) => element("option", { value }, speedName(value)));
    this.speed = element(
      "select",
      {
        class: "lnl-select lnl-speed",
        "aria-label": "Playback speed",
        title: "Playback speed",
        onchange: ({ target }) => actions.speed(Number(target.value)),
      },
      ...speeds,
    );
    this.live = element("span", { class: "lnl-unseen", role: "status" });
    this.#forecast = new Forecast();
    const wish = (label, rests) => {
      const onclick = () => actions.rest(rests);
      return element("button", { type: "button", class: "lnl-action", onclick }, label);
    };
    this.pause = wish("Pause training", true);
    this.goOn = wish("Go on", false);
    this.wishes = element("div", { class: "lnl-wishes" }, this.pause, this.goOn);
    const buttons = element(
      "div",
      { class: "lnl-buttons" },
      button("start", "Back to start", "start"),
      button("back", "One frame back", "back"),
      this.play,
      button("forward", "One frame on", "forward"),
    );
    const counters = element("div", { class: "lnl-counters" }, this.step, this.epoch, this.state);
    this.element = element(
      "div",
      { class: "lnl-transport", role: "group", "aria-label": "Playback", translate: false },
      buttons,
      this.scrubber,
      counters,
      this.wishes,
      this.speed,
      this.badge,
      this.lost,
      this.live,
    );
  }

  /**
   * @param {{frame: number, step: number, buffered: number, playing: boolean, waiting: boolean,
   *   speed: number, total: {frames: number, steps: number, steps_per_epoch: number, counts?: string},
   *   state: string, rate: number|null, label?: string, phase: string,
   *   rests: boolean}} now
   */
  update(now) {
    const { total } = now;
    const last = Math.max(1, total.frames - 1);
    this.scrubber.max = String(last);
    // A thumb that is being dragged belongs to the hand.
    if (Number(this.scrubber.value) !== now.frame) this.scrubber.value = String(now.frame);
    this.scrubber.style.setProperty("--lnl-played", String(now.frame / last));
    this.scrubber.style.setProperty("--lnl-buffered", String(Math.max(0, now.buffered - 1) / last));
    const { counts = "step" } = total;
    const words = `${counts} ${now.step} of ${total.steps}`;
    this.scrubber.setAttribute("aria-valuetext", words);
    setText(this.step, `${counts} ${now.step} / ${total.steps}`);
    // The counters never push their neighbours: room for their longest text is kept.
    this.step.style.minWidth = `${3 + counts.length + 2 * String(total.steps).length}ch`;
    const epochs = total.steps_per_epoch && (now.step / total.steps_per_epoch).toFixed(1);
    setText(this.epoch, epochs ? `epoch ${epochs}` : "");
    setText(this.state, counts === "step" ? stateText(now) : this.#progress(now));
    this.#offer(now);
    if (Number(this.speed.value) !== now.speed) this.speed.value = String(now.speed);
    setText(this.badge, now.label ?? "");
    const lost = now.phase === "lost" || now.phase === "connecting";
    setText(this.lost, lost ? (now.buffered ? "Reconnecting…" : "Connecting…") : "");
    this.play.classList.toggle("lnl-playing", now.playing);
    const action = now.playing ? "Pause" : "Play";
    if (this.play.title !== action) {
      this.play.title = action;
      this.play.setAttribute("aria-label", action);
    }
    if (!now.playing && now.buffered > 0 && words !== this.#said)
      setText(this.live, (this.#said = words));
  }

  /** How far a film of whole runs is, and how long it will take. */
  #progress({ state, buffered, total, rests }) {
    const trains = !rests && state === "training";
    const left = this.#forecast.left(buffered, total.frames, trains, performance.now());
    if (rests && state !== "done") return "paused";
    if (trains) return left === null ? "training" : `about ${clock(left)} left`;
    return stateText({ state, rate: null, waiting: true });
  }

  /** Training that takes minutes can be paused. */
  #offer({ total, state, rests }) {
    const isLong = (total.counts ?? "step") !== "step";
    this.wishes.hidden = !isLong || ["done", "failed", "loading"].includes(state);
    this.pause.hidden = rests;
    this.goOn.hidden = !rests;
  }
}

function stateText({ state, rate, waiting }) {
  if (state === "queued") return "queued";
  if (state === "waiting") return "waiting to train";
  if (state === "failed") return "stopped";
  const speed = rate ? `${Math.round(rate)} steps/s` : "";
  if (state === "done") return speed ? `trained, ${speed}` : "trained";
  if (state !== "training") return "";
  if (speed) return speed;
  return waiting ? "training" : "";
}
