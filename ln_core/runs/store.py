"""The store: finished films in a folder, kept over restarts and shared by servers."""

import contextlib
import hashlib
import json
import logging
import os
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ln_core.runs.film_file import read_facts, read_film, write_film
from ln_core.runs.fingerprint import Fingerprint

MOST_BYTES = 1 << 30  # of all files together
VARIABLE = "LN_LAB_STORE"  # of the environment: a folder, or "off"
# What else lies in the folder is somebody else's, and stays.
OURS = re.compile(r"[0-9a-f]{32}\.(film|json)")
ASIDE = re.compile(r"\.[0-9a-f]{32}\.(film|json)\.[0-9a-f]{32}\.new")
LONGEST_WRITING = 3600.0  # seconds, after which a file aside is left from a server that died


def store_of_environment() -> "Store | None":
    """Give the store that the environment names; None where it is off."""
    told = os.environ.get(VARIABLE, "")
    if told == "off":
        return None
    return Store(Path(told).expanduser() if told else user_cache() / "layer-norm-lab")


def user_cache() -> Path:
    """Give the folder where this system keeps a user's caches."""
    system = {
        "darwin": "~/Library/Caches",
        "win32": os.environ.get("LOCALAPPDATA", "~/AppData/Local"),
    }
    told = os.environ.get("XDG_CACHE_HOME") or system.get(sys.platform, "~/.cache")
    return Path(told).expanduser()


class Store:
    """A folder of films, each under its run's key and a fingerprint of what decided its bits.

    Nothing that goes wrong with it stops a run: what cannot be read is not there, and what cannot
    be written is not kept.
    """

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self.folder, self._most_bytes = folder, most_bytes

    def read(self, key: str, fingerprint: Fingerprint) -> list[bytes] | None:
        """Give the packed frames of a film, and mark it as watched; None if it is not whole."""
        path = self._path(key, fingerprint)
        try:
            facts = read_facts(path)
            if (facts["key"], facts["fingerprint"]) != (key, fingerprint):
                return None
            frames = read_film(path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError) as error:
            _log().warning("A kept film is not used: %s: %s", path, error)
            return None
        self.touch(key, fingerprint)
        return frames

    def write(self, key: str, fingerprint: Fingerprint, frames: Sequence[bytes]) -> None:
        """Keep a film; those that were not watched for longest make room for it."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            facts = {"key": key, "fingerprint": fingerprint}
            write_film(self._path(key, fingerprint), frames, facts)
            self._make_room()
        except OSError as error:
            _log().warning("A finished run is not kept: %s", error)

    def touch(self, key: str, fingerprint: Fingerprint) -> None:
        """Mark a film as watched now."""
        for file in _files_of(self._path(key, fingerprint)):
            with contextlib.suppress(OSError):
                os.utime(file)

    def _path(self, key: str, fingerprint: Fingerprint) -> Path:
        named = json.dumps([key, fingerprint], sort_keys=True).encode()
        return self.folder / hashlib.sha256(named).hexdigest()[:32]

    def _make_room(self) -> None:
        """Remove the least recently watched films beyond the bound, and what was never finished."""
        sizes: dict[Path, int] = {}
        watched: dict[Path, float] = {}
        for file in self.folder.iterdir():
            with contextlib.suppress(FileNotFoundError):  # another server made room
                found = file.stat()
                if ASIDE.fullmatch(file.name) and found.st_mtime < time.time() - LONGEST_WRITING:
                    file.unlink()
                if OURS.fullmatch(file.name):
                    film = file.with_suffix("")
                    sizes[film] = sizes.get(film, 0) + found.st_size
                    watched[film] = max(watched.get(film, 0.0), found.st_mtime)
        total = sum(sizes.values())
        for film in sorted(watched, key=watched.__getitem__):
            if total <= self._most_bytes:
                break
            total -= sizes[film]
            for file in _files_of(film):
                file.unlink(missing_ok=True)


def _files_of(path: Path) -> tuple[Path, Path]:
    """List a film's files; the one without which there is no film comes first."""
    return path.with_suffix(".json"), path.with_suffix(".film")


def _log() -> logging.Logger:
    return logging.getLogger(__name__)
