"""The charts of the geometry: what a factor on the weights does, and how they grow."""

from ln_core.figures.cells import bars, chart, now
from ln_core.figures.parts import (
    ROW,
    Spec,
    level,
    line,
    loss_axis,
    marked,
    reference,
    section,
    trace,
    variant_specs,
)
from ln_core.see.geometry.config import BLOCKS, FACTORS, PAPER_CURVATURE, GeometryConfig


def geometry_figure(config: GeometryConfig) -> Spec:
    """Describe the measurements of section 5."""
    return {
        "variants": variant_specs(config.variants, hidden=("rms", "weight")),
        "choices": [],
        "sections": [
            section(None, [output_change(config), gradient_ratio(config), turn(config)]),
            section(
                "The length of the weights in training",
                [weight_length(config), effective_rate(config), loss(config)],
            ),
            section("Curvature", [fisher(config), radial()]),
        ],
    }


def output_change(config: GeometryConfig) -> Spec:
    """Whether the output notices a factor on the weights."""
    most = 16 if config.scope == "all" else 4
    return _over_factors(
        "output_change",
        "Does the output change?",
        "Relative change of the outputs when the weights are scaled; 0 is none.",
        {"title": "change", "range": [-most / 10, most]},
    )


def gradient_ratio(config: GeometryConfig) -> Spec:
    """How the gradient follows a factor on the weights, beside one over the factor."""
    is_whole = config.scope == "all"
    thin = " Thin line: one over the factor." if is_whole else ""
    return _over_factors(
        "gradient_ratio",
        "How the gradient changes",
        f"Length of the gradient, relative to factor 1.{thin}",
        {"title": "ratio, log scale", "log": True, "range": [0.03, 10]},
        expected=[1 / factor for factor in FACTORS] if is_whole else None,
    )


def turn(config: GeometryConfig) -> Spec:
    """How far the same learning rate turns the weights."""
    # One row among others: where a norm mixes the units, its longer weights may turn more.
    before = "With a norm" if config.scope == "all" else "With Batch and Weight Norm"
    return _over_factors(
        "turn",
        "How far one step turns the weights",
        f"Angle of the first step, at one rate. {before} longer weights turn less.",
        {"title": "degrees, log scale", "log": True, "range": [0.1, 100], "grow": True},
    )


def _over_factors(
    array: str, title: str, takeaway: str, y: Spec, expected: list[float] | None = None
) -> Spec:
    return chart(
        array,
        title,
        takeaway,
        span=4,
        repeat=False,
        height=ROW,
        x={
            "title": "weights ×",
            "log": True,
            "range": [0.2, 20],
            "ticks": [[factor, f"{factor:g}"] for factor in FACTORS],
        },
        y=y,
        traces=[
            *([reference("one over the factor", list(FACTORS), expected)] if expected else []),
            trace("each", marked(6), x=list(FACTORS), y=now(array, ":")),
        ],
    )


def weight_length(config: GeometryConfig) -> Spec:
    """The length of W at every step."""
    drawn = _over_steps(
        config,
        "weight_length",
        "Does W grow?",
        "Length of W. Faint: by Pythagoras, as if every step stood at right angles to W.",
        {"title": "length of W", "range": [5, 15], "grow": True},
    )
    predicted = {
        "meta": "by Pythagoras",
        "mode": "lines",
        "line": {"color": "@variant/0.35", "width": 6},
        "hoverinfo": "skip",
    }
    steps = list(range(config.training_steps + 1))
    drawn["traces"].insert(0, trace("each", predicted, x=steps, y=now("predicted_length", ":")))
    return drawn


def effective_rate(config: GeometryConfig) -> Spec:
    """What the growing length makes of the learning rate."""
    return _over_steps(
        config,
        "effective_rate",
        "The learning rate decays by itself",
        "Learning rate over the squared length of W. With a norm, a lower rate turns W less.",
        {"title": "rate, log scale", "log": True, "range": [0.03, 1], "grow": True},
    )


def loss(config: GeometryConfig) -> Spec:
    """Cross-entropy on the batch."""
    return _over_steps(
        config,
        "loss",
        "Loss",
        "Cross-entropy on the one batch that is trained on.",
        loss_axis(0.01, 10),
    )


def _over_steps(config: GeometryConfig, array: str, title: str, takeaway: str, y: Spec) -> Spec:
    steps = list(range(config.training_steps + 1))
    return chart(
        array,
        title,
        takeaway,
        span=4,
        repeat=False,
        height=ROW,
        x={"title": "step", "range": [0, config.training_steps]},
        y=y,
        traces=[trace("each", line(), x=steps, y=now(array, ":"))],
    )


def fisher(config: GeometryConfig) -> Spec:
    """How the blocks of the Fisher matrix follow the factor."""
    what = "all weights" if config.scope == "all" else "one row"
    return chart(
        "fisher",
        "Blocks of the Fisher matrix",
        f"Ratio after {what} × {config.factor:g}. Grey line: the paper's 1/2 for a doubling.",
        height=ROW + 18,
        x={
            "title": "",
            "range": [-0.5, 2.5],
            "ticks": list(map(list, enumerate(("WW", "Wg", "gg")))),
        },
        y={"title": "ratio", "range": [0, 1.2], "grow": True},
        traces=[bars([0, 1, 2], now("fisher", ":"), hovertext=list(BLOCKS))],
        shapes=[level(PAPER_CURVATURE, "the paper's 1/2 for a doubling")],
    )


def radial() -> Spec:
    """Which right angles and which zero sums hold."""
    names = ("W", "each row", "column sums")
    return chart(
        "radial",
        "Right angles",
        "Bars at exactly 0: the gradient is at right angles to W; to each row; columns sum to 0.",
        height=ROW + 18,
        x={"title": "", "range": [-0.5, 2.5], "ticks": list(map(list, enumerate(names)))},
        y={"title": "abs cosine, or size", "range": [0, 1.1]},
        traces=[bars([0, 1, 2], now("radial", ":"))],
    )
