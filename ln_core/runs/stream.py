"""The stream: frames of a run to a player, over a websocket, or polled over HTTP.

Both send the same message: u32 size of the status, the status as JSON, then packed frames.
"""

import asyncio
import contextlib
import json
import struct
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import anyio
from starlette.datastructures import QueryParams
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from ln_core.runs.config import from_query, to_text
from ln_core.runs.experiment import Experiment, FilmConfig
from ln_core.runs.hub import Hub, HubFullError, Run
from ln_core.runs.page import Drawn, Page

MESSAGE_BYTES = 256 << 10  # small enough to decode without a stutter
FASTEST = 0.05  # seconds between two messages to one player
PICTURE_SOON = 0.1  # seconds in which most pictures are made; a player need not hear of one before
SOON = 0.5  # seconds in which a still is made; a message before it would have to be drawn first
Fields = Mapping[str, object]  # of a status, beside those that it always has
NO_FIELDS: Fields = {}
Talk = Callable[[WebSocket, Drawn], Awaitable[None]]
LONGEST_WORDS = 8192  # characters that a player may say at a time
LEASE_RENEWAL = 5.0  # seconds; well below the hub's lease


def message(run: Run, first: int, more: Fields = NO_FIELDS) -> tuple[bytes, int]:
    """Write one message with the frames from `first` on; also give the next index.

    `more` goes into the status.
    """
    frames = run.log.read(first, MESSAGE_BYTES)
    # A film is done for a player when it has the last frame, not when the server has it.
    sent_all = first + len(frames) >= run.log.total
    state = "training" if run.state == "done" and not sent_all else run.state
    head = _status(first, state, error=run.error, rate=run.rate, more=more)
    return head + b"".join(frames), first + len(frames)


def refusal(reason: str, more: Fields = NO_FIELDS) -> bytes:
    """Write the message to a player that gets no run."""
    return _status(0, "failed", error=reason, more=more)


def _status(
    first: int,
    state: str,
    *,
    error: str | None,
    rate: float | None = None,
    more: Fields = NO_FIELDS,
) -> bytes:
    fields = {"from": first, "state": state, "error": error, "rate": rate, **more}
    status = json.dumps(fields).encode()
    status += b" " * (-len(status) % 4)
    return struct.pack("<I", len(status)) + status


