"""What recurrent nets have measured, as texts for slots. Free of torch."""

from collections.abc import Mapping, Sequence

import numpy as np

from ln_core.formatting import number, percent
from ln_core.recurrent.config import EXTRA_STEPS
from ln_core.runs.frame import Array


def measure_values(variants: Sequence[str], arrays: Mapping[str, Array]) -> dict[str, str]:
    """Write each variant's score, and by which factor its state grows from first to last time step.

    Where sequences longer than trained were tested, also how many are answered rightly as trained,
    with most steps more, and with the statistics moved along.

    Shapes: test_error (V, S), hidden_norm (V, T), longer and aligned (V, lengths).
    """
    values: dict[str, str] = {}
    for at, variant in enumerate(variants):
        states = arrays["hidden_norm"][at]
        with np.errstate(all="ignore"):  # a first state of zeros: infinite, or not a number
            growth = states[-1] / states[0]
        values |= {
            f"{variant}_error": percent(float(arrays["test_error"][at].mean())),
            f"{variant}_growth": number(float(growth), 2),
        }
        if "longer" in arrays:
            values |= {
                f"{variant}_extra": str(EXTRA_STEPS[-1]),
                f"{variant}_right": percent(float(arrays["longer"][at, 0])),
                f"{variant}_longer": percent(float(arrays["longer"][at, -1])),
                f"{variant}_aligned": percent(float(arrays["aligned"][at, -1])),
            }
    return values
