"""The pre-activations of every step: the input's part W_x x_t and the recurrent part W_h h_{t-1}.

Axes are (T, N, H) here and in all of this package's buffers, time first: a step is then one
contiguous block, as products and kernels want it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from ln_core.recurrent.normalization import (
    Affine,
    BatchNorm,
    Constants,
    LayerNorm,
    LayerNormAtOnce,
    Norm,
    Stepwise,
    Unchanged,
    by_step,
)
from ln_core.recurrent.parameters import Parameters
from ln_core.training.memory import Buffers
from ln_core.training.normalization import Rows, Running, along_units
from ln_core.training.products import Product, weight_gradient


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Space:
    """What a cell's buffers are made for: T steps of N cases of one network.

    In training mode every step has memory of its own, so that probes can read afterwards all that
    a step computed; in evaluation mode the steps share it, and what is computed must be read before
    anything else computes.
    """

    parameters: Parameters
    T: int
    N: int
    training: bool
    running: Mapping[str, Running]  # Batch Norm's statistics, by the name of the gain
    fixed: Mapping[str, Running]  # constants in the statistics' place, where there are any
    delay: int  # steps by which evaluation moves these
    make: Buffers
    norm_inputs: dict[str, Tensor] = field(default_factory=dict)  # by the name of the gain

    @property
    def variant(self) -> str:
        """The network's normalization."""
        return self.parameters.architecture.variant

    def steps(self, units: int) -> Tensor:
        """Make a buffer that is written step by step, (T, N, units)."""
        own = self.T if self.training else 1
        return self.make(own, self.N, units).expand(self.T, self.N, units)

    def whole(self, units: int, *, before: int = 0) -> Tensor:
        """Make a buffer that holds all steps in either mode, and some before the first."""
        return self.make(before + self.T, self.N, units)

    def like(self, a: Tensor) -> Tensor:
        """Make a buffer of the same shape, with memory shared by the steps where a's is."""
        own = 1 if a.stride(0) == 0 else len(a)
        return self.make(own, *a.shape[1:]).expand_as(a)

    def norm(self, a: Tensor, dz: Tensor, gain: str, bias: str | None = None) -> Norm:
        """Build what the network's variant does with summed inputs a, step by step.

        Shapes: a and dz (T, N, K); or (1, T, N, K), where one step holds all.
        """
        variant, eps = self.variant, self.parameters.architecture.epsilon
        if variant == "none":
            return Unchanged(a, dz)
        self.norm_inputs[gain] = a.flatten(1, 2) if a.dim() == 4 else a
        value, gradient = self.parameters.value, self.parameters.gradient
        shift = () if bias is None else (value[bias], gradient[bias])
        affine = Affine(value[gain], gradient[gain], *shift)
        running = None if self.training else self.running.get(gain)
        stored = self.fixed.get(gain, running)
        if variant == "layer" and stored is None:
            return (LayerNorm if a.dim() == 3 else LayerNormAtOnce)(a, dz, affine, eps)
        if a.dim() == 4:
            a, dz = a.flatten(1, 2), dz.flatten(1, 2)
        rows = Rows(a, self.like(a), self.like(a), self.like(a))
        if stored is not None:
            return Constants(rows, dz, affine, eps, stored, delay=self.delay)
        if variant == "batch":
            return BatchNorm(rows, dz, affine, eps, self.running[gain])
        norms = [along_units(variant, row, eps) for row in by_step(rows)]
        return Stepwise(rows, dz, affine, norms)


class States(Protocol):
    """What the recurrent part reads of its cell: each step's state and the gradient by it."""

    states: Tensor
    h: Sequence[Tensor]
    dh: Sequence[Tensor]


class Shift:
    """A bias that no norm adds: a copy, for learning moves it before the probes look.

    Shapes: b (K,), zero where the equation has no bias.
    """

    def __init__(self, space: Space, W: str, bias: str | None) -> None:
        value, gradient = space.parameters.value, space.parameters.gradient
        self.b = value[W].new_zeros(len(value[W]))
        self.source = self.b if bias is None else value[bias]
        self.db = None if bias is None else gradient[bias]

    def begin(self) -> Tensor:
        """Fetch the bias of this pass."""
        return self.b.copy_(self.source)

    def finish(self, da: Tensor) -> None:
        """Compute db = sum of da, over cases and steps."""
        if self.db is not None:
            torch.sum(da, 0, out=self.db)


class InputPart:
    """The input's part: s_t = norm(W_x x_t) + b of all steps, in one product.

    Where the input is coded, W_x x_t of a one-hot x_t is a column of W_x. Without a gain nothing
    is normalized; without a bias none is added.

    Shapes: x (T, N, D), or codes (T, N); a, s and their gradients da, ds (T, N, K).
    """

    def __init__(
        self, space: Space, W: str, ds: Tensor, *, gain: str | None, bias: str | None
    ) -> None:
        self.W, self.dW = space.parameters.value[W], space.parameters.gradient[W]
        self.product = Product(self.W, space.T * space.N)
        self.a = space.whole(len(self.W))
        ds = ds if space.training else self.a  # nothing goes back
        by_step = space.variant == "batch" and gain is not None
        if gain is None or space.variant == "none":
            self.norm: Norm = Unchanged(self.a[None], ds[None])
            self.shift = Shift(space, W, bias)
        else:
            # Where no two steps meet in a mean, all of them are one.
            a, ds = (self.a, ds) if by_step else (self.a[None], ds[None])
            self.norm = space.norm(a, ds, gain, bias)
            self.shift = Shift(space, W, None)
        self.norm_steps = range(space.T if by_step else 1)
        self.x, self.training = self.a, space.training

    def forward(self, x: Tensor) -> Tensor:
        """Compute s of all steps."""
        b = self.shift.begin()
        self.x, a = x.flatten(0, 1), self.a.flatten(0, 1)
        if x.is_floating_point():
            self.product.store(self.x, b, out=a)  # a_t = W_x x_t, every t at once
        else:
            torch.index_select((self.W.T + b).contiguous(), 0, self.x, out=a)
        normed = [self.norm.forward(t) for t in self.norm_steps]
        s = normed[0].view(self.a.shape) if len(normed) == 1 else torch.stack(normed)
        return s if self.training else self.a.copy_(s)  # no memory of its own is held on to

    def backward(self) -> None:
        """Compute the gradients by W, gain and bias of ds."""
        for t in self.norm_steps:
            self.norm.backward(t)
        da = self.norm.finish().view(-1, len(self.W))
        self.shift.finish(da)
        if self.x.is_floating_point():
            weight_gradient(da, self.x, out=self.dW)
        else:
            self.dW.copy_(self.W.new_zeros(self.W.T.shape).index_add_(0, self.x, da).T)


