"""The stream: frames of a run to a player, over a websocket, or polled over HTTP.

Both send the same message: u32 size of the status, the status as JSON, then packed frames.
"""

import asyncio
import contextlib
import json
import struct
from urllib.parse import urlsplit

import anyio
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from ln_core.runs.config import ConfigError, from_query
from ln_core.runs.experiment import Experiment, FilmConfig
from ln_core.runs.hub import Hub, Run

MESSAGE_BYTES = 256 << 10  # small enough to decode without a stutter
FASTEST = 0.05  # seconds between two messages to one player
LEASE_RENEWAL = 5.0  # seconds; well below the hub's lease
NOT_FOUND, REFUSED = 4404, 4403  # websocket close codes


def message(run: Run, first: int) -> tuple[bytes, int]:
    """Write one message with the frames from `first` on; also give the next index."""
    frames = run.log.read(first, MESSAGE_BYTES)
    # A film is done for a player when it has the last frame, not when the server has it.
    sent_all = first + len(frames) >= run.log.total
    state = "training" if run.state == "done" and not sent_all else run.state
    status = json.dumps(
        {"from": first, "state": state, "error": run.error, "rate": run.rate}
    ).encode()
    status += b" " * (-len(status) % 4)
    return struct.pack("<I", len(status)) + status + b"".join(frames), first + len(frames)


class Stream:
    """The routes through which players reach a hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def routes(self, base: str = "") -> list[BaseRoute]:
        """List the routes, below the server's base path."""
        return [
            WebSocketRoute(f"{base}/live/{{experiment}}", self.live),
            Route(f"{base}/frames/{{experiment}}", self.frames),
        ]

    async def frames(self, request: Request) -> Response:
        """Answer one poll with what is there now."""
        try:
            experiment, config, first = self._asked(request)
        except (ConfigError, KeyError, ValueError) as error:
            return PlainTextResponse(str(error), status_code=404)
        run = await self._hub.watch(experiment, config)
        body, _ = message(run, first)
        return Response(
            body, media_type="application/octet-stream", headers={"Cache-Control": "no-store"}
        )

    async def live(self, websocket: WebSocket) -> None:
        """Send frames as they come; each message waits until the last one has been drawn."""
        if not same_origin(websocket):
            await websocket.close(REFUSED)
            return
        try:
            experiment, config, first = self._asked(websocket)
        except (ConfigError, KeyError, ValueError):
            await websocket.close(NOT_FOUND)
            return
        await websocket.accept()
        acks: asyncio.Queue[str] = asyncio.Queue()
        async with anyio.create_task_group() as tasks:

            async def send() -> None:
                with contextlib.suppress(WebSocketDisconnect):
                    await self._send(websocket, acks, experiment, config, first)
                tasks.cancel_scope.cancel()

            tasks.start_soon(send)
            await _listen(websocket, acks)
            tasks.cancel_scope.cancel()

    async def _send(
        self,
        websocket: WebSocket,
        acks: asyncio.Queue[str],
        experiment: Experiment,
        config: FilmConfig,
        first: int,
    ) -> None:
        told = None  # the last state that the player knows
        while told not in ("done", "failed"):
            run = await self._hub.watch(experiment, config)
            changed = run.log.changed
            body, after = message(run, first)
            if after == first and run.state == told:
                try:
                    await asyncio.wait_for(changed.wait(), LEASE_RENEWAL)
                except TimeoutError:
                    await websocket.send_bytes(body)  # a sign of life
                    await acks.get()
                continue
            told = run.state if after == len(run.log.frames) or run.state == "failed" else None
            await websocket.send_bytes(body)
            first = after
            await asyncio.gather(acks.get(), asyncio.sleep(FASTEST))
        await websocket.close()

    def _asked(self, connection: HTTPConnection) -> tuple[Experiment, FilmConfig, int]:
        query = dict(connection.query_params)
        first = int(query.pop("from", "0"))
        experiment = self._hub.experiments[connection.path_params["experiment"]]
        config, problems = from_query(experiment.config, query)
        if problems:
            raise problems[0]
        return experiment, config, max(0, first)


async def _listen(websocket: WebSocket, acks: asyncio.Queue[str]) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            acks.put_nowait(await websocket.receive_text())


def same_origin(connection: HTTPConnection) -> bool:
    """Whether a browser's request comes from a page of this very server.

    Browsers do not keep other sites from opening websockets; only the server can refuse them.
    """
    origin = connection.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == connection.headers.get("host")
