"""What diagnoses of all trainings share. Free of torch."""

import math
from typing import NamedTuple


class Card(NamedTuple):
    """A diagnosis as the page shows it."""

    title: str
    text: str


def brief(value: float) -> str:
    """Write a number with two digits, far from 1 with a power of ten: 0.5, 2.5e5, 9.9e-7."""
    if value == 0 or 1e-3 <= value < 1e3 or not math.isfinite(value):
        return f"{value:.2g}"
    digits, power = f"{value:.1e}".split("e")
    return f"{digits}e{int(power)}"
