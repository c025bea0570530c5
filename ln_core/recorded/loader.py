"""Where recordings lie, and what each says of itself.

Free of torch and of the catalogue: an experiment may read what was recorded of another.
"""

import functools
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ln_core.runs.film_file import read_facts, read_film
from ln_core.runs.frame import Frame, unpack

RECORDED = Path(__file__).parents[2] / "assets" / "recorded"


@functools.cache
def about(name: str) -> dict[str, Any]:
    """Read what a recording says of itself: config, results, date, cost, versions."""
    return read_facts(RECORDED / name)


def recorded_frames(name: str) -> list[Frame]:
    """Read the frames of a recording.

    Raises: ValueError if they are not those that were recorded.
    """
    return unpack(b"".join(read_film(RECORDED / name)))


def minutes(*names: str) -> str:
    """Say how many minutes of one core recordings took."""
    taken = sum(about(name)["core_seconds"] for name in names) / 60
    return f"{taken:.0f}" if taken >= 10 else f"{taken:.2g}"


def values(names: Sequence[str]) -> dict[str, str]:
    """Give what recordings have found, and how long each took, for the slots of a lesson."""
    found = {slot: text for name in names for slot, text in about(name)["results"].items()}
    return {**found, **{f"{name}_minutes": minutes(name) for name in names}}


def with_origin(facts: Mapping[str, Any], core_seconds: float) -> dict[str, Any]:
    """Give what a recording says of itself: facts, and when, where and with what it was made."""
    return {
        **facts,
        "date": datetime.now(UTC).date().isoformat(),
        "core_seconds": round(core_seconds, 1),
        "versions": {"python": platform.python_version(), "torch": version("torch")},
        "machine": platform.machine(),
    }
