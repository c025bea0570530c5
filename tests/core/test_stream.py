"""The stream: what players receive, over a websocket and by polling."""

import json
import time

import pytest
from starlette.websockets import WebSocketDisconnect

from ln_core.runs import hub as hub_module
from ln_core.runs import stream as stream_module
from ln_core.runs.config import to_query
from tests.core.fake_film import CountConfig, frames_of
from tests.core.fake_server import drawn, read, receive_until_frames, serving, show


@pytest.fixture
def handlers(monkeypatch):
    """Count the streams that are open on the server."""
    running = []
    listen = stream_module.Viewer.listen

    async def counted(viewer):
        running.append(viewer)
        try:
            await listen(viewer)
        finally:
            running.remove(viewer)

    monkeypatch.setattr(stream_module.Viewer, "listen", counted)
    return lambda: len(running)


@pytest.fixture
def client():
    with serving("/lab") as client:
        yield client


@pytest.fixture
def socket(client):
    with client.websocket_connect("/lab/runs/count") as socket:
        yield socket


@pytest.fixture
def hasty(monkeypatch):
    """A player hears of a run before it has frames."""
    monkeypatch.setattr(stream_module, "SOON", 0.001)


def receive_film(socket):
    frames = []
    while True:
        status, more = read(socket.receive_bytes())
        assert status["from"] == len(frames)
        frames += more
        drawn(socket)
        if status["state"] in ("done", "failed"):
            return frames, status


def steps(frames):
    return [frame.step for frame in frames]


def count(frames):
    return [float(frame.arrays["count"][0, 0]) for frame in frames]


def expected(**config):
    return count(frames_of(CountConfig(**config))[0])


def test_a_player_receives_the_whole_film_over_a_websocket(socket):
    show(socket, length=50, seed=3)
    frames, status = receive_film(socket)
    assert status["state"] == "done"
    assert count(frames) == expected(length=50, seed=3)


def test_the_first_answer_says_what_is_shown_and_the_others_only_which_it_is(socket):
    config = CountConfig(length=50, seed=3)
    show(socket, id=7, length=50, seed=3, pause_ms=0)
    first, frames = read(socket.receive_bytes())
    assert first["id"] == 7
    assert first["query"] == to_query(config)
    assert first["total"] == {
        "counts": "step",
        "frames": 50,
        "steps": config.steps,
        "moments": [10 * frame for frame in range(50)],
        "steps_per_epoch": config.steps_per_epoch,
    }
    assert first["figure"]["seed"] == 3
    assert first["problems"] == []
    while len(frames) < 50:
        drawn(socket)
        status, more = read(socket.receive_bytes())
        assert set(status) == {"from", "state", "error", "rate", "id"}
        frames += more


def test_a_player_resumes_after_a_break(socket):
    show(socket, length=50, first=30)
    (*_, status), frames = receive_until_frames(socket)
    assert status["from"] == 30
    assert frames[0].step == 300


def test_a_message_waits_until_the_last_one_was_drawn(client, socket):
    show(socket, length=200, pause_ms=2)
    _, first = read(socket.receive_bytes())
    with client.websocket_connect("/lab/runs/count") as other:
        show(other, length=200, pause_ms=2)
        receive_film(other)  # by then all is there, and comes in one message
    drawn(socket)
    _, more = read(socket.receive_bytes())
    assert len(first) + len(more) == 200


def test_a_picture_comes_with_the_first_message(socket, monkeypatch):
    monkeypatch.setattr(stream_module, "SOON", 20)  # however slow the machine is
    show(socket, length=1, seed=8)
    status, frames = read(socket.receive_bytes())
    assert (status["state"], len(frames)) == ("done", 1)


@pytest.mark.usefixtures("hasty")
def test_a_run_that_has_no_frame_soon_says_so(socket):
    show(socket, length=3, pause_ms=50)
    status, frames = read(socket.receive_bytes())
    assert (status["state"], frames) == ("queued", [])
    assert status["figure"]["seed"] == 0


def test_one_socket_shows_one_thing_after_the_other(socket):
    for id, (length, seed) in enumerate([(1, 3), (30, 4), (1, 5), (1, 3)]):
        show(socket, id=id, length=length, seed=seed)
        frames, status = receive_film(socket)
        assert status["id"] == id
        assert count(frames) == expected(length=length, seed=seed)


def test_a_figure_that_stays_the_same_is_not_sent_again(socket):
    show(socket, length=1, seed=3)
    assert receive_until_frames(socket)[0][0]["figure"]["seed"] == 3
    show(socket, id=2, length=1, seed=3, pause_ms=1)
    statuses, _ = receive_until_frames(socket)
    assert not [status for status in statuses if "figure" in status]
    show(socket, id=3, length=1, seed=4)
    assert receive_until_frames(socket)[0][0]["figure"]["seed"] == 4


