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

from ln_core.runs import hub as hub_module
from ln_core.runs import stream as stream_module
from ln_core.runs.frame import unpack
from ln_core.runs.hub import Hub
from ln_core.runs.stream import Stream
from tests.core.fake_film import COUNT, CountConfig, frames_of


@pytest.fixture
def handlers(monkeypatch):
    """Count the streams that are open on the server."""
    running = []
    listen = stream_module._listen

    async def counted(websocket, drawn):
        running.append(websocket)
        try:
            await listen(websocket, drawn)
        finally:
            running.remove(websocket)

    monkeypatch.setattr(stream_module, "_listen", counted)
    return lambda: len(running)


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


def test_a_still_comes_with_the_first_message(client, monkeypatch):
    monkeypatch.setattr(stream_module, "SOON", 20)  # however slow the machine is
    with client.websocket_connect("/lab/live/count?length=1&seed=8") as socket:
        status, frames = read(socket.receive_bytes())
    assert (status["state"], len(frames)) == ("done", 1)


def test_a_run_that_has_no_frame_soon_says_so(client, monkeypatch):
    monkeypatch.setattr(stream_module, "SOON", 0)
    with client.websocket_connect("/lab/live/count?length=3&pause_ms=50") as socket:
        status, frames = read(socket.receive_bytes())
    assert (status["state"], frames) == ("queued", [])


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


@pytest.mark.parametrize(
    "headers", [{"origin": "http://elsewhere.example"}, {"sec-fetch-site": "cross-site"}]
)
def test_other_sites_are_refused(client, headers):
    assert client.get("/lab/frames/count", headers=headers).status_code == 403
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/lab/live/count", headers=headers) as socket,
    ):
        socket.receive_bytes()


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("nothing", "no experiment 'nothing'"),
        ("count?length=0", "length: got '0'"),
        ("count?length=nan", "length: got 'nan'"),
        ("count?lenght=5", "lenght"),
        ("count?from=x", "invalid literal"),
    ],
)
def test_an_address_that_names_no_run_is_refused_in_words(client, address, reason):
    status, frames = read(client.get(f"/lab/frames/{address}").content)
    assert (status["state"], frames) == ("failed", [])
    assert reason in status["error"]
    with client.websocket_connect(f"/lab/live/{address}") as socket:
        assert read(socket.receive_bytes())[0] == status
        with pytest.raises(WebSocketDisconnect):
            socket.receive_bytes()


def test_a_full_lab_is_told_to_the_player(client, monkeypatch):
    monkeypatch.setattr(hub_module, "WATCHED_RUNS", 0)
    status, _ = read(client.get("/lab/frames/count?length=7").content)
    assert status["state"] == "failed"
    assert "full" in status["error"]


def test_whatever_a_player_sends_only_says_that_it_has_drawn(client):
    with client.websocket_connect("/lab/live/count?length=300&pause_ms=2") as socket:
        socket.receive_bytes()
        socket.send_bytes(b"binary")
        assert read(socket.receive_bytes())[1]


def test_a_player_that_is_ahead_of_a_restarted_server_is_not_flooded(client):
    with client.websocket_connect("/lab/live/count?length=400&pause_ms=5&from=300") as socket:
        for _ in range(3):  # queued, training, and then nothing until there is something new
            status, frames = read(socket.receive_bytes())
            socket.send_text("drawn")
            if frames:
                break
        assert frames
        assert status["from"] == 300


def test_a_player_that_leaves_is_forgotten(client, handlers):
    with client.websocket_connect("/lab/live/count?length=5000&pause_ms=1") as socket:
        socket.receive_bytes()
        assert handlers() == 1
    deadline = time.monotonic() + 5
    while handlers() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert handlers() == 0
