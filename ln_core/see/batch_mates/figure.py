"""The charts of the batch-mate experiment, and of one batch split over replicas."""

import math

from ln_core.figures.cells import COVERED, bars, cells, chart, framed, now, see_tracks
from ln_core.figures.parts import ROW, Spec, marked, section, trace
from ln_core.see.batch_mates.config import SPLIT_BATCH, SPLITS, MatesConfig, ReplicasConfig
from ln_core.see.digits import HIDDEN

UNITS, CLASSES, TILE = 32, 10, 28


def mates_figure(config: MatesConfig) -> Spec:
    """Describe what happens to the pinned digit."""
    return {
        "tracks": see_tracks(config.tracks, hidden=("none",)),
        "choices": [
            {
                "id": "layer",
                "label": "Hidden layer",
                "options": [str(layer + 1) for layer in range(HIDDEN)],
                "value": HIDDEN - 1,
                "help": "Which hidden layer the charts of activations show.",
            }
        ],
        "sections": [
            section(None, [batch(), probability(config), hidden(config)]),
            section("How much company counts", [spread(), influence(config)]),
        ],
    }


def batch() -> Spec:
    """The digits of the first draw."""
    ink = {
        "colorscale": [[0, "@background"], [1, "@text"]],
        "zmin": 0,
        "zmax": 255,
        "showscale": False,
        "hoverinfo": "skip",
    }
    width, height = 8 * TILE, 4 * TILE
    tile = framed((TILE - 1) / 2, (TILE - 1) / 2)
    edges = {"x0": -0.5, "x1": TILE - 0.5, "y0": -0.5, "y1": TILE - 0.5}
    return chart(
        "batch",
        "The batch of the first draw",
        "The pinned digit is framed; at most 32 digits are shown.",
        span=4,
        repeat=False,
        height=ROW + 30,
        x={"hidden": True, "range": [-1, width]},
        y={"hidden": True, "range": [height, -1]},
        traces=[
            {
                "track": None,
                "type": "heatmap",
                "style": ink,
                "x": list(range(width)),
                "y": list(range(height)),
                "z": {**now("batch", ":", ":"), "index": [0, ":", ":"]},
            }
        ],
        shapes=[{**tile, **edges}],
        layout={"yaxis": {"scaleanchor": "x", "visible": False, "range": [height, -1]}},
    )


def probability(config: MatesConfig) -> Spec:
    """What each net answers, draw by draw."""
    return chart(
        "probability",
        "Answer to the pinned digit",
        "One row a draw of neighbours: the probability of each class. Equal rows: no influence.",
        span=8,
        height=ROW + 30,
        **_rows(config, "probability", CLASSES, "class"),
        traces=[_draws("probability", 1.0, ":", ":")],
    )


def hidden(config: MatesConfig) -> Spec:
    """What goes on inside, draw by draw."""
    return chart(
        "hidden",
        "Hidden activations of the pinned digit",
        "One row a draw, one column a unit. Stripes that run straight down: no influence.",
        height=ROW + 30,
        **_rows(config, "hidden", UNITS, "unit"),
        traces=[_draws("hidden", 3.0, "layer", ":", ":")],
    )


def _draws(array: str, top: float, *index: int | str) -> Spec:
    look = {"colorscale": COVERED, "zmin": 0, "zmax": top, "showscale": False}
    hover = {"hovertemplate": "draw %{y}, %{x}: %{z:.3~g}<extra></extra>"}
    return trace("panel", {**look, **hover}, kind="heatmap", z=now(array, *index))


def _rows(config: MatesConfig, array: str, columns: int, title: str) -> Spec:
    x = cells(columns, title)
    if columns > 16:
        x["ticks"] = [[unit, str(unit)] for unit in range(0, columns, 8)]
    return {"x": x, "y": {"title": "draw", "range": [config.draws - 0.5, -0.5]}}


def spread() -> Spec:
    """How far each unit's activation is moved by neighbours."""
    return chart(
        "spread",
        "Spread over the draws, unit by unit",
        "Standard deviation of each unit's activation over all draws.",
        height=ROW,
        x={"title": "unit", "range": [-0.5, UNITS - 0.5]},
        y={"title": "deviation", "range": [0, 1], "grow": True},
        traces=[bars(list(range(UNITS)), now("spread", "layer", ":"))],
    )


