"""What diagnoses of all trainings share: pure functions of what probes measured. Free of torch."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from ln_core.formatting import number

EXPLODING = 1e3  # norm of a gradient
VANISHING = 1e-6  # a gradient where it arrives, over that where it comes from


class Card(NamedTuple):
    """A diagnosis as the page shows it."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """What one variant's probes say at one moment; of its first seed, if not said otherwise."""

    variant: str
    batch_size: int
    diverged: int | None  # first step at which some seed's loss was not finite
    fixed: bool = False  # whether constants stand in the statistics' place
    seeds: int = 1  # networks that were trained

    @property
    def loss(self) -> str:
        """The loss that is not finite: of one network, or of some of several."""
        return "the loss" if self.seeds == 1 else f"the loss of at least one of {self.seeds} seeds"

    @property
    def lone_case(self) -> bool:
        """Whether it is Batch Norm of a batch of one."""
        return self.variant == "batch" and self.batch_size == 1 and not self.fixed


def sized(size: float, before: str = "") -> str:
    """Write a size, with a word before it; of one that is infinite its square is beyond float32."""
    return "over 10¹⁹" if math.isinf(size) else f"{before}{number(size, 2)}"


V = TypeVar("V", bound=Vitals)
Check = Callable[[V], Iterator[Card]]


def diagnose_by(vitals: V, verdicts: Sequence[Check[V]], checks: Sequence[Check[V]]) -> list[Card]:
    """Name what holds at this moment; a verdict on all networks leaves nothing else to be said."""
    found: list[Card] = []
    for verdict in verdicts:
        if found := list(verdict(vitals)):
            break
    if found and (vitals.seeds == 1 or vitals.diverged is None):
        return found
    return [*found, *(card for check in checks for card in check(vitals))]
