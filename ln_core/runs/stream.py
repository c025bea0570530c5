"""The stream: frames of runs to a player, over a websocket, or polled over HTTP.

A player says what is to be shown, as JSON: `{"show": query, "from": n, "strict": bool, "id": n}`;
what it asked for last is what it gets. `{"drawn": true}` says that the last message is on screen.
With `"rest": true` nothing is trained for it, and it is sent nothing but signs of life ("paused").
It is sent messages: u32 size of the status, the status as JSON, then packed frames. The status
tells which frame comes first (`from`), the `state` of the run, its `error` and `rate`, and the
`id` of what was asked for. The first answer to that also has the canonical `query`, `total`
(the length of the film), `problems` (values that were refused), and the `figure` where the player
does not have it yet. A strict player gets nothing but the problems where there are any (state
"refused"): what it was shown before goes on. For others refused values give way to defaults.
"""

import asyncio
import contextlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import anyio
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from ln_core.runs.config import from_query, to_query
from ln_core.runs.experiment import Experiment, FilmConfig
from ln_core.runs.hub import Hub, HubFullError, Run
from ln_core.runs.schema import problem

MESSAGE_BYTES = 256 << 10  # small enough to decode without a stutter
FASTEST = 0.05  # seconds between two messages of one film to one player
SOON = 0.15  # seconds in which most first frames are made; a player need not hear of a run before
LONGEST_WORDS = 100_000  # characters that a player may say at a time
LEASE_RENEWAL = 5.0  # seconds; well below the hub's lease
Fields = Mapping[str, object]  # of a status, beside those that it always has
NO_FIELDS: Fields = {}
OVER = ("done", "failed")


def message(run: Run, first: int, more: Fields = NO_FIELDS) -> tuple[bytes, int]:
    """Write one message with the frames from `first` on; also give the next index.

    `more` goes into the status.
    """
    frames = run.log.read(first, MESSAGE_BYTES)
    # A film is done for a player when it has the last frame, not when the server has it.
    sent_all = first + len(frames) >= run.log.total
    state = "training" if run.state == "done" and not sent_all else run.state
    head = _status(first, state, error=run.trouble, rate=run.rate, more=more)
    return head + b"".join(frames), first + len(frames)


def failure(reason: str, more: Fields = NO_FIELDS) -> bytes:
    """Write the message to a player that gets no run."""
    return _status(0, "failed", error=reason, more=more)


def _status(
    first: int,
    state: str,
    *,
    error: str | None = None,
    rate: float | None = None,
    more: Fields = NO_FIELDS,
) -> bytes:
    fields = {"from": first, "state": state, "error": error, "rate": rate, **more}
    status = json.dumps(fields).encode()
    status += b" " * (-len(status) % 4)
    return struct.pack("<I", len(status)) + status


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """What a player asks for: a query, and how many frames of its film it holds already."""

    query: dict[str, str]
    first: int = 0
    strict: bool = False  # whether a refused value is refused, or gives way to its default
    rest: bool = False  # whether its training is to rest
    id: int = 0

    @classmethod
    def read(cls, words: Mapping[str, Any]) -> "Show":
        """Read what a player says.

        Raises: ValueError, TypeError, KeyError or AttributeError if that is nothing to show.
        """
        query = {str(name): str(text) for name, text in words["show"].items()}
        return cls(
            query=query,
            first=max(0, int(words.get("from", 0))),
            strict=bool(words.get("strict", False)),
            rest=bool(words.get("rest", False)),
            id=int(words.get("id", 0)),
        )


@dataclass(slots=True)
class _Showing:
    """What a player is being shown: a config, and how far its player is."""

    config: FilmConfig
    first: int
    rest: bool
    more: dict[str, object]  # to be told with the next message
    told: str | None = None  # the last state that the player knows
    id: dict[str, object] = field(init=False)

    def __post_init__(self) -> None:
        self.id = {"id": self.more["id"]}


def answer(experiment: Experiment, show: Show) -> tuple[FilmConfig, dict[str, object]]:
    """Give the config that a player asks for, and what it is to be told of that."""
    config, problems = from_query(experiment.config, show.query)
    return config, {
        "id": show.id,
        "query": to_query(config),
        "total": config.total,
        "problems": [problem(experiment.config, one) for one in problems],
    }


class Stream:
    """The routes through which players reach a hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def routes(self, base: str = "") -> list[BaseRoute]:
        """List the routes, below the server's base path."""
        return [
            WebSocketRoute(f"{base}/runs/{{experiment}}", self.runs),
            Route(f"{base}/frames/{{experiment}}", self.frames),
        ]

    async def frames(self, request: Request) -> Response:
        """Answer one poll with what is there: its query is a config's, with `from` and `strict`."""
        if not same_origin(request):
            return PlainTextResponse("Only the app's own pages may ask.", status_code=403)
        query = dict(request.query_params)
        try:
            experiment = self._experiment(request)
            first = max(0, int(query.pop("from", "0")))
            strict, rest = (query.pop(name, "") == "true" for name in ("strict", "rest"))
            show = Show(query=query, first=first, strict=strict, rest=rest)
            body = await self._poll(experiment, show)
        except (LookupError, ValueError) as error:
            body = failure(str(error))
        return Response(
            body, media_type="application/octet-stream", headers={"Cache-Control": "no-store"}
        )

    async def _poll(self, experiment: Experiment, show: Show) -> bytes:
        config, more = answer(experiment, show)
        if show.strict and more["problems"]:
            return _refusal(more)
        if show.rest:
            self._hub.rest(experiment, config)
            return _status(show.first, "paused", more=more)
        if not show.first:
            more["figure"] = experiment.draw(config)
        try:
            run = await self._hub.watch(experiment, config)
        except HubFullError as error:
            return failure(str(error), more)
        if run.state == "queued":
            await _any_of(run.log.changed, seconds=SOON)
        return message(run, show.first, more)[0]

    async def runs(self, websocket: WebSocket) -> None:
        """Show what a player asks for, one thing after the other, for as long as it is there."""
        if not same_origin(websocket):
            await websocket.close()
            return
        await websocket.accept()
        try:
            experiment = self._experiment(websocket)
        except LookupError as error:
            await websocket.send_bytes(failure(str(error)))
            await websocket.close()
            return
        viewer = Viewer(websocket, self._hub, experiment)
        async with anyio.create_task_group() as tasks:

            async def send() -> None:
                with contextlib.suppress(WebSocketDisconnect):
                    await viewer.send()

            tasks.start_soon(send)
            await viewer.listen()
            tasks.cancel_scope.cancel()

    def _experiment(self, connection: HTTPConnection) -> Experiment:
        name = connection.path_params["experiment"]
        if name not in self._hub.experiments:
            raise LookupError(f"There is no experiment {name!r}.")
        return self._hub.experiments[name]


