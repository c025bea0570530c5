"""Where recordings lie, and what each says of itself.

Free of torch and of the catalogue: an experiment may read what was recorded of another.
"""

import functools
import json
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parents[2] / "assets" / "recorded"


@functools.cache
def about(name: str) -> dict[str, Any]:
    """Read what a recording says of itself: config, results, date, cost, versions."""
    found: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    return found


def minutes(*names: str) -> str:
    """Say how many minutes of one core recordings took."""
    taken = sum(about(name)["core_seconds"] for name in names) / 60
    return f"{taken:.0f}" if taken >= 10 else f"{taken:.2g}"


def values(names: Sequence[str]) -> dict[str, str]:
    """Give what recordings have found, and how long each took, for the slots of a lesson."""
    found = {slot: text for name in names for slot, text in about(name)["results"].items()}
    return {**found, **{f"{name}_minutes": minutes(name) for name in names}}


def write_about(path: Path, facts: Mapping[str, Any], core_seconds: float) -> None:
    """Write what a recording says of itself: facts, and when, where and with what it was made."""
    origin = {
        "date": datetime.now(UTC).date().isoformat(),
        "core_seconds": round(core_seconds, 1),
        "versions": {"python": platform.python_version(), "torch": version("torch")},
        "machine": platform.machine(),
    }
    text = json.dumps({**facts, **origin}, indent=2, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")
