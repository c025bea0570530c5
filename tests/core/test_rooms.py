"""A class: who may hold one and who is let in, what is passed on, and what it is bounded by."""

import contextlib
import json
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from ln_core.experiments import PAGES
from ln_core.paths import PATHS
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.rooms import registry as registry_module
from ln_core.rooms import room as room_module
from ln_core.rooms.limits import MOST_ADDRESSES, Limit, network_of
from ln_core.rooms.messages import LONGEST, read_shown
from ln_core.rooms.registry import CODE, LEASE, LETTERS, MOST_ROOMS, Registry
from ln_core.rooms.room import AWAY, MOST_MEMBERS, MOST_QUESTIONS, RefusalError
from ln_core.rooms.route import Classroom
from ln_core.runs.config import to_query

HERE, THERE = "10.0.0.1", "10.0.0.2"
MLP = {"page": "mlp", "recording": "", "query": to_query(PAGES["mlp"].default), "view": {}}
VIEW = {"at": "40", "play": "1", "speed": "2", "shown": "batch,layer", "pin": "batch_size:2"}


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def registry(clock):
    return Registry(clock)


def refused(kind):
    return pytest.raises(RefusalError, check=lambda refusal: refusal.kind == kind)


# --- who is let in ---


def test_a_code_has_four_letters_none_of_which_looks_like_another(registry):
    code = registry.teach(HERE).room.code
    assert CODE.fullmatch(code)
    assert not set(LETTERS) & set("AEIOUVLQ")


def test_a_teacher_comes_back_with_the_secret_and_nobody_else(registry):
    seat = registry.teach(HERE)
    code, secret = seat.room.code, seat.room.secret
    assert registry.teach(THERE, code, secret).room is seat.room
    with refused("taken"):
        registry.teach(HERE, code, secret[::-1])
    with refused("taken"):
        registry.teach(HERE, code)


def test_a_restarted_server_gets_the_room_from_its_teacher_and_members_with_their_tokens(clock):
    before, after = Registry(clock), Registry(clock)
    room = before.teach(HERE).room
    token = before.join(THERE, room.code).token
    with refused("away"):
        after.join(THERE, room.code, token)
    again = after.teach(HERE, room.code, room.secret).room
    assert again.code == room.code
    assert after.join(THERE, room.code, token).member == token.split(".")[0]
    assert list(again.members) == [token.split(".")[0]]


def test_members_do_not_follow_who_takes_their_code_with_another_secret(clock):
    before, after = Registry(clock), Registry(clock)
    room = before.teach(HERE).room
    token = before.join(THERE, room.code).token
    after.teach(THERE, room.code, "0" * 32)
    with refused("away"):
        after.join(THERE, room.code, token)
    with refused("taken"):
        after.teach(HERE, room.code, room.secret)


def test_a_room_is_held_for_an_hour_after_its_teachers_last_sign(registry, clock):
    teacher = registry.teach(HERE)
    member = registry.join(THERE, teacher.room.code)
    clock.now += LEASE
    teacher.stay()
    clock.now += LEASE
    member.stay()
    assert member.parts()["over"] == ""
    clock.now += 1
    member.stay()
    assert "an hour" in member.parts()["over"]
    with refused("wrong"):
        registry.join(THERE, teacher.room.code)


def test_a_class_that_was_ended_is_over_for_all_and_gone(registry):
    teacher = registry.teach(HERE)
    member = registry.join(THERE, teacher.room.code)
    teacher.hear({"end": True})
    assert "ended" in member.parts()["over"]
    assert registry.rooms == {}
    member.stay()
    member.hear({"answer": {"stop": "x", "option": 0}})  # too late, and no harm


def test_rooms_are_bounded_in_clear_words(registry, clock):
    for at in range(MOST_ROOMS):
        registry.teach(f"10.1.0.{at}")
    clock.now += 60
    with pytest.raises(RefusalError, match=f"{MOST_ROOMS} classes are being held"):
        registry.teach("10.2.0.1")


def test_one_client_cannot_take_all_rooms_at_once(registry, clock):
    for _ in range(10):
        registry.teach(HERE)
    with pytest.raises(RefusalError, match="Try again in 61 s"):
        registry.teach(HERE)
    registry.teach(THERE)
    clock.now += 61
    registry.teach(HERE)


