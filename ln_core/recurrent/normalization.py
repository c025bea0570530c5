"""Normalization at every time step: forward and backward, on buffers that persist.

The equations are those of `ln_core.norms`, the textbook. Every step has statistics of its own, and
all steps share gain and bias. Layer Norm runs in ATen's fused kernels, which do in one call what
the in-place form of `ln_core.training.normalization` does in nine; the others use that form.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from ln_core.training.normalization import (
    BatchSums,
    Rows,
    Running,
    RunningStandardization,
    Standardization,
    along_cases,
)

_backward = torch.ops.aten.native_layer_norm_backward


class Affine(NamedTuple):
    """Gain and bias (H,) and where their gradients go; no bias where another one stands for it."""

    g: Tensor
    dg: Tensor
    b: Tensor | None = None
    db: Tensor | None = None


class Norm(Protocol):
    """What is done with the summed inputs `a` of every step, in training or evaluation mode.

    Shapes: a, z and their gradients da, dz (T, N, H). What `forward` returns for a step, (N, H),
        stays as it is until that step's `backward`.
    """

    def forward(self, t: int) -> Tensor:
        """Compute z_t of a_t."""

    def backward(self, t: int) -> Tensor:
        """Compute da_t of dz_t."""

    def finish(self) -> Tensor:
        """Complete the gradients by gain and bias after the last `backward`; give all_da."""

    @property
    def all_da(self) -> Tensor:
        """The gradients by a of all steps, complete after `finish`."""


class Unchanged:
    """No normalization: z_t = a_t."""

    def __init__(self, a: Tensor, dz: Tensor) -> None:
        self.a, self.dz, self.all_da = torch.unbind(a), torch.unbind(dz), dz

    def forward(self, t: int) -> Tensor:
        """Give z_t = a_t."""
        return self.a[t]

    def backward(self, t: int) -> Tensor:
        """Give da_t = dz_t."""
        return self.dz[t]

    def finish(self) -> Tensor:
        """Give da of all steps."""
        return self.all_da


class LayerNorm:
    """One mean and deviation for each case and step."""

    def __init__(self, a: Tensor, dz: Tensor, affine: Affine, eps: float) -> None:
        self.all_a, self.all_dz = a, dz
        self.all_da = dz  # takes its place in `finish`: one buffer less to hold and to read
        self.a, self.dz = torch.unbind(a), torch.unbind(dz)
        self.affine, self.eps, self.H = affine, eps, [a.shape[-1]]
        self.statistics = [(a, a)] * len(a)  # mu and 1 / sigma of each step
        self.da: list[Tensor] = [a] * len(a)

    def forward(self, t: int) -> Tensor:
        """Compute z = g (a - mu) / sqrt(sigma^2 + eps) + b."""
        g, b = self.affine.g, self.affine.b
        z, mu, inverse = torch.native_layer_norm(self.a[t], self.H, g, b, self.eps)
        self.statistics[t] = mu, inverse
        return z

    def backward(self, t: int) -> Tensor:
        """Compute da = (dn - mean(dn) - n mean(dn n)) / sigma, with dn = g dz."""
        mu, inverse = self.statistics[t]
        da: Tensor = _backward(
            self.dz[t], self.a[t], self.H, mu, inverse, self.affine.g, None, [True, False, False]
        )[0]
        self.da[t] = da
        return da

    def finish(self) -> Tensor:
        """Compute dg = sum of dz n and db = sum of dz, over cases and steps."""
        mu = torch.stack([mu for mu, _ in self.statistics])
        inverse = torch.stack([inverse for _, inverse in self.statistics])
        g, dg, b, db = self.affine
        grads = _backward(
            self.all_dz, self.all_a, self.H, mu, inverse, g, b, [False, True, b is not None]
        )
        dg.copy_(grads[1])
        if db is not None:
            db.copy_(grads[2])
        return torch.stack(self.da, out=self.all_da)


class LayerNormAtOnce(LayerNorm):
    """Layer Norm of the only "step" there is, which holds all steps: they do not wait for another.

    Shapes: a and dz (1, T, N, H).
    """

    def backward(self, t: int) -> Tensor:
        """Leave all to `finish`; nothing goes back in time."""
        return self.dz[t]

    def finish(self) -> Tensor:
        """Compute da, dg and db in one call."""
        g, dg, b, db = self.affine
        mask = [True, True, b is not None]
        grads = _backward(self.dz[0], self.a[0], self.H, *self.statistics[0], g, b, mask)
        dg.copy_(grads[1])
        if db is not None:
            db.copy_(grads[2])
        da: Tensor = grads[0]
        return da


class Stepwise:
    """A norm for each step, in the race's in-place form: z = g n + b."""

    def __init__(
        self, rows: Rows, dz: Tensor, affine: Affine, norms: Sequence[Standardization]
    ) -> None:
        self.all_n, self.all_dz, self.all_da = rows.n, dz, rows.d
        self.n, self.z = torch.unbind(rows.n), torch.unbind(rows.scratch)
        self.da, self.dz = torch.unbind(rows.d), torch.unbind(dz)
        self.norms = norms
        self.g, self.dg, b, self.db = affine
        self.b = torch.zeros_like(self.g) if b is None else b

    def forward(self, t: int) -> Tensor:
        """Compute n = (a - mu) / sigma, then z = g n + b."""
        self.norms[t].forward()
        torch.addcmul(self.b, self.g, self.n[t], out=self.z[t])
        return self.z[t]

    def backward(self, t: int) -> Tensor:
        """Compute dn = g dz, then da = (dn - mean(dn) - n mean(dn n)) / sigma."""
        torch.mul(self.g, self.dz[t], out=self.da[t])
        self.norms[t].backward()
        return self.da[t]

    def finish(self) -> Tensor:
        """Compute dg = sum of dz n and db = sum of dz, over cases and steps."""
        torch.sum(self.all_dz * self.all_n, (0, 1), out=self.dg)
        if self.db is not None:
            torch.sum(self.all_dz, (0, 1), out=self.db)
        return self.all_da


