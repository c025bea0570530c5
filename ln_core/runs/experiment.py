"""The interface between runs and what is trained: a config that plans a film, and its maker."""

import abc
import importlib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from ln_core.formatting import told_apart
from ln_core.runs.config import Config, ConfigError, defaults, to_text
from ln_core.runs.frame import Frame, join
from ln_core.runs.meaning import Meaning
from ln_core.runs.snapshot import as_film


class FilmConfig(Config, abc.ABC):
    """A config that says how long its film is and which shards are trained side by side."""

    can_fork: ClassVar[bool] = False  # whether other runs may begin as this one does
    # Whether it trains only when no other run waits, each frame by itself, from the start.
    in_background: ClassVar[bool] = False
    counts: ClassVar[str] = "step"  # what `steps` counts, in one word

    @property
    def ancestors(self) -> Iterable[tuple["FilmConfig", int]]:
        """The runs that begin as this one does, the nearest first, and the frames they share."""
        return ()

    @property
    @abc.abstractmethod
    def frames(self) -> int:
        """Frames of the whole film."""

    @property
    @abc.abstractmethod
    def steps(self) -> int:
        """Training steps of the whole run."""

    @property
    @abc.abstractmethod
    def steps_per_epoch(self) -> int:
        """Training steps of one pass over the training set; 0 if nothing comes twice."""

    @property
    @abc.abstractmethod
    def shards(self) -> tuple[tuple[str, ...], ...]:
        """What different workers may train; their frames join by index."""

    @property
    def compared(self) -> tuple[str, ...]:
        """The variants that stand side by side, in the order of the arrays that have them."""
        return tuple(variant for shard in self.shards for variant in shard)

    @property
    @abc.abstractmethod
    def memory(self) -> int:
        """Bytes that the open films of all shards hold between two of their steps."""

    @abc.abstractmethod
    def step_of(self, frame: int) -> int:
        """Give the training step that a frame shows."""

    @property
    def total(self) -> dict[str, Any]:
        """What a player has to know of the film's length."""
        return {
            "counts": self.counts,
            "frames": self.frames,
            "steps": self.steps,
            "moments": [self.step_of(frame) for frame in range(self.frames)],
            "steps_per_epoch": self.steps_per_epoch,
        }


MEMORY_LIMIT = 1 << 30  # bytes that one run may take in a worker
FRAMES = 240  # at the most, beside frame 0: 16 seconds of film at normal speed, a few MB
ROUND_NUMBERS = (1, 2, 5, 10, 20, 50, 100)


def _gibibytes(size: float, decimals: int) -> str:
    return f"{size / 2**30:.{decimals}f}"


class TrainingConfig(FilmConfig):
    """A config of a run that trains: its steps, and from them the plan of its frames.

    Frame 0 shows the networks before training, the last one the last step.
    """

    __slots__ = ()
    survey_every: ClassVar[int]  # frames: the costly probes run at every many frames
    variants: tuple[str, ...]
    batch_size: int

    @property
    def training_cases(self) -> int:
        """Cases of the training set: an epoch is one pass over them; 0 if nothing comes twice."""
        return 0

    @property
    def steps_per_epoch(self) -> int:
        """Steps of an epoch; the last batch may be smaller."""
        return math.ceil(self.training_cases / self.batch_size)

    @property
    def shards(self) -> tuple[tuple[str, ...], ...]:
        """One variant each, so that several are trained at a time."""
        return tuple((variant,) for variant in self.variants)

    def refuse_beyond_memory(
        self, *deciding: str, beside: tuple[str, ...], memory: int, of: str
    ) -> None:
        """Refuse networks, named as `of`, that take too much, and the fields that are too large.

        `deciding` names the numbers that decide it, whose defaults are small enough; `beside` what
        else does.
        """
        if memory > MEMORY_LIMIT:
            usual = defaults(type(self))
            large = tuple(name for name in deciding if getattr(self, name) > usual[name])
            values = ", ".join(str(getattr(self, name)) for name in large)
            _, takes = told_apart(MEMORY_LIMIT, memory, _gibibytes, 1)
            raise ConfigError(
                large,
                f"{values} ({takes} GiB)",
                f"{of} that take at most {MEMORY_LIMIT / 2**30:.0f} GiB",
                beside=(*deciding, *beside),
            )

    @property
    def frame_every(self) -> int:
        """Steps from one frame to the next: a round number that gives at most FRAMES frames."""
        return next(every for every in ROUND_NUMBERS if every * FRAMES >= self.steps)

    @property
    def frames(self) -> int:
        """Frames of the whole film."""
        return 1 + math.ceil(self.steps / self.frame_every)

    def step_of(self, frame: int) -> int:
        """Give the step that a frame shows."""
        return min(frame * self.frame_every, self.steps)

    def is_survey(self, frame: int) -> bool:
        """Whether a frame carries the costly probes as well."""
        return frame % self.survey_every == 0 or frame == self.frames - 1


