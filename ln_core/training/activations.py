"""The function f behind a normalization, and its derivative, into buffers.

A derivative may go where the gradient came from: `dz` may be `dh` itself.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

_tanh_backward = torch.ops.aten.tanh_backward.grad_input
_threshold_backward = torch.ops.aten.threshold_backward.grad_input


class Activation(NamedTuple):
    """Forward: of z, into h. Backward: of dh and h, into dz."""

    forward: Callable[[Tensor, Tensor], object]
    backward: Callable[[Tensor, Tensor, Tensor], object]


def relu(z: Tensor, h: Tensor) -> None:
    """Compute h = max(z, 0)."""
    torch.clamp_min(z, 0, out=h)


def relu_backward(dh: Tensor, h: Tensor, dz: Tensor) -> None:
    """Compute dz = dh where h > 0, else 0."""
    _threshold_backward(dh, h, 0, grad_input=dz)


def tanh(z: Tensor, h: Tensor) -> None:
    """Compute h, the hyperbolic tangent of z."""
    torch.tanh(z, out=h)


def tanh_backward(dh: Tensor, h: Tensor, dz: Tensor) -> None:
    """Compute dz = dh (1 - h^2)."""
    _tanh_backward(dh, h, grad_input=dz)


def identity(z: Tensor, h: Tensor) -> None:
    """Compute h = z; where the two are one buffer, it is there already."""
    if h.data_ptr() != z.data_ptr():
        h.copy_(z)


def identity_backward(dh: Tensor, h: Tensor, dz: Tensor) -> None:
    """Compute dz = dh; where the two are one buffer, it is there already."""
    del h
    if dz.data_ptr() != dh.data_ptr():
        dz.copy_(dh)


ACTIVATIONS = {
    "relu": Activation(relu, relu_backward),
    "tanh": Activation(tanh, tanh_backward),
    "identity": Activation(identity, identity_backward),
}