def test_a_full_room_says_so_until_someone_leaves_or_stays_away(registry, clock):
    room = registry.teach(HERE).room
    seats = [registry.join(THERE, room.code) for _ in range(MOST_MEMBERS)]
    with pytest.raises(RefusalError, match=f"is full: {MOST_MEMBERS} have joined"):
        registry.join(THERE, room.code)
    seats[0].leave()
    registry.join(THERE, room.code)
    clock.now += AWAY + 1
    registry.join(THERE, room.code)
    assert room.to_teacher()["members"] == 1


def test_after_ten_wrong_codes_even_the_right_one_is_not_looked_at_for_a_while(registry, clock):
    room = registry.teach(HERE).room
    wrong = next(code for code in ("BBBB", "CCCC") if code != room.code)
    for _ in range(10):
        with refused("wrong") as told:
            registry.join(THERE, wrong)
        assert told.value.delay > 0
    for code in (wrong, room.code):
        with refused("slow"):
            registry.join(THERE, code)
    registry.join(HERE, room.code.lower())  # others are let in
    clock.now += 11
    registry.join(THERE, room.code)


def test_many_clients_together_are_slowed_down_too(registry):
    kinds = []
    for at in range(100):
        with pytest.raises(RefusalError) as told:
            registry.join(f"10.3.{at}.1", "BBBB")
        kinds.append(told.value.kind)
    assert kinds == 60 * ["wrong"] + 40 * ["slow"]


def test_a_false_token_tells_nothing_of_whether_a_class_is_there(registry):
    room = registry.teach(HERE).room
    other = next(code for code in ("BBBB", "CCCC") if code != room.code)
    told = []
    for code in (room.code, other):
        for token in ("0.0", ".", "x", "é.é"):
            with refused("away") as refusal:
                registry.join(THERE, code, token)
            told.append(str(refusal.value).replace(code, ""))
    assert len(set(told)) == 1


def test_a_client_with_many_addresses_of_one_network_is_one():
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:2")
    assert network_of("2001:db8::1") != network_of("2001:db8:0:1::1")
    assert network_of("testclient") == "testclient"


def test_a_limit_remembers_a_bounded_number_of_addresses():
    limit = Limit((1, 1), (10**9, 1))
    for at in range(MOST_ADDRESSES + 10):
        limit.take(str(at), 0)
    assert len(limit._buckets) == MOST_ADDRESSES


# --- what is passed on ---


def test_members_are_shown_what_the_teacher_shows_and_late_ones_at_once(registry):
    teacher = registry.teach(HERE)
    early = registry.join(THERE, teacher.room.code)
    assert "run" not in early.parts()
    teacher.hear({"show": {**MLP, "view": VIEW}})
    late = registry.join(THERE, teacher.room.code)
    for seat in (early, late):
        parts = seat.parts()
        assert parts["run"] == {"page": "mlp", "recording": "", "query": MLP["query"]}
        assert parts["view"] == VIEW


def test_a_member_is_told_neither_the_secret_nor_who_is_there(registry):
    teacher = registry.teach(HERE)
    member = registry.join(THERE, teacher.room.code)
    assert teacher.room.secret not in json.dumps(member.parts())
    assert member.parts().keys() == {"you", "paused", "question", "tally", "over"}


@pytest.mark.parametrize(
    "words",
    [
        {"show": MLP},
        {"pause": True},
        {"ask": "first.batch_of_one"},
        {"reveal": "first.batch_of_one"},
        {"end": True},
        {"answer": {"stop": "", "option": 0}},
        {"answer": {"stop": "x", "option": 7}},
        {"answer": {"stop": "x", "option": True}},
        {"answer": {"stop": "x", "option": 0, "name": "Ann"}},
    ],
)
def test_a_member_changes_nothing_that_others_see(registry, words):
    teacher = registry.teach(HERE)
    member, other = (registry.join(THERE, teacher.room.code) for _ in range(2))
    before = [teacher.parts(), other.parts()]
    member.hear(words)
    assert [teacher.parts(), other.parts()] == before


