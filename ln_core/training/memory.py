"""Memory for what is computed and read in one go, lent to all films of a process in turn."""

import math
import threading

import torch
from torch import Tensor


class _Lent(threading.local):
    """What each thread lends: two may compute at the same time."""

    def __init__(self) -> None:
        self.buffers: dict[tuple[int, int, torch.dtype], Tensor] = {}


_lent = _Lent()


class Own:
    """Makes buffers that nobody else writes to, 0 at first."""

    def __init__(self, like: Tensor) -> None:
        self._like = like

    def __call__(self, *shape: int) -> Tensor:
        """Make the next buffer."""
        return self._like.new_zeros(shape)


class Borrowed:
    """Makes buffers for results that are read before anything else is computed.

    All buffers of one borrower are apart from each other; two borrowers' first ones are the same
    memory if they are about as large, so are their second ones, and so on. Until it is written, a
    buffer holds anything.
    """

    def __init__(self, like: Tensor) -> None:
        self._dtype, self._taken = like.dtype, 0

    def __call__(self, *shape: int) -> Tensor:
        """Borrow the next buffer."""
        count = math.prod(shape)
        # A power of two, so that films of nearly the same shape share; what is not used takes no
        # memory, but for its first page.
        key = (self._taken, 1 << (count - 1).bit_length(), self._dtype)
        self._taken += 1
        if key not in _lent.buffers:
            with torch.inference_mode(mode=False):  # it may be written in either mode
                _lent.buffers[key] = torch.empty(key[1], dtype=self._dtype)
        return _lent.buffers[key][:count].view(shape)


Buffers = Own | Borrowed


def lent() -> list[Tensor]:
    """List all memory that this thread lends."""
    return list(_lent.buffers.values())
