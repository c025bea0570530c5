"""The stream: what players receive, over a websocket and by polling."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.websockets import WebSocketDisconnect

from ln_core.runs import hub as hub_module
from ln_core.runs import page as page_module
from ln_core.runs import stream as stream_module
from ln_core.runs.config import to_text
from ln_core.runs.hub import expect
from tests.core.fake_film import COUNT, CountConfig, frames_of
from tests.core.fake_server import read, receive_picture, serving


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
    with serving("/lab") as client:
        yield client


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


def test_a_still_brings_its_figure_along(client):
    status, frames = read(client.get("/lab/frames/count?length=1&seed=4").content)
    assert (status["state"], status["figure"], len(frames)) == ("done", {"seed": 4}, 1)
    assert "figure" not in read(client.get("/lab/frames/count?length=2").content)[0]


def ask(config, turn, viewer="me"):
    """Do what a page's script does, in a thread of its own."""
    with ThreadPoolExecutor(max_workers=1) as script:
        script.submit(expect, COUNT, config, viewer, turn)


@pytest.fixture
def hasty(monkeypatch):
    """No script waits for its picture."""
    monkeypatch.setattr(hub_module, "PICTURE_SECONDS", 0)


STILL = "/lab/still/count?viewer=me&turn=1&length=1&seed=3&from=0"


@pytest.mark.usefixtures("hasty")
def test_a_page_is_sent_every_picture_that_it_asks_for_without_asking_the_server(client):
    with client.websocket_connect(STILL) as socket:
        for turn, seed in ((1, 3), (2, 4), (5, 3)):
            config = CountConfig(length=1, seed=seed)
            if turn > 1:
                ask(config, turn)
            statuses, (frame,) = receive_picture(socket)
            assert {status["turn"] for status in statuses} == {turn}
            assert {status["query"] for status in statuses} == {to_text(config)}
            # Told once: with the picture, or before it if there was none.
            assert [told["figure"] for told in statuses if "figure" in told] == [{"seed": seed}]
            assert (frame.arrays["count"] == frames_of(config)[0][0].arrays["count"]).all()


@pytest.mark.usefixtures("hasty")
def test_a_figure_that_stays_the_same_is_not_sent_again(client):
    with client.websocket_connect(STILL) as socket:
        receive_picture(socket)
        ask(CountConfig(length=1, seed=3, pause_ms=1), 2)
        statuses, _ = receive_picture(socket)
    assert not [status for status in statuses if "figure" in status]


def test_a_script_goes_on_once_its_picture_is_drawn(client, monkeypatch):
    monkeypatch.setattr(hub_module, "PICTURE_SECONDS", 60)
    with (
        client.websocket_connect(STILL) as socket,
        ThreadPoolExecutor(max_workers=1) as script,
    ):
        receive_picture(socket)
        waiting = script.submit(expect, COUNT, CountConfig(length=1, seed=4), "me", 2)
        receive_picture(socket)
        # Nothing yet; the picture before; nonsense.
        for said in ("drawn", "drawn 1 seed=3", "drawn x seed=4", "x"):
            socket.send_text(said)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.1)
        socket.send_text("drawn 3 seed=4")  # a later one
        waiting.result(timeout=10)


def test_a_script_does_not_wait_long_for_its_picture_nor_for_a_page_that_is_not_there(
    client, monkeypatch
):
    monkeypatch.setattr(hub_module, "PICTURE_SECONDS", 0.01)
    with client.websocket_connect(STILL) as socket:
        receive_picture(socket)
        expect(COUNT, CountConfig(length=1, seed=4, pause_ms=1000), "me", 2)
    monkeypatch.setattr(hub_module, "PICTURE_SECONDS", 60)
    expect(COUNT, CountConfig(length=1, seed=5), "nobody", 2)


@pytest.mark.usefixtures("hasty")
def test_a_page_is_told_at_once_that_another_picture_is_coming(client):
    slow = CountConfig(length=1, seed=5, pause_ms=300)
    with client.websocket_connect(STILL) as socket:
        receive_picture(socket)
        ask(slow, 2)
        statuses, _ = receive_picture(socket)
    assert [status["state"] for status in statuses] == ["queued", "done"]
    assert "figure" not in statuses[0]  # what is on screen stays until there is something else


