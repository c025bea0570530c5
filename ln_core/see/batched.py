"""Batched tensors: many small ones along a first axis, independent of each other, computed at once.

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
    """Differentiate every output of each x by every entry of it, in one backward pass.

    As many copies of each x as there are outputs go through, and each copy is differentiated by
    another output.

    Shapes: x (E, ...); apply turns a stack of such x into a stack of outputs (E, *out), each from
        its own -> (E, *out, ...).
    """
    E, out = len(x), apply(x).shape[1:]
    copies = x[:, None].expand(E, out.numel(), *x.shape[1:]).flatten(0, 1).requires_grad_()
    outputs = apply(copies).reshape(E, out.numel(), out.numel())
    (rows,) = torch.autograd.grad(outputs.diagonal(dim1=1, dim2=2).sum(), copies)
    return rows.reshape(E, *out, *x.shape[1:])
