"""Turns: which of the films that are watched a worker goes on with, and for how long.

Pure functions of what waits and of the time; the hub asks them, and a test with a clock of its own.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

PATIENCE = 0.85  # seconds of waiting, after which nobody gives way to what was opened just now
ROUND_SECONDS = 0.6  # in which every film has its turn, if there are not too many
LONGEST, SHORTEST = 0.07, 0.01  # seconds of one turn: smooth, and long against what it costs


class Waiting(Protocol):
    """A film in the making, or a part of one, as far as turns are concerned."""

    owner: int | None  # the worker that has it open
    busy: bool
    since: float  # when its last turn ended, or it was opened

    @property
    def begun(self) -> bool:
        """Whether there is anything to be seen of it."""

    @property
    def share(self) -> float:
        """How much of it is made, 0 to 1."""

    @property
    def movable(self) -> bool:
        """Whether another worker goes on with it at little cost."""


W = TypeVar("W", bound=Waiting)


def choose(films: Iterable[W], now: float) -> W | None:
    """Choose whose turn it is: who has waited long, then who has no frame yet, then the others.

    Among equals it is who has waited longest.
    """
    return min(
        films,
        key=lambda film: (now - film.since < PATIENCE, film.begun, film.since),
        default=None,
    )


def choose_behind(films: Iterable[W], worker: int, now: float) -> W | None:
    """Choose what a worker makes a frame of when no other film waits: of these, each by itself.

    It ends what it has begun, then takes the one of which the least is made. What another one has
    begun is left to it, unless that has come to nothing for long.
    """
    free = [
        film
        for film in films
        if not film.busy and (film.owner in (None, worker) or now - film.since > PATIENCE)
    ]
    return min(free, key=lambda film: (film.owner != worker, film.share), default=None)


def length(waiting: int, workers: int) -> float:
    """Give the seconds of a turn: the shorter, the more films take turns."""
    return min(LONGEST, max(SHORTEST, ROUND_SECONDS * workers / max(waiting, 1)))


def to_take_over(films: Sequence[W], worker: int) -> W | None:
    """Choose what a worker takes from another one that has two films more, if nothing is free.

    Of those that can be moved at little cost it is the one with most to do.
    """
    held = Counter(film.owner for film in films)
    if held[None]:
        return None
    spare = [
        film
        for film in films
        if held[film.owner] > held[worker] + 1 and not film.busy and film.movable
    ]
    return min(spare, key=lambda film: film.share, default=None)
