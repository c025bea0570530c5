"""Curves over a whole run: losses, errors and norms of every variant."""

from typing import Any, Protocol

from ln_core.figures.parts import (
    ROW,
    SMOOTHING,
    Bind,
    Spec,
    line,
    marked,
    over_seeds,
    steps_axis,
    trace,
)


class Training(Protocol):
    """What curves have to know of a config."""

    @property
    def shards(self) -> tuple[tuple[str, ...], ...]:
        """The variants that are trained."""

    @property
    def seeds(self) -> int:
        """Networks of each variant."""

    @property
    def steps(self) -> int:
        """Training steps of the whole run."""


def curve(
    config: Training,
    array: str,
    *,
    over: str = "frames",
    style: Bind | None = None,
    bind: Bind | None = None,
    **words: object,
) -> Spec:
    """Draw each variant's mean over seeds and their band; `bind` says more of the values."""
    x = {"over": over, "of": array}
    y = {"array": array, "over": over, "index": ["variant", ":"], **(bind or {})}
    return {
        "id": array,
        "span": 4,
        "height": ROW,
        "x": steps_axis(config.steps),
        "traces": over_seeds(_count(config), config.seeds, x, y, style or line()),
        **words,
    }


def smoothed(config: Training, array: str, **words: Any) -> Spec:  # noqa: ANN401
    """Draw what every step measures, smoothed."""
    return curve(config, array, over="steps", bind={"smooth": SMOOTHING}, **words)


def loss_curve(config: Training, **words: object) -> Spec:
    """Draw the training loss at every step: raw faint, smoothed over it."""
    x = {"over": "steps", "of": "loss"}
    y = {"array": "loss", "over": "steps", "index": ["variant", ":"], "reduce": "mean"}
    raw = {
        "meta": "as measured",
        "mode": "lines",
        "line": {"color": "@variant/0.22", "width": 1},
        "hoverinfo": "skip",
    }
    faint = [trace(variant, raw, x=x, y=y, fits=False) for variant in range(_count(config))]
    chart = smoothed(config, "loss", **words)
    return {"title": "Training loss", **chart, "traces": [*faint, *chart["traces"]]}


def error_curve(config: Training, style: Bind | None = None, **words: Any) -> Spec:  # noqa: ANN401
    """Draw the share of wrong answers to what was not trained on."""
    chart = curve(config, "test_error", style=style or marked(5), bind={"scale": 100}, **words)
    return {"title": "Test error", "y": {"title": "error, %", "range": [0, 105]}, **chart}


def _count(config: Training) -> int:
    return sum(map(len, config.shards))
