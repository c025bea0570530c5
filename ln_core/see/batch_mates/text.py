"""What is said of batch mates: sentences and measured values, from the draws. Free of torch."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ln_core.formatting import number, percent, told_apart
from ln_core.runs.snapshot import card
from ln_core.see.batch_mates.config import BatchMatesConfig

Numbers = NDArray[np.float32]


def is_bit_identical(values: Numbers, axis: int) -> bool:
    """Whether all draws hold the same bits."""
    bits = np.moveaxis(values.view(np.uint32), axis, 0)
    return bool((bits == bits[0]).all())


def describe(variant: str, probability: Numbers, hidden: Numbers, label: int) -> dict[str, str]:
    """Say what the draws did to one net's answer."""
    R = len(probability)
    if is_bit_identical(probability, 0) and is_bit_identical(hidden, 1):
        text = f"Answer and hidden activations have the same bits in all {R} draws."
        return card(variant, "Bit-identical", text)
    answers = probability.argmax(axis=1)
    low, high = _range(probability[:, label])
    wrong = int((answers != label).sum())
    text = (
        f"Its probability of {label} ranges from {low} to {high} over "
        f"{R} draws; the answer is wrong in {wrong}."
    )
    return card(variant, "Changed by its neighbours", text)


def _range(shares: Numbers) -> tuple[str, str]:
    return told_apart(float(shares.min()), float(shares.max()), percent, 0)


def measure_values(
    config: BatchMatesConfig, label: int, found: Mapping[str, tuple[Numbers, Numbers]]
) -> dict[str, str]:
    """Write what the lesson speaks of: each net's probabilities and influences in training mode.

    Shapes: probabilities (R, 10), influences (N,).
    """
    values = {"draws": str(config.draws), "label": str(label), "cases": str(config.batch_size)}
    for variant in ("batch", "layer"):
        probability, influence = found[variant]
        reach = influence[1:]
        low, high = _range(probability[:, label])
        values |= {
            f"{variant}_low": low,
            f"{variant}_high": high,
            f"{variant}_reach": number(float(reach.max()) if len(reach) else 0.0, 2),
        }
    return values