def test_a_page_that_has_nothing_to_show_yet_gets_its_figure_at_once(client):
    with client.websocket_connect(f"{STILL}&pause_ms=300") as socket:
        status, frames = read(socket.receive_bytes())
    assert (status["state"], status["figure"], frames) == ("queued", {"seed": 3}, [])


@pytest.mark.usefixtures("hasty")
def test_only_the_latest_picture_is_sent_and_only_to_the_page_that_asked(client):
    slow, last = (CountConfig(length=1, seed=6, pause_ms=pause) for pause in (300, 0))
    with client.websocket_connect(STILL) as socket:
        receive_picture(socket)
        ask(slow, 3)
        ask(CountConfig(length=1, seed=7), 4, viewer="you")
        ask(CountConfig(length=1, seed=7), 2)  # late
        ask(last, 5)
        statuses, _ = receive_picture(socket)
    assert {status["turn"] for status in statuses} <= {3, 5}
    assert (statuses[-1]["turn"], statuses[-1]["query"]) == (5, to_text(last))


def picture_of(socket, told):
    """The state, the turn and the config of the next message, and how many frames it brings."""
    status, frames = read(socket.receive_bytes())
    assert status["query"] == to_text(told)
    return status["state"], status["turn"], len(frames)


def foresee(socket, *configs):
    """Foresee pictures, one after the other; each comes at once, in the turn of the first."""
    for config in configs:
        socket.send_text(f"next 1 {to_text(config)}")
        assert picture_of(socket, config) == ("done", 1, 1)


@pytest.mark.usefixtures("hasty")
def test_a_player_that_foresees_a_picture_gets_it_before_the_script_asks_and_only_once(client):
    foreseen = CountConfig(length=1, seed=4)
    with client.websocket_connect(STILL) as socket:
        receive_picture(socket)
        foresee(socket, foreseen)
        ask(foreseen, 2)
        assert picture_of(socket, foreseen) == ("done", 2, 0)


@pytest.mark.usefixtures("hasty")
def test_a_script_that_is_behind_does_not_bring_an_earlier_picture_back(client):
    first, second, third = (CountConfig(length=1, seed=seed) for seed in (4, 5, 6))
    with client.websocket_connect(STILL) as socket:
        receive_picture(socket)
        foresee(socket, first, second)
        ask(first, 2)
        assert picture_of(socket, second) == ("done", 2, 0)
        ask(second, 3)
        assert picture_of(socket, second) == ("done", 3, 0)
        ask(third, 4)  # which nobody has foreseen
        assert picture_of(socket, third) == ("done", 4, 1)
        ask(first, 5)  # and which is not foreseen any more
        assert picture_of(socket, first) == ("done", 5, 1)


@pytest.mark.usefixtures("hasty")
def test_a_gesture_that_was_taken_back_does_not_stand_in_the_way_of_a_later_one(client):
    taken_back, kept = CountConfig(length=1, seed=4), CountConfig(length=1, seed=3)
    with client.websocket_connect(STILL) as socket:
        receive_picture(socket)
        foresee(socket, taken_back, kept)
        ask(taken_back, 2)
        assert picture_of(socket, taken_back) == ("done", 2, 1)


@pytest.mark.usefixtures("hasty")
def test_what_a_player_foresees_from_an_earlier_turn_does_not_replace_what_the_script_asks(client):
    foreseen, asked, late = (CountConfig(length=1, seed=seed) for seed in (4, 5, 6))
    with client.websocket_connect(STILL) as socket:
        receive_picture(socket)
        ask(asked, 2)
        assert picture_of(socket, asked) == ("done", 2, 1)
        socket.send_text(f"next 1 {to_text(late)}")  # it has not heard of turn 2
        socket.send_text(f"next 2 {to_text(foreseen)}")
        assert picture_of(socket, foreseen) == ("done", 2, 1)
        ask(foreseen, 3)  # no news
        assert picture_of(socket, foreseen) == ("done", 3, 0)
        socket.send_text(f"next 2 {to_text(late)}")
        assert picture_of(socket, late) == ("done", 3, 1)


