"""What is said of replicas: sentences and measured values, from the measurements. Free of torch."""

import numpy as np
from numpy.typing import NDArray

from ln_core.formatting import number
from ln_core.runs.snapshot import card
from ln_core.see.replicas.config import SPLIT_BATCH, SPLITS, ReplicasConfig

Numbers = NDArray[np.float64]


def describe(
    config: ReplicasConfig, variant: str, cosine: Numbers, length: Numbers
) -> dict[str, str]:
    """Say how far the chosen split moved one variant's gradient."""
    at = SPLITS.index(config.replicas)
    moved = 1 - cosine[at] > 1e-9
    share = SPLIT_BATCH // config.replicas
    text = (
        f"{config.replicas} × {share} examples: cosine to the whole batch's gradient "
        f"{number(float(cosine[at]), 2)}, length × {number(float(length[at]), 2)}."
    )
    return card(variant, "Another gradient" if moved else "The same gradient", text)


def measure_values(
    config: ReplicasConfig, variants: tuple[str, ...], arrays: dict[str, Numbers]
) -> dict[str, str]:
    """Write what the lesson's slots name."""
    at = SPLITS.index(config.replicas)
    values = {"replicas": str(config.replicas), "share": str(SPLIT_BATCH // config.replicas)}
    for variant, cosine, length in zip(variants, arrays["cosine"], arrays["length"], strict=True):
        values[f"{variant}_cosine"] = number(float(cosine[at]), 2)
        values[f"{variant}_length"] = number(float(length[at]), 2)
        values[f"{variant}_cosine_most"] = number(float(cosine[-1]), 2)
        values[f"{variant}_length_most"] = number(float(length[-1]), 2)
    batch = variants.index("batch")
    values["scatter"] = number(float(arrays["scatter"][batch, at]), 2)
    values["shrink"] = number(float(arrays["shrink"][batch, at]), 2)
    return values
