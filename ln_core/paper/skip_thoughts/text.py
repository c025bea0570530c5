"""What a recording of skip-thoughts says, in words and numbers. Free of torch."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ln_core.data.sentences import LENGTH
from ln_core.paper.skip_thoughts.config import (
    CELL_NAMES,
    CHANCE,
    FOUND_WITHIN,
    TASKS,
    TRIPLETS,
    SkipConfig,
)
from ln_core.runs.frame import Frame

Values = NDArray[np.float64]  # (frames, V, S)

NEAR_CHANCE = 1.96  # standard errors of a share: within this, a score is no better than chance


def skip_results(frames: Sequence[Frame], config: SkipConfig) -> dict[str, str]:
    """Give the texts that fill the lesson's slots; both variants must be there."""
    scores = {name: read(frames, f"score_{name}") for name in TASKS}
    unseen = read(frames, "unseen_loss")
    rows = [_row(name, scores[name]) for name in TASKS]
    loss = " | ".join(f"{low:.2f} to {high:.2f}" for low, high in spans(unseen[-1]))
    head = " | ".join(CELL_NAMES[name] for name in config.variants)
    table = [
        f"| | chance | untrained | {head} | which is better |",
        "|---|---|---|---|---|---|",
        *rows,
        f"| Loss on unseen texts, nats a word | | {unseen[0].mean():.2f} | {loss} | "
        f"{verdict(-unseen[-1])} |",
    ]
    return {
        "scores": "\n".join(table),
        "ahead": "; ".join(f"{TASKS[name].lower()} {_ahead(scores[name])}" for name in TASKS),
        "loss_ahead": _ahead(-unseen),
        "at_chance": _at_chance(scores, config),
        "apart": _apart(scores),
        "tasks": str(len(TASKS)),
        "luck": f"{100 * luck(config.seeds, len(TASKS)):.0f}",
        "steps": str(config.steps),
        "epochs": f"{config.steps * config.batch_size / TRIPLETS:.1f}",
        "seeds": str(config.seeds),
        "cases": str(config.cases),
        "width": str(config.width),
        "embedding": str(config.embedding),
        "words": str(config.words),
        "sentences": f"{TRIPLETS:,}",
        "length": str(LENGTH),
        "batch": str(config.batch_size),
        "rate": f"{config.learning_rate:g}",
        "every": str(config.step_of(1)),
        "within": str(FOUND_WITHIN),
    }


def read(frames: Sequence[Frame], array: str) -> Values:
    """Stack one array over the frames: (frames, V, S)."""
    return np.stack([frame.arrays[array] for frame in frames]).astype(np.float64)


def spans(reached: Values) -> list[tuple[float, float]]:
    """Give the lowest and the highest over the seeds, of each variant: (V, S) -> V pairs."""
    return [(float(seeds.min()), float(seeds.max())) for seeds in reached]


def verdict(reached: Values) -> str:
    """Say which variant is better, if every seed of it is better than every one of the other."""
    (none_low, none_high), (layer_low, layer_high) = spans(reached)
    if layer_low > none_high:
        return "LN-GRU better"
    if none_low > layer_high:
        return "GRU better"
    return "seeds overlap"


def luck(seeds: int, tasks: int) -> float:
    """Give the probability that equal kinds have all seeds of one given kind first on some task."""
    return float(1 - (1 - 1 / math.comb(2 * seeds, seeds)) ** tasks)


def is_at_chance(name: str, reached: Values, cases: int) -> bool:
    """Whether no variant's mean over seeds is better than guessing, by more than tests scatter."""
    chance = CHANCE[name]
    error = float(np.sqrt(chance * (1 - chance) / cases))
    return bool((reached.mean(1) < chance + NEAR_CHANCE * error).all())


def _row(name: str, values: Values) -> str:
    ends = " | ".join(f"{100 * low:.1f} to {100 * high:.1f}" for low, high in spans(values[-1]))
    start = f"{100 * values[0].mean():.1f}"
    chance = f"{100 * CHANCE[name]:.0f}"
    return f"| {TASKS[name]}, % right | {chance} | {start} | {ends} | {verdict(values[-1])} |"


def ahead(values: Values) -> tuple[int, int]:
    """Count at how many freezes LN's mean over seeds was the higher one, and of how many."""
    means = values[1:].mean(2)
    return int((means[:, 1] > means[:, 0]).sum()), len(means)


def _ahead(values: Values) -> str:
    return "{} of {}".format(*ahead(values))


def _at_chance(scores: dict[str, Values], config: SkipConfig) -> str:
    names = [name for name in TASKS if is_at_chance(name, scores[name][-1], config.cases)]
    return _listed(map(_quoted, names))


def _apart(scores: dict[str, Values]) -> str:
    """Name the tasks at whose end all seeds of one variant beat all of the other."""
    found = {name: verdict(values[-1]) for name, values in scores.items()}
    return _listed(f"{_quoted(name)} ({what})" for name, what in found.items() if "better" in what)


def _quoted(name: str) -> str:
    return f"“{TASKS[name]}”"


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(texts) or "none"
