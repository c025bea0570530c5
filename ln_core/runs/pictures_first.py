"""Pictures first: Streamlit and a browser hear of each other once the browser's player has drawn.

Streamlit answers a gesture by drawing its page again, in the browser's one thread. A picture that
comes meanwhile waits for that; so, for a moment, the page waits for the picture.
"""

import secrets
from collections.abc import Callable, MutableMapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from ln_core.runs.hub import Hub

VIEWER = "X-Viewer"  # header of Streamlit's connection; by it a script knows whose it is


class PicturesFirst:
    """ASGI middleware around Streamlit's server; `is_gesture` knows a message that asks anew."""

    def __init__(self, app: ASGIApp, hub: Hub, is_gesture: Callable[[bytes], bool]) -> None:
        self._app, self._hub, self._is_gesture = app, hub, is_gesture

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name the viewer, and hold each message back while a picture is to be drawn."""
        if scope["type"] != "websocket" or not scope["path"].endswith("/_stcore/stream"):
            await self._app(scope, receive, send)
            return
        viewer, name = secrets.token_urlsafe(9), VIEWER.lower().encode()
        others = [(header, value) for header, value in scope["headers"] if header != name]

        async def wait_and_receive() -> MutableMapping[str, Any]:
            message = await receive()
            await self._hub.catch_up(viewer)
            if self._is_gesture(message.get("bytes") or b""):
                for page in self._hub.pages_of(viewer):
                    page.answered.clear()
            return message

        async def wait_and_send(message: MutableMapping[str, Any]) -> None:
            await self._hub.answer(viewer)
            await send(message)

        named = {**scope, "headers": [*others, (name, viewer.encode())]}
        await self._app(named, wait_and_receive, wait_and_send)