def test_pausing_and_going_on_reaches_all(registry):
    teacher = registry.teach(HERE)
    member = registry.join(THERE, teacher.room.code)
    for paused in (True, False):
        teacher.hear({"pause": paused})
        assert member.parts()["paused"] is paused


def test_each_member_has_one_answer_that_may_change_until_the_tally_is_shown(registry):
    teacher = registry.teach(HERE)
    ann, ben, cid = (registry.join(THERE, teacher.room.code) for _ in range(3))

    def answer(seat, option):
        seat.hear({"answer": {"stop": "path.one", "option": option}})

    answer(ann, 0)  # nothing is asked yet
    teacher.hear({"ask": "path.one"})
    assert teacher.parts()["answered"] == 0
    answer(ann, 1)
    answer(ann, 2)
    answer(ben, 1)
    assert teacher.parts()["answered"] == 2
    assert (teacher.parts()["tally"], ann.parts()["tally"]) == (None, None)
    teacher.hear({"reveal": "path.one"})
    answer(cid, 3)
    answer(ann, 0)
    for seat in (teacher, ann, cid):
        assert seat.parts()["tally"] == [0, 1, 1, 0]
    teacher.hear({"ask": "path.two"})
    assert (teacher.parts()["answered"], ann.parts()["tally"]) == (0, None)
    teacher.hear({"ask": "path.one"})
    assert ann.parts()["tally"] == [0, 1, 1, 0]


def test_nothing_that_members_or_teachers_say_grows_without_end(registry, clock, monkeypatch):
    monkeypatch.setattr(room_module, "MOST_MEMBERS", 3)
    teacher = registry.teach(HERE)
    teacher.hear({"ask": "path.one"})
    for _ in range(10):
        seat = registry.join(THERE, teacher.room.code)
        seat.hear({"answer": {"stop": "path.one", "option": 1}})
        seat.leave()
    assert teacher.parts()["answered"] == 3
    for at in range(2 * MOST_QUESTIONS):
        clock.now += 1
        teacher.hear({"ask": f"path.stop_{at}"})
        teacher.hear({"reveal": f"path.stop_{at}"})
    assert len(teacher.room.answers) == len(teacher.room.revealed) == MOST_QUESTIONS


def test_who_says_too_much_is_sent_away_and_not_the_others(registry, clock):
    teacher = registry.teach(HERE)
    member, other = (registry.join(THERE, teacher.room.code) for _ in range(2))
    answer = {"answer": {"stop": "x", "option": 0}}
    with refused("fast"):
        for _ in range(100):
            member.hear(answer)
    other.hear(answer)
    clock.now += 1
    member.hear(answer)
    for _ in range(100):  # a film that is reported twice a second, and moved by hand now and then
        clock.now += 0.1
        teacher.hear({"show": MLP})


# --- messages ---

TEXTS = st.text(max_size=30)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)
VIEWS = st.fixed_dictionaries(
    {},
    optional={
        "at": st.integers(0, 10**5).map(str) | TEXTS,
        "play": st.just("1") | TEXTS,
        "speed": st.sampled_from(["0.25", "8", "9"]) | TEXTS,
        "shown": st.sampled_from(["batch", "batch,layer", "batch,batch", "rms", ""]) | TEXTS,
        "choose": st.sampled_from(["layer.1", "layer.2", "layer.99", "side.1"]) | TEXTS,
        "chart": st.sampled_from(["loss", "error", "<img>"]) | TEXTS,
        "smooth": st.sampled_from(["off", "strong", "usual"]) | TEXTS,
        "pin": st.sampled_from(["", "batch_size:2", "batch_size:0", "x:1", "data:moons;seed:3"])
        | TEXTS,
        "present": st.just("light"),
        "fingerprint": TEXTS,
    },
)
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "batch_size": st.integers(-1, 600).map(str) | TEXTS,
        "variants": st.sampled_from(["batch", "none,layer", "layer,none"]) | TEXTS,
        "seed": st.integers(0, 10**7).map(str),
        "at": TEXTS,
    },
)


