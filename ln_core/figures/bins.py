"""The bins of every histogram: even in asinh(value). What counts and what draws both use them."""

import math

EDGE, BINS = 5.3, 53  # the range in asinh(value), and how many bins cover it


def bin_centres() -> list[float]:
    """List the values in the middle of the bins."""
    return [math.sinh(EDGE * ((2 * k + 1) / BINS - 1)) for k in range(BINS)]
