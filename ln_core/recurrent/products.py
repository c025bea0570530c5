"""Matrix products, by the faster of the two libraries that torch brings along.

`torch.mm` is MKL's, `torch.ops.mkldnn` oneDNN's. On an AMD processor with AVX-512, one thread and
float32, oneDNN ran at 130 to 230 GFLOPS where MKL ran at 100, but it takes 4 us longer to begin.
"""

import torch
from torch import Tensor
from torch.nn import functional

LARGE = 3_000_000  # floating-point operations from which on oneDNN was the faster
_HAS_ONEDNN = torch._C._has_mkldnn and hasattr(torch.ops.mkldnn, "_linear_pointwise")


def linear(x: Tensor, W: Tensor, b: Tensor | None = None) -> Tensor:
    """Compute x W^T + b.

    Shapes: x (n, D), W (K, D), b (K,) -> (n, K).
    """
    if not pays(x, len(W)):
        return functional.linear(x, W, b)
    y: Tensor = torch.ops.mkldnn._linear_pointwise(x, W, b, "none", [], "")
    return y


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
        self.large = pays(W.new_empty(N, W.shape[1]), len(W))

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


def pays(x: Tensor, K: int) -> bool:
    """Whether a product of x with K columns is one for oneDNN, which has no float64."""
    return _HAS_ONEDNN and x.dtype == torch.float32 and 2 * x.numel() * K >= LARGE