class SnapshotConfig(FilmConfig):
    """A config of what is computed at once: its film is a single frame."""

    __slots__ = ()

    @property
    def frames(self) -> int:
        """One frame."""
        return 1

    @property
    def steps(self) -> int:
        """No training steps."""
        return 0

    @property
    def steps_per_epoch(self) -> int:
        """What a player divides by; there are no epochs."""
        return 1

    @property
    def shards(self) -> tuple[tuple[str, ...], ...]:
        """All variants together: they are compared with each other."""
        return (self.variants,)

    @property
    def variants(self) -> tuple[str, ...]:
        """What stands side by side: the entries of every array's first axis, in order."""
        raise NotImplementedError

    @property
    def memory(self) -> int:
        """Bytes that the open film takes: it is closed as soon as its frame is made."""
        return 1 << 20

    def step_of(self, frame: int) -> int:
        """Give the step of a frame: always 0."""
        return 0


State = dict[str, Any]  # tensors, numbers and texts, nested: what torch.save takes


class Checkpoint(Protocol):
    """Where a recording keeps the state of one shard."""

    def load(self) -> tuple[int, State] | None:
        """Give how many frames were made, and the state after the last of them; or nothing."""

    def save(self, frames: int, state: State) -> None:
        """Keep the state after so many frames."""


class Film(Protocol):
    """Makes the frames of one shard of a run."""

    def __call__(
        self,
        config: FilmConfig,
        shard: tuple[str, ...],
        *,
        first: int = 0,
        checkpoint: Checkpoint | None = None,
    ) -> Iterator[Frame | None]:
        """Yield after each bounded unit of work: None, or the frame that became due.

        Frames before `first` are not yielded; those after it hold the same bits all the same. With
        a checkpoint, what it holds is taken up, and the frames made before it are not yielded.
        """


def load_function(address: str) -> Any:  # noqa: ANN401
    """Import a function, or a table, from its address, "module:name"."""
    module, _, function = address.partition(":")
    return getattr(importlib.import_module(module), function)


def load_film(address: str) -> Film:
    """Import the maker of a film from its address."""
    film: Film = load_function(address)
    return film


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What can be run under a name: its config class, and where frames and figure are made.

    A training has a `film`, what is computed at once a `compute(config) -> Frame`; `code(config,
    origin) -> str` writes the script of a run; `arrays` is the table of what the frames' arrays
    mean. These and `figure` are "module:name". Workers alone import what makes frames: it needs
    torch, the server does not.

    Raises: ValueError unless there is one of film and compute.
    """

    name: str
    config: type[FilmConfig]
    film: str = ""
    compute: str = ""
    figure: str
    arrays: str
    code: str = ""

    def __post_init__(self) -> None:
        if bool(self.film) == bool(self.compute):
            raise ValueError(
                f"{self.name} must have a film or a compute function, "
                f"got film {self.film!r} and compute {self.compute!r}"
            )

    @property
    def module(self) -> str:
        """The module that makes its frames."""
        return (self.film or self.compute).partition(":")[0]

    def begin(
        self,
        config: FilmConfig,
        shard: tuple[str, ...],
        *,
        first: int,
        checkpoint: Checkpoint | None = None,
    ) -> Iterator[Frame | None]:
        """Begin the film of a shard, from the frame `first` on; see `Film`."""
        if self.compute:
            return as_film(load_function(self.compute), config, first)
        return load_film(self.film)(config, shard, first=first, checkpoint=checkpoint)

    def frames(self, config: FilmConfig) -> Iterator[Frame]:
        """Make the whole film of a run in this process, frame by frame."""
        shards = (self.begin(config, shard, first=0) for shard in config.shards)
        made = [(frame for frame in shard if frame is not None) for shard in shards]
        yield from map(join, zip(*made, strict=True))

    def draw(self, config: Config) -> dict[str, Any]:
        """Make the figure of a run: which charts show what of its frames."""
        figure: dict[str, Any] = load_function(self.figure)(config)
        return figure

    @property
    def meanings(self) -> Mapping[str, Meaning]:
        """What every array of its frames means."""
        found: Mapping[str, Meaning] = load_function(self.arrays)
        return found

    def write(self, config: Config, origin: str, **own: object) -> str:
        """Write the script of a run; `origin` is a line that says where the run is to be seen.

        `own` are settings that a config has not, of experiments whose recordings have such.

        Raises: LookupError if the experiment has no script.
        """
        if not self.code:
            raise LookupError(f"There is no code of {self.name!r}.")
        script: str = load_function(self.code)(config, origin, **own)
        return script

    def key(self, config: Config) -> str:
        """Name a run: what stands in its URL."""
        return f"{self.name}?{to_text(config)}"
