"""A film in files: packed frames in NAME.film, and what it is, with a checksum, in NAME.json.

Recordings and the store of finished runs are both written and read here.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ln_core.runs.frame import split


def write_film(path: Path, frames: Sequence[bytes], facts: Mapping[str, Any]) -> None:
    """Write packed frames and the facts about them beside each other; `path` has no suffix.

    Raises: OSError if they cannot be written.
    """
    data = b"".join(frames)
    write_whole(path.with_suffix(".film"), data)
    # Last: frames without their checksum are no film yet.
    write_facts(path, {**facts, "sha256": hashlib.sha256(data).hexdigest()})


def read_film(path: Path) -> list[bytes]:
    """Read the packed frames of a film.

    Raises: OSError if there is none, ValueError if it is not what was written.
    """
    data, told = path.with_suffix(".film").read_bytes(), read_facts(path).get("sha256")
    found = hashlib.sha256(data).hexdigest()
    if found != told:
        raise ValueError(f"{path.name}.film must have the SHA-256 {told}, got {found}")
    return split(data)


def write_facts(path: Path, facts: Mapping[str, Any]) -> None:
    """Write the facts about a film, or about weights that are kept."""
    text = json.dumps(facts, indent=2, ensure_ascii=False)
    write_whole(path.with_suffix(".json"), f"{text}\n".encode())


def read_facts(path: Path) -> dict[str, Any]:
    """Read the facts about a film.

    Raises: OSError if there are none, ValueError if they are not such.
    """
    facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    if not isinstance(facts, dict):
        raise ValueError(f"{path.name}.json must hold an object, got {type(facts).__name__}")
    return facts


def write_whole(path: Path, data: bytes) -> None:
    """Write a file aside and put it in its place: at no moment there is half of it.

    Raises: OSError if it cannot be written, as on a full disk; nothing is left then.
    """
    # Of its own, for another process may be writing the same file.
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex}.new")
    try:
        aside.write_bytes(data)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)  # where it could not be moved
