"""Batches: a new order of the training cases for every epoch, cut into pieces."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from ln_core.runs.changes import Sizes, place_of
from ln_core.training.arrays import short_hash
from ln_core.training.seeds import ORDER_SEED, make_generator

T = TypeVar("T")
MEASURED = 256  # cases: enough for a mean, unless one batch has more
HASHED = 100  # batches: enough to tell two orders apart


class ByBatchSize(dict[int, T]):
    """What is made for batches of one size, when the first of that size comes."""

    def __init__(self, make: Callable[[int], T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, N: int) -> T:
        made = self[N] = self._make(N)
        return made


def epoch_orders(cases: int, seed: int) -> Iterator[Tensor]:
    """Draw the order of the training cases, epoch by epoch, for ever."""
    generator = make_generator(seed, ORDER_SEED)
    while True:
        yield torch.randperm(cases, generator=generator)


def batches(cases: int, size: int | Sizes, seed: int, *, first: int = 0) -> Iterator[Tensor]:
    """Give the indices of every batch from batch `first` on; an epoch's last one may be smaller.

    Where the size changes in mid-run, the order of the cases stays.
    """
    sizes = ((0, size),) if isinstance(size, int) else size
    epoch, place = place_of(cases, sizes, first)
    for order in itertools.islice(epoch_orders(cases, seed), epoch, None):
        while place < cases:
            size = next(size for begin, size in reversed(sizes) if begin <= first)
            yield order[place : place + size]
            place, first = place + size, first + 1
        place = 0


def measuring_batches(cases: int, size: int) -> Sequence[Tensor]:
    """Give full batches of the first cases: what is measured there of a training set."""
    size = min(size, cases)
    count = max(1, min(MEASURED, cases) // size)
    return torch.split(torch.arange(count * size), size)


def order_hash(drawn: Iterator[Tensor]) -> str:
    """Hash the first batches of an order."""
    return short_hash(torch.cat(list(itertools.islice(drawn, HASHED))))
