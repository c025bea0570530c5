"""The training loop: it makes a film of what a trainer trains, and goes on where it was left."""

import abc
from collections.abc import Callable, Iterator
from typing import TypeVar

import torch
from torch import Tensor

from ln_core.runs.experiment import Checkpoint, FilmConfig, State
from ln_core.runs.frame import Frame

C = TypeVar("C", bound=FilmConfig)


class Trainer(abc.ABC):
    """What is trained in one shard of a run, and how a frame of it is made."""

    step = 0  # training steps taken so far

    @abc.abstractmethod
    def train(self) -> None:
        """Take one training step: a bounded piece of work, which counts itself in `step`."""

    def evaluate(self, index: int) -> Iterator[None]:
        """Measure what frame `index` takes longer for; yield after each bounded piece of work."""
        return iter(())

    @abc.abstractmethod
    def make_frame(self, index: int) -> Frame:
        """Make the film's frame `index`, of this moment, which no later step may change."""

    def needed_from(self, index: int) -> int:
        """Give the first of the frames that must be made so that frame `index` can be."""
        return index

    @abc.abstractmethod
    def state(self) -> State:
        """Give, after a frame, everything that the later frames depend on."""

    @abc.abstractmethod
    def restore(self, state: State) -> None:
        """Take up what `state` gave: the later frames then hold the same bits."""


def film_of(
    make: Callable[[C, tuple[str, ...]], Trainer],
    config: C,
    shard: tuple[str, ...],
    *,
    first: int = 0,
    checkpoint: Checkpoint | None = None,
) -> Iterator[Frame | None]:
    """Train one shard; yield the frames that become due, and None after all other work.

    It is a `Film` for each `make`; frames before `first` are trained through.
    """
    torch.set_num_threads(1)  # one of several workers; threads of two runs slow each other
    trainer = make(config, shard)
    begin = 0
    if checkpoint is not None and (kept := checkpoint.load()) is not None:
        begin, state = kept
        trainer.restore(state)
    needed = trainer.needed_from(first)
    for index in range(begin, config.frames):
        while trainer.step < config.step_of(index):
            trainer.train()
            yield None
        if index >= needed:
            yield from trainer.evaluate(index)
            frame = trainer.make_frame(index)
            if index >= first:
                yield frame
        if checkpoint is not None:
            checkpoint.save(index + 1, trainer.state())


def copy_into(tensors: State, kept: State) -> None:
    """Copy what was kept of tensors, nested in dictionaries, into these very tensors."""
    for name, own in tensors.items():
        if isinstance(own, Tensor):
            own.copy_(kept[name])
        else:
            copy_into(own, kept[name])
