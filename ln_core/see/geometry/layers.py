"""Normalized layers below a softmax: their losses and gradients, many at once.

Forward and backward are the race's (`ln_core.training.normalization`), on buffers made once.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from ln_core.training.normalization import RootMeanSquare, Rows, Standardization


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One normalized layer below a softmax, and the batch it is measured on; all in float64.

    Shapes: x (N, D), y (N,), W (H, D), V (classes, H), g (H,).
    """

    x: Tensor
    y: Tensor
    W: Tensor
    V: Tensor
    g: Tensor


class Gradients:
    """Losses and gradients of `copies` layers a variant, which share batch and gains.

    n = normalize(x W^T) without epsilon, h = relu(g n), and the cross-entropy of h V^T; for weight
    norm, n = x (W / |W|)^T.
    """

    def __init__(self, variants: tuple[str, ...], layer: Layer, copies: int = 1) -> None:
        (N, D), (classes, H) = layer.x.shape, layer.V.shape
        new = layer.x.new_zeros
        # All layers along one axis: products of matrices take longer to find their way about two.
        E = len(variants) * copies
        self.x = layer.x.expand(E, N, D)
        self.minus_target = torch.nn.functional.one_hot(layer.y, classes).to(new(0)) / -N
        self.g = layer.g.repeat(E, 1, 1)
        self.W, self.by_W, wide_scratch = new(3, E, H, D)
        self.n, self.d, scratch = new(3, E, N, H)
        self.of_weights: list[Standardization] = []
        self.of_sums: list[Standardization] = []
        for at, variant in enumerate(variants):
            own = slice(at * copies, (at + 1) * copies)
            # In place: what is normalized is needed no more once it is.
            sums = Rows(self.n[own], self.n[own], self.d[own], scratch[own])
            if variant == "weight":
                weights = Rows(self.W[own], self.W[own], self.by_W[own], wide_scratch[own])
                self.of_weights.append(RootMeanSquare(weights, 2, 0.0))
                self.g[own] /= D**0.5  # |w| = sqrt(D) times the root mean square of w
            elif variant == "rms":
                self.of_sums.append(RootMeanSquare(sums, 2, 0.0))
            elif variant != "none":
                axis = {"batch": 1, "layer": 2}[variant]
                self.of_sums.append(Standardization(sums, axis, 0.0))

    def forward_backward(self, W: Tensor, V: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Compute the cross-entropy, and its gradients by W and V.

        Shapes: W (variants, copies, H, D), V (variants, copies, classes, H) -> (variants, copies),
        and as W and V; the gradient by W is overwritten by the next call.
        """
        self.W.view_as(W).copy_(W)
        flat_V = V.flatten(0, 1)
        for norm in self.of_weights:
            norm.forward()
        torch.bmm(self.x, self.W.mT, out=self.n)
        for norm in self.of_sums:
            norm.forward()
        h = (self.g * self.n).relu_()
        log_p = torch.bmm(h, flat_V.mT).log_softmax(dim=2)
        loss = (self.minus_target * log_p).sum(dim=(1, 2))
        d_logits = log_p.exp_().div_(self.x.shape[1]).add_(self.minus_target)
        torch.bmm(d_logits, flat_V, out=self.d)
        self.d.mul_(h.sign()).mul_(self.g)
        for norm in self.of_sums:
            norm.backward()
        torch.bmm(self.d.mT, self.x, out=self.by_W)
        for norm in self.of_weights:
            norm.backward()
        by_V = torch.bmm(d_logits.mT, h)
        return loss.view(W.shape[:2]), self.by_W.view_as(W), by_V.view_as(V)
