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
            f"{count(means, 'root mean square')}, each over {count(numbers, 'number')}",
            f"They are the same as Layer Norm's, {PLACES['layer']}, but no mean is subtracted.",
        )
    title = f"{count(means, 'mean')}, each over {count(numbers, 'number')}"
    if numbers == 1:
        return card(variant, title, "Each number is its own mean: the output is only the bias.")
    text = f"They are {PLACES[variant]}."
    if variant == "group":
        G, C = config.group_count, config.channels
        text = f"They are {PLACES[variant]}: {count(G, 'group')} of {count(C // G, 'channel')}."
        if G != config.groups:
            text += f" Groups must divide the channels: here {G}, instead of {config.groups}."
    return card(variant, title, text)


def measure_values(sets: dict[str, Labels], masks: dict[str, Mask]) -> dict[str, str]:
    """Count how many means there are and how many numbers share one, for the lesson."""
    N, C, height, width = next(iter(masks.values())).shape
    values = {
        "channel_gains": count(C, "gain"),
        "entry_gains": count(C * height * width, "gain"),
        "cases": count(N, "example"),
    }
    for variant, labels in sets.items():
        values[f"{variant}_means"] = count(len(np.unique(labels)), "mean")
        values[f"{variant}_numbers"] = count(int(masks[variant].sum()), "number")
    return values