class BatchNorm(Stepwise):
    """One mean and deviation for each unit and step, over the cases.

    Shapes: running statistics (T, 1, H).
    """

    def __init__(
        self, rows: Rows, dz: Tensor, affine: Affine, eps: float, running: Running
    ) -> None:
        T, _, H = rows.a.shape
        self.running = running
        self.sums = BatchSums(*rows.a.new_zeros(2, T, 1, H))
        norms = [
            along_cases(row, eps, BatchSums(*(sums[t : t + 1] for sums in self.sums)))
            for t, row in enumerate(by_step(rows))
        ]
        super().__init__(rows, dz, affine, norms)
        self.cases = rows.a.shape[1]

    def update_running(self, momentum: float) -> None:
        """Move the running statistics of every step towards the batch's."""
        self.running.update(self.sums, self.cases, momentum)


class Constants(Stepwise):
    """Stored numbers in the statistics' place: Batch Norm's running ones, or those of any norm.

    Every step has its own; sequences longer than those of training use the last step's for all that
    follow (Cooijmans et al. 2016, sec. 4). Each step uses those of `delay` steps before, the first
    ones those of the first.

    Shapes: stored (T, 1, H), with the T of training.
    """

    def __init__(
        self, rows: Rows, dz: Tensor, affine: Affine, eps: float, stored: Running, *, delay: int
    ) -> None:
        norms = []
        for t, row in enumerate(by_step(rows)):
            at = min(max(t - delay, 0), len(stored.mean) - 1)
            own = Running(*(statistic[at : at + 1] for statistic in stored))
            norms.append(RunningStandardization(row, own, eps))
        super().__init__(rows, dz, affine, norms)


def by_step(rows: Rows) -> list[Rows]:
    """Cut buffers (T, N, H) into those of each step, (1, N, H)."""
    cut = zip(*(torch.split(b, 1) for b in (rows.a, rows.n, rows.d, rows.scratch)), strict=True)
    return [Rows(*step) for step in cut]
