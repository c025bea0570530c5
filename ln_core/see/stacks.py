"""Stacks: many small tensors along a first axis that do not know of each other, computed at once.

Small tensors cost what their number of operations costs, not what their numbers cost.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def side_by_side(norm: Callable[..., Tensor], a: Tensor, *per_unit: Tensor) -> Tensor:
    """Apply a normalization of one batch, in which no unit sees another, to a stack of batches.

    Shapes: norm takes a (N, H) and one (H,) for each of `per_unit`; a (E, N, H), each of `per_unit`
        (H,), or (E, H) where batches differ -> (E, N, H).
    """
    E, N, H = a.shape
    units = a.movedim(0, 1).reshape(N, E * H)  # those of all batches, as of one wide layer
    repeated = (vector.expand(E, H).reshape(E * H) for vector in per_unit)
    return norm(units, *repeated).reshape(N, E, H).movedim(1, 0)


def derivatives(apply: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Differentiate every output by every entry of x, in one backward pass.

    A stack of as many copies of x as there are outputs goes through, and each copy is
    differentiated by another output.

    Shapes: apply turns (E, *x.shape) into (E, *out), each from its own -> (*out, *x.shape).
    """
    out = apply(x[None]).shape[1:]
    copies = x.expand(out.numel(), *x.shape).clone().requires_grad_()
    (rows,) = torch.autograd.grad(apply(copies).flatten(1).diagonal().sum(), copies)
    return rows.reshape(*out, *x.shape)
