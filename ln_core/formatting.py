"""Numbers in sentences. Free of torch."""

import math


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
    text = f"{value:.{digits}g}"
    if "e" in text:
        mantissa, _, exponent = text.partition("e")
        text = f"{mantissa} × 10{str(int(exponent)).translate(_SUPERSCRIPT)}"
    return text.replace("-", "−")


_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def count(things: int, one: str, many: str | None = None) -> str:
    """Write a number of things: '1 case', '2 cases'."""
    return f"{things} {one if things == 1 else many or one + 's'}"
