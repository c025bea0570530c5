"""What the recordings of the ConvNet experiment say: numbers for the lesson. Free of torch."""

from collections.abc import Sequence

import numpy as np

from ln_core.formatting import number
from ln_core.paper.convnet.config import SIDES, ConvConfig
from ln_core.runs.frame import Frame

MIDDLE = SIDES[0] // 2 - 1  # pixels from the border


def convnet_results(frames: Sequence[Frame], config: ConvConfig) -> dict[str, str]:
    """Write each variant's errors over seeds and its early loss; border against middle."""
    name = "unequal" if config.spread else "even"
    errors = 100 * frames[-1].arrays["test_error"]  # (V, S)
    losses = early_losses(frames)
    words = {"seeds": str(config.seeds), "test_cases": str(config.test_cases)}
    for variant, of_seeds, loss in zip(config.variants, errors, losses, strict=True):
        low, high = (number(float(end), 3) for end in (of_seeds.min(), of_seeds.max()))
        words[f"{variant}_error"] = f"{number(float(of_seeds.mean()), 3)} ({low} to {high})"
        words[f"{variant}_loss"] = number(float(loss.mean()), 2)
    for array in ("border_spread", "border_switch"):
        profile = frames[0].arrays[array][config.variants.index("none"), 0]
        scale = 100 if array == "border_switch" else 1
        words[f"{array}_edge"] = number(scale * float(profile[0]), 3)
        words[f"{array}_middle"] = number(scale * float(profile[MIDDLE]), 3)
    return {f"{name}_{slot}": text for slot, text in words.items()}


def early_losses(frames: Sequence[Frame]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Average the training loss over the second fifth of a run: (V, S)."""
    losses = np.stack([frame.arrays["loss"][..., 0] for frame in frames[1:]])
    fifth = len(losses) // 5
    mean: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = losses[fifth : 2 * fifth].mean(0)
    return mean
