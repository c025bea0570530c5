"""What a still, a film of one frame, is made of: arrays and sentences. Free of torch."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ln_core.runs.frame import Array, Frame


def make_still(
    arrays: Mapping[str, NDArray[Any]],
    cards: Iterable[Mapping[str, str]] = (),
    values: Mapping[str, str] | None = None,
    **notes: list[Any],
) -> Frame:
    """Put the one frame together: arrays as float32 unless they are bytes, and what is said.

    `cards` are sentences about a track; `values` are the numbers that fill a lesson's slots.
    """
    told = [{"slot": slot, "text": text} for slot, text in (values or {}).items()]
    return Frame(
        step=0,
        arrays={name: _as_array(array) for name, array in arrays.items()},
        notes={"cards": [dict(card) for card in cards], "values": told, **notes},
    )


def card(track: str, title: str, text: str) -> dict[str, str]:
    """Write one sentence about a track."""
    return {"track": track, "title": title, "text": text}


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


def _as_array(array: NDArray[Any]) -> Array:
    if array.dtype == np.uint8:
        return array
    with np.errstate(over="ignore"):  # what float32 cannot hold is infinite, and shown as a gap
        return array.astype(np.float32)