def canonical(shown):
    """Whether what is passed on says nothing but a page, its settings, and a view that fits."""
    again = {**shown["run"], "view": shown["view"]}
    return (
        read_shown(again) == shown
        and shown["run"].keys() == {"page", "recording", "query"}
        and shown["run"]["page"] in PAGES
        and not shown["view"].keys() & {"present", "fingerprint"}
    )


@given(words=ANY)
def test_nothing_but_what_can_be_shown_is_shown(words):
    for message in (words, {**MLP, "query": words}, {**MLP, "view": words}):
        try:
            assert canonical(read_shown(message))
        except ValueError:
            continue


@given(page=st.sampled_from([*PAGES, "home", ""]), query=QUERIES, view=VIEWS)
def test_what_is_shown_is_a_page_a_config_and_a_view_of_it(page, query, view):
    try:
        shown = read_shown({**MLP, "page": page, "query": query, "view": view})
    except ValueError:
        return
    assert canonical(shown)
    assert len(json.dumps(shown)) < LONGEST


@given(words=ANY | st.fixed_dictionaries({"show": ANY | st.just(MLP)}) | st.just({"end": 1}))
def test_no_message_breaks_a_room(words):
    registry = Registry()
    teacher = registry.teach(HERE)
    member = registry.join(THERE, teacher.room.code)
    member.hear(words)
    assert not member.parts()["over"]
    assert "run" not in member.parts()
    teacher.hear(words)
    if "run" in teacher.room.shown:
        assert canonical(teacher.room.shown)


@pytest.mark.parametrize("page", [page for page in PAGES.values() if page.experiment])
def test_every_preset_of_every_page_can_be_shown(page):
    for preset in page.presets.values():
        query, view = to_query(preset.config), preset.view.query
        shown = read_shown({**MLP, "page": page.slug, "query": query, "view": view})
        assert shown["view"] == view


RECORDED = [(page.slug, name) for page in PAGES.values() for name in page.recordings]


@pytest.mark.parametrize(("page", "name"), RECORDED)
def test_a_recorded_film_can_be_shown_on_its_page_alone_and_without_settings(page, name):
    last = str(RECORDINGS[name].config.steps)
    said = {"page": page, "recording": name, "query": {}, "view": {"at": last, "play": "1"}}
    run = {"page": page, "recording": name, "query": {}}
    assert read_shown(said) == {"run": run, "view": said["view"]}
    refused: list[tuple[dict[str, object], str]] = [
        ({"page": "mlp"}, "recording must be one of mlp's"),
        ({"query": {"seed": "1"}}, "a recording has no settings"),
        ({"view": {"at": str(RECORDINGS[name].config.steps + 1)}}, "at of this run's view"),
        ({"view": {"chart": "no"}}, "chart of this run's view cannot be 'no'"),
        ({"recording": ["x"]}, "recording must be one of"),
    ]
    for change, error in refused:
        with pytest.raises(ValueError, match=error):
            read_shown({**said, **change})


