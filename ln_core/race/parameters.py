"""The weights, gains and biases of all networks of a race, as one flat tensor."""

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from ln_core.training.seeds import make_generator

Shape = tuple[int, int]
ROUND = 64  # numbers: several vectors of any processor


class LayerParameters(NamedTuple):
    """One layer's parameters, or their gradients: W (E, out, in), g and b (E, 1, out)."""

    W: Tensor
    g: Tensor
    b: Tensor


class Parameters:
    """The parameters theta of E networks and their gradients, one row a network.

    A row holds the weights of all layers, then gain and bias of each layer. Networks without
    normalization have gains too, which nothing reads. Zeros fill up a row, so that its numbers
    lie in the vectors of the processor as they do in a row alone: what is left over at the end of a
    tensor is rounded otherwise, and a network's bits would depend on its company.

    Shapes: theta and grad (E, P).
    """

    def __init__(self, networks: int, sizes: Sequence[int], dtype: torch.dtype) -> None:
        self.shapes = [(n_out, n_in) for n_in, n_out in itertools.pairwise(sizes)]
        count = sum(n_out * (n_in + 2) for n_out, n_in in self.shapes)
        row = math.ceil(count / ROUND) * ROUND
        self.theta, self.grad = torch.zeros(2, networks, row, dtype=dtype)
        self.layers = split(self.theta, self.shapes)
        self.gradients = split(self.grad, self.shapes)

    @property
    def weights(self) -> Tensor:
        """The weights of all layers, flat: (E, number of weights)."""
        weights: Tensor = self.theta[:, : weight_starts(self.shapes)[-1]]
        return weights

    def initialize(self, seeds: Sequence[int], scales: Sequence[float]) -> None:
        """Draw W ~ Normal(0, scale^2 / fan_in), the same for every variant; g = 1, b = 0."""
        for layer, (W, g, _) in enumerate(self.layers):
            g.fill_(1)
            for index, seed in enumerate(seeds):
                drawn = torch.randn(W.shape[1:], generator=make_generator(seed, layer))
                W[index :: len(seeds)] = drawn * (scales[layer] / math.sqrt(W.shape[2]))


def weight_starts(shapes: Sequence[Shape]) -> list[int]:
    """Where each layer's weights begin in a row, and where the last ones end."""
    return list(itertools.accumulate((math.prod(shape) for shape in shapes), initial=0))


def split(rows: Tensor, shapes: Sequence[Shape]) -> list[LayerParameters]:
    """View flat rows (E, P) as the parameters of each layer."""
    starts = weight_starts(shapes)
    at = starts.pop()
    layers = []
    for start, (n_out, n_in) in zip(starts, shapes, strict=True):
        W = rows[:, start : start + n_out * n_in].view(-1, n_out, n_in)
        g, b = rows[:, None, at : at + 2 * n_out].chunk(2, dim=2)
        layers.append(LayerParameters(W, g, b))
        at += 2 * n_out
    return layers
