"""What is said of the geometry: sentences and measured values. Free of torch."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ln_core.formatting import number, percent, told_apart
from ln_core.runs.snapshot import card
from ln_core.see.geometry.config import FACTORS, PAPER_CURVATURE, GeometryConfig

Numbers = NDArray[np.float64]
Arrays = Mapping[str, Numbers]
NO_CHANGE = 1e-9  # relative change up to which an output counts as unchanged
ROUNDED = 1e-15  # of a length, relative: four steps of a float64
LARGE = FACTORS.index(4.0)  # the factor that the lesson speaks of


def describe(
    config: GeometryConfig, variants: tuple[str, ...], arrays: Arrays
) -> list[dict[str, str]]:
    """Say of each variant what scaling by the config's factor did, which is measured last."""
    return [
        _scaling(config, variant, {name: array[at] for name, array in arrays.items()})
        for at, variant in enumerate(variants)
    ]


def _scaling(config: GeometryConfig, variant: str, own: Arrays) -> dict[str, str]:
    what = "whole matrix" if config.scope == "all" else "one row"
    change = own["output_change"][-1]
    stays = change <= NO_CHANGE
    start, end = _from_to(own["weight_length"])
    text = (
        f"W × {number(config.factor)} ({what}): outputs change by {percent(float(change))}, the "
        f"gradient's length is × {number(float(own['gradient_ratio'][-1]), 2)}. In training the "
        f"length of W went from {start} to {end}."
    )
    return card(variant, "The output stays" if stays else "The output changes", text)


def _from_to(lengths: Numbers) -> tuple[str, str]:
    """Write the first and the last length, this as a sum where digits do not tell them apart.

    What rounding makes of a length is no change.
    """
    first, last = float(lengths[0]), float(lengths[-1])
    if abs(last - first) <= ROUNDED * first:
        last = first
    start, end = told_apart(first, last, number, 3)
    if start != end or first == last:
        return start, end
    sign = "+" if last > first else "−"
    return number(first, 3), f"{number(first, 3)} {sign} {number(abs(last - first), 1)}"


def measure_values(
    plain: GeometryConfig,
    found: Mapping[str, Arrays],
    blocks: Numbers,
    cosine: float,
    length: Numbers,
) -> dict[str, str]:
    """Write the lesson's slots: Layer Norm's measurements, and what no normalization does."""
    layer, none = found["layer"], found["none"]
    start, end = _from_to(length)
    return {
        "factor": number(plain.factor),
        "steps": str(GeometryConfig().training_steps),  # those of the claims (tests/claims/see.py)
        "paper_curvature": number(PAPER_CURVATURE),
        "none_output": percent(float(none["output_change"][LARGE])),
        "layer_output": percent(float(layer["output_change"][LARGE])),
        "layer_gradient": number(float(layer["gradient_ratio"][LARGE])),
        "layer_ww": number(float(blocks[0])),
        "layer_wg": number(float(blocks[1])),
        "layer_gg": number(float(blocks[2])),
        "layer_angle": number(cosine, 1),
        "layer_start": start,
        "layer_end": end,
    }
