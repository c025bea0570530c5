"""Streamlit's connection: named for its viewer, and patient while a picture is drawn."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.routing import WebSocketRoute

from ln_core.runs import hub as hub_module
from ln_core.runs.hub import expect
from ln_core.runs.pictures_first import VIEWER, PicturesFirst
from tests.core.fake_film import COUNT, CountConfig
from tests.core.fake_server import receive_picture, serving


async def echo(websocket):
    """Stand in for Streamlit: say whose connection it is, then repeat what comes in."""
    await websocket.accept()
    await websocket.send_text(websocket.headers.get(VIEWER, "nobody"))
    while (message := await websocket.receive())["type"] != "websocket.disconnect":
        await websocket.send({**message, "type": "websocket.send"})


@pytest.fixture
def client():
    routes = [WebSocketRoute(f"/base/{path}", echo) for path in ("_stcore/stream", "other")]
    middleware = [(PicturesFirst, lambda message: message == b"gesture")]
    with serving("/base", routes=routes, middleware=middleware) as client:
        yield client


def connect(client):
    return client.websocket_connect("/base/_stcore/stream", headers={VIEWER: "me"})


def test_every_connection_of_streamlit_gets_a_name_that_no_browser_can_choose(client):
    with connect(client) as one, connect(client) as another:
        names = {socket.receive_text() for socket in (one, another)}
    assert len(names) == 2
    assert "me" not in names
    with client.websocket_connect("/base/other") as other:
        assert other.receive_text() == "nobody"


def test_what_a_page_says_waits_until_its_player_has_drawn_what_it_foresees(client, monkeypatch):
    monkeypatch.setattr(hub_module, "PICTURE_SECONDS", 60)
    with connect(client) as page, ThreadPoolExecutor(max_workers=1) as ear:
        address = f"/base/still/count?viewer={page.receive_text()}&turn=1&length=1&seed=3"
        with client.websocket_connect(address) as player:
            receive_picture(player)
            page.send_text("nothing is foreseen")
            assert page.receive_text() == "nothing is foreseen"
            for seed in (4, 5):
                player.send_text(f"next 1 length=1&seed={seed}")
                (*_, status), _ = receive_picture(player)
                page.send_text("a slider has moved")
                heard = ear.submit(page.receive_text)
                with pytest.raises(TimeoutError):
                    heard.result(timeout=0.1)
                player.send_text(f"drawn 1 {status['query']}")
                assert heard.result(timeout=10) == "a slider has moved"


def test_it_does_not_wait_long_and_not_for_players_of_other_pages(client, monkeypatch):
    with connect(client) as page, connect(client) as other:
        page.receive_text()
        address = f"/base/still/count?viewer={other.receive_text()}&turn=1&length=1&seed=3"
        with client.websocket_connect(address) as player:
            receive_picture(player)
            player.send_text("next 1 length=1&seed=4")
            receive_picture(player)
            monkeypatch.setattr(hub_module, "PICTURE_SECONDS", 0.01)
            other.send_text("late")
            assert other.receive_text() == "late"
            monkeypatch.setattr(hub_module, "PICTURE_SECONDS", 60)
            page.send_text("at once")
            assert page.receive_text() == "at once"


def test_the_answer_to_a_gesture_waits_until_its_picture_is_drawn(client, monkeypatch):
    monkeypatch.setattr(hub_module, "PICTURE_SECONDS", 60)
    with connect(client) as page, ThreadPoolExecutor(max_workers=2) as others:
        viewer = page.receive_text()
        address = f"/base/still/count?viewer={viewer}&turn=1&length=1&seed=3"
        with client.websocket_connect(address) as player:
            receive_picture(player)
            page.send_bytes(b"no gesture")
            assert page.receive_bytes() == b"no gesture"
            page.send_bytes(b"gesture")
            heard = others.submit(page.receive_bytes)
            script = others.submit(expect, COUNT, CountConfig(length=1, seed=4), viewer, 2)
            (*_, status), _ = receive_picture(player)
            with pytest.raises(TimeoutError):
                heard.result(timeout=0.1)
            player.send_text(f"drawn 2 {status['query']}")
            assert heard.result(timeout=10) == b"gesture"
            script.result(timeout=10)


def test_a_gesture_that_asks_for_no_picture_is_answered_soon(client, monkeypatch):
    monkeypatch.setattr(hub_module, "PICTURE_SECONDS", 0.01)
    with connect(client) as page:
        address = f"/base/still/count?viewer={page.receive_text()}&turn=1&length=1&seed=3"
        with client.websocket_connect(address) as player:
            receive_picture(player)
            page.send_bytes(b"gesture")
            assert page.receive_bytes() == b"gesture"
            monkeypatch.setattr(hub_module, "PICTURE_SECONDS", 60)
            page.send_bytes(b"no gesture")
            assert page.receive_bytes() == b"no gesture"
        page.send_bytes(b"gesture")  # and without a player there is no picture to wait for
        assert page.receive_bytes() == b"gesture"
