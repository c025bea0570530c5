"""The interface between runs and what is trained: a config that plans a film, and its maker."""

import abc
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from ln_core.runs.config import Config, to_text
from ln_core.runs.frame import Frame


class FilmConfig(Config, abc.ABC):
    """A config that says how long its film is and which parts are trained side by side."""

    @property
    @abc.abstractmethod
    def frames(self) -> int:
        """Frames of the whole film."""

    @property
    @abc.abstractmethod
    def frame_every(self) -> int:
        """Training steps from one frame to the next."""

    @property
    @abc.abstractmethod
    def steps(self) -> int:
        """Training steps of the whole run."""

    @property
    @abc.abstractmethod
    def steps_per_epoch(self) -> int:
        """Training steps of one pass over the training set."""

    @property
    @abc.abstractmethod
    def shards(self) -> tuple[tuple[str, ...], ...]:
        """Parts that different workers may train; their frames join by index."""

    @property
    @abc.abstractmethod
    def memory(self) -> int:
        """Bytes that the open film takes in its worker."""

    @abc.abstractmethod
    def step_of(self, frame: int) -> int:
        """Give the training step that a frame shows."""


class Film(Protocol):
    """Makes the frames of one shard of a run."""

    def __call__(
        self, config: FilmConfig, shard: tuple[str, ...], *, first: int
    ) -> Iterator[Frame | None]:
        """Yield after each bounded unit of work: None, or the frame that became due.

        Frames before `first` are not yielded; those after it hold the same bits all the same.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What can be run under a name: its config class, and where its film is made.

    `film` is "module:function", imported by workers alone: it needs torch, the server does not.
    """

    name: str
    config: type[FilmConfig]
    film: str

    def key(self, config: Config) -> str:
        """Name a run: what stands in its URL."""
        return f"{self.name}?{to_text(config)}"
