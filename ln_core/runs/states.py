"""States: how a worker's trainings stood at many moments, so that a fork goes on from there.

They lie in a temporary file, as SQLite keeps one: it has no name, goes with its process, and what
is deleted in it makes room for what comes.
"""

import contextlib
import math
import pickle
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ln_core.runs.experiment import Checkpoint, Experiment, FilmConfig, State
from ln_core.runs.machine import STATES

APART = 0.1  # seconds from one state of a film to the next, at first
SHARE = 0.1  # of the time that training takes, at most: what keeping its states may take

GIVEN = 16 << 20  # bytes of one film's states that go to another worker with it, at most
PAGE = 1 << 16  # bytes; SQLite's own, 4096, take twice as long for states of some MB

Key = tuple[Experiment, FilmConfig, tuple[str, ...]]


def pack_state(state: State) -> bytes:
    """Make bytes of a state, which no later step changes; `torch.save` takes ten times as long."""
    return pickle.dumps(_changed(state, "numpy", lambda tensor: tensor.numpy()), protocol=5)


def unpack_state(data: bytes) -> State:
    """Give the state that `pack_state` made bytes of."""
    import torch  # only where something is trained: the server imports this module

    state: State = _changed(pickle.loads(data), "__array__", torch.from_numpy)
    return state


def _changed(part: Any, mark: str, change: Callable[[Any], Any]) -> Any:  # noqa: ANN401
    """Change what has the attribute `mark`, nested in dictionaries and lists."""
    if isinstance(part, Mapping):
        return {name: _changed(value, mark, change) for name, value in part.items()}
    if isinstance(part, list):
        return [_changed(value, mark, change) for value in part]
    return change(part) if hasattr(part, mark) else part


