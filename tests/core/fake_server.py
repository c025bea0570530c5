"""A server of runs that count, and how tests read what it sends."""

import json
import struct
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from ln_core.runs.frame import unpack
from ln_core.runs.hub import Hub
from ln_core.runs.stream import Stream
from tests.core.fake_film import COUNT


@contextmanager
def serving(base, *, routes=(), middleware: Sequence[tuple[type, *tuple[object, ...]]] = ()):
    """Serve a hub below a base path; middleware comes with what it takes beside app and hub."""
    hub = Hub({"count": COUNT}, lambda: ThreadPoolExecutor(max_workers=1), workers=1)

    @asynccontextmanager
    async def lifespan(app):
        async with hub.running():
            yield

    app = Starlette(
        routes=[*routes, *Stream(hub).routes(base)],
        middleware=[Middleware(one, hub, *others) for one, *others in middleware],
        lifespan=lifespan,
    )
    with TestClient(app) as client:
        client.hub = hub
        yield client


def read(message):
    (size,) = struct.unpack_from("<I", message)
    return json.loads(message[4 : 4 + size]), unpack(message[4 + size :])


def receive_picture(socket):
    """The messages of one turn, from what is said at once to the picture."""
    statuses = []
    while True:
        status, frames = read(socket.receive_bytes())
        statuses.append(status)
        if frames:
            return statuses, frames
