"""What every step since the last frame measured, and whether the loss is still a finite number."""

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ln_core.runs.experiment import FilmConfig
from ln_core.runs.frame import Array, Floats
from ln_core.runs.snapshot import card
from ln_core.training.arrays import as_floats


class StepValues:
    """Numbers of every network at every step since the last frame; the first kind is the loss.

    `diverged` says of a variant since which step the loss of one of its seeds is not finite.
    """

    def __init__(
        self, config: FilmConfig, variants: tuple[str, ...], seeds: int, *, kinds: int = 1
    ) -> None:
        self.variants, self.shape = variants, (kinds, len(variants), seeds)
        self.frame_steps = frozenset(config.step_of(index) for index in range(config.frames))
        most = max(b - a for a, b in itertools.pairwise(sorted(self.frame_steps)))
        self.values = torch.zeros(most, kinds, len(variants) * seeds)
        self.rows = [step.unbind() for step in self.values]
        self.count, self.last = 0, 0  # steps since the last frame, and the last step
        self.diverged: dict[str, int] = {}

    def append(self, step: int, *measured: Tensor) -> None:
        """Take in what a step measured, each (V * S,); after a frame begin anew."""
        if self.last in self.frame_steps and self.count > 0:
            self.read()  # a frame that nobody made: its losses count all the same
            self.count = 0
        for row, values in zip(self.rows[self.count], measured, strict=True):
            row.copy_(values)
        self.count, self.last = self.count + 1, step

    def read(self) -> Floats:
        """Give the values of the steps since the last frame, (kinds, V, S, K)."""
        K = self.count
        values = as_floats(self.values[:K].permute(1, 2, 0).reshape(*self.shape, K))
        lost = ~np.isfinite(values[0]).all(axis=1)
        for variant, steps in zip(self.variants, lost, strict=True):
            if steps.any():
                self.diverged.setdefault(variant, self.last - K + 1 + int(steps.argmax()))
        return values


def diverged_notes(variants: tuple[str, ...], losses: Array) -> Mapping[str, list[Any]]:
    """Write a card for each variant with a loss that is not finite; without one, no notes.

    Shapes: losses (V, ...).
    """
    text = "The loss of at least one network is not finite. A lower learning rate may help."
    cards = [
        card(variant, "Diverged", text)
        for variant, own in zip(variants, losses, strict=True)
        if not np.isfinite(own).all()
    ]
    return {"cards": cards} if cards else {}