@pytest.mark.usefixtures("hasty")
def test_what_was_asked_for_last_is_what_a_player_gets(socket):
    show(socket, id=1, length=400, pause_ms=20)
    socket.receive_bytes()
    show(socket, id=2, length=1, seed=6, pause_ms=300)
    show(socket, id=3, length=1, seed=7)
    ids = []
    while True:
        status, frames = read(socket.receive_bytes())
        ids.append(status["id"])
        if status["id"] == 3:  # nothing is drawn before
            drawn(socket)
            if frames:
                break
    assert ids == sorted(ids)
    assert count(frames) == expected(length=1, seed=7)


def test_a_link_that_asks_for_what_cannot_be_gets_defaults_and_the_reason(socket):
    show(socket, length=1, seed="x" * 500, color="red")
    (status, *_), frames = receive_until_frames(socket)
    assert status["query"] == to_query(CountConfig(length=1))
    assert count(frames) == expected(length=1)
    refused, unknown = status["problems"]
    assert refused["fields"] == ["seed"]
    assert refused["labels"] == ["Seed"]
    assert refused["allowed"] == "a whole number from 0 to 100"
    assert "xxx" in refused["received"]
    assert len(refused["received"]) <= 81
    assert (unknown["fields"], unknown["labels"]) == (["color"], [])


def test_a_gesture_that_cannot_be_is_refused_and_what_is_shown_goes_on(socket):
    show(socket, id=1, length=40, pause_ms=5)
    (*_, status), frames = receive_until_frames(socket)
    show(socket, id=2, strict=True, length=40, seed=1000)
    refused = []
    while len(frames) < 40:
        drawn(socket)
        status, more = read(socket.receive_bytes())
        if status["id"] == 2:
            refused.append(status)
            assert more == []
        frames += more
    assert count(frames) == expected(length=40, pause_ms=5)
    (status,) = refused
    assert status["state"] == "refused"
    assert status["problems"][0]["fields"] == ["seed"]
    assert "query" not in status


def test_a_gesture_that_can_be_is_shown(socket):
    show(socket, strict=True, length=1, seed=9)
    assert count(receive_until_frames(socket)[1]) == expected(length=1, seed=9)


@pytest.mark.parametrize("what", ["film", "picture"])
def test_who_has_everything_hears_signs_of_life_and_holds_no_run(client, monkeypatch, what):
    monkeypatch.setattr(stream_module, "LEASE_RENEWAL", 0.05)
    monkeypatch.setattr(hub_module, "LEASE_SECONDS", 0.05)
    monkeypatch.setattr(hub_module, "WATCHED_RUNS", 1)
    with client.websocket_connect("/lab/runs/count") as socket:
        show(socket, length={"film": 20, "picture": 1}[what])
        receive_film(socket)
        for _ in range(3):
            status, frames = read(socket.receive_bytes())
            assert (status["state"], status["id"], frames) == ("done", 1, [])
        with client.websocket_connect("/lab/runs/count") as other:
            show(other, length=2, seed=8)
            assert read(other.receive_bytes())[0]["state"] != "failed"


def test_a_run_that_rests_sends_signs_of_life_alone_until_it_is_to_go_on(socket, monkeypatch):
    monkeypatch.setattr(stream_module, "LEASE_RENEWAL", 0.05)
    query = to_query(CountConfig(length=60, pause_ms=5))
    show(socket, **query)
    held = receive_until_frames(socket)[1]
    socket.send_text(json.dumps({"show": query, "from": len(held), "rest": True, "id": 1}))
    while read(socket.receive_bytes())[0]["state"] != "paused":
        drawn(socket)  # what had been sent before
    for _ in range(3):
        status, frames = read(socket.receive_bytes())
        assert (status["state"], status["id"], frames) == ("paused", 1, [])
    show(socket, first=len(held), **query)
    while True:
        status, frames = read(socket.receive_bytes())
        held += frames if status["state"] != "paused" else []
        drawn(socket)
        if status["state"] == "done":
            break
    assert count(held) == expected(length=60)


def poll(client, address):
    return client.get(f"/lab/frames/{address}")


