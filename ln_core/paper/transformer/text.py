"""What the recordings of Transformers have found, as texts for their lesson's slots."""

from collections.abc import Sequence

import numpy as np

from ln_core.formatting import number, percent
from ln_core.paper.transformer.config import TransformerConfig
from ln_core.runs.frame import Frame

LEARNT = 0.05  # error


def transformer_results(frames: Sequence[Frame], config: TransformerConfig) -> dict[str, str]:
    """Give final errors, steps until learnt and sizes, by recording and variant."""
    part = _part(config)
    surveys = [frame for frame in frames if "test_error" in frame.arrays]
    own = {"steps": config.steps, "seeds": config.seeds, "warmup": config.warmup}
    shared = ("width", "length", "heads", "vocabulary", "segments")
    found = {f"{part}_{name}": str(value) for name, value in own.items()}
    found |= {name: str(getattr(config, name)) for name in shared}
    found |= {f"{part}_rate": f"{config.learning_rate:g}", "alpha": f"{config.alpha:g}"}
    for at, variant in enumerate(config.variants):
        name = f"{part}_{variant}"
        last = {array: values[at] for array, values in surveys[-1].arrays.items()}
        found |= {
            f"{name}_error": percent(float(last["test_error"].mean())),
            f"{name}_best": percent(float(last["test_error"].min())),
            f"{name}_worst": percent(float(last["test_error"].max())),
            f"{name}_learnt": _learnt(surveys, at),
            f"{name}_first_gradient": number(float(last["gradient_start"][0]), 2),
            f"{name}_last_gradient": number(float(last["gradient_start"][-1]), 2),
            f"{name}_stream": number(float(last["stream_size"][-1]), 2),
        }
        if "memory_size" in last:
            sizes = last["memory_size"]
            found[f"{name}_first_memory"] = number(float(sizes[0]), 2)
            found[f"{name}_last_memory"] = number(float(sizes[-1]), 2)
    return found


def warmup_results(frames: Sequence[Frame], config: TransformerConfig) -> dict[str, str]:
    """Say at which rates of a sweep every network learns the task, without and with warm-up.

    Slots: rates_ and the variant and without or with.
    """
    worst = [frame.arrays for frame in frames if frame.arrays][-1]["swept_error"][:, :, 2]
    found = {"rates_steps": str(config.steps), "rates_seeds": str(config.seeds)}
    for at, variant in enumerate(config.variants):
        for row, name in enumerate(("without", "with")):
            errors = zip(config.swept_rates, worst[at, row], strict=True)
            learnt = [f"{rate:g}" for rate, error in errors if error < LEARNT]
            found[f"rates_{variant}_{name}"] = ", ".join(learnt) or "none"
    return found


def _part(config: TransformerConfig) -> str:
    """Name a recording in the slots."""
    if config.task == "recall":
        return "recall"
    return "warm" if config.warmup else "plain"


def _learnt(surveys: Sequence[Frame], at: int) -> str:
    """Give the step by which every network of a variant has learnt the task."""
    for frame in surveys:
        if np.all(frame.arrays["test_error"][at] < LEARNT):
            return f"step {frame.step}"
    return "never"
