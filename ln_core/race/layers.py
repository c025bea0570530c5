"""One layer of all networks at once: a = h W^T, n = normalize(a), z = g n + b, h = f(z)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ln_core.race.parameters import LayerParameters
from ln_core.training.activations import ACTIVATIONS
from ln_core.training.normalization import Standardization
from ln_core.training.products import best_bmm


@dataclass(slots=True)
class Buffers:
    """What one layer computes, and what its backward pass needs; each (E, N, H)."""

    a: Tensor
    n: Tensor
    z: Tensor
    h: Tensor
    d: Tensor  # gradient of the loss: by h, then by z, by n and by a, in place
    scratch: Tensor


class Layer:
    """One layer of E networks: views of its parameters and buffers, made once.

    `plain` are the rows of networks without normalization, `normed` those with; where the two
    overlap, `normed` has the last word.
    """

    def __init__(
        self,
        parameters: tuple[LayerParameters, LayerParameters],
        buffers: Buffers,
        activation: str,
        rows: tuple[slice, slice],
        norms: Sequence[Standardization],
    ) -> None:
        theta, grad = parameters
        plain, normed = rows
        self.W, self.dW, self.db = theta.W, grad.W, grad.b
        _, N, H = buffers.a.shape
        self.multiply = best_bmm(N, theta.W.shape[2], H, theta.W.dtype)
        self.W_T, self.d_T = theta.W.mT, buffers.d.mT
        self.a, self.z, self.h, self.d = buffers.a, buffers.z, buffers.h, buffers.d
        self.activate, self.activate_backward = ACTIVATIONS[activation]
        self.norms = norms
        self.plain_a, self.plain_z = buffers.a[plain], buffers.z[plain]
        self.plain_b = theta.b[plain]
        self.n, self.scratch = buffers.n[normed], buffers.scratch[normed]
        self.normed_z, self.normed_d = buffers.z[normed], buffers.d[normed]
        self.g, self.b, self.dg = theta.g[normed], theta.b[normed], grad.g[normed]
        self.has_plain = len(self.plain_a) > 0

    def forward(self, h: Tensor) -> Tensor:
        """Turn the output h of the layer below into this one's."""
        self.multiply(h, self.W_T, out=self.a)  # a = h W^T
        for norm in self.norms:
            norm.forward()  # n = (a - mu) / sigma
        if self.has_plain:
            torch.add(self.plain_a, self.plain_b, out=self.plain_z)  # z = a + b
        if self.norms:
            torch.addcmul(self.b, self.g, self.n, out=self.normed_z)  # z = g n + b
        self.activate(self.z, self.h)  # h = f(z)
        return self.h

    def backward(self, h: Tensor, dh: Tensor | None) -> None:
        """Turn d, the gradient by this layer's h, into gradients by all that went into it.

        `h` is the output of the layer below, `dh` where its gradient goes (None: nowhere).
        """
        self.activate_backward(self.d, self.h, self.d)  # dz = dh f'(z)
        torch.sum(self.d, 1, keepdim=True, out=self.db)  # db = sum over cases of dz
        if self.norms:
            torch.mul(self.normed_d, self.n, out=self.scratch)
            torch.sum(self.scratch, 1, keepdim=True, out=self.dg)  # dg = sum over cases of dz n
            self.normed_d.mul_(self.g)  # dn = dz g
            for norm in self.norms:
                norm.backward()  # da = (dn - mean(dn) - n mean(dn n)) / sigma
        self.multiply(self.d_T, h, out=self.dW)  # dW = da^T h
        if dh is not None:
            self.multiply(self.d, self.W, out=dh)  # dh = da W