def test_polling_gives_the_same_frames(client):
    frames = []
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        answer = poll(client, f"count?length=50&seed=3&from={len(frames)}")
        assert answer.headers["cache-control"] == "no-store"
        status, more = read(answer.content)
        assert status["query"] == to_query(CountConfig(length=50, seed=3))
        assert ("figure" in status) == (not frames)
        frames += more
        if status["state"] == "done" and len(frames) == 50:
            break
    assert count(frames) == expected(length=50, seed=3)


def test_who_polls_is_refused_or_gets_defaults_as_over_a_socket(client):
    status, frames = read(poll(client, "count?length=1&seed=x").content)
    assert (status["query"], len(frames)) == (to_query(CountConfig(length=1)), 1)
    assert status["problems"][0]["fields"] == ["seed"]
    status, frames = read(poll(client, "count?length=1&rest=true").content)
    assert (status["state"], frames) == ("paused", [])
    status, frames = read(poll(client, "count?length=1&seed=x&strict=true").content)
    assert (status["state"], frames) == ("refused", [])
    assert status["problems"][0]["fields"] == ["seed"]


def test_a_film_is_done_for_a_player_only_with_its_last_frame(client, monkeypatch):
    monkeypatch.setattr(stream_module, "MESSAGE_BYTES", 1000)
    while read(poll(client, "count?length=50&from=50").content)[0]["state"] != "done":
        time.sleep(0.01)
    first = 0
    while first < 50:
        status, frames = read(poll(client, f"count?length=50&from={first}").content)
        first += len(frames)
        assert (status["state"] == "done") == (first == 50)


def test_a_failed_run_tells_its_reason_and_another_may_be_asked_for(socket):
    show(socket, fails="on")
    _, status = receive_film(socket)
    assert status["state"] == "failed"
    assert "five is too many" in status["error"]
    show(socket, id=2, length=1)
    assert receive_until_frames(socket)[1]


@pytest.mark.parametrize(
    "headers", [{"origin": "http://elsewhere.example"}, {"sec-fetch-site": "cross-site"}]
)
def test_other_sites_are_refused(client, headers):
    assert client.get("/lab/frames/count", headers=headers).status_code == 403
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/lab/runs/count", headers=headers) as socket,
    ):
        socket.receive_bytes()


def test_an_experiment_that_does_not_exist_is_refused_in_words(client):
    status, frames = read(poll(client, "nothing").content)
    assert (status["state"], frames) == ("failed", [])
    assert "no experiment 'nothing'" in status["error"]
    with client.websocket_connect("/lab/runs/nothing") as socket:
        assert read(socket.receive_bytes())[0] == status
        with pytest.raises(WebSocketDisconnect):
            socket.receive_bytes()


def test_a_poll_from_nowhere_is_refused_in_words(client):
    status, _ = read(poll(client, "count?from=x").content)
    assert status["state"] == "failed"


def test_a_full_lab_is_told_to_the_player_which_may_ask_again(client, socket, monkeypatch):
    monkeypatch.setattr(hub_module, "WATCHED_RUNS", 0)
    status, _ = read(poll(client, "count?length=7").content)
    assert status["state"] == "failed"
    assert "full" in status["error"]
    show(socket, length=1, seed=3)
    status, _ = read(socket.receive_bytes())
    assert "full" in status["error"]
    assert status["figure"]["seed"] == 3  # for the player to say it under
    monkeypatch.undo()
    show(socket, id=2, length=1, seed=3)
    assert receive_until_frames(socket)[1]


@pytest.mark.parametrize(
    "said",
    [
        "",
        "drawn",
        "[]",
        "{}",
        '{"show": 5}',
        '{"show": {}, "from": "x"}',
        '{"show": {}, "id": null}',
        json.dumps({"show": {"seed": 200_000 * "1"}}),
        b"\x00binary",
    ],
)
def test_what_no_player_says_is_not_heard(socket, said):
    (socket.send_bytes if isinstance(said, bytes) else socket.send_text)(said)
    show(socket, id=5, length=1, seed=3)
    statuses, _ = receive_until_frames(socket)
    assert {status["id"] for status in statuses} == {5}


def test_a_player_that_is_ahead_of_a_restarted_server_is_not_flooded(socket):
    show(socket, length=400, pause_ms=5, first=300)
    for _ in range(3):  # queued, training, and then nothing until there is something new
        status, frames = read(socket.receive_bytes())
        drawn(socket)
        if frames:
            break
    assert frames
    assert status["from"] == 300


def test_a_player_that_leaves_is_forgotten(client, handlers):
    with client.websocket_connect("/lab/runs/count") as socket:
        show(socket, length=5000, pause_ms=1)
        socket.receive_bytes()
        assert handlers() == 1
    deadline = time.monotonic() + 5
    while handlers() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert handlers() == 0
