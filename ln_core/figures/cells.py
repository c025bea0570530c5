"""Parts that the figures of snapshots share: grids of numbers, and bars."""

from ln_core.figures.parts import Spec, trace
from ln_core.formatting import number


def now(array: str, *index: int | str, **more: object) -> Spec:
    """Bind an array's latest values: of the trace's variant, then `index` on the other axes."""
    return {"array": array, "over": "now", "index": ["variant", *index], **more}


def bars(x: object, y: Spec, *, variant: str = "panel", **style: object) -> Spec:
    """Draw a bar for each entry of a vector, one group of bars a variant."""
    marker = {"color": "@variant/0.75", "line": {"color": "@variant", "width": 1}}
    return trace(variant, {"marker": marker, **style}, kind="bar", x=x, y=y)


def framed(row: int | str, column: int | str, *, rows: int = 1) -> Spec:
    """Frame a cell of a grid, or `rows` of them downwards; choices may name the place."""
    return {"row": row, "column": column, "rows": rows}


SIGNED = [[0, "#0072b2"], [0.5, "@background"], [1, "#d55e00"]]  # centred at 0
COVERED = [[0, "@background"], [1, "@variant"]]  # from none to all


def numbers(
    array: str,
    limit: float,
    *,
    variant: int | str = "panel",
    at: tuple[str, ...] = (),
    **style: object,
) -> Spec:
    """Colour the cells of a grid by a matrix: by its sign and size, unless `style` says else.

    `variant` "panel" is the panel's own; a number or a choice picks a variant, whose matrix is
    always drawn. `at` names the choices on the array's axes between its variants and the matrix.
    """
    own = variant == "panel"
    return {
        "variant": "panel" if own else None,
        "type": "cells",
        "style": {"colorscale": SIGNED, "zmin": -limit, "zmax": limit, **style},
        "z": {**now(array), "index": ["variant" if own else variant, *at, ":", ":"]},
    }


def colours(limit: float) -> str:
    """Say in a caption where the colours of `numbers` end."""
    return f"Colours: −{number(limit)} to {number(limit)}."


def counted(count: int, title: str) -> Spec:
    """Number the rows or columns of a grid, from 0."""
    return {"title": title, "names": [str(place) for place in range(count)]}


def grid(
    name: str,
    title: str,
    takeaway: str,
    rows: Spec,
    columns: Spec,
    traces: list[Spec],
    **more: object,
) -> Spec:
    """Describe a table of numbers on their colours, with two decimals unless `more` says else.

    A `format` of None shows colours alone.
    """
    drawn = {"kind": "grid", "rows": rows, "columns": columns, "traces": traces, "format": ".2f"}
    return chart(name, title, takeaway, **{**drawn, **more})


def cells(count: int, title: str) -> Spec:
    """Lay out whole-numbered places along an axis, each with its number, from 0."""
    return {
        "title": title,
        "range": [-0.5, count - 0.5],
        "grid": False,
        "ticks": [[place, str(place)] for place in range(count)],
    }


def chart(name: str, title: str, takeaway: str, **more: object) -> Spec:
    """Describe a chart that spans the whole width, one panel a variant, unless `more` says else."""
    return {
        "id": name,
        "title": title,
        "takeaway": takeaway,
        "span": 12,
        "repeat": "variants",
        **more,
    }
