"""Which numbers share a mean: every entry of a block gets the number of its set."""

import numpy as np
from numpy.typing import NDArray

from ln_core.formatting import count
from ln_core.runs.frame import Frame
from ln_core.runs.snapshot import card, make_snapshot
from ln_core.see.shared_statistics.config import SharedStatisticsConfig

Labels = NDArray[np.int64]
Mask = NDArray[np.bool_]


def compute(config: SharedStatisticsConfig) -> Frame:
    """Make the picture of a config.

    Arrays, with V variants and M = N C side side entries in row-major order:
    mask (V, M) uint8, 1 where an entry shares the chosen one's statistics;
    share (V, N, C), the share of a feature map that does.
    """
    variants = config.variants
    sets = {variant: label_sets(variant, config) for variant in variants}
    masks = {variant: labels == labels[config.entry] for variant, labels in sets.items()}
    stacked = np.stack([masks[variant] for variant in variants])
    return make_snapshot(
        {
            "mask": stacked.reshape(len(variants), -1).astype(np.uint8),
            "share": stacked.mean(axis=(3, 4)),
        },
        cards=[describe(variant, sets[variant], masks[variant], config) for variant in variants],
        values=count_slots(sets, masks),
    )


def label_sets(variant: str, config: SharedStatisticsConfig) -> Labels:
    """Number the sets: entries with the same number share one mean and variance.

    Shapes: -> (N, C, height, width).
    Source: Wu, He 2018, sec. 3; per pixel as in ConvNeXt, Liu et al. 2022.
    """
    n, c, h, w = np.indices(config.shape)
    C, side, G = config.channels, config.side, config.group_count
    labels: Labels = {
        "batch": c,
        "layer": n,
        "instance": n * C + c,
        "group": n * G + c // (C // G),
        "pixel": (n * side + h) * side + w,
        "rms": n,
    }[variant]
    return labels


def count_slots(sets: dict[str, Labels], masks: dict[str, Mask]) -> dict[str, str]:
    """Count how many means there are and how many numbers share one, for the lesson."""
    N, C, height, width = next(iter(masks.values())).shape
    slots = {
        "channel_gains": count(C, "gain"),
        "entry_gains": count(C * height * width, "gain"),
        "cases": count(N, "example"),
    }
    for variant, labels in sets.items():
        slots[f"{variant}_means"] = count(len(np.unique(labels)), "mean")
        slots[f"{variant}_numbers"] = count(int(masks[variant].sum()), "number")
    return slots


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
            text += f" Groups must divide the channels, so {G} are used instead of {config.groups}."
    return card(variant, title, text)


PLACES = {
    "batch": "all numbers of one channel, in every example and at every position",
    "layer": "all numbers of one example, in every channel and at every position",
    "instance": "all numbers of one channel in one example, at every position",
    "group": "all numbers of a group of channels in one example, at every position",
    "pixel": "all numbers at one position of one example, in every channel",
}
