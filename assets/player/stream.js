/** Brings frames: by websocket, by polling where that is blocked, or those of a recorded film as one file. */

import { idle, next } from "./connection.js";
import { decodeFrames, decodeMessage } from "./film.js";

/** A live server says something more often than this; silence means that the line is dead. */
const LONGEST_SILENCE = 20_000;
/** Nor does a socket take longer than this to open: a proxy may leave it hanging instead of refusing. */
const LONGEST_OPENING = 4_000;
/** Of this browser's page: sockets did not get through, so that nobody need try again. */
let areBlocked = false;

/**
 * @typedef {{socket?: string, poll?: string, film?: string}} Addresses relative to the page's
 * @typedef {import("./shows.js").Asking} Asking
 */

export class Stream {
  #addresses;
  #listener;
  #state;
  #socket = null;
  #fetching = null;
  #waiting = 0;
  #silence = 0;

  /**
   * @param {Addresses} addresses
   * @param {{
   *   asking: () => Asking,
   *   take: (frames: object[], status: object) => boolean,
   *   isWhole: () => boolean,
   *   phase: (phase: string) => void,
   * }} listener says what to ask for; takes frames in (false: refused because of a gap); says
   *   whether it waits for no more; is told how the connection is
   */
  constructor(addresses, listener) {
    this.#addresses = addresses;
    this.#listener = listener;
    this.#state = idle(addresses.film ? "film" : areBlocked ? "poll" : "socket");
    this.#dispatch({ type: "begin" });
  }

  /** Ask for what is wanted now, as soon as there is a connection. */
  ask() {
    this.#dispatch({ type: "ask" });
  }

  /** Tell the server that its last message was drawn, upon which it sends the next. */
  drawn() {
    this.#say({ drawn: true });
  }

  /** Stop for good. */
  close() {
    this.#state = { ...this.#state, phase: "finished" };
    this.#hangUp();
  }

  #dispatch(event) {
    const [state, command] = next(this.#state, event);
    this.#state = state;
    areBlocked ||= state.mode === "poll";
    this.#listener.phase(state.phase);
    if (command.type === "connect") this.#connect();
    if (command.type === "ask") this.#say(this.#listener.asking());
    if (command.type === "fetch") this.#fetch();
    if (command.type === "hangUp") this.#hangUp();
    if (command.type === "wait") {
      clearTimeout(this.#waiting);
      this.#waiting = setTimeout(() => this.#dispatch({ type: "due" }), command.ms);
    }
  }

  /** Where nothing but polling works, it does without. */
  #say(words) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(words));
  }

  #connect() {
    const url = new URL(this.#addresses.socket, document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#listen();
      this.#dispatch({ type: "opened" });
    };
    socket.onmessage = ({ data }) => {
      this.#listen();
      this.#receive(decodeMessage(data));
    };
    socket.onclose = () => this.#lose();
    this.#socket = socket;
    this.#listen(LONGEST_OPENING);
  }

  async #fetch() {
    clearTimeout(this.#waiting);
    this.#fetching?.abort();
    this.#fetching = new AbortController();
    const { signal } = this.#fetching;
    const { film, poll } = this.#addresses;
    const asking = film ? null : this.#listener.asking();
    const address = film ?? `${poll}?${pollQuery(asking)}`;
    try {
      const response = await fetch(new URL(address, document.baseURI), { signal });
      if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
      const bytes = await response.arrayBuffer();
      if (film) this.#receive({ status: { from: 0, state: "done" }, frames: decodeFrames(bytes) });
      else {
        const { status, frames } = decodeMessage(bytes);
        this.#receive({ status: { ...status, id: asking.id }, frames });
      }
    } catch (error) {
      if (signal.aborted) return;
      console.warn("frames could not be fetched:", error);
      this.#lose();
    }
  }

  #receive({ status, frames }) {
    const fetching = this.#fetching;
    if (!this.#listener.take(frames, status)) return this.#lose();
    if (this.#fetching !== fetching) return; // what is wanted now has been asked for
    const last = this.#listener.isWhole() || status.state === "failed";
    this.#dispatch({ type: "message", last });
  }

  #lose() {
    this.#hangUp();
    this.#dispatch({ type: "lost" });
  }

  #hangUp() {
    clearTimeout(this.#waiting);
    clearTimeout(this.#silence);
    this.#fetching?.abort();
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close(1000);
    this.#socket = null;
  }

  #listen(longest = LONGEST_SILENCE) {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lose(), longest);
  }
}

/** @param {Asking} asking */
const pollQuery = ({ show, from, strict, rest = false }) => {
  const said = { from: String(from), strict: String(strict), rest: String(rest) };
  return String(new URLSearchParams({ ...show, ...said }));
};
