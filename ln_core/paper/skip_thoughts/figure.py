"""The charts of skip-thoughts: each task's score against training steps, and the losses."""

from ln_core.figures.parts import (
    ROW,
    SMOOTHING,
    Spec,
    line,
    marked,
    over_seeds,
    section,
    steps_axis,
    trace,
    variant_specs,
)
from ln_core.paper.skip_thoughts.config import (
    CANDIDATES,
    CELL_NAMES,
    CHANCE,
    FOUND_WITHIN,
    TASKS,
    SkipConfig,
)

_TAKEAWAYS = {
    "kind": "A sentence of Moby-Dick, or of an address to Congress?",
    "era": "A sentence of an address: given before 1914?",
    "party": "Of an address since 1934: Democrat or Republican?",
    "order": "Two sentences in a row: are they swapped?",
    "next": f"The one that follows is among the first {FOUND_WITHIN} of {CANDIDATES}.",
}
_RANGES = {"kind": (40, 100), "era": (40, 100), "party": (40, 70), "order": (40, 70)}
_CHANCE_LINE = {
    "mode": "lines",
    "line": {"color": "@text", "width": 1, "dash": "dot"},
    "hoverinfo": "skip",
}


def skip_figure(config: SkipConfig) -> Spec:
    """Describe the scores of the frozen encoders, and the losses of what they were trained for."""
    return {
        "variants": variant_specs(config.variants, labels=CELL_NAMES),
        "choices": [],
        "sections": [
            section("The frozen encoder, tested", [_score(config, name) for name in TASKS]),
            section("What it is trained for", [_loss(config), _unseen(config)]),
        ],
    }


def _score(config: SkipConfig, name: str) -> Spec:
    array = f"score_{name}"
    bind = {"array": array, "over": "frames", "index": ["variant", ":"], "scale": 100}
    x = {"over": "frames", "of": array}
    style = marked(6)
    chance = {
        "variant": None,
        "type": "scatter",
        "style": _CHANCE_LINE,
        "x": [0, config.steps],
        "y": [100 * CHANCE[name]] * 2,
    }
    return {
        "id": array,
        "title": TASKS[name],
        "takeaway": f"{_TAKEAWAYS[name]} Dotted: chance.",
        "span": 4,
        "height": ROW,
        "x": steps_axis(config.steps),
        "y": {"title": "right, %", "range": list(_RANGES.get(name, (0, 50))), "grow": True},
        "traces": [chance, *over_seeds(len(config.variants), config.seeds, x, bind, style)],
    }


_NATS = {"title": "nats a word", "range": [3.5, 8], "grow": True}


def _loss(config: SkipConfig) -> Spec:
    bind = {"array": "loss", "over": "steps", "index": ["variant", ":"]}
    x = {"over": "steps", "of": "loss"}
    raw = {"mode": "lines", "line": {"color": "@variant/0.22", "width": 1}, "hoverinfo": "skip"}
    count = len(config.variants)
    faint = [
        trace(variant, raw, x=x, y={**bind, "reduce": "mean"}, fits=False)
        for variant in range(count)
    ]
    smooth = {**bind, "smooth": SMOOTHING}
    return {
        "id": "loss",
        "title": "Loss in training",
        "takeaway": "Cross-entropy of the neighbours' words, each batch.",
        "span": 6,
        "height": ROW,
        "x": steps_axis(config.steps),
        "y": _NATS,
        "traces": [*faint, *over_seeds(count, config.seeds, x, smooth, line())],
    }


def _unseen(config: SkipConfig) -> Spec:
    bind = {"array": "unseen_loss", "over": "frames", "index": ["variant", ":"]}
    x = {"over": "frames", "of": "unseen_loss"}
    style = marked(6)
    return {
        "id": "unseen_loss",
        "title": "Loss on unseen texts",
        "takeaway": "Chapters and addresses that nothing was trained on.",
        "span": 6,
        "height": ROW,
        "x": steps_axis(config.steps),
        "y": _NATS,
        "traces": over_seeds(len(config.variants), config.seeds, x, bind, style),
    }
