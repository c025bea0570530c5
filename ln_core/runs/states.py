"""States: how a worker's trainings stood at a few moments, so that a fork goes on from there."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ln_core.runs.experiment import Checkpoint, Experiment, FilmConfig, State
from ln_core.runs.machine import STATES

APART = 0.2  # seconds from one state of a film to the next, at first

Key = tuple[Experiment, FilmConfig, tuple[str, ...]]


@dataclass(slots=True)
class _Film:
    """The states of one film, by the number of frames that were made before."""

    states: dict[int, State] = field(default_factory=dict)
    apart: int = 1  # times APART
    size: int = 0  # bytes of one state


class States:
    """The states of many films, in bounded memory: of whichever has most, every second one goes."""

    def __init__(self, most_bytes: int = STATES[1]) -> None:
        self._films: dict[Key, _Film] = {}
        self.most_bytes = most_bytes

    def of(self, key: Key, first: int, own: Checkpoint | None = None) -> "StatesOfFilm":
        """Give the checkpoint of a film that is to be made from the frame `first` on.

        What its `own` checkpoint holds goes before.
        """
        return StatesOfFilm(self, key, first, own)

    def find(self, key: Key, first: int) -> tuple[int, State] | None:
        """Give the latest state before a frame, of the film or of one that begins as it does."""
        experiment, config, shard = key
        found: dict[int, State] = {}
        for own, shared in [(config, config.frames), *config.ancestors]:
            film = self._films.get((experiment, own, shard), _Film())
            found |= {n: state for n, state in film.states.items() if n <= min(shared, first)}
        return max(found.items(), key=lambda item: item[0], default=None)

    def apart(self, key: Key) -> float:
        """Give the seconds from one state of a film to the next."""
        return APART * (self._films[key].apart if key in self._films else 1)

    def keep(self, key: Key, frames: int, state: State) -> None:
        """Keep a copy of a state."""
        film = self._films.setdefault(key, _Film())
        film.states[frames] = copied(state)
        film.size = bytes_of(state)
        while sum(map(_bytes, self._films.values())) > self.most_bytes:
            self._thin()

    def _thin(self) -> None:
        key = max(self._films, key=lambda one: _bytes(self._films[one]))  # the oldest, of several
        film = self._films[key]
        film.states = {n: film.states[n] for n in sorted(film.states)[1::2]}
        film.apart *= 2
        if not film.states:
            del self._films[key]


class StatesOfFilm:
    """A checkpoint that remembers from time to time."""

    def __init__(self, states: States, key: Key, first: int, own: Checkpoint | None) -> None:
        self._states, self._key, self._first, self._own = states, key, first, own
        self._kept_at = time.perf_counter()

    def load(self) -> tuple[int, State] | None:
        """Give how many frames were made, and the state after the last of them; or nothing."""
        kept = self._own.load() if self._own else None
        return kept or self._states.find(self._key, self._first)

    def save(self, frames: int, state: State) -> None:
        """Keep the state after so many frames, if the last one was kept some time ago."""
        if self._own:
            self._own.save(frames, state)
        now = time.perf_counter()
        if frames <= self._first:
            return  # frames before it are not all made: the state may lack what they would tell
        if now - self._kept_at >= self._states.apart(self._key):
            self._states.keep(self._key, frames, state)
            self._kept_at = now


def copied(part: Any) -> Any:  # noqa: ANN401
    """Copy what a state holds, nested, so that no later step changes it."""
    if isinstance(part, Mapping):
        return {name: copied(value) for name, value in part.items()}
    if isinstance(part, list):
        return [copied(value) for value in part]
    return part.clone() if hasattr(part, "clone") else part


def bytes_of(part: Any) -> int:  # noqa: ANN401
    """Count the bytes of a state's tensors."""
    if isinstance(part, Mapping):
        return sum(map(bytes_of, part.values()))
    if isinstance(part, list):
        return sum(map(bytes_of, part))
    size: int = getattr(part, "nbytes", 0)
    return size


def _bytes(film: _Film) -> int:
    return film.size * len(film.states)
