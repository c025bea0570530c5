"""Normalization inside a race: forward and backward, on buffers that persist.

The equations are those of `ln_core.norms`, the textbook. Here they run in place, with the
derivative written out: one formula for all, along the axis that the statistics were taken over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from ln_core.training.memory import Buffers, Own


@dataclass(slots=True)
class Rows:
    """The rows of one layer's buffers that belong to one variant, each (S, N, H)."""

    a: Tensor
    n: Tensor
    d: Tensor  # gradient of the loss, by n before `backward` and by a after it
    scratch: Tensor
    make: Buffers | None = None  # of what else is needed; memory of its own, if none is said


class BatchSums(NamedTuple):
    """Sums over the cases of a batch, from which Batch Norm's running statistics are fed."""

    total: Tensor  # of a
    squares: Tensor  # of (a - mu)^2


class Running(NamedTuple):
    """Batch Norm's running statistics: of one layer (S, 1, H), or of all, flat (S, units)."""

    mean: Tensor
    variance: Tensor

    @property
    def first(self) -> "Running":
        """Those of the first network."""
        return Running(self.mean[:1], self.variance[:1])

    def fresh(self) -> "Running":
        """Make statistics of this shape as they are before the first batch: 0 and 1."""
        return Running(torch.zeros_like(self.mean), torch.ones_like(self.variance))

    def take(self, other: "Running") -> None:
        """Take over the numbers of others."""
        self.mean.copy_(other.mean)
        self.variance.copy_(other.variance)

    def update(self, sums: BatchSums, N: int, momentum: float) -> None:
        """Move towards a batch: new = (1 - momentum) old + momentum batch."""
        self.mean.mul_(1 - momentum).add_(sums.total, alpha=momentum / N)
        # Divided by N - 1, as torch.nn.BatchNorm1d stores it; at N = 1 the biased 0 for its 0 / 0.
        self.variance.mul_(1 - momentum).add_(sums.squares, alpha=momentum / max(N - 1, 1))


def of_layer(flat: Tensor, sizes: Sequence[int], index: int) -> Tensor:
    """View one layer's (S, 1, H) of the units (S, units) of all layers."""
    return flat.narrow(1, sum(sizes[:index]), sizes[index]).unsqueeze(1)


class Standardization:
    """Zero mean and unit variance along one axis: N for Batch Norm, H for Layer and Group Norm.

    Equal numbers come out as 0 only where their mean is not rounded: 54321.1 in each of 3 units
    gives -0.8 (eps 1e-5, float32). `ln_core.norms` subtracts one of the numbers first; here that
    would make a training step 2 to 5 % slower, of small networks 12 %.
    """

    def __init__(
        self,
        rows: Rows,
        axis: int,
        eps: float,
        sums: BatchSums | None = None,
        *,
        unbiased: bool = False,
    ) -> None:
        self.a, self.n, self.d, self.scratch = rows.a, rows.n, rows.d, rows.scratch
        self.axis = axis
        self.share = 1 / rows.a.shape[axis]
        self.square_share = 1 / (rows.a.shape[axis] - unbiased)  # 1 / (N - 1): unbiased
        self.eps = torch.tensor(eps, dtype=rows.a.dtype)
        shape = list(rows.a.shape)
        shape[axis] = 1
        make = rows.make or Own(rows.a)
        self.inverse_sigma = make(*shape)
        self.sums = sums or BatchSums(make(*shape), make(*shape))

    def forward(self) -> None:
        """Compute n = (a - mu) / sqrt(sigma^2 + eps)."""
        total, squares = self.sums.total, self.sums.squares
        torch.sum(self.a, self.axis, keepdim=True, out=total)
        torch.sub(self.a, total, alpha=self.share, out=self.n)  # subtract, then square
        torch.mul(self.n, self.n, out=self.scratch)
        torch.sum(self.scratch, self.axis, keepdim=True, out=squares)
        torch.add(self.eps, squares, alpha=self.square_share, out=self.inverse_sigma).rsqrt_()
        self.n.mul_(self.inverse_sigma)

    def backward(self) -> None:
        """Turn d into (d - mean(d) - n mean(d n)) / sigma."""
        dot = torch.mul(self.d, self.n, out=self.scratch).sum(self.axis, keepdim=True)
        self.d.sub_(self.d.sum(self.axis, keepdim=True), alpha=self.share)
        self.d.addcmul_(self.n, dot, value=-self.square_share).mul_(self.inverse_sigma)


