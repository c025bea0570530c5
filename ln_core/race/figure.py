"""The charts of the MLP race: pure functions from a config to the spec that the player draws.

The arrays that the bindings name are those of `ln_core.race.trainer`.
"""

from ln_core.figures import curves
from ln_core.figures.bins import bin_centres
from ln_core.figures.parts import (
    HIDDEN_AT_FIRST,
    INK,
    ROW,
    Spec,
    by_layer,
    film_map,
    layer_choice,
    loss_axis,
    section,
    steps_axis,
    trace,
    variant_specs,
    with_marks,
)
from ln_core.race.config import (
    DIGITS,
    GRID,
    GRID_EDGE,
    PERCENTILES,
    SAMPLE,
    TILE,
    MlpConfig,
    views,
)
from ln_core.runs.matrix_text import LARGEST

# Of two classes: yellow and violet, far apart for every eye, and no variant's. Points are darker.
CLASSES = ("#d4bb00", "#7b4fb3")


def mlp_figure(config: MlpConfig) -> Spec:
    """Describe every chart of one race."""
    plane = config.data != "mnist"
    curves_of = (test_error(config), loss(config), gradient_norm(config))
    answered = {**boundary(), "span": 7} if plane else {**answers(), "span": 5.5}
    maps = {**spread(config), "span": 12 - answered["span"]}
    sections = [
        section(None, [*({**chart, "span": 4} for chart in curves_of), answered, maps]),
        section(
            "Before and after normalization",
            [histograms(), ribbons(config, "summed"), ribbons(config, "normed")],
        ),
        section(
            "The two sets of statistics",
            [statistics(config, "unit"), statistics(config, "case")],
        ),
        section("Layer by layer", [weight_norm(config), dead(config)]),
    ]
    if "batch" in config.variants:
        batch = config.variants.index("batch")
        sections.append(
            section(
                "Batch Norm's two modes", [mode_loss(config, batch), running_gap(config, batch)]
            )
        )
    figure = {
        "variants": variant_specs(config.variants, hidden=HIDDEN_AT_FIRST),
        "choices": [
            layer_choice(config.depth, "Which hidden layer the charts of one layer show."),
            {
                "id": "side",
                "label": "Spread",
                "options": ["after norm", "before"],
                "value": 0,
                "help": "Spread of the numbers after norm, gain and bias, or before: a.",
            },
        ],
        "sections": sections,
        "matrix_link": matrix_link(),
    }
    return with_marks(figure, config.named_changes)


def matrix_link() -> Spec:
    """Offer each network's summed inputs of the moment to the matrix page, by a link."""
    return {
        "array": "block",
        "index": ["variant", "layer", ":", ":"],
        "page": "matrix",
        "field": "matrix",
        "limit": LARGEST,
        "text": "Edit the layer's pre-activations",
    }


def loss(config: MlpConfig) -> Spec:
    """Training loss at every step."""
    return curves.loss_curve(
        config,
        takeaway="Of each mini-batch.",
        span=3,
        y=loss_axis(0.1, 10),
    )


def test_error(config: MlpConfig) -> Spec:
    """Error on cases that were not trained on."""
    return curves.error_curve(
        config,
        takeaway="Wrong answers to unseen examples.",
        span=3,
        y={"title": "error, %", "range": [0, 100 * (1 - 1 / config.classes) + 5], "grow": True},
    )


def boundary() -> Spec:
    """What each network answers at every point of the plane."""
    edge = {"range": [-1.25, 1.25], "hidden": True, "square": True}
    grid = [round(GRID_EDGE * (2 * k / (GRID - 1) - 1), 4) for k in range(GRID)]
    image = {
        "colorscale": [[0, CLASSES[0]], [0.5, "@background"], [1, CLASSES[1]]],
        "zmin": 0,
        "zmax": 255,
        "zsmooth": "best",
        "showscale": False,
        "hoverinfo": "skip",
    }
    points = {"array": "points", "over": "now"}
    dots = {
        "mode": "markers",
        "hoverinfo": "skip",
        "marker": {
            "size": 5,
            "line": {"width": 0.75, "color": "@text"},
            "color": {**points, "index": ["variant", ":", 2]},
            "cmin": 0,
            "cmax": 1,
            "colorscale": [[0, CLASSES[0]], [1, CLASSES[1]]],
        },
    }
    return {
        "id": "boundary",
        "title": "Decision boundary",
        "takeaway": "What each network answers at every point of the plane.",
        "span": 7,
        "height": ROW,
        "repeat": "variants",
        "x": edge,
        "y": edge,
        "traces": [
            trace(
                "panel",
                image,
                kind="heatmap",
                x=grid,
                y=grid,
                z={"array": "boundary", "over": "now", "index": ["variant", ":", ":"]},
            ),
            trace(
                "panel",
                dots,
                x={**points, "index": ["variant", ":", 0]},
                y={**points, "index": ["variant", ":", 1]},
            ),
        ],
    }


