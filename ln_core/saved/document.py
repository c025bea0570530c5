"""A film as a page in one file, which plays without a server or a network.

The arrays of its frames keep four digits, and those alone that the figure draws.
"""

import base64
import functools
import gzip
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from string import Template
from typing import Any

import numpy as np

from ln_core.figures.parts import arrays_of
from ln_core.lessons import MATH
from ln_core.runs.changes import Forkable
from ln_core.runs.config import to_query
from ln_core.runs.experiment import Experiment, FilmConfig
from ln_core.runs.frame import Array, Frame, pack
from ln_core.runs.schema import describe, describe_changes
from ln_core.saved.script import bundle
from ln_core.serve import ASSETS, KATEX, PLOTLY, colours

LIVE = ("edit", "picks", "matrix_link")  # parts of a figure that ask the app for another run
DROPPED = 11  # of the 23 bits of a float32's fraction: what is left is exact to 1 in 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """The frames of a run as far as they go, and what is said of them."""

    experiment: Experiment
    config: FilmConfig
    frames: Sequence[Frame]
    title: str
    line: str = ""  # the one thing to notice
    view: Mapping[str, str] = field(default_factory=dict)  # as `assets/player/view.js` reads it
    live: str = ""  # the address of the live run
    plays: bool = False  # from the start, where the view names no moment
    pinned: "Film | None" = None  # the run of the same experiment that is seen beside it
    date: str = field(default_factory=lambda: datetime.now(UTC).date().isoformat())
    torch: str = field(default_factory=lambda: version("torch"))


def write_page(film: Film, *, shared: str | None = None, above: str = "", below: str = "") -> str:
    """Write a film as an HTML page, with HTML `above` and `below` it.

    All is in the one text, unless `shared` is the address of a folder with `write_shared`'s files.
    """
    figure = _figure_of(film)
    pinned = film.pinned
    is_math = MATH in below or any(frame.notes.get("formulas") for frame in film.frames)
    body = _fill(
        "film.html",
        above=above,
        below=below,
        about=_about(film),
        settings=_settings(film.config),
        data=json.dumps(_data(film, figure), allow_nan=False).replace("<", "\\u003c"),
        film=_packed(_planes(_reduced(film.frames, figure))),
        pinned=_packed(_planes(_reduced(pinned.frames, _figure_of(pinned)))) if pinned else "",
        katex=_packed(KATEX.read_bytes()) if is_math else "",
        script=_script_tag(shared),
    )
    return write_frame(film.title, body, shared=shared)


def write_frame(title: str, body: str, *, shared: str | None) -> str:
    """Write an HTML page around its body; `shared` is as for `write_page`."""
    return _fill("page.html", title=html.escape(title), style=_style_tag(shared), body=body)


def _fill(template: str, **parts: str) -> str:
    return Template((ASSETS / template).read_text(encoding="utf-8")).substitute(parts)


def write_shared() -> dict[str, str]:
    """Write what the pages of one folder share, by names of files."""
    return {"lab.css": _style(), "lab.js": _script()}


def _data(film: Film, figure: dict[str, Any]) -> dict[str, Any]:
    """Give what `mount` of `assets/player/player.js` is told."""
    return {
        "title": film.title,
        "line": film.line,
        "label": f"Recorded on {film.date}",
        "figure": figure,
        "view": dict(film.view),
        "plays": film.plays,
        "link": film.live,
        "recording": {"seed": to_query(film.config).get("seed")},
        "themes": {theme: colours(theme) for theme in ("light", "dark")},
        "total": _total(film),
        "pinned": _beside(film, film.pinned) if film.pinned else None,
    }


def _beside(film: Film, pinned: Film) -> dict[str, Any]:
    """Give what is told of the run that is pinned beside a film."""
    kind = type(film.config)
    changes = describe_changes(kind)
    return {
        "figure": _figure_of(pinned),
        "total": _total(pinned),
        "query": to_query(pinned.config),
        "shown": to_query(film.config),
        "knobs": [*describe(kind), *([changes] if changes else [])],
    }


def _total(film: Film) -> dict[str, Any]:
    moments = [frame.step for frame in film.frames]
    there = {"frames": len(moments), "steps": moments[-1], "moments": moments}
    return {**film.config.total, **there}


