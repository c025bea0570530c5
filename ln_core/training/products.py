"""Matrix products, by the faster of the two libraries that torch brings along.

`torch.mm` and `torch.bmm` are MKL's, `torch.ops.mkldnn` is oneDNN's. On an AMD processor with
AVX-512, one thread and float32, oneDNN ran at 130 to 230 GFLOPS where MKL ran at 100, but it takes
4 us longer to begin, and has to be called for one network at a time.

Which one computes a product is decided by its size and type alone: a config always computes the
same bits.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

HAS_ONEDNN = torch._C._has_mkldnn and hasattr(torch.ops.mkldnn, "_linear_pointwise")
# Multiplications from which on oneDNN was the faster: in one product, and in one network's of many.
ONE_FROM, EACH_FROM = 1_500_000, 2_000_000

# Called as multiply(x, y, out=out), with x (E, N, K), y (E, K, M) and out (E, N, M).
Multiply = Callable[..., object]


def _onednn_linear(x: Tensor, W: Tensor, b: Tensor | None = None) -> Tensor:
    y: Tensor = torch.ops.mkldnn._linear_pointwise(x, W, b, "none", [], "")
    return y


def _pays(multiplications: int, least: int, dtype: torch.dtype) -> bool:
    """Whether a product is one for oneDNN, which has no float64."""
    return HAS_ONEDNN and dtype == torch.float32 and multiplications >= least


def onednn_bmm(x: Tensor, y: Tensor, *, out: Tensor) -> None:
    """Multiply as torch.bmm does, through oneDNN's linear layer, in float32 only."""
    for one, other, result in zip(x, y, out, strict=True):
        result.copy_(_onednn_linear(one, other.mT))


def best_bmm(N: int, K: int, M: int, dtype: torch.dtype) -> Multiply:
    """Choose how to multiply (E, N, K) with (E, K, M)."""
    return onednn_bmm if _pays(N * K * M, EACH_FROM, dtype) else torch.bmm


def linear(x: Tensor, W: Tensor, b: Tensor | None = None) -> Tensor:
    """Compute x W^T + b.

    Shapes: x (n, D), W (K, D), b (K,) -> (n, K).
    """
    if _pays(x.numel() * len(W), ONE_FROM, x.dtype):
        return _onednn_linear(x, W, b)
    return functional.linear(x, W, b)


def weight_gradient(dy: Tensor, x: Tensor, out: Tensor) -> None:
    """Compute dW = dy^T x, of y = x W^T: a sum over all rows.

    As (x^T dy)^T: where x is narrow, MKL took 15 times as long for dy^T x.

    Shapes: dy (n, K), x (n, D), out (K, D).
    """
    out.copy_(linear(x.T, dy.T).T)


class Product:
    """Products x W^T of one size, (N, D) with (K, D), made again and again."""

    def __init__(self, W: Tensor, N: int) -> None:
        self.W, self.W_T = W, W.T
        self.large = _pays(N * W.shape[1] * len(W), ONE_FROM, W.dtype)

    def store(self, x: Tensor, plus: Tensor | None, out: Tensor) -> None:
        """Compute x W^T + plus."""
        if self.large:
            y = linear(x, self.W)
            out.copy_(y) if plus is None else torch.add(y, plus, out=out)
        elif plus is None:
            torch.mm(x, self.W_T, out=out)
        else:
            torch.addmm(plus, x, self.W_T, out=out)

    def add_to(self, y: Tensor, x: Tensor) -> None:
        """Add x W^T to y."""
        if self.large:
            y.add_(linear(x, self.W))
        else:
            y.addmm_(x, self.W_T)