def answers() -> Spec:
    """Draw some test digits, and what each network reads."""
    down, across = DIGITS
    rows, columns = down * TILE[0], across * TILE[1]
    read = {"array": "answers", "over": "now"}
    words = {
        "mode": "markers+text",
        "hoverinfo": "skip",
        "text": {**read, "index": ["variant", ":", 0]},
        "texttemplate": " %{text:.0f}",
        "textposition": "middle right",
        "textfont": {"color": "@variant"},
        "marker": {
            "symbol": "x",
            "size": 8,
            "color": {**read, "index": ["variant", ":", 1]},
            "cmin": 0,
            "cmax": 1,
            "colorscale": [[0, "@background"], [1, "@text"]],
        },
    }
    places = [(row, column) for row in range(down) for column in range(across)]
    return {
        "id": "answers",
        "title": "Answers to unseen digits",
        "takeaway": "× is wrong.",
        "span": 4,
        "height": ROW,
        "repeat": "variants",
        "x": {"hidden": True, "square": True, "range": [-1, columns]},
        "y": {"hidden": True, "range": [rows, -1]},
        "traces": [
            trace(
                "panel",
                {**INK, "once": True},
                kind="heatmap",
                x=list(range(columns)),
                y=list(range(rows)),
                z={"array": "digits", "over": "now", "index": ["variant", ":", ":"]},
            ),
            trace(
                "panel",
                words,
                x=[TILE[1] * column + 9 for _, column in places],
                y=[TILE[0] * row + 35 for row, _ in places],
            ),
        ],
    }


def spread(config: MlpConfig) -> Spec:
    """Map how far the values of every layer lie apart, over the whole run."""
    layers = range(1, config.depth + 1)
    return film_map(
        "spread",
        config.depth,
        config.steps,
        of=("side",),
        id="spread",
        title="Spread by layer",
        takeaway=f"Standard deviation.{' Click a layer.' * (config.depth > 1)}",
        chooses={"choice": "layer", "from": 1},
        y={
            "title": "layer",
            "range": [0.5, config.depth + 0.5],
            "grid": False,
            "ticks": [[n, str(n)] for n in layers if config.depth <= 6 or n == 1 or n % 5 == 0],
        },
    )


