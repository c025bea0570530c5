"""Snapshots: what is computed at once, a film of one frame. Free of torch."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ln_core.runs.frame import Array, Frame


def make_snapshot(
    arrays: Mapping[str, NDArray[Any]],
    cards: Iterable[Mapping[str, str]] = (),
    measured_values: Mapping[str, str] | None = None,
    **notes: list[Any],
) -> Frame:
    """Put the one frame together: arrays as float32 unless they are bytes, and what is said.

    `cards` are sentences about a variant; `measured_values` fill a lesson's slots.
    """
    return Frame(
        step=0,
        arrays={name: _as_array(array) for name, array in arrays.items()},
        notes={"cards": [dict(card) for card in cards], **told(measured_values or {}), **notes},
    )


def told(measured_values: Mapping[str, str]) -> dict[str, list[Any]]:
    """Give the note that fills slots with texts."""
    return {
        "measured_values": [{"slot": slot, "text": text} for slot, text in measured_values.items()]
    }


def as_film(compute: Callable[[Any], Frame], config: object, first: int) -> Iterator[Frame]:
    """Compute a config's one frame, unless only later ones are asked for."""
    if first == 0:
        yield compute(config)


def card(variant: str, title: str, text: str) -> dict[str, str]:
    """Write one sentence about a variant."""
    return {"variant": variant, "title": title, "text": text}


def _as_array(array: NDArray[Any]) -> Array:
    if array.dtype == np.uint8:
        return array
    with np.errstate(over="ignore"):  # what float32 cannot hold is infinite, and shown as a gap
        return array.astype(np.float32)
