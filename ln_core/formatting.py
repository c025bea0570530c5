"""Numbers in sentences and formulas: the one place that formats them. Free of torch."""

import math
from collections.abc import Callable

MORE = 6  # digits that two numbers get, at most, so that they are told apart


def number(value: float, digits: int = 3) -> str:
    """Write a measured number for a sentence: few digits, a true minus, powers of ten in full.

    Raises: ValueError if digits is not at least 1.
    """
    if digits < 1:
        raise ValueError(f"digits must be at least 1, got {digits}")
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinite" if value > 0 else "minus infinite"
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    power = f" × 10{str(int(exponent)).translate(_SUPERSCRIPT)}" if exponent else ""
    return f"{mantissa}{power}".replace("-", "−")


_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def latex(value: float) -> str:
    """Write a number for a formula, with four digits."""
    if not math.isfinite(value):
        return r"\text{not a number}" if math.isnan(value) else r"\infty"
    # + 0.0: a minus zero is no number to read
    mantissa, _, exponent = f"{value + 0.0:.4g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def percent(share: float, more: int = 0) -> str:
    """Write a share or a relative change: one decimal below 10 %, none from 10 %, and `more`."""
    value = 100 * share
    if not abs(value) < 1e4:  # NaN, too
        return f"{number(value)} %"
    return f"{value:.{more + (1 if abs(value) < 10 else 0)}f} %"


def told_apart(
    low: float, high: float, write: Callable[[float, int], str], digits: int
) -> tuple[str, str]:
    """Write two numbers with `digits`, or with as many more as tell them apart, if they differ."""
    for more in range(digits, digits + MORE + 1):
        first, second = write(low, more), write(high, more)
        if first != second or low == high:
            break
    return first, second


def count(things: int, one: str, many: str | None = None) -> str:
    """Write a number of things: '1 case', '2 cases'."""
    return f"{things} {one if things == 1 else many or one + 's'}"
