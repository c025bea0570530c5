"""The charts of skip-thoughts: each task's score against training steps, and the losses."""

from ln_core.figures.curves import curve, loss_curve
from ln_core.figures.parts import (
    Spec,
    level,
    marked,
    section,
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
    "kind": "A sentence of Moby-Dick, or of a speech to Congress?",
    "era": "A sentence of a speech: given before 1914?",
    "party": "Of a speech since 1934: Democrat or Republican?",
    "order": "Two sentences in a row: are they swapped?",
    "next": f"The next sentence is among the {FOUND_WITHIN} nearest of {CANDIDATES}.",
}
_FIRST_TASK = "next"  # beside the loss: the one that an encoder may win
_RANGES = {"kind": (40, 100), "era": (40, 100), "party": (40, 70), "order": (40, 70)}


def skip_figure(config: SkipConfig) -> Spec:
    """Describe the scores of the frozen encoders, and the losses of what they were trained for."""
    return {
        "variants": variant_specs(config.variants, labels=CELL_NAMES),
        "choices": [],
        "sections": [
            section(
                "Loss, and tests of the frozen encoder",
                [
                    _unseen(config),
                    _score(config, _FIRST_TASK),
                    *(_score(config, name) for name in TASKS if name != _FIRST_TASK),
                ],
            ),
            section("Loss in training", [_loss(config)]),
        ],
    }


def _score(config: SkipConfig, name: str) -> Spec:
    array = f"score_{name}"
    return curve(
        config,
        array,
        style=marked(6),
        bind={"scale": 100},
        title=TASKS[name],
        takeaway=f"{_TAKEAWAYS[name]} Grey line: chance.",
        shapes=[level(100 * CHANCE[name], "chance")],
        y={"title": "right, %", "range": list(_RANGES.get(name, (0, 50))), "grow": True},
    )


_FIRST = 0.1  # of all points, those before training; they would take nearly all of the axis
_LOSS_AXIS = {"title": "loss per word", "unit": "nats", "range": [3.5, 8], "grow": True}


def _loss(config: SkipConfig) -> Spec:
    return loss_curve(
        config,
        title="Loss in training",
        takeaway="Cross-entropy of the neighbours' words, each batch.",
        span=12,
        y=_LOSS_AXIS,
    )


def _unseen(config: SkipConfig) -> Spec:
    return curve(
        config,
        "unseen_loss",
        style=marked(6),
        title="Loss on unseen texts",
        takeaway="Texts that nothing was trained on. The first points may be off the top.",
        y={"title": "loss per word", "unit": "nats", "grow": True, "without": _FIRST},
    )