class RecurrentPart:
    """The recurrent part: s_t = norm(W_h h_{t-1} + inside_t) + b.

    Gain and bias are as for `InputPart`; `inside` is set before each pass, where there is any.

    Shapes: h and dh (T + 1, N, H), the state before the first step in front; a, s and their
        gradients da, ds (T, N, K); inside_t (N, K).
    """

    def __init__(
        self, space: Space, W: str, cell: States, ds: Tensor, *, gain: str, bias: str | None
    ) -> None:
        self.W, self.dW = space.parameters.value[W], space.parameters.gradient[W]
        self.forth, self.back = Product(self.W, space.N), Product(self.W.T, space.N)
        self.a = space.steps(len(self.W))
        self.norm = space.norm(self.a, ds, gain, bias)
        self.shift = Shift(space, W, bias if space.variant == "none" else None)
        self.h, self.dh, self.a_t = cell.h, cell.dh, torch.unbind(self.a)
        self.h_before = cell.states[:-1].flatten(0, 1)
        self.inside: Sequence[Tensor] | None = None

    def begin(self) -> None:
        """Fetch the bias, before the first step."""
        if self.shift.db is not None:
            self.inside = [self.shift.begin()] * len(self.a)

    def forward(self, t: int) -> Tensor:
        """Compute a_t = W_h h_{t-1} + inside_t, and s_t of it."""
        self.forth.store(self.h[t], self.inside[t] if self.inside else None, out=self.a_t[t])
        return self.norm.forward(t)

    def backward(self, t: int) -> None:
        """Pass ds_t on: dh_{t-1} += W_h^T da_t."""
        self.back.add_to(self.dh[t], self.norm.backward(t))

    def finish(self) -> None:
        """Compute the gradients by W_h, gain and bias of ds."""
        da = self.norm.finish().flatten(0, 1)
        self.shift.finish(da)
        weight_gradient(da, self.h_before, out=self.dW)


class PreActivations:
    """What a step's gates or its activation are applied to: z_t, of one or more blocks of H.

    z_t = W_h h_{t-1} + W_x x_t + b                     without normalization
    z_t = norm(W_h h_{t-1} + W_x x_t) + b               on the sum, eq. (4)
    z_t = norm(W_h h_{t-1}) + norm(W_x x_t) + b         on the parts, eqs. (20) and (26)

    In the last form the paper has a bias in each norm as well; only their sum matters, and b
    stands for it. Gains are in the norms: g, or g_h and g_x.

    Shapes: z, dz and summed inputs (T, N, K).
    """

    def __init__(self, space: Space, cell: States, dz: Tensor) -> None:
        self.on_parts = space.parameters.architecture.on_parts
        if self.on_parts:
            self.recurrent = RecurrentPart(space, "W_h", cell, dz, gain="g_h", bias=None)
            self.input = InputPart(space, "W_x", dz, gain="g_x", bias="b")
            self.z: Sequence[Tensor] = [space.make(*dz.shape[1:])] * space.T
        else:
            plain = space.variant == "none"
            self.recurrent = RecurrentPart(
                space, "W_h", cell, dz, gain="g", bias=None if plain else "b"
            )
            da = self.recurrent.norm.all_da
            self.input = InputPart(space, "W_x", da, gain=None, bias="b" if plain else None)
            self.z = self.recurrent.a_t
        self.outside: Sequence[Tensor] = self.z

    @property
    def norms(self) -> tuple[Norm, Norm]:
        """The norms of both parts; where the sum is normalized, the input's does nothing."""
        return self.recurrent.norm, self.input.norm

    def begin(self, x: Tensor) -> None:
        """Compute the input's part of all steps."""
        s = self.input.forward(x).unbind(0)
        if self.on_parts:
            self.outside = s
        else:
            self.recurrent.inside = s

    def forward(self, t: int) -> Tensor:
        """Compute z_t; without a norm or with two, it is in z[t]."""
        s = self.recurrent.forward(t)
        return torch.add(s, self.outside[t], out=self.z[t]) if self.on_parts else s

    def backward(self, t: int) -> None:
        """Pass dz_t on to h_{t-1}."""
        self.recurrent.backward(t)

    def finish(self) -> None:
        """Compute the gradients by all parameters."""
        if self.on_parts:
            self.input.backward()  # both parts read dz, which the recurrent one overwrites
            self.recurrent.finish()
        else:
            self.recurrent.finish()
            self.input.backward()

    def summed(self) -> Tensor:
        """Give the summed inputs a_t = W_h h_{t-1} + W_x x_t of all steps."""
        if self.on_parts:
            return self.recurrent.a + self.input.a
        return self.recurrent.a - self.input.shift.b
