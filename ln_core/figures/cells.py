"""Parts that the figures of the stills share: how tracks look, heat maps of small matrices."""

from collections.abc import Iterable, Mapping

from ln_core.figures.parts import Spec, trace
from ln_core.race.config import VARIANTS
from ln_core.variants import tracks

# Beside the variants of a race: darker or lighter than Okabe and Ito's, for a contrast of 3:1.
_LOOKS = {
    "instance": ("Instance Norm", "#a8690b", "#e69f00", "longdashdot", "triangle-down"),
    "pixel": ("Layer Norm per pixel", "#5b4bb5", "#a99df0", "5px,2px", "hexagon"),
    "weight": ("Weight Norm", "#b5518b", "#e08fbc", "2px,6px", "cross"),
    "sync": ("Synchronized Batch Norm", "#8a4b08", "#e3b27a", "8px,2px,2px,2px", "pentagon"),
    "post": ("Post-LN", "#7a2e8e", "#d39be3", "6px,3px,2px,3px", "star"),
    "dyt": ("Pre-DyT", "#6b6b00", "#c9c23e", "3px,3px", "bowtie"),
}


def see_tracks(
    ids: Iterable[str],
    hidden: Iterable[str] = (),
    labels: Mapping[str, str] | None = None,
) -> list[Spec]:
    """Describe the tracks of a still: a race's variants look as they do there."""
    rest, own = set(hidden), labels or {}
    return [_track(name, name not in rest, own.get(name)) for name in ids]


def _track(name: str, shown: bool, label: str | None) -> Spec:
    if name in VARIANTS:
        look = tracks((name,))[0]
    else:
        title, light, dark, dash, symbol = _LOOKS[name]
        color = {"light": light, "dark": dark}
        look = {"id": name, "label": title, "color": color, "dash": dash, "symbol": symbol}
    return {**look, "label": label or look["label"], "shown": shown}


def now(array: str, *index: int | str, **more: object) -> Spec:
    """Bind the latest values of an array: of the trace's track, then `index` on its other axes."""
    return {"array": array, "over": "now", "index": ["track", *index], **more}


def bars(x: object, y: Spec, *, track: str = "panel", **style: object) -> Spec:
    """Draw a bar for each entry of a vector, one group of bars a track."""
    marker = {"color": "@track/0.75", "line": {"color": "@track", "width": 1}}
    return trace(track, {"marker": marker, **style}, kind="bar", x=x, y=y)


FRAME = {"type": "rect", "line": {"color": "@text", "width": 2}}


def framed(row: float, column: float, *, rows: int = 1) -> Spec:
    """Frame one cell of a heat map, or `rows` of them one below the other."""
    corners = {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + rows - 0.5}
    return {**FRAME, **corners}


def framed_by(row: str, column: str) -> Spec:
    """Frame the cell of a heat map that two choices name."""
    return {**FRAME, "on": {"x": column, "y": row}}


SIGNED = [[0, "#0072b2"], [0.5, "@background"], [1, "#d55e00"]]  # centred at 0
COVERED = [[0, "@background"], [1, "@track"]]  # from none to all


def heat(
    array: str,
    shape: tuple[int, int],
    limit: float,
    *,
    track: int | str = "panel",
    at: tuple[str, ...] = (),
    **style: object,
) -> Spec:
    """Draw a matrix, rows downwards, its numbers in the cells while they fit.

    `track` "panel" is the panel's own; a number or a choice picks that track's matrix and draws it
    always. `at` names the choices on the array's axes between its tracks and the matrix.
    """
    rows, columns = shape
    look = {
        "colorscale": SIGNED,
        "zmin": -limit,
        "zmax": limit,
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "texttemplate": "%{z:.2f}" if rows * columns <= 64 else "",
        "hovertemplate": "case %{y}, unit %{x}: %{z:.6~g}<extra></extra>",
    }
    own = track == "panel"
    return {
        "track": "panel" if own else None,
        "type": "heatmap",
        "style": {**look, **style},
        "x": list(range(columns)),
        "y": list(range(rows)),
        "z": {**now(array), "index": ["track" if own else track, *at, ":", ":"]},
    }


def cells(count: int, title: str, *, downwards: bool = False) -> Spec:
    """Lay out whole-numbered cells along an axis, each with its number, from 0."""
    edges = [-0.5, count - 0.5]
    return {
        "title": title,
        "range": edges[::-1] if downwards else edges,
        "grid": False,
        "ticks": [[place, str(place)] for place in range(count)],
    }


def chart(name: str, title: str, takeaway: str, **more: object) -> Spec:
    """Describe a chart that spans the whole width, one panel a track, unless `more` says else."""
    return {
        "id": name,
        "title": title,
        "takeaway": takeaway,
        "span": 12,
        "repeat": "tracks",
        **more,
    }
