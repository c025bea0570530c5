"""What is said of shared statistics: sentences and counts. Free of torch."""

import numpy as np
from numpy.typing import NDArray

from ln_core.formatting import count
from ln_core.runs.snapshot import card
from ln_core.see.shared_statistics.config import SharedStatisticsConfig

Labels = NDArray[np.int64]
Mask = NDArray[np.bool_]

PLACES = {
    "batch": "all numbers of one channel, in every example and at every position",
    "layer": "all numbers of one example, in every channel and at every position",
    "instance": "all numbers of one channel in one example, at every position",
    "group": "all numbers of a group of channels in one example, at every position",
    "pixel": "all numbers at one position of one example, in every channel",
}


def describe(
    variant: str, labels: Labels, mask: Mask, config: SharedStatisticsConfig
) -> dict[str, str]:
    """Say how many numbers share a mean and how many means there are, as the mask counts them."""
    numbers, means = int(mask.sum()), len(np.unique(labels))
    if variant == "rms":
        return card(
            variant,
            f"{count(means, 'root mean square')}, {_over(means, numbers)}",
            f"The numbers are Layer Norm's, {PLACES['layer']}. No mean is subtracted.",
        )
    text = f"They are {PLACES[variant]}."
    G, C = config.group_count, config.channels
    if numbers == 1:
        text = "Each number is its own mean: the output is only the bias."
    elif variant == "group":
        text = f"They are {PLACES[variant]}: {count(G, 'group')} of {count(C // G, 'channel')}."
    if variant == "group" and G != config.groups:
        text += f" Groups must divide the channels: here {G}, instead of {config.groups}."
    return card(variant, f"{count(means, 'mean')}, {_over(means, numbers)}", text)


def _over(means: int, numbers: int) -> str:
    return f"{'each ' if means > 1 else ''}over {count(numbers, 'number')}"


def measure_values(sets: dict[str, Labels], masks: dict[str, Mask]) -> dict[str, str]:
    """Count how many means there are and how many numbers share one, for the lesson."""
    N, C, height, width = next(iter(masks.values())).shape
    values = {
        "channel_gains": count(C, "gain"),
        "entry_gains": count(C * height * width, "gain"),
        "cases": count(N, "example"),
    }
    for variant, labels in sets.items():
        means, numbers = len(np.unique(labels)), int(masks[variant].sum())
        values[f"{variant}_means"] = count(means, "mean")
        values[f"{variant}_over"] = _over(means, numbers)
        values[f"{variant}_numbers"] = count(numbers, "number")
    return values
