/** Brings the frames of a source: by websocket, by polling where that is blocked, or as one file. */

import { idle, next } from "./connection.js";
import { decodeFrames, decodeMessage } from "./film.js";

/** A live server says something more often than this; silence means that the line is dead. */
const LONGEST_SILENCE = 20_000;

export class Stream {
  #source;
  #listener;
  #state;
  #socket = null;
  #fetching = null;
  #waiting = 0;
  #silence = 0;

  /**
   * @param {() => import("./source.js").Urls} source gives the URLs
   * @param {{
   *   held: () => number, total: () => number,
   *   take: (from: number, frames: object[], status: object) => boolean,
   *   phase: (phase: string) => void,
   * }} listener how many frames it holds and expects; takes frames in (false: refused because of
   *   a gap); is told how the connection is
   */
  constructor(source, listener) {
    this.#source = source;
    this.#listener = listener;
    this.#state = idle(source().film ? "film" : "socket");
    this.#dispatch({ type: "begin" });
  }

  /**
   * Tell the server that its last message was "drawn", upon which it sends the next, and of a
   * picture its turn and its query; or, after a turn, the query that the page will ask for "next".
   * Where nothing but polling works, it does without.
   * @param {...(string|number)} words
   */
  say(...words) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(words.join(" "));
  }

  /** Stop for good. */
  close() {
    this.#state = { ...this.#state, phase: "finished" };
    this.#hangUp();
  }

  #dispatch(event) {
    const [state, command] = next(this.#state, event);
    this.#state = state;
    this.#listener.phase(state.phase);
    if (command.type === "connect") this.#connect();
    if (command.type === "fetch") this.#fetch();
    if (command.type === "hangUp") this.#hangUp();
    if (command.type === "wait") {
      clearTimeout(this.#waiting);
      this.#waiting = setTimeout(() => this.#dispatch({ type: "due" }), command.ms);
    }
  }

  #connect() {
    const url = new URL(this.#resuming(this.#source().live), location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#dispatch({ type: "opened" });
    socket.onmessage = ({ data }) => {
      this.#listen();
      this.#receive(decodeMessage(data));
    };
    socket.onclose = () => this.#lose();
    this.#socket = socket;
    this.#listen();
  }

  async #fetch() {
    this.#fetching = new AbortController();
    const { signal } = this.#fetching;
    const { film, poll } = this.#source();
    try {
      const response = await fetch(film ?? this.#resuming(poll), { signal });
      if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
      const bytes = await response.arrayBuffer();
      const whole = film && { status: { from: 0, state: "done" }, frames: decodeFrames(bytes) };
      this.#receive(whole || decodeMessage(bytes));
    } catch (error) {
      if (signal.aborted) return;
      console.warn("frames could not be fetched:", error);
      this.#lose();
    }
  }

  #receive({ status, frames }) {
    if (!this.#listener.take(status.from, frames, status)) return this.#lose();
    const all = !frames.length || this.#listener.held() >= this.#listener.total();
    const whole = status.state === "done" && (all || this.#source().film);
    // Where pictures come in turn, there may always be another one.
    const last = status.turn === undefined && (status.state === "failed" || whole);
    this.#dispatch({ type: "message", last: Boolean(last) });
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

  #listen() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lose(), LONGEST_SILENCE);
  }

  #resuming(url) {
    return `${url}${url.includes("?") ? "&" : "?"}from=${this.#listener.held()}`;
  }
}
