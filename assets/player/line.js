/** The line to a class: words over a websocket, or by polls where sockets are blocked. */

import { idle, next } from "./connection.js";

/** A server that is there says something more often than this. */
const LONGEST_SILENCE = 20_000;
/** Milliseconds between two polls. */
const POLLED = 500;

/** Milliseconds, of which a class that lost its server does not come back all at once. */
const jittered = (ms) => ms * (0.5 + Math.random());

export class Line {
  #listener;
  #state = idle("socket");
  #socket = null;
  #timer = 0;
  #silence = 0;
  /** What is to be said with the next poll: of each kind the last. */
  #unsaid = new Map();

  /**
   * @param {{hello: () => object, take: (parts: object) => boolean, phase: () => void}} listener says
   *   who it is; takes in what is told (false: the line is to be tried again later); hears that
   *   `phase` is another one
   */
  constructor(listener) {
    this.#listener = listener;
    this.#dispatch({ type: "begin" });
  }

  /** @returns {boolean} whether words get through at the moment */
  get isOpen() {
    return this.#state.phase === "open";
  }

  /** Say something; what cannot be said now is not said later, for by then it may be wrong. */
  say(name, value) {
    if (this.#state.mode === "poll") this.#unsaid.set(name, value);
    else if (this.#socket?.readyState === WebSocket.OPEN) this.#send({ [name]: value });
  }

  /** Stop for good. */
  close() {
    this.#state = { ...this.#state, phase: "finished" };
    this.#hangUp();
  }

  #dispatch(event) {
    const before = this.isOpen;
    const [state, command] = next(this.#state, event);
    this.#state = state;
    if (command.type === "connect") this.#connect();
    if (command.type === "ask") this.#send(this.#listener.hello());
    if (command.type === "fetch") this.#poll();
    if (command.type === "wait") {
      const ms = state.phase === "lost" ? jittered(command.ms) : POLLED;
      this.#timer = setTimeout(() => this.#dispatch({ type: "due" }), ms);
    }
    if (before !== this.isOpen) this.#listener.phase();
  }

  #send(words) {
    this.#socket.send(JSON.stringify(words));
  }

  #connect() {
    const url = new URL("room", document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    socket.onopen = () => this.#dispatch({ type: "opened" });
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = () => this.#lose();
    this.#socket = socket;
    this.#listen();
  }

  async #poll() {
    const says = [...this.#unsaid].map(([name, value]) => ({ [name]: value }));
    this.#unsaid.clear();
    const body = JSON.stringify({ hello: this.#listener.hello(), says });
    try {
      const response = await fetch(new URL("room", document.baseURI), { method: "POST", body });
      if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
      this.#receive(await response.json());
    } catch (error) {
      console.warn("the class could not be reached:", error);
      this.#lose();
    }
  }

  #receive(parts) {
    if (this.#state.phase === "finished") return;
    this.#listen();
    if (this.#listener.take(parts)) this.#dispatch({ type: "message" });
    else this.#lose();
  }

  #listen() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lose(), LONGEST_SILENCE);
  }

  #lose() {
    this.#hangUp();
    this.#dispatch({ type: "lost" });
  }

  #hangUp() {
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close(1000);
    this.#socket = null;
  }
}
