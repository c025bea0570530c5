"""What the server sends beside the pages: the player's files, recorded films, Plotly's script."""

import functools
import gzip
import io
import os
import re
import socket
import stat
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import segno
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

ASSETS = Path(__file__).parent.parent / "assets"
PLOTLY = next((ASSETS / "plotly").glob("plotly-*.min.js"))  # its name has the version
PLOTLY_PATH = f"/{PLOTLY.name}"
# Streamlit carries KaTeX, and serves it: located without the cost of importing it.
KATEX = next(
    Path(str(file.locate()))
    for file in distribution("streamlit").files or ()
    if file.match("static/js/katex.*.js")
)


@functools.cache
def colours(theme: str) -> dict[str, str]:
    """Give the colours of the light or the dark theme by the names of Streamlit's CSS variables."""
    text = (ASSETS.parent / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    options = tomllib.loads(text)["theme"][theme]
    names = (re.sub("[A-Z]", lambda found: f"-{found[0].lower()}", name) for name in options)
    return {f"--st-{name}": colour for name, colour in zip(names, options.values(), strict=True)}


def base_path(setting: str) -> str:
    """Write the server's base path as a prefix: empty, or with a leading slash only."""
    return f"/{setting.strip('/')}" if setting.strip("/") else ""


def asset_routes(base: str = "") -> list[BaseRoute]:
    """List the routes of all files that the page needs, below the server's base path."""
    return [
        Route(base + PLOTLY_PATH, _plotly),
        # A browser asks for a module only once, even if it did not come: the number of the attempt
        # makes it, and all that it imports, another one.
        Mount(f"{base}/assets/player/{{attempt:int}}", _Fresh(directory=ASSETS / "player")),
        Route(f"{base}/qr.svg", _qr),
        Mount(f"{base}/assets/images", _Fresh(directory=ASSETS / "images")),
        Mount(f"{base}/assets/recorded", _Fresh(directory=ASSETS / "recorded")),
    ]


def _qr(request: Request) -> Response:
    """Draw a link as a QR code, dark on white whatever the page's theme: cameras need it so."""
    link = request.query_params.get("link", "")
    if not link.startswith(("http://", "https://")):
        return PlainTextResponse("link must be an address, http or https", 400)
    picture = io.BytesIO()
    try:
        code = segno.make_qr(link, error="l")
    except segno.DataOverflowError:
        return PlainTextResponse(f"link is too long for a QR code: {len(link)} characters", 400)
    code.save(picture, kind="svg", light="white", border=4, svgclass=None, lineclass=None)
    return Response(picture.getvalue(), media_type="image/svg+xml")


class _Fresh(StaticFiles):
    """Files that browsers keep but ask about each time: an update shows at the next load."""

    def file_response(self, *args: object, **more: object) -> Response:
        response = super().file_response(*args, **more)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response


@functools.cache
def _plotly_zipped() -> bytes:
    return gzip.compress(PLOTLY.read_bytes(), 6)  # once: Streamlit would zip at every request


def _plotly(request: Request) -> Response:
    """Send Plotly's script; its address carries the version, so it never changes."""
    return Response(
        _plotly_zipped(),
        media_type="text/javascript",
        headers={
            "Content-Encoding": "gzip",
            "Cache-Control": "public, max-age=31536000, immutable",
        },
    )


def answer_without_delay() -> None:
    """Switch Nagle's algorithm off on the sockets that the server listens on.

    Streamlit binds them in a way that keeps asyncio from doing it, which costs a click 40 ms.
    Connections take the option over from the socket that accepts them.
    """
    descriptors = Path("/dev/fd")
    if not descriptors.is_dir():
        return  # no such list on this system: clicks take their 40 ms
    for name in os.listdir(descriptors):  # noqa: PTH208
        try:
            if not stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                continue
            listener = socket.socket(fileno=os.dup(int(name)))
        except OSError:
            continue  # closed meanwhile
        with listener:
            if listener.family != socket.AF_UNIX and listener.type == socket.SOCK_STREAM:
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
