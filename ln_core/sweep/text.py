"""What a recorded sweep says, for the slots of its lesson. Free of torch."""

from collections.abc import Sequence

import numpy as np

from ln_core.runs.frame import Floats, Frame
from ln_core.sweep.config import SweepConfig

WORKS = 0.1  # test error below which a learning rate works


def errors_of(frames: Sequence[Frame]) -> Floats:
    """Gather the test errors at the end of all runs: (V, R, C)."""
    columns: Floats = np.stack([frame.arrays["error"] for frame in frames[1:]])
    return columns.T


def sweep_results(frames: Sequence[Frame], config: SweepConfig) -> dict[str, str]:
    """Say at how many values across each variant works, by the value down.

    Slots: variant_value, and cells, seeds, steps.
    """
    works = (errors_of(frames) < WORKS).sum(2)
    found = {
        f"{variant}_{value}": str(works[at, row])
        for at, variant in enumerate(config.compared)
        for row, value in enumerate(config.rows.values)
    }
    plan = {
        "runs": str(len(config.cells)),
        "rates": str(len(config.columns.values)),
        "seeds": str(config.seeds),
        "steps": str(config.run_steps),
    }
    return {**found, **plan}
