"""The stream: what players receive, over a websocket and by polling."""

import json
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from ln_core.runs import stream as stream_module
from ln_core.runs.frame import unpack
from ln_core.runs.hub import Hub
from ln_core.runs.stream import NOT_FOUND, REFUSED, Stream
from tests.core.fake_film import COUNT, CountConfig, frames_of


@pytest.fixture
def client():
    hub = Hub({"count": COUNT}, lambda: ThreadPoolExecutor(max_workers=1), workers=1)

    @asynccontextmanager
    async def lifespan(app):
        async with hub.running():
            yield

    with TestClient(Starlette(routes=Stream(hub).routes("/lab"), lifespan=lifespan)) as client:
        yield client


def read(message):
    (size,) = struct.unpack_from("<I", message)
    return json.loads(message[4 : 4 + size]), unpack(message[4 + size :])


def receive_film(socket):
    frames = []
    while True:
        status, more = read(socket.receive_bytes())
        assert status["from"] == len(frames)
        frames += more
        socket.send_text("ack")
        if status["state"] in ("done", "failed"):
            with pytest.raises(WebSocketDisconnect):  # nothing follows, and the server closes
                socket.receive_bytes()
            return frames, status


def steps(frames):
    return [frame.step for frame in frames]


def test_a_player_receives_the_whole_film_over_a_websocket(client):
    with client.websocket_connect("/lab/live/count?length=50&seed=3") as socket:
        frames, status = receive_film(socket)
    assert status["state"] == "done"
    assert steps(frames) == steps(frames_of(CountConfig(length=50, seed=3))[0])


def test_a_player_resumes_after_a_break(client):
    with client.websocket_connect("/lab/live/count?length=50&from=30") as socket:
        status, frames = read(socket.receive_bytes())
        while not frames:
            socket.send_text("ack")
            status, frames = read(socket.receive_bytes())
    assert status["from"] == 30
    assert frames[0].step == 300


def test_a_message_waits_until_the_last_one_was_drawn(client):
    with client.websocket_connect("/lab/live/count?length=200&pause_ms=2") as socket:
        socket.receive_bytes()
        time.sleep(0.5)  # nothing is sent meanwhile: what has gathered comes in one message
        socket.send_text("ack")
        _, more = read(socket.receive_bytes())
    assert len(more) > 50


def test_polling_gives_the_same_frames(client):
    frames = []
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        answer = client.get(f"/lab/frames/count?length=50&seed=3&from={len(frames)}")
        assert answer.headers["cache-control"] == "no-store"
        status, more = read(answer.content)
        frames += more
        if status["state"] == "done" and len(frames) == 50:
            break
    assert steps(frames) == steps(frames_of(CountConfig(length=50, seed=3))[0])


def test_a_film_is_done_for_a_player_only_with_its_last_frame(client, monkeypatch):
    monkeypatch.setattr(stream_module, "MESSAGE_BYTES", 1000)
    while read(client.get("/lab/frames/count?length=50&from=50").content)[0]["state"] != "done":
        time.sleep(0.01)
    first = 0
    while first < 50:
        status, frames = read(client.get(f"/lab/frames/count?length=50&from={first}").content)
        first += len(frames)
        assert (status["state"] == "done") == (first == 50)


def test_a_failed_run_tells_its_reason(client):
    with client.websocket_connect("/lab/live/count?fails=on") as socket:
        _, status = receive_film(socket)
    assert status["state"] == "failed"
    assert "five is too many" in status["error"]


def test_other_sites_are_refused(client):
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        client.websocket_connect(
            "/lab/live/count", headers={"origin": "http://elsewhere.example"}
        ) as socket,
    ):
        socket.receive_bytes()
    assert refused.value.code == REFUSED


@pytest.mark.parametrize(
    "address", ["nothing", "count?length=0", "count?length=nan", "count?lenght=5", "count?from=x"]
)
def test_an_address_that_names_no_run_is_refused(client, address):
    assert client.get(f"/lab/frames/{address}").status_code == 404
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        client.websocket_connect(f"/lab/live/{address}") as socket,
    ):
        socket.receive_bytes()
    assert refused.value.code == NOT_FOUND


def test_a_player_that_leaves_is_forgotten(client):
    with client.websocket_connect("/lab/live/count?length=5000&pause_ms=1") as socket:
        socket.receive_bytes()
    assert client.get("/lab/frames/count?length=3").status_code == 200
