"""What is said of invariances: sentences and measured values. Free of torch."""

import numpy as np
from numpy.typing import NDArray

from ln_core.formatting import number, percent
from ln_core.runs.snapshot import card
from ln_core.see.invariance.config import UNCHANGED, InvarianceConfig, printed

Numbers = NDArray[np.float64]


def describe(
    config: InvarianceConfig, variants: tuple[str, ...], table: Numbers
) -> list[dict[str, str]]:
    """Say of each variant whether its outputs moved under the chosen change, and by how much."""
    at = config.changes.index(config.change)
    return [
        _verdict(config, variant, float(row[at]))
        for variant, row in zip(variants, table, strict=True)
    ]


def _verdict(config: InvarianceConfig, variant: str, change: float) -> dict[str, str]:
    stays = change <= UNCHANGED
    title = "Unchanged" if stays else f"Changed by {_size(change)}"
    text = f"Measured relative change of the outputs: {number(change, 3)}."
    if not stays and abs(change - 2) < 1e-9 and config.factor < 0:
        text += " Every output flipped its sign."
    paper = printed(variant, config.change) if config.layer == "dense" else None
    if paper is not None:
        says = "unchanged" if paper else "changed"
        text += f" The paper's table says: {says}."
        if stays and not paper and config.factor == 1:
            text += " A factor of 1 changes nothing."
        elif paper != stays and not config.is_plain:
            text += " That table is for factors above 0, epsilon 0 and no switch."
    return card(variant, title, text)


def _size(change: float) -> str:
    return percent(change) if change >= 5e-4 else "less than 0.1 %"


def measure_values(plain: InvarianceConfig, table: Numbers) -> dict[str, str]:
    """Write the lesson's slots from the table of the plain setting."""
    values = {"layers": _layers(plain.seeds), "factor": number(plain.factor)}
    agreeing = []
    for variant, row in zip(plain.variants, table, strict=True):
        for change, value in zip(plain.changes, row.tolist(), strict=True):
            values[f"{variant}_{change}"] = percent(value)
            paper = printed(variant, change)
            if paper is not None:
                agreeing.append(paper == (value <= UNCHANGED))
    return {**values, "compared": str(len(agreeing)), "agreeing": str(sum(agreeing))}


def _layers(seeds: int) -> str:
    """Say of how many layers a number is told."""
    return "of one random layer" if seeds == 1 else f"the largest of {seeds} random layers"