def test_every_stop_of_every_path_can_be_shown_on_its_page_alone():
    for stop in (stop for path in PATHS.values() for stop in path.stops):
        view = {**stop.view.query, "stop": stop.id}
        shown = {**MLP, "page": stop.page.slug, "query": to_query(stop.config), "view": view}
        assert read_shown(shown)["view"] == view
        other = next(page for page in PAGES.values() if page.experiment and page != stop.page)
        with pytest.raises(ValueError, match="view cannot be"):
            read_shown({**MLP, "page": other.slug, "query": {}, "view": {"stop": stop.id}})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"page": "home"}, "page must be one of"),
        ({"query": {"batch_size": "0"}}, "Batch size: '0' is not possible"),
        ({"view": {"at": "999999999"}}, "at of this run's view cannot be"),
        ({"view": {"chart": "no"}}, "chart of this run's view cannot be 'no'"),
        ({"view": {"pin": "batch_size:0"}}, "pin of this run's view cannot be"),
        ({"page": "others"}, "neither settings nor a view"),
        ({"more": 1}, "must have the fields page, recording, query, view"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(change, told):
    with pytest.raises(ValueError, match=told):
        read_shown({**MLP, **change})


# --- the route ---


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setattr(registry_module, "WRONG_TAKES", 0.01)
    rooms = Registry()
    with TestClient(Starlette(routes=Classroom(rooms).routes("/lab"))) as client:
        client.rooms = rooms
        yield client


def say(socket, **words):
    socket.send_text(json.dumps(words))


def hear(socket, name):
    """The first part of that name that is told."""
    while True:
        parts = socket.receive_json()
        if name in parts:
            return parts[name]


@contextlib.contextmanager
def teaching(client):
    """A teacher's socket, and the code of the class."""
    with client.websocket_connect("/lab/room") as teacher:
        say(teacher, teach={})
        yield teacher, hear(teacher, "you")["code"]


def test_a_teacher_and_a_member_meet_over_sockets(client):
    with teaching(client) as (teacher, code):
        with client.websocket_connect("/lab/room") as member:
            say(member, join={"code": code})
            assert hear(member, "you")["token"]
            assert hear(teacher, "members") == 1
            say(teacher, show={**MLP, "view": VIEW})
            assert hear(member, "run")["page"] == "mlp"
            say(teacher, show={**MLP, "view": {"at": "50"}})
            assert member.receive_json() == {"view": {"at": "50"}}  # what has changed, no more
        assert hear(teacher, "members") == 0
        say(teacher, end=True)
        assert hear(teacher, "over")
        with pytest.raises(WebSocketDisconnect):
            teacher.receive_json()
    assert client.rooms.rooms == {}


@pytest.mark.parametrize("hello", ["", "{", "[" * 5000, "7", '{"teach": 1}', '{"join": {}}'])
def test_who_says_nothing_that_a_page_says_is_not_let_in(client, hello):
    with client.websocket_connect("/lab/room") as socket:
        socket.send_text(hello)
        assert socket.receive_json()["refused"] == "hello"
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()


def test_a_wrong_code_takes_a_while(client, monkeypatch):
    monkeypatch.setattr(registry_module, "WRONG_TAKES", 0.3)
    with client.websocket_connect("/lab/room") as socket:
        began = time.monotonic()
        say(socket, join={"code": "BBBB"})
        assert socket.receive_json()["said"] == "There is no class BBBB. Look at the code again."
        assert time.monotonic() - began > 0.25


def test_what_cannot_be_read_is_not_heard_and_the_class_goes_on(client):
    with teaching(client) as (teacher, _):
        teacher.send_bytes(b"\xff")
        teacher.send_text("{")
        teacher.send_text(json.dumps({"ask": "x" * LONGEST}))
        say(teacher, pause=True)
        assert hear(teacher, "paused") is True


def test_a_page_of_another_site_is_not_served(client):
    other = {"Origin": "https://elsewhere.example"}
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/lab/room", headers=other) as socket,
    ):
        socket.receive_json()
    assert client.post("/lab/room", headers=other, json={}).status_code == 403


def test_where_sockets_are_blocked_a_class_is_polled_for(client):
    def poll(hello, *says):
        return client.post("/lab/room", json={"hello": hello, "says": says}).json()

    you = poll({"teach": {}})["you"]
    token = poll({"join": {"code": you["code"]}})["you"]["token"]
    poll({"teach": you}, {"show": MLP}, {"ask": "x"})
    member = {"join": {"code": you["code"], "token": token}}
    parts = poll(member, {"answer": {"stop": "x", "option": 1}})
    assert (parts["run"]["page"], parts["question"]) == ("mlp", "x")
    assert poll({"teach": you}).items() >= {"members": 1, "answered": 1}.items()
    assert poll({"join": {"code": "BBBB"}})["refused"] == "wrong"
    assert client.post("/lab/room", content="x" * (LONGEST + 1)).status_code == 413
    assert client.post("/lab/room", content="x").json()["refused"] == "hello"


def test_a_page_in_two_connections_is_one_member_who_stays_with_the_last(client):
    with teaching(client) as (_, code), client.websocket_connect("/lab/room") as first:
        say(first, join={"code": code})
        token = hear(first, "you")["token"]
        with client.websocket_connect("/lab/room") as second:
            say(second, join={"code": code, "token": token})
            assert hear(second, "you")["token"] == token
            assert len(client.rooms.rooms[code].members) == 1


def test_rooms_need_no_torch():
    code = "import sys, ln_core.rooms.route; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
