"""Matrix products of all networks at once, by the faster of the two libraries that torch holds."""

from collections.abc import Callable

import torch
from torch import Tensor

# torch.bmm calls MKL, which on an AMD processor reached half of what oneDNN does: 105 against 225
# billion operations a second in 128 x 1000 x 1000. Small products are MKL's: oneDNN has to be
# called for one network at a time, and starts more slowly.
ONEDNN_FROM = 2_000_000  # multiplications of one network's product


HAS_ONEDNN = hasattr(torch.ops.mkldnn, "_linear_pointwise")

# Called as product(x, y, out=out), with x (E, N, K), y (E, K, M) and out (E, N, M).
Product = Callable[..., object]


def onednn_bmm(x: Tensor, y: Tensor, *, out: Tensor) -> None:
    """Multiply as torch.bmm does, through oneDNN's linear layer, in float32 only."""
    for one, other, result in zip(x, y, out, strict=True):
        result.copy_(torch.ops.mkldnn._linear_pointwise(one, other.mT, None, "none", [], ""))


def best_product(N: int, K: int, M: int, dtype: torch.dtype) -> Product:
    """Choose by size and type alone, so that a config always computes the same bits."""
    large = N * K * M >= ONEDNN_FROM
    return onednn_bmm if large and HAS_ONEDNN and dtype == torch.float32 else torch.bmm