class Viewer:
    """The server's end of one player's websocket."""

    def __init__(self, websocket: WebSocket, hub: Hub, experiment: Experiment) -> None:
        self._websocket, self._hub, self._experiment = websocket, hub, experiment
        self._show: Show | None = None  # asked for and not answered yet: the latest
        self._asked, self._drawn = asyncio.Event(), asyncio.Event()
        self._figure: dict[str, Any] | None = None  # that the player has

    async def listen(self) -> None:
        """Hear what is to be shown, and what was drawn; end when the player leaves."""
        while (heard := await self._websocket.receive())["type"] != "websocket.disconnect":
            try:
                words = json.loads((heard.get("text") or "")[:LONGEST_WORDS])
                if words.get("drawn"):
                    self._drawn.set()
                else:
                    self._show = Show.read(words)
                    self._asked.set()
            except (ValueError, TypeError, KeyError, AttributeError):
                continue  # nothing that a player of ours says

    async def send(self) -> None:
        """Answer what is asked for; between two questions what is shown goes on."""
        showing: _Showing | None = None
        while True:
            if showing is None:
                await self._asked.wait()
            elif showing.rest:
                await self._rest(showing)
            else:
                await self._go_on(showing)
            self._asked.clear()
            show, self._show = self._show, None
            if show is None:
                continue
            config, more = answer(self._experiment, show)
            if show.strict and more["problems"]:
                await self._websocket.send_bytes(_refusal(more))
            else:
                showing = _Showing(config, show.first, show.rest, more)

    async def _go_on(self, showing: _Showing) -> None:
        """Send frames as they come, each message once the last was drawn, until asked again."""
        try:
            run = await self._hub.watch(self._experiment, showing.config)
            if run.state == "queued" and showing.told is None:
                await _any_of(self._asked, run.log.changed, seconds=SOON)
            while not self._asked.is_set():
                # A run that is over need not be watched: it may make room for others.
                over = showing.told in OVER
                if not over:
                    run = await self._hub.watch(self._experiment, showing.config)
                changed = run.log.changed
                if len(run.log.frames) > showing.first or run.state != showing.told:
                    await self._send_news(run, showing)
                elif not await _any_of(self._asked, *(() if over else (changed,))):
                    # Nothing new, but a sign of life.
                    await self._websocket.send_bytes(
                        _status(showing.first, run.state, error=run.trouble, more=showing.id)
                    )
        except HubFullError as error:
            await self._websocket.send_bytes(failure(str(error), self._more(showing)))
            await self._asked.wait()

    async def _rest(self, showing: _Showing) -> None:
        """Have a run rest, with no more than signs of life, until asked again."""
        self._hub.rest(self._experiment, showing.config)
        while True:
            more = self._more(showing)
            await self._websocket.send_bytes(_status(showing.first, "paused", more=more))
            if await _any_of(self._asked):
                return

    async def _send_news(self, run: Run, showing: _Showing) -> None:
        """Send what the player does not have, and wait until it is drawn."""
        body, after = message(run, showing.first, self._more(showing))
        # A player that resumes may hold more than a restarted server has made again so far.
        all_sent = after >= len(run.log.frames) or run.error is not None
        showing.told, showing.first = run.state if all_sent else None, after
        self._drawn.clear()
        await self._websocket.send_bytes(body)
        if run.log.total > 1:
            await _any_of(self._asked, seconds=FASTEST)
        while not self._drawn.is_set() and not self._asked.is_set():
            await _any_of(self._asked, self._drawn)

    def _more(self, showing: _Showing) -> Fields:
        """Give what a message tells beside the frames: all there is to know, but only once."""
        more, showing.more = showing.more, showing.id
        if more is showing.id:
            return more
        figure = self._experiment.draw(showing.config)
        if figure == self._figure:
            return more
        self._figure = figure
        return {**more, "figure": figure}


def _refusal(more: Fields) -> bytes:
    """Write the message to a player that asked for what cannot be, and gets nothing else."""
    return _status(0, "refused", more={"id": more["id"], "problems": more["problems"]})


async def _any_of(*events: asyncio.Event, seconds: float | None = None) -> bool:
    """Wait until one of the events is set; False if that takes long: LEASE_RENEWAL, if not said."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        done, _ = await asyncio.wait(
            waits, timeout=seconds or LEASE_RENEWAL, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        for wait in waits:
            wait.cancel()
    return bool(done)


def same_origin(connection: HTTPConnection) -> bool:
    """Whether a browser's request comes from a page of this very server.

    Browsers let other sites open websockets and fetch images; only the server can refuse them.
    """
    if connection.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = connection.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == connection.headers.get("host")