def influence(config: MatesConfig) -> Spec:
    """Which cases of the batch the answer depends on."""
    N = config.batch_size
    return chart(
        "influence",
        "Whose pixels move the answer",
        "Length of the answer's gradient by each case's pixels; case 0 is the pinned digit.",
        height=ROW,
        x={"title": "case", "range": [-0.5, N - 0.5]},
        y={"title": "length", "range": [0, 1], "grow": True},
        traces=[bars(list(range(N)), now("influence", ":"))],
    )


def replicas_figure(config: ReplicasConfig) -> Spec:
    """Describe what splitting a batch does to gradients and statistics."""
    return {
        "tracks": see_tracks(config.tracks),
        "choices": [],
        "sections": [
            section(None, [cosine(), length(), own_cosine(config)]),
            section("Batch Norm's statistics", [estimate("scatter"), estimate("shrink")]),
        ],
    }


def cosine() -> Spec:
    """Direction of the mean gradient against the undivided one's."""
    return _over_splits(
        "cosine",
        "Same direction?",
        "Cosine of the replicas' mean gradient and the undivided batch's; 1 is the same.",
        {"title": "cosine", "range": [-0.1, 1.1]},
    )


def length() -> Spec:
    """Length of the mean gradient against the undivided one's."""
    return _over_splits(
        "length",
        "Same length?",
        "Length of the replicas' mean gradient, relative to the undivided batch's.",
        {"title": "ratio, log scale", "log": True, "range": [0.1, 10], "grow": True},
    )


def _over_splits(array: str, title: str, takeaway: str, y: Spec) -> Spec:
    style = marked(7)
    return chart(
        array,
        title,
        takeaway,
        span=6,
        repeat=False,
        height=ROW,
        x=_splits(),
        y=y,
        traces=[trace("each", style, x=list(range(len(SPLITS))), y=now(array, ":"))],
    )


def _splits() -> Spec:
    return {
        "title": "replicas",
        "range": [-0.3, len(SPLITS) - 0.7],
        "ticks": [[at, str(K)] for at, K in enumerate(SPLITS)],
    }


def own_cosine(config: ReplicasConfig) -> Spec:
    """Each replica's own direction."""
    n = SPLIT_BATCH // config.replicas
    replicas = list(range(config.replicas))
    own = bars(
        [(k + 0.5) * n for k in replicas],
        now("own_cosine", ":"),
        width=[0.9 * n for _ in replicas],
        customdata=replicas,
        hovertemplate="replica %{customdata}: %{y:.3~g}<extra></extra>",
    )
    return chart(
        "own_cosine",
        "Each replica by itself",
        "Cosine of each replica's own gradient, over its cases; synchronized ones have none.",
        height=ROW,
        # The batch stays where it is, however it is split.
        x={
            "title": "case of the batch",
            "range": [0, SPLIT_BATCH],
            "ticks": [[case, str(case)] for case in range(0, SPLIT_BATCH + 1, SPLIT_BATCH // 4)],
        },
        y={"title": "cosine", "range": [-1, 1]},
        traces=[own],
    )


def estimate(array: str) -> Spec:
    """How far the replicas' means and variances are from the batch's, measured and expected."""
    scatter = array == "scatter"
    expected = [_expected(array, SPLIT_BATCH // K) for K in SPLITS]
    measured = marked(7)
    theory = {"name": "expected", "mode": "lines", "line": {"color": "@muted", "dash": "dot"}}
    places = list(range(len(SPLITS)))
    return chart(
        array,
        "Means scatter" if scatter else "Variances shrink",
        "Gap of a replica's mean, in deviations. Dotted: expected of random shares."
        if scatter
        else "Mean variance of a replica over the batch's. Dotted: expected of random shares.",
        span=6,
        repeat=False,
        height=ROW,
        x=_splits(),
        y={"title": "gap" if scatter else "ratio", "range": [0, 1.05]},
        traces=[
            {"track": None, "type": "scatter", "style": theory, "x": places, "y": expected},
            trace("each", measured, x=places, y=now(array, ":")),
        ],
    )


def _expected(array: str, n: int) -> float:
    """Expect of n cases drawn from N without replacement."""
    N = SPLIT_BATCH
    if array == "scatter":
        return math.sqrt((N - n) / (n * (N - 1)))
    return (n - 1) / n * N / (N - 1)
