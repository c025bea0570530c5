"""Trainers: what one shard of a run trains, so that it can be put down and taken up again."""

import abc
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
import torch

from ln_core.runs.experiment import FilmConfig
from ln_core.runs.frame import Frame

State = dict[str, Any]  # tensors, numbers and texts, nested: what torch.save takes
C = TypeVar("C", bound=FilmConfig)


class Trainer(abc.ABC):
    """What one shard of a run trains."""

    step = 0  # training steps taken so far
    watched: ClassVar[str] = ""  # an array of the frames that is finite unless something diverged

    @abc.abstractmethod
    def train(self) -> None:
        """Take one training step: a bounded piece of work, which counts itself in `step`."""

    @abc.abstractmethod
    def take(self, index: int) -> Frame:
        """Make the film's frame `index`, of this moment."""

    @abc.abstractmethod
    def state(self) -> State:
        """Give everything that the steps to come depend on."""

    @abc.abstractmethod
    def restore(self, state: State) -> None:
        """Take up what `state` gave: the steps to come then give the same bits."""


class Checkpoint(Protocol):
    """Where a recording keeps the state of one shard."""

    def load(self) -> tuple[int, State] | None:
        """Give how many frames were made, and the state after the last of them; or nothing."""

    def save(self, frames: int, state: State) -> None:
        """Keep the state after so many frames."""


def film_of(
    make: Callable[[C, tuple[str, ...]], Trainer],
    config: C,
    shard: tuple[str, ...],
    *,
    first: int = 0,
    checkpoint: Checkpoint | None = None,
) -> Iterator[Frame | None]:
    """Train one shard, and yield after each step None, or the frame that became due.

    Frames before `first` are trained through and not yielded; those after it hold the same bits.
    With a checkpoint, what it holds is taken up, and the frames made before it are not yielded.
    """
    torch.set_num_threads(1)  # one of several workers; threads of two runs slow each other
    trainer = make(config, shard)
    begin = 0
    if checkpoint is not None and (kept := checkpoint.load()) is not None:
        begin, state = kept
        trainer.restore(state)
    for index in range(begin, config.frames):
        while trainer.step < config.step_of(index):
            trainer.train()
            yield None
        if index >= first:
            yield with_diverged(trainer.take(index), shard, trainer.watched)
        if checkpoint is not None:
            checkpoint.save(index + 1, trainer.state())


def with_diverged(frame: Frame, variants: tuple[str, ...], watched: str) -> Frame:
    """Add a card for each variant that has an entry in the watched array that is not finite."""
    if not watched:
        return frame
    lost = [
        {
            "track": variant,
            "title": "Diverged",
            "text": "The loss is not a finite number any more. A lower learning rate may help.",
        }
        for variant, own in zip(variants, frame.arrays[watched], strict=True)
        if not np.isfinite(own).all()
    ]
    cards = [*frame.notes.get("cards", ()), *lost]
    return replace(frame, notes={**frame.notes, "cards": cards}) if lost else frame