def _about(film: Film) -> str:
    """Say when it was recorded, and from what."""
    end, steps = film.frames[-1].step, film.config.steps
    part = f", up to {film.config.counts} {end:,} of {steps:,}" if end < steps else ""
    plays = "It plays from this file" if len(film.frames) > 1 else "All is in this file"
    said = (
        f"Recorded on {film.date} from a run of Layer Norm Lab with PyTorch {film.torch}{part}. "
        f"{plays}; its numbers are rounded to four digits."
    )
    link = f' <a href="{html.escape(film.live)}">Open the live run</a>' if film.live else ""
    return said + link


def _settings(config: FilmConfig) -> str:
    query = to_query(config)
    rows = []
    for control in describe(type(config)):
        options = control.get("options", {})
        words = [options.get(part, part) for part in query[control["name"]].split(",")]
        rows.append((control["label"], ", ".join(words)))
    if isinstance(config, Forkable) and config.changes:
        rows.append(("Changes in mid-run", ", ".join(config.changes_in_words)))
    return "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(said)}</dd>" for name, said in rows
    )


def _figure_of(film: Film) -> dict[str, Any]:
    figure: dict[str, Any] = _still(film.experiment.draw(film.config))
    return figure


def _still(part: Any) -> Any:  # noqa: ANN401
    """Take from a figure what needs the app."""
    if isinstance(part, Mapping):
        return {name: _still(value) for name, value in part.items() if name not in LIVE}
    return [_still(value) for value in part] if isinstance(part, list | tuple) else part


def _reduced(frames: Sequence[Frame], figure: dict[str, Any]) -> bytes:
    """Pack the frames with what is drawn, rounded."""
    kept = arrays_of(figure)
    return b"".join(
        pack(replace(frame, arrays={n: _rounded(a) for n, a in frame.arrays.items() if n in kept}))
        for frame in frames
    )


def _rounded(array: Array) -> Array:
    """Round floats to fewer bits, so that they pack well; infinities and NaN stay."""
    if array.dtype != np.float32:
        return array
    bits = np.ascontiguousarray(array).view(np.uint32)
    rounded = (bits + np.uint32(1 << (DROPPED - 1))) >> np.uint32(DROPPED) << np.uint32(DROPPED)
    return np.where(np.isfinite(array), rounded, bits).view(np.float32)


def _planes(data: bytes) -> bytes:
    """Put the first bytes of all words in front, then the second ones: like bytes pack well."""
    return np.frombuffer(data, np.uint8).reshape(-1, 4).T.tobytes()


def _packed(data: bytes) -> str:
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()


@functools.cache
def _script() -> str:
    """Join Plotly and the player."""
    return f"{PLOTLY.read_text(encoding='utf-8')}\n{bundle(ASSETS / 'player' / 'page.js')}"


@functools.cache
def _packed_script() -> str:
    return _packed(_script().encode())


def _style() -> str:
    """Join the player's style, the page's, and the colours of both themes."""
    light, dark = (
        ";".join(f"{name}:{colour}" for name, colour in colours(theme).items())
        for theme in ("light", "dark")
    )
    files = (ASSETS / "player" / name for name in ("player.css", "page.css"))
    return "\n".join(
        [
            f":root{{color-scheme:light;{light}}}",
            "@media (prefers-color-scheme: dark){",
            f":root:not([data-theme=light]){{color-scheme:dark;{dark}}}}}",
            f":root[data-theme=dark]{{color-scheme:dark;{dark}}}",
            *(re.sub(r"/\*.*?\*/", "", file.read_text("utf-8"), flags=re.DOTALL) for file in files),
        ]
    )


def _style_tag(shared: str | None) -> str:
    if shared is None:
        return f"<style>{_style()}</style>"
    return f'<link rel="stylesheet" href="{shared}lab.css">'


def _script_tag(shared: str | None) -> str:
    if shared is not None:
        return f'<script src="{shared}lab.js"></script>'
    return (
        f'<script type="text/plain" id="lnl-code">{_packed_script()}</script>\n'
        '<script>lnlUnpack("lnl-code").then((code) => code.text()).then((code) => document.body'
        '.append(Object.assign(document.createElement("script"), { textContent: code })));</script>'
    )