def ribbons(config: MlpConfig, array: str) -> Spec:
    """Percentiles of one layer's values over time."""
    before = array == "summed"
    x = {"over": "frames", "of": array}

    def edge(percentile: int, **style: object) -> Spec:
        bind = {"array": array, "over": "frames", "index": ["variant", "layer", percentile]}
        meta = f"percentile {PERCENTILES[percentile]}"
        quiet = {"meta": meta, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
        return trace("panel", {**quiet, **style}, x=x, y=bind)

    return {
        "id": f"ribbons_{array}",
        "title": "Pre-activations a" if before else "After normalization, gain and bias",
        "takeaway": (
            f"Median, middle half and nine tenths of a layer's values (at most {SAMPLE:,})."
            if before
            else "The same percentiles of what the activation function receives."
        ),
        "span": 12,
        "height": ROW,
        "repeat": "variants",
        "x": steps_axis(config.steps),
        "y": {
            "title": "a" if before else "what f receives",
            "symlog": True,
            "range": [-10, 10],
            "grow": True,
        },
        "traces": [
            edge(0),
            edge(4, fill="tonexty", fillcolor="@variant/0.2"),
            edge(1),
            edge(3, fill="tonexty", fillcolor="@variant/0.35"),
            edge(2, line={"color": "@variant", "width": 2}, hoverinfo="x+y"),
        ],
    }


def histograms() -> Spec:
    """One layer's values now, before and after normalization."""
    centres = bin_centres()

    def shape(array: str, style: Spec) -> Spec:
        bind = {"array": array, "over": "now", "index": ["variant", "layer", ":"], "scale": 1 / 255}
        return trace("panel", {"hoverinfo": "skip", **style}, x=centres, y=bind)

    return {
        "id": "histograms",
        "title": "Distribution now",
        "takeaway": "Grey: pre-activations a. Coloured: after normalization, gain and bias.",
        "span": 12,
        "height": ROW,
        "repeat": "variants",
        "x": {
            "title": "value",
            "symlog": True,
            "range": [-100, 100],
        },
        "y": {"title": "count, highest = 1", "range": [0, 1.05], "ticks": [[0, "0"], [1, "1"]]},
        "traces": [
            shape(
                "summed_histogram",
                {
                    "meta": "before normalization",
                    "mode": "lines",
                    "line": {"shape": "hvh", "width": 1.5, "color": "@muted"},
                    "fill": "tozeroy",
                    "fillcolor": "@muted/0.25",
                },
            ),
            shape(
                "normed_histogram",
                {
                    "meta": "after normalization",
                    "mode": "lines",
                    "line": {"shape": "hvh", "width": 2, "color": "@variant"},
                    "fill": "tozeroy",
                    "fillcolor": "@variant/0.2",
                },
            ),
        ],
    }


def statistics(config: MlpConfig, per: str) -> Spec:
    """Mean and standard deviation of the summed inputs, per unit or per case."""
    unit = per == "unit"
    largest = max(size for _, size in config.batch_sizes)  # changes in mid-run make it another
    most, all_of_it = views(config.depth), config.width if unit else largest
    first = f" At most {most} are shown." if all_of_it > most else ""
    dots = {
        "mode": "markers",
        "marker": {"color": "@variant/0.6", "size": 5, "symbol": "@symbol"},
    }
    return {
        "id": f"statistics_{per}",
        "title": "Batch Norm's view: a dot for each unit"
        if unit
        else "Layer Norm's view: a dot for each example",
        "takeaway": (
            f"Its mean and standard deviation over the mini-batch.{first}"
            if unit
            else f"Mean and standard deviation of its pre-activations over the units.{first}"
        ),
        "span": 12,
        "height": ROW,
        "repeat": "variants",
        "x": {"title": "mean", "symlog": True, "range": [-10, 10], "grow": True},
        "y": {"title": "standard deviation", "symlog": True, "range": [0, 10], "grow": True},
        "traces": [
            trace(
                "panel",
                dots,
                x={"array": f"{per}_mean", "over": "now", "index": ["variant", "layer", ":"]},
                y={"array": f"{per}_std", "over": "now", "index": ["variant", "layer", ":"]},
            )
        ],
    }


def gradient_norm(config: MlpConfig) -> Spec:
    """Size of every layer's weight gradient now."""
    return by_layer(
        len(config.variants),
        "gradient_norm",
        config.depth + 1,
        title="Gradient by layer",
        takeaway="Of weights, now.",
        y={"title": "length, log scale", "log": True, "range": [1e-3, 10], "grow": True},
    )


def weight_norm(config: MlpConfig) -> Spec:
    """Size of every layer's weights now."""
    return by_layer(
        len(config.variants),
        "weight_norm",
        config.depth + 1,
        title="Length of the weights by layer",
        takeaway="The root of the sum of their squares, now.",
        y={"title": "length, log scale", "log": True, "range": [1, 100], "grow": True},
    )


def dead(config: MlpConfig) -> Spec:
    """Share of units that no longer respond."""
    title, takeaway = {
        "relu": (
            "Dead units",
            "Share of units that are 0 for every unseen example; evaluation mode.",
        ),
        "tanh": (
            "Saturated units",
            "Share of outputs beyond 0.99 in size, over unseen examples; evaluation mode.",
        ),
        "identity": ("Dead units", "A linear unit is never dead or saturated."),
    }[config.activation]
    chart = by_layer(
        len(config.variants),
        "dead",
        config.depth,
        title=title,
        takeaway=takeaway,
        y={"title": "share, %", "range": [-2, 102]},
    )
    for drawn in chart["traces"]:
        drawn["y"] = {**drawn["y"], "scale": 100}
    return chart


def mode_loss(config: MlpConfig, batch: int) -> Spec:
    """Batch Norm's loss on one and the same mini-batch, in its two modes."""
    x = {"over": "frames", "of": "mode_loss"}

    def mode(index: int, name: str, dash: str) -> Spec:
        return trace(
            batch,
            {
                "name": name,
                "mode": "lines",
                "line": {"color": "@variant", "dash": dash, "width": 2},
            },
            x=x,
            y={"array": "mode_loss", "over": "frames", "index": ["variant", index]},
        )

    off = any(change.value == "out-fresh" for change in config.changes)
    constants = "; while off, 0 and 1" if off else ""
    return {
        "id": "mode_loss",
        "title": "The same mini-batch in both modes",
        "takeaway": "Solid: training mode. "
        f"Dotted: evaluation mode (running statistics{constants}).",
        "span": 6,
        "height": ROW,
        "x": steps_axis(config.steps),
        "y": loss_axis(0.1, 10),
        "traces": [mode(0, "training mode", "solid"), mode(1, "evaluation mode", "dot")],
    }


def running_gap(config: MlpConfig, batch: int) -> Spec:
    """How far the running statistics are from the mini-batch's own."""
    x = {"over": "frames", "of": "running_gap"}

    def gap(index: int, name: str, dash: str) -> Spec:
        return trace(
            batch,
            {
                "name": name,
                "mode": "lines",
                "line": {"color": "@variant", "dash": dash, "width": 2},
            },
            x=x,
            y={"array": "running_gap", "over": "frames", "index": ["variant", "layer", index]},
        )

    return {
        "id": "running_gap",
        "title": "Batch statistics against running statistics",
        "takeaway": "Solid: gap of means / running σ. "
        "Dotted: |log₂(batch σ / running σ)|. RMS over the layer.",
        "span": 6,
        "height": ROW,
        "x": steps_axis(config.steps),
        "y": {"title": "gap", "symlog": True, "range": [0, 3], "grow": True},
        "traces": [gap(0, "mean", "solid"), gap(1, "standard deviation", "dot")],
    }
