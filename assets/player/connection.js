/**
 * The policy of the connection as a pure state machine: what happened in, what to do next out.
 * `stream.js` and `line.js` carry it out.
 *
 * A socket that fails twice before it ever opened is taken to be blocked (by a proxy, say), and
 * the same messages are polled for instead. Every other loss is retried forever.
 */

const BACK_OFF = [500, 1000, 2000, 4000, 5000];
const POLL_INTERVAL = 150;

/**
 * @typedef {{
 *   mode: "socket"|"poll"|"film", phase: "idle"|"connecting"|"open"|"lost"|"finished",
 *   opened: boolean, failures: number,
 * }} State
 * @typedef {{type: "begin"|"opened"|"due"|"lost"|"ask"|"message", last?: boolean}} Event
 *   `begin` at the start; `opened`: the socket opened; `message`: a message was taken in, after
 *   which nothing comes of itself if it was the `last`; `ask`: something else is wanted;
 *   `lost`: closed, failed, silent, or not what was asked for; `due`: a wait is over
 * @typedef {{type: "connect"|"fetch"|"ask"|"hangUp"|"nothing"} | {type: "wait", ms: number}} Command
 */

/**
 * @param {"socket"|"poll"|"film"} mode
 * @returns {State}
 */
export const idle = (mode) => ({ mode, phase: "idle", opened: false, failures: 0 });

/**
 * @param {State} state
 * @param {Event} event
 * @returns {[State, Command]}
 */
export function next(state, event) {
  if (state.phase === "finished") return [state, NOTHING];
  return REACTIONS[event.type](state, event);
}

/** @type {Command} */
const NOTHING = { type: "nothing" };

/** @type {Object<string, (state: State, event: Event) => [State, Command]>} */
const REACTIONS = {
  begin: (state) => [{ ...state, phase: "connecting" }, attempt(state.mode)],

  // Between two polls the connection counts as open.
  due: (state) => [
    state.phase === "open" ? state : { ...state, phase: "connecting" },
    attempt(state.mode),
  ],

  // Failures are forgotten at the first message: a server that accepts and hangs up is not well.
  opened: (state) => [{ ...state, phase: "open", opened: true }, { type: "ask" }],

  // A connection that is not open asks when it is.
  ask: (state) => {
    if (state.mode === "poll" && state.phase !== "lost") return [state, { type: "fetch" }];
    return [state, state.phase === "open" ? { type: "ask" } : NOTHING];
  },

  message: (state, { last }) => {
    if (last && state.mode === "film") return [{ ...state, phase: "finished" }, { type: "hangUp" }];
    /** @type {State} */
    const open = { ...state, phase: "open", failures: 0 };
    return [open, state.mode === "poll" && !last ? { type: "wait", ms: POLL_INTERVAL } : NOTHING];
  },

  lost: (state) => {
    const failures = state.failures + 1;
    if (state.mode === "socket" && !state.opened && failures === 2) {
      return [{ ...state, mode: "poll", phase: "connecting", failures: 0 }, attempt("poll")];
    }
    const ms = BACK_OFF[Math.min(failures, BACK_OFF.length) - 1];
    return [
      { ...state, phase: "lost", failures },
      { type: "wait", ms },
    ];
  },
};

/** @returns {Command} */
const attempt = (mode) => ({ type: mode === "socket" ? "connect" : "fetch" });
