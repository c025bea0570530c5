"""Batches: a new order of the training cases for every epoch, cut into pieces."""

import itertools
import math
from collections.abc import Iterator

import torch
from torch import Tensor

from ln_core.training.arrays import short_hash
from ln_core.training.seeds import ORDER_SEED, make_generator

HASHED = 100  # batches: enough to tell two orders apart


def epoch_orders(cases: int, seed: int) -> Iterator[Tensor]:
    """Draw the order of the training cases, epoch by epoch, for ever."""
    generator = make_generator(seed, ORDER_SEED)
    while True:
        yield torch.randperm(cases, generator=generator)


def batches(cases: int, size: int, seed: int, *, first: int = 0) -> Iterator[Tensor]:
    """Give the indices of every batch from batch `first` on; an epoch's last one may be smaller."""
    epoch, place = divmod(first, math.ceil(cases / size))
    for order in itertools.islice(epoch_orders(cases, seed), epoch, None):
        for start in range(place * size, cases, size):
            yield order[start : start + size]
        place = 0


def with_hash(drawn: Iterator[Tensor]) -> tuple[str, Iterator[Tensor]]:
    """Hash the first batches, and give them back with those that follow: what is trained on."""
    first = list(itertools.islice(drawn, HASHED))
    return short_hash(torch.cat(first)), itertools.chain(first, drawn)
