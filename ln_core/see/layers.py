"""Normalized layers below a softmax: their losses and gradients, many at once.

Forward and backward are the race's (`ln_core.race.normalization`), on buffers made once.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from ln_core.race.normalization import RootMeanSquare, Rows, Standardization


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
    """Losses and gradients of `copies` layers a track, which share batch and gains.

    n = normalize(x W^T) without epsilon, h = relu(g n), and the cross-entropy of h V^T; for weight
    norm, n = x (W / |W|)^T.
    """

    def __init__(self, tracks: tuple[str, ...], layer: Layer, copies: int = 1) -> None:
        (N, D), (classes, H) = layer.x.shape, layer.V.shape
        self.x = layer.x
        self.target = torch.nn.functional.one_hot(layer.y, classes).to(layer.x.dtype)
        self.g = layer.g.repeat(len(tracks), 1, 1, 1)
        new = layer.x.new_zeros
        self.W, self.by_W, wide_scratch = new(3, len(tracks), copies, H, D)
        self.n, self.d, scratch = new(3, len(tracks), copies, N, H)
        self.of_weights: list[Standardization] = []
        self.of_sums: list[Standardization] = []
        for at, track in enumerate(tracks):
            # In place: what is normalized is needed no more once it is.
            sums = Rows(self.n[at], self.n[at], self.d[at], scratch[at])
            if track == "weight":
                weights = Rows(self.W[at], self.W[at], self.by_W[at], wide_scratch[at])
                self.of_weights.append(RootMeanSquare(weights, 2, 0.0))
                self.g[at] /= D**0.5  # |w| = sqrt(D) times the root mean square of w
            elif track == "rms":
                self.of_sums.append(RootMeanSquare(sums, 2, 0.0))
            elif track != "none":
                axis = {"batch": 1, "layer": 2}[track]
                self.of_sums.append(Standardization(sums, axis, 0.0))

    def take(self, W: Tensor, V: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Compute the cross-entropy, and its gradients by W and V.

        Shapes: W (tracks, copies, H, D), V (tracks, copies, classes, H) -> (tracks, copies), and
        as W and V; the gradient by W is overwritten by the next call.
        """
        self.W.copy_(W)
        for norm in self.of_weights:
            norm.forward()
        torch.matmul(self.x, self.W.mT, out=self.n)
        for norm in self.of_sums:
            norm.forward()
        h = (self.g * self.n).relu_()
        log_p = (h @ V.mT).log_softmax(dim=-1)
        loss = -(self.target * log_p).sum(dim=(-2, -1)) / len(self.x)
        d_logits = (log_p.exp() - self.target) / len(self.x)
        torch.matmul(d_logits, V, out=self.d)
        self.d.mul_(h > 0).mul_(self.g)
        for norm in self.of_sums:
            norm.backward()
        torch.matmul(self.d.mT, self.x, out=self.by_W)
        for norm in self.of_weights:
            norm.backward()
        return loss, self.by_W, d_logits.mT @ h