class RootMeanSquare(Standardization):
    """RMSNorm: unit mean square along the units; the mean stays where it is."""

    def forward(self) -> None:
        """Compute n = a / sqrt(mean(a^2) + eps)."""
        squares = self.sums.squares
        torch.mul(self.a, self.a, out=self.scratch)
        torch.sum(self.scratch, self.axis, keepdim=True, out=squares)
        torch.add(self.eps, squares, alpha=self.share, out=self.inverse_sigma).rsqrt_()
        torch.mul(self.a, self.inverse_sigma, out=self.n)

    def backward(self) -> None:
        """Turn d into (d - n mean(d n)) / sigma."""
        dot = torch.mul(self.d, self.n, out=self.scratch).sum(self.axis, keepdim=True)
        self.d.addcmul_(self.n, dot, value=-self.share).mul_(self.inverse_sigma)


class LoneCase(Standardization):
    """Batch Norm of a batch of one, which PyTorch refuses: a = mu, so n = 0 whatever a is.

    Said outright rather than computed, so that epsilon = 0 does not make 0 / 0 of it.
    """

    def forward(self) -> None:
        """Leave n = 0, as its buffer is; the sum over one case is that case."""
        self.sums.total.copy_(self.a)

    def backward(self) -> None:
        """Turn d into 0."""
        self.d.zero_()


class RunningStandardization(Standardization):
    """Constants in the statistics' place, as the running ones of Batch Norm in evaluation mode."""

    def __init__(
        self, rows: Rows, running: Running, eps: float, sums: BatchSums | None = None
    ) -> None:
        super().__init__(rows, 1, eps, sums)
        self.running = running

    def forward(self) -> None:
        """Compute n = (a - running mean) / sqrt(running variance + eps)."""
        torch.add(self.eps, self.running.variance, out=self.inverse_sigma).rsqrt_()
        torch.sub(self.a, self.running.mean, out=self.n).mul_(self.inverse_sigma)

    def backward(self) -> None:
        """Turn d into d / sigma."""
        self.d.mul_(self.inverse_sigma)


class FrozenStandardization(RunningStandardization):
    """Batch Norm in training by running statistics that stay; the batch's are summed to be seen."""

    def forward(self) -> None:
        """Compute n by the running statistics, after the batch's sums."""
        total, squares = self.sums
        torch.sum(self.a, self.axis, keepdim=True, out=total)
        torch.sub(self.a, total, alpha=self.share, out=self.scratch).square_()
        torch.sum(self.scratch, self.axis, keepdim=True, out=squares)
        super().forward()


def mean_statistics(variant: str, a: Tensor, groups: int = 1) -> Running:
    """Average over the cases the mean and the variance that a variant takes over their units.

    Shapes: a (..., N, H) -> (..., 1, H), the same number for all units of a group.
    """
    in_groups = a.reshape(*a.shape[:-1], groups if variant == "group" else 1, -1)
    mean = in_groups.mean(-1, keepdim=True)
    if variant == "rms":
        mean = torch.zeros_like(mean)
    variance = (in_groups - mean).square_().mean(-1, keepdim=True)
    of_units = (one.mean(-3, keepdim=True) for one in (mean, variance))
    return Running(*(one.expand_as(in_groups[..., :1, :, :]).flatten(-2) for one in of_units))


def average(statistics: Sequence[Running]) -> Running:
    """Average statistics of several batches."""
    return Running(*(torch.stack(kind).mean(0) for kind in zip(*statistics, strict=True)))


def along_units(variant: str, rows: Rows, eps: float, groups: int = 1) -> Standardization:
    """Build a normalization in which no case sees another: the same in both modes."""
    if variant == "rms":
        return RootMeanSquare(rows, 2, eps)
    if variant == "group":
        S, N, H = rows.a.shape
        buffers = (rows.a, rows.n, rows.d, rows.scratch)
        a, n, d, scratch = (buffer.view(S, N, groups, H // groups) for buffer in buffers)
        in_groups = Rows(a, n, d, scratch, rows.make)
        return Standardization(in_groups, 3, eps)
    return Standardization(rows, 2, eps)


def along_cases(
    rows: Rows, eps: float, sums: BatchSums, *, unbiased: bool = False
) -> Standardization:
    """Build Batch Norm in training mode; `unbiased` divides the squares by N - 1."""
    if rows.a.shape[1] == 1:
        return LoneCase(rows, 1, eps, sums)
    return Standardization(rows, 1, eps, sums, unbiased=unbiased)
