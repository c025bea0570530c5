"""The route through which pages hold a class and take part in it: a websocket, or polls.

A page says first who it is, as JSON: `{"teach": {}}` to have a new class, `{"teach": {"code",
"secret"}}` to go on with its own, `{"join": {"code"}}` or `{"join": {"code", "token"}}`. It is told
what there is, as an object of parts (`ln_core/rooms/room.py`), and then each part that changes. Who
is not let in is told `{"refused": kind, "said": words}`. A teacher's page goes on with `{"show":
{"page", "recording", "query", "view"}}`, `{"pause": true}`, `{"ask": stop}`, `{"reveal": stop}` or
`{"end": true}`, a member's with `{"answer": {"stop", "option"}}`. A poll brings `{"hello": ...,
"says": [...]}`, and is answered with all parts.
"""

import asyncio
import contextlib
import json
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from ln_core.rooms.messages import LONGEST
from ln_core.rooms.registry import Registry, Seat
from ln_core.rooms.room import Parts, RefusalError
from ln_core.runs.stream import LEASE_RENEWAL, same_origin

HELLO = 10.0  # seconds in which a page says who it is
NOBODY = "hello", "That is nothing that a page says."


class Classroom:
    """The routes through which pages reach the rooms of a registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def routes(self, base: str = "") -> list[BaseRoute]:
        """List the routes, below the server's base path."""
        return [
            WebSocketRoute(f"{base}/room", self.room),
            Route(f"{base}/room", self.poll, methods=["POST"]),
        ]

    async def room(self, websocket: WebSocket) -> None:
        """Seat a page, and tell it all news for as long as it is there."""
        if not same_origin(websocket):
            await websocket.close()
            return
        await websocket.accept()
        with contextlib.suppress(WebSocketDisconnect, TimeoutError):
            try:
                hello = await asyncio.wait_for(_hear(websocket), HELLO)
                await _attend(websocket, self._seat(websocket, hello))
            except RefusalError as refusal:
                await asyncio.sleep(refusal.delay)
                await websocket.send_json(_refused(refusal))
            await websocket.close()

    async def poll(self, request: Request) -> Response:
        """Hear what a page says, and tell it all there is."""
        if not same_origin(request):
            return PlainTextResponse("Only the app's own pages may ask.", status_code=403)
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST:
                return PlainTextResponse("That is too long.", status_code=413)
        try:
            return JSONResponse(self._answer(request, _read(body)))
        except RefusalError as refusal:
            await asyncio.sleep(refusal.delay)
            return JSONResponse(_refused(refusal))

    def _answer(self, request: Request, asked: Any) -> Parts:  # noqa: ANN401
        match asked:
            case {"hello": hello, "says": [*says]}:
                seat = self._seat(request, hello)
                for words in says:
                    seat.hear(words)
                return seat.parts()
        raise RefusalError(*NOBODY)

    def _seat(self, connection: HTTPConnection, hello: Any) -> Seat:  # noqa: ANN401
        """Give a page its place.

        Raises: RefusalError if it gets none.
        """
        address = connection.client.host if connection.client else ""
        match hello:
            case {"teach": {"code": str(code), "secret": str(secret)}}:
                return self._registry.teach(address, code, secret)
            case {"teach": {}}:
                return self._registry.teach(address)
            case {"join": {"code": str(code), **more}}:
                return self._registry.join(address, code, str(more.get("token") or ""))
        raise RefusalError(*NOBODY)


async def _attend(websocket: WebSocket, seat: Seat) -> None:
    """Hear what a page says, and tell it what changes, until it leaves or is sent away.

    Raises: RefusalError if it is sent away, WebSocketDisconnect if it leaves.
    """
    news = asyncio.Event()
    seat.room.watchers.add(news.set)
    tasks = [
        asyncio.create_task(_tell(websocket, seat, news)),
        asyncio.create_task(_hear_all(websocket, seat)),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        seat.room.watchers.discard(news.set)
        seat.leave()


async def _hear_all(websocket: WebSocket, seat: Seat) -> None:
    while True:
        seat.hear(await _hear(websocket))


async def _tell(websocket: WebSocket, seat: Seat, news: asyncio.Event) -> None:
    """Send the parts that have changed; a sign of life where nothing has for a while."""
    told: Parts = {}
    while not told.get("over"):
        news.clear()
        parts = seat.parts()
        await websocket.send_json(
            {name: part for name, part in parts.items() if name not in told or told[name] != part}
        )
        told = parts
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(news.wait(), LEASE_RENEWAL)
        seat.stay()


async def _hear(websocket: WebSocket) -> Any:  # noqa: ANN401
    """Give what a page says next, as JSON; of what cannot be read, nothing.

    Raises: WebSocketDisconnect if it has left.
    """
    heard = await websocket.receive()
    if heard["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(heard["code"])
    return _read(heard.get("text") or "")


def _read(text: str | bytes) -> Any:  # noqa: ANN401
    if len(text) > LONGEST:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _refused(refusal: RefusalError) -> Parts:
    return {"refused": refusal.kind, "said": str(refusal)}