@pytest.mark.usefixtures("hasty")
def test_what_a_script_has_not_asked_for_in_time_is_foreseen_no_more(client, monkeypatch):
    monkeypatch.setattr(page_module, "SCRIPT_SECONDS", 0)
    asked, foreseen = CountConfig(length=1, seed=4), CountConfig(length=1, seed=5)
    with client.websocket_connect(STILL) as socket:
        receive_picture(socket)
        foresee(socket, asked, foreseen)
        ask(asked, 2)
        assert picture_of(socket, asked) == ("done", 2, 1)


@pytest.mark.usefixtures("hasty")
def test_a_slow_picture_is_announced_in_the_turn_of_the_script_that_asks_for_it_too(client):
    slow = CountConfig(length=1, seed=4, pause_ms=500)
    with client.websocket_connect(STILL) as socket:
        receive_picture(socket)
        socket.send_text(f"next 1 {to_text(slow)}")
        assert picture_of(socket, slow) == ("queued", 1, 0)
        ask(slow, 2)
        assert picture_of(socket, slow) == ("queued", 2, 0)
        assert picture_of(socket, slow) == ("done", 2, 1)


def test_nobody_is_shown_what_the_page_of_someone_without_a_name_asks_for(client):
    with client.websocket_connect(STILL.replace("viewer=me", "viewer=")) as socket:
        receive_picture(socket)
        assert not client.hub.pages


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    "query",
    [
        "length=1&seed=x",
        "length=0",
        "seed=4&unknown=1",
        "=",
        "&".join(f"a{k}=" for k in range(9999)),
    ],
)
def test_a_picture_that_cannot_be_is_not_foreseen(client, query):
    asked = CountConfig(length=1, seed=4)
    with client.websocket_connect(STILL) as socket:
        receive_picture(socket)
        socket.send_text(f"next 1 {query}")
        ask(asked, 2)
        assert picture_of(socket, asked) == ("done", 2, 1)


def test_a_page_that_shows_its_picture_hears_signs_of_life_and_holds_no_run(client, monkeypatch):
    monkeypatch.setattr(stream_module, "LEASE_RENEWAL", 0.05)
    monkeypatch.setattr(hub_module, "LEASE_SECONDS", 0.05)
    monkeypatch.setattr(hub_module, "WATCHED_RUNS", 1)
    with client.websocket_connect(STILL) as socket:
        receive_picture(socket)
        for _ in range(3):
            status, frames = read(socket.receive_bytes())
            assert (status["state"], status["turn"], frames) == ("done", 1, [])
        with client.websocket_connect("/lab/live/count?length=2&seed=8") as other:
            assert read(other.receive_bytes())[0]["state"] != "failed"


def test_a_page_that_leaves_is_forgotten(client):
    with client.websocket_connect(STILL) as socket:
        receive_picture(socket)
        assert list(client.hub.pages) == [("me", "count")]
    deadline = time.monotonic() + 5
    while client.hub.pages and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not client.hub.pages


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
    for route in ("live", "still"):
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect(f"/lab/{route}/count", headers=headers) as socket,
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
    for route in ("live", "still"):
        if "from" in address and route == "still":
            continue  # a picture always comes whole
        with client.websocket_connect(f"/lab/{route}/{address}") as socket:
            assert read(socket.receive_bytes())[0] == status
            with pytest.raises(WebSocketDisconnect):
                socket.receive_bytes()


def test_a_full_lab_is_told_to_the_player(client, monkeypatch):
    monkeypatch.setattr(hub_module, "WATCHED_RUNS", 0)
    status, _ = read(client.get("/lab/frames/count?length=7").content)
    assert status["state"] == "failed"
    assert "full" in status["error"]
    with client.websocket_connect(STILL) as socket:
        status, _ = read(socket.receive_bytes())
    assert "full" in status["error"]
    assert status["figure"] == {"seed": 3}  # for the player to say it under


@pytest.mark.parametrize("said", [b"binary", b"next seed=4"])
def test_whatever_the_player_of_a_film_sends_only_says_that_it_has_drawn(client, said):
    with client.websocket_connect("/lab/live/count?length=300&pause_ms=2") as socket:
        socket.receive_bytes()
        socket.send_bytes(said)
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
