"""Parts that the figures of snapshots share: heat maps and bars of small matrices."""

from ln_core.figures.parts import Spec, trace


def now(array: str, *index: int | str, **more: object) -> Spec:
    """Bind an array's latest values: of the trace's variant, then `index` on the other axes."""
    return {"array": array, "over": "now", "index": ["variant", *index], **more}


def bars(x: object, y: Spec, *, variant: str = "panel", **style: object) -> Spec:
    """Draw a bar for each entry of a vector, one group of bars a variant."""
    marker = {"color": "@variant/0.75", "line": {"color": "@variant", "width": 1}}
    return trace(variant, {"marker": marker, **style}, kind="bar", x=x, y=y)


FRAME = {"type": "rect", "line": {"color": "@text", "width": 2}}


def framed(row: float, column: float, *, rows: int = 1) -> Spec:
    """Frame one cell of a heat map, or `rows` of them one below the other."""
    corners = {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + rows - 0.5}
    return {**FRAME, **corners}


def framed_by(row: str, column: str) -> Spec:
    """Frame the cell of a heat map that two choices name."""
    return {**FRAME, "on": {"x": column, "y": row}}


SIGNED = [[0, "#0072b2"], [0.5, "@background"], [1, "#d55e00"]]  # centred at 0
COVERED = [[0, "@background"], [1, "@variant"]]  # from none to all


def heat(
    array: str,
    shape: tuple[int, int],
    limit: float,
    *,
    variant: int | str = "panel",
    at: tuple[str, ...] = (),
    **style: object,
) -> Spec:
    """Draw a matrix, rows downwards, its numbers in the cells while they fit.

    `variant` "panel" is the panel's own; a number or a choice picks a variant, whose matrix is
    always drawn. `at` names the choices on the array's axes between its variants and the matrix.
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
    own = variant == "panel"
    return {
        "variant": "panel" if own else None,
        "type": "heatmap",
        "style": {**look, **style},
        "x": list(range(columns)),
        "y": list(range(rows)),
        "z": {**now(array), "index": ["variant" if own else variant, *at, ":", ":"]},
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
    """Describe a chart that spans the whole width, one panel a variant, unless `more` says else."""
    return {
        "id": name,
        "title": title,
        "takeaway": takeaway,
        "span": 12,
        "repeat": "variants",
        **more,
    }
