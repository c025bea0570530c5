"""A server of runs that count, and how tests ask it and read what it sends."""

import json
import struct
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager

from starlette.applications import Starlette
from starlette.testclient import TestClient

from ln_core.runs.crew import Processes
from ln_core.runs.frame import unpack
from ln_core.runs.hub import Hub
from ln_core.runs.stream import Stream
from ln_core.saved.route import SavePage
from tests.core.fake_film import COUNT


@contextmanager
def serving(base):
    """Serve a hub below a base path."""
    hub = Hub({"count": COUNT}, Processes(lambda: ThreadPoolExecutor(max_workers=1), 1))

    @asynccontextmanager
    async def lifespan(app):
        async with hub.running():
            yield

    routes = [*Stream(hub).routes(base), *SavePage(hub).routes(base)]
    with TestClient(Starlette(routes=routes, lifespan=lifespan)) as client:
        client.hub = hub
        yield client


def read(message):
    (size,) = struct.unpack_from("<I", message)
    return json.loads(message[4 : 4 + size]), unpack(message[4 + size :])


def show(socket, *, first=0, strict=False, id=1, **query):
    """Ask for a run, as a player does."""
    texts = {name: str(value) for name, value in query.items()}
    socket.send_text(json.dumps({"show": texts, "from": first, "strict": strict, "id": id}))


def drawn(socket):
    socket.send_text('{"drawn": true}')


def receive_until_frames(socket):
    """The messages up to the first that brings frames."""
    statuses = []
    while True:
        status, frames = read(socket.receive_bytes())
        statuses.append(status)
        if frames:
            return statuses, frames
        drawn(socket)