class TemporaryFile:
    """Blocks of bytes in a temporary file."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._base.execute(f"PRAGMA page_size = {PAGE}")
        self._base.execute("PRAGMA journal_mode = OFF")
        self._base.execute("CREATE TABLE blocks (id INTEGER PRIMARY KEY, data BLOB)")

    def write(self, data: bytes) -> int:
        """Write a block; give its number."""
        written = self._base.execute("INSERT INTO blocks (data) VALUES (?)", (data,))
        return written.lastrowid or 0

    def read(self, number: int) -> bytes:
        """Read a block."""
        (data,) = self._base.execute("SELECT data FROM blocks WHERE id = ?", (number,)).fetchone()
        return bytes(data)

    def delete(self, number: int) -> None:
        """Delete a block."""
        self._base.execute("DELETE FROM blocks WHERE id = ?", (number,))

    def close(self) -> None:
        """Give the file back."""
        self._base.close()


@dataclass(slots=True)
class _Film:
    """The states of one film: the number of each block, by that of the frames made before."""

    blocks: dict[int, int] = field(default_factory=dict)
    apart: int = 1  # times APART
    size: int = 0  # bytes of one state


class States:
    """The states of many films, in a file of bounded size: of what has most, every second goes.

    Where nothing can be written, a fork is trained from its beginning.
    """

    def __init__(self, most_bytes: int = STATES) -> None:
        self.most_bytes = most_bytes
        self._films: dict[Key, _Film] = {}
        self._file: TemporaryFile | None = None

    def of(self, key: Key, first: int, own: Checkpoint | None = None) -> "StatesOfFilm":
        """Give the checkpoint of a film that is to be made from the frame `first` on.

        What its `own` checkpoint holds goes before.
        """
        return StatesOfFilm(self, key, first, own)

    def find(self, key: Key, first: int) -> tuple[int, State] | None:
        """Give the latest state before a frame, of the film or of one that begins as it does."""
        found = self._latest(key, first)
        return (found[0], unpack_state(found[1])) if found else None

    def apart(self, key: Key) -> float:
        """Give the seconds from one state of a film to the next."""
        return APART * (self._films[key].apart if key in self._films else 1)

    def keep(self, key: Key, frames: int, state: State) -> None:
        """Keep a copy of a state."""
        self.accept(key, {frames: pack_state(state)})

    def give(self, key: Key, first: int) -> dict[int, bytes]:
        """Give states of a film that another worker goes on with, and the one that it begins from.

        Of those that are too many every k-th is given.
        """
        latest, film = self._latest(key, first), self._films.get(key, _Film())
        every = 1 + _bytes(film) // GIVEN
        given = [(frames, self._read(block)) for frames, block in [*film.blocks.items()][::every]]
        return {frames: data for frames, data in [*given, *([latest] if latest else [])] if data}

    def accept(self, key: Key, states: Mapping[int, bytes]) -> None:
        """Keep states of a film, by how many frames were made before."""
        for frames, data in states.items():
            if len(data) <= self.most_bytes:
                self._write(key, frames, data)

    def _latest(self, key: Key, first: int) -> tuple[int, bytes] | None:
        experiment, config, shard = key
        found: dict[int, int] = {}
        for own, shared in [(config, config.frames), *config.ancestors]:
            film = self._films.get((experiment, own, shard), _Film())
            found |= {n: block for n, block in film.blocks.items() if n <= min(shared, first)}
        data = self._read(found[max(found)]) if found else None
        return (max(found), data) if data else None

    def _read(self, block: int) -> bytes | None:
        try:
            return self._file.read(block) if self._file else None
        except sqlite3.Error:
            self._clear()
            return None

    def _write(self, key: Key, frames: int, data: bytes) -> None:
        film = self._films.setdefault(key, _Film())
        film.size = len(data)
        try:
            self._file = self._file or TemporaryFile()
            if frames in film.blocks:
                self._file.delete(film.blocks[frames])
            film.blocks[frames] = self._file.write(data)
            while sum(map(_bytes, self._films.values())) > self.most_bytes:
                self._thin(self._file)
        except sqlite3.Error:  # a full disk
            self._clear()

    def _thin(self, file: TemporaryFile) -> None:
        key = max(self._films, key=lambda one: _bytes(self._films[one]))  # the oldest, of several
        film = self._films[key]
        for frames in sorted(film.blocks)[::2]:
            file.delete(film.blocks.pop(frames))
        film.apart *= 2
        if not film.blocks:
            del self._films[key]

    def _clear(self) -> None:
        self._films.clear()
        if self._file is not None:
            with contextlib.suppress(sqlite3.Error):
                self._file.close()
            self._file = None


class StatesOfFilm:
    """A checkpoint that remembers from time to time."""

    def __init__(self, states: States, key: Key, first: int, own: Checkpoint | None) -> None:
        self._states, self._key, self._first, self._own = states, key, first, own
        self._kept, self._took = 0, 0.0  # frames before the last state; seconds to keep it
        self._saved_at, self._frame_takes = math.nan, math.inf  # seconds

    def load(self) -> tuple[int, State] | None:
        """Give how many frames were made, and the state after the last of them; or nothing."""
        kept = self._own.load() if self._own else None
        kept = kept or self._states.find(self._key, self._first)
        self._kept = kept[0] if kept else 0
        return kept

    def save(self, frames: int, state: State) -> None:
        """Keep the state after so many frames, if it was trained for some time since the last."""
        if self._own:
            self._own.save(frames, state)
        now = time.perf_counter()
        # The least of all times, as most others hold other films' turns.
        self._frame_takes = min(self._frame_takes, now - self._saved_at)
        self._saved_at = now
        if frames <= self._first:
            return  # frames before it are not all made: the state may lack what they would tell
        trained = (frames - self._kept) * self._frame_takes
        if trained >= max(self._states.apart(self._key), self._took / SHARE):
            self._states.keep(self._key, frames, state)
            self._kept, self._saved_at = frames, time.perf_counter()
            self._took = self._saved_at - now


def _bytes(film: _Film) -> int:
    return film.size * len(film.blocks)