class Stream:
    """The routes through which players reach a hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def routes(self, base: str = "") -> list[BaseRoute]:
        """List the routes, below the server's base path."""
        return [
            WebSocketRoute(f"{base}/live/{{experiment}}", self.live),
            WebSocketRoute(f"{base}/still/{{experiment}}", self.still),
            Route(f"{base}/frames/{{experiment}}", self.frames),
        ]

    async def frames(self, request: Request) -> Response:
        """Answer one poll with what is there now; a still brings its figure along."""
        if not same_origin(request):
            return PlainTextResponse("Only the app's own pages may ask.", status_code=403)
        more = {}
        try:
            experiment, config, first = self._asked(request)
            if config.frames == 1:
                more["figure"] = experiment.draw(config)
            body, _ = message(await self._wait_for_first(experiment, config), first, more)
        except (LookupError, ValueError, HubFullError) as error:
            body = refusal(str(error), more)
        return Response(
            body, media_type="application/octet-stream", headers={"Cache-Control": "no-store"}
        )

    async def live(self, websocket: WebSocket) -> None:
        """Send frames as they come; each message waits until the last one has been drawn."""
        await self._converse(websocket, self._send)

    async def still(self, websocket: WebSocket) -> None:
        """Send the picture that a page asks for, and each one that it asks for after that."""
        await self._converse(websocket, self._follow)

    async def _converse(self, websocket: WebSocket, talk: Talk) -> None:
        if not same_origin(websocket):
            await websocket.close()
            return
        await websocket.accept()
        drawn = Drawn()
        async with anyio.create_task_group() as tasks:

            async def send() -> None:
                with contextlib.suppress(WebSocketDisconnect):
                    await talk(websocket, drawn)
                tasks.cancel_scope.cancel()

            tasks.start_soon(send)
            await _listen(websocket, drawn)
            tasks.cancel_scope.cancel()

    async def _send(self, websocket: WebSocket, drawn: Drawn) -> None:
        try:
            await self._send_film(websocket, drawn, *self._asked(websocket))
        except (LookupError, ValueError, HubFullError) as error:
            await websocket.send_bytes(refusal(str(error)))
        await websocket.close()

    async def _send_film(
        self,
        websocket: WebSocket,
        drawn: Drawn,
        experiment: Experiment,
        config: FilmConfig,
        first: int,
    ) -> None:
        await self._wait_for_first(experiment, config)
        told = None  # the last state that the player knows
        while told not in ("done", "failed"):
            run = await self._hub.watch(experiment, config)
            changed = run.log.changed
            body, after = message(run, first)
            if after == first and run.state == told:
                try:
                    await asyncio.wait_for(changed.wait(), LEASE_RENEWAL)
                except TimeoutError:
                    pass  # nothing new, but a sign of life
                else:
                    continue
            # A player that resumes may hold more than a restarted server has made again so far.
            told = run.state if after >= len(run.log.frames) or run.error is not None else None
            drawn.clear()
            await websocket.send_bytes(body)
            first = after
            await asyncio.gather(drawn.wait(), asyncio.sleep(FASTEST))

    async def _follow(self, websocket: WebSocket, drawn: Drawn) -> None:
        key = (websocket.query_params.get("viewer", ""), websocket.path_params["experiment"])
        page = None
        try:
            experiment, config, turn = self._asked(websocket, "turn", "viewer", "from")
            page = Page(turn, config, drawn)
            if key[0]:  # without a name nobody could tell whose page it is
                self._hub.pages[key] = page
            drawn.foresee = partial(_foresee, page)
            while True:
                page.asked_again.clear()
                await self._show(websocket, experiment, page)
        except (LookupError, ValueError, HubFullError) as error:
            more = {} if page is None else {"figure": experiment.draw(page.config)}
            await websocket.send_bytes(refusal(str(error), more))
        finally:
            if page is not None:
                page.answered.set()  # nothing more is to come
                if self._hub.pages.get(key) is page:
                    del self._hub.pages[key]
        await websocket.close()

    async def _show(self, websocket: WebSocket, experiment: Experiment, page: Page) -> None:
        """Send what a page asks for as it comes, until the page asks for something else."""
        config = page.config
        asked: dict[str, object] = {"turn": page.turn, "query": to_text(config)}
        run = await self._hub.watch(experiment, config)
        if run.state == "queued" and page.figure is not None:  # there is a picture to look at
            await _any_of(page.asked_again, run.log.changed, seconds=PICTURE_SOON)
        if page.told == (config, run.state):  # the player has it, but not in this turn
            await websocket.send_bytes(_status(0, run.state, error=run.error, more=asked))
        while not page.asked_again.is_set():
            run = await self._hub.watch(experiment, config)
            changed, over = run.log.changed, run.state in ("done", "failed")
            if page.told != (config, run.state):
                page.told = (config, run.state)
                # A player keeps the figure that it has until there is something else to draw.
                keeps = page.figure is not None and run.state == "queued"
                more = asked if keeps else {**asked, **_new_figure(page, experiment.draw(config))}
                body, _ = message(run, 0, more)
                await websocket.send_bytes(body)
            # What is over need not be watched, but a player wants a sign of life.
            while not await _any_of(page.asked_again, *(() if over else (changed,))):
                await websocket.send_bytes(_status(0, run.state, error=run.error, more=asked))
                if not over:
                    break

    async def _wait_for_first(self, experiment: Experiment, config: FilmConfig) -> Run:
        """Give a new run a moment to make its first frame, which the first message then brings."""
        run = await self._hub.watch(experiment, config)
        if run.state == "queued":
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(run.log.changed.wait(), SOON)
        return run

    def _asked(
        self, connection: HTTPConnection, number: str = "from", *others: str
    ) -> tuple[Experiment, FilmConfig, int]:
        """Read which run is asked for, and a number; what else the address may hold is `others`."""
        query = dict(connection.query_params)
        first = int(query.pop(number, "0"))
        for other in others:
            query.pop(other, None)
        name = connection.path_params["experiment"]
        if name not in self._hub.experiments:
            raise LookupError(f"There is no experiment {name!r}.")
        experiment = self._hub.experiments[name]
        config, problems = from_query(experiment.config, query)
        if problems:
            raise problems[0]
        return experiment, config, max(0, first)


async def _listen(websocket: WebSocket, drawn: Drawn) -> None:
    """Hear that something was drawn, or what a page will ask for; end when the player leaves."""
    while (message := await websocket.receive())["type"] != "websocket.disconnect":
        said, *rest = (message.get("text") or "")[:LONGEST_WORDS].split(" ")
        turn, query = rest if len(rest) == 2 and rest[0].isdecimal() else ("0", "")
        if said == "next":
            drawn.foresee(int(turn[:9]), query)
            continue
        drawn.turn, drawn.query = int(turn[:9]), query
        drawn.set()


def _new_figure(page: Page, figure: dict[str, Any]) -> Fields:
    """Give a figure, unless the page's player has it."""
    if figure == page.figure:
        return NO_FIELDS
    page.figure = figure
    return {"figure": figure}


def _foresee(page: Page, turn: int, query: str) -> None:
    """Let a page show what its player foresees; nothing, where that cannot be."""
    config, problems = from_query(type(page.config), dict(QueryParams(query)))
    if not problems:
        page.foresee(turn, config)


async def _any_of(*events: asyncio.Event, seconds: float = LEASE_RENEWAL) -> bool:
    """Wait until one of the events is set; False if that takes long."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        done, _ = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
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
