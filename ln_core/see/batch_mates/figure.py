"""The charts of the batch-mate experiment."""

import math

from ln_core.figures.cells import COVERED, bars, cells, chart, now
from ln_core.figures.parts import INK, ROW, Spec, layer_choice, section, trace, variant_specs
from ln_core.see.batch_mates.config import PICTURED, BatchMatesConfig
from ln_core.see.digits import HIDDEN

UNITS, CLASSES, TILE = 32, 10, 28


def batch_mates_figure(config: BatchMatesConfig) -> Spec:
    """Describe what happens to the pinned digit."""
    return {
        "variants": variant_specs(config.variants, hidden=("none",)),
        "choices": [
            layer_choice(
                HIDDEN, "Which hidden layer the charts of activations show.", value=HIDDEN - 1
            )
        ],
        "sections": [
            section(None, [batch(config), probability(config), hidden(config)]),
            section("How much the neighbours matter", [spread(), influence(config)]),
        ],
    }


def batch(config: BatchMatesConfig) -> Spec:
    """The digits of the first draw."""
    rows, columns = config.tiles
    width, height = columns * TILE, rows * TILE
    edges = {"x0": -0.5, "x1": TILE - 0.5, "y0": -0.5, "y1": TILE - 0.5}
    pinned = {"type": "rect", "line": {"color": "@text", "width": 2}, **edges}
    return chart(
        "batch",
        "The batch of the first draw",
        f"The chosen digit is framed; at most {PICTURED} digits are shown.",
        span=4,
        repeat=False,
        height=ROW + 30,
        x={"hidden": True, "range": [-1, width], "square": True},
        y={"hidden": True, "range": [height, -1]},
        traces=[
            {
                "variant": None,
                "type": "heatmap",
                "style": INK,
                "x": list(range(width)),
                "y": list(range(height)),
                "z": {**now("batch", ":", ":"), "index": [0, ":", ":"]},
            }
        ],
        shapes=[pinned],
    )


def probability(config: BatchMatesConfig) -> Spec:
    """What each net answers, draw by draw."""
    return chart(
        "probability",
        "Answer to the chosen digit",
        "Each row is one draw of neighbours: each class's probability. Equal rows: no influence.",
        span=8,
        height=ROW + 30,
        **_rows(config, "probability", CLASSES, "class"),
        traces=[_draws("probability", 1.0, ":", ":")],
    )


def hidden(config: BatchMatesConfig) -> Spec:
    """What goes on inside, draw by draw."""
    return chart(
        "hidden",
        "Hidden activations of the chosen digit",
        "Each row is one draw, each column a unit. Straight vertical stripes: no influence.",
        height=ROW + 30,
        **_rows(config, "hidden", UNITS, "unit"),
        traces=[_draws("hidden", 3.0, "layer", ":", ":")],
    )


def _draws(array: str, top: float, *index: int | str) -> Spec:
    shades = {"colorscale": COVERED, "zmin": 0, "zmax": top, "showscale": False}
    hover = {"hovertemplate": "draw %{y}, %{x}: %{z:.3~g}<extra></extra>"}
    return trace("panel", {**shades, **hover}, kind="heatmap", z=now(array, *index))


def _rows(config: BatchMatesConfig, array: str, columns: int, title: str) -> Spec:
    x = cells(columns, title)
    if columns > 16:
        x["ticks"] = [[unit, str(unit)] for unit in range(0, columns, 8)]
    rows = cells(config.draws, "draw")
    rows["ticks"] = rows["ticks"][:: math.ceil(config.draws / 8)]  # Plotly would write halves
    return {"x": x, "y": {**rows, "range": rows["range"][::-1]}}


def spread() -> Spec:
    """How far each unit's activation is moved by neighbours."""
    return chart(
        "spread",
        "Standard deviation over the draws, unit by unit",
        "How much each unit's activation varies over all draws.",
        height=ROW,
        x={"title": "unit", "range": [-0.5, UNITS - 0.5]},
        y={"title": "standard deviation", "range": [0, 1], "grow": True},
        traces=[bars(list(range(UNITS)), now("spread", "layer", ":"))],
    )


def influence(config: BatchMatesConfig) -> Spec:
    """Which examples of the batch the answer depends on."""
    N = config.batch_size
    return chart(
        "influence",
        "Whose pixels change the answer",
        "Gradient length, first draw: how far an example's pixels move the answer. 0: the chosen.",
        height=ROW,
        x={"title": "example", "range": [-0.5, N - 0.5]},
        y={"title": "length", "range": [0, 1], "grow": True},
        traces=[bars(list(range(N)), now("influence", ":"))],
    )
