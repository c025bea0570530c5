"""Which numbers share a mean: every entry of a block gets the number of its set."""

import numpy as np

from ln_core.runs.frame import Frame
from ln_core.runs.snapshot import make_snapshot
from ln_core.see.shared_statistics.config import SharedStatisticsConfig
from ln_core.see.shared_statistics.text import Labels, describe, measure_values


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
        measured_values=measure_values(sets, masks),
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
