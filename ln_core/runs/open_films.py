"""Films that a worker has open between two turns, and those that it has put aside.

What is put aside is the state of its training alone, a fraction of an open film: weights, what the
optimizer gathered, where the drawing of numbers is. From there it goes on to the same bits.
"""

import contextlib
import time
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ln_core.runs.experiment import Checkpoint, State
from ln_core.runs.frame import Frame, pack
from ln_core.runs.machine import FILMS
from ln_core.runs.states import pack_state, unpack_state

OVERTIME = 0.2  # seconds that a turn may go on for, to its first frame
IDLE_SECONDS = 30.0  # without a turn, after which a film is put aside


class Begin(Protocol):
    """Begins a film, as `Experiment.begin` does once it knows whose."""

    def __call__(
        self, *, first: int, checkpoint: Checkpoint | None = None
    ) -> Iterator[Frame | None]: ...


class Aside:
    """The checkpoint of a film: it keeps the state after a frame, once that is wanted."""

    def __init__(self) -> None:
        self.wanted, self.frames, self.data = False, 0, b""

    def load(self) -> tuple[int, State] | None:
        """Give what was kept, if there is anything, and keep it no longer."""
        data, self.data = self.data, b""
        return (self.frames, unpack_state(data)) if data else None

    def save(self, frames: int, state: State) -> None:
        """Keep a copy of the state, if it is wanted."""
        if self.wanted:
            self.frames, self.data, self.wanted = frames, pack_state(state), False


@dataclass(frozen=True, slots=True)
class Moved:
    """A film on its way from one worker to another."""

    aside: Aside = field(default_factory=Aside)
    ahead: list[bytes] = field(default_factory=list)  # frames made while putting it aside
    states: Mapping[int, bytes] = field(default_factory=dict)  # that forks of it may begin from


class OpenFilm:
    """A film in the making, from the frame `first` on, or put aside until its next turn.

    What another worker has moved here goes on from there. Of frames that are made apart, each by
    itself, a turn ends with one, and none is put aside.
    """

    def __init__(
        self,
        begin: Begin,
        first: int,
        memory: int,
        moved: Moved | None = None,
        *,
        apart: bool = False,
    ) -> None:
        self.next_frame, self.used = first, 0.0
        self._begin, self._open_memory, self._apart = begin, memory, apart
        moved = moved or Moved()
        self._aside, self._ahead = moved.aside, moved.ahead
        self._frames: Iterator[Frame | None] | None = None

    @property
    def memory(self) -> int:
        """Bytes that it takes now."""
        return len(self._aside.data) if self._frames is None else self._open_memory

    @property
    def is_open(self) -> bool:
        """Whether it can go on without being begun again."""
        return self._frames is not None

    def run(self, seconds: float) -> list[bytes]:
        """Go on for some time, and a little more to the next frame; give the packed ones due."""
        end = time.perf_counter() + seconds
        made, self._ahead = self._ahead, []
        if self._frames is None:
            first = self.next_frame + len(made)
            self._frames = self._begin(first=first, checkpoint=self._aside)
        for frame in self._frames:
            if frame is not None:
                made.append(pack(frame))
            over = time.perf_counter() - end
            # A turn that ends just before a frame is one more round without news for who watches.
            if (over >= 0 and (made or over >= OVERTIME)) or (self._apart and made):
                break
        self.next_frame += len(made)
        self.used = time.perf_counter()
        return made

    def put_aside(self) -> None:
        """Keep nothing but its state; where there is one, it is trained on to its next frame."""
        if not self._apart:
            self._aside.wanted = True
            # If it fails, it will fail again in its own turn: begun anew, with nothing kept of it.
            with contextlib.suppress(Exception):
                for frame in self._frames or ():
                    if frame is not None:
                        self._ahead.append(pack(frame))
                    if not self._aside.wanted:
                        break
        self._frames = None

    def move(self) -> Moved:
        """Give it up, to another worker."""
        if self.is_open:
            self.put_aside()
        return Moved(self._aside, self._ahead)


class OpenFilms:
    """The films of a worker; the least recently used are put aside, then given up."""

    def __init__(self, most_bytes: int = FILMS[1]) -> None:
        self.most_bytes = most_bytes
        self._films: OrderedDict[Hashable, OpenFilm] = OrderedDict()

    def take(self, key: Hashable, first: int) -> OpenFilm | None:
        """Take a film out that goes on with the frame `first`; None if there is none."""
        film = self._films.pop(key, None)
        return film if film is not None and film.next_frame == first else None

    def put(self, key: Hashable, film: OpenFilm) -> None:
        """Put a film back after its turn; it stays open unless it is too large for all."""
        self._films[key] = film
        idle_since = film.used - IDLE_SECONDS
        opened = [one for one in self._films.values() if one.is_open]
        taken = sum(one.memory for one in opened)
        for one in opened:
            if one is film or (taken <= self.most_bytes and one.used >= idle_since):
                break
            taken -= one.memory
            one.put_aside()
        aside = [key for key, one in self._films.items() if not one.is_open]
        taken = sum(self._films[key].memory for key in aside)
        for key in aside:
            if taken <= self.most_bytes // 4:
                break
            taken -= self._films.pop(key).memory
