"""The charts of one batch split over replicas."""

import math

from ln_core.figures.cells import bars, chart, now
from ln_core.figures.parts import ROW, Spec, marked, reference, section, trace, variant_specs
from ln_core.see.replicas.config import SPLIT_BATCH, SPLITS, ReplicasConfig


def replicas_figure(config: ReplicasConfig) -> Spec:
    """Describe what splitting a batch does to gradients and statistics."""
    return {
        "variants": variant_specs(config.variants),
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
        "Cosine of the replicas' mean gradient and the whole batch's; 1 is the same.",
        {"title": "cosine", "range": [-0.1, 1.1]},
    )


def length() -> Spec:
    """Length of the mean gradient against the undivided one's."""
    return _over_splits(
        "length",
        "Same length?",
        "Length of the replicas' mean gradient, relative to the whole batch's.",
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
        "Cosine of its own gradient to the whole batch's. Synchronized replicas have none.",
        height=ROW,
        # The batch stays where it is, however it is split.
        x={
            "title": "example of the batch",
            "range": [0, SPLIT_BATCH],
            "ticks": [[case, str(case)] for case in range(0, SPLIT_BATCH + 1, SPLIT_BATCH // 4)],
        },
        y={"title": "cosine", "range": [-1, 1]},
        traces=[own],
        nothing="its replicas share statistics",
    )


def estimate(array: str) -> Spec:
    """How far the replicas' means and variances are from the batch's, measured and expected."""
    scatter = array == "scatter"
    expected = [_expected(array, SPLIT_BATCH // K) for K in SPLITS]
    measured = marked(7)
    places = list(range(len(SPLITS)))
    return chart(
        array,
        "Means scatter" if scatter else "Variances shrink",
        "First layer: gap of a replica's mean, in standard deviations. Grey: expected at random."
        if scatter
        else "First layer: mean ratio of a replica's variance to the batch's. "
        "Grey: expected at random.",
        span=6,
        repeat=False,
        height=ROW,
        x=_splits(),
        y={"title": "gap" if scatter else "ratio", "range": [0, 1.05]},
        traces=[
            reference("expected for random shares", places, expected),
            trace("each", measured, x=places, y=now(array, ":")),
        ],
    )


def _expected(array: str, n: int) -> float:
    """Expect of n cases drawn from N without replacement."""
    N = SPLIT_BATCH
    if array == "scatter":
        return math.sqrt((N - n) / (n * (N - 1)))
    return (n - 1) / n * N / (N - 1)
