"""Small nets on the recorded digits: a = h W^T, h = relu(normalize(a)), and logits on top."""

import functools
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from ln_core.data.tasks import PIXEL_MEAN, PIXEL_STD
from ln_core.norms import batch_norm, batch_norm_inference, layer_norm
from ln_core.see.batched import side_by_side
from ln_core.see.digits import HIDDEN, RecordedNets

Norm = Callable[[Tensor, Tensor, Tensor], Tensor]  # of a stack of batches (E, N, H), g and b
EPSILON = 1e-5  # as the recorded nets were trained


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Net:
    """Weights, gains and biases, layer by layer; the output layer has no normalization.

    Shapes: W (out, in), g and b (out,).
    """

    W: tuple[Tensor, ...]
    g: tuple[Tensor, ...]
    b: tuple[Tensor, ...]


class Answer(NamedTuple):
    """What a net makes of batches: h of each hidden layer (E, N, H), logits (E, N, classes)."""

    hidden: tuple[Tensor, ...]
    logits: Tensor


def answer(net: Net, x: Tensor, norms: tuple[Norm, ...]) -> Answer:
    """Run a net with one normalization for each hidden layer, on a stack of batches.

    Shapes: x (E, N, D); weights may be (E, out, in).
    """
    h, hidden = x, []
    for W, g, b, norm in zip(net.W[:-1], net.g[:-1], net.b[:-1], norms, strict=True):
        h = norm(h @ W.mT, g, b).relu()
        hidden.append(h)
    return Answer(tuple(hidden), h @ net.W[-1].mT + net.b[-1])


def no_norm(a: Tensor, g: Tensor, b: Tensor) -> Tensor:
    """Add the bias and nothing else."""
    return a + b


def recorded_net(nets: RecordedNets, variant: int) -> Net:
    """Give one of the recorded nets."""
    W, g, b = (
        tuple(torch.tensor(values[variant]) for values in pieces)
        for pieces in (nets.W, nets.g, nets.b)
    )
    return Net(W=W, g=g, b=b)


def fresh_net(sizes: tuple[int, ...], generator: Generator) -> Net:
    """Draw He's weights, with gains of 1 and biases of 0."""
    pairs = list(itertools.pairwise(sizes))
    return Net(
        W=tuple(
            torch.randn(n_out, n_in, generator=generator) * math.sqrt(2 / n_in)
            for n_in, n_out in pairs
        ),
        g=tuple(torch.ones(n_out) for _, n_out in pairs),
        b=tuple(torch.zeros(n_out) for _, n_out in pairs),
    )


def norms_of(variant: str, nets: RecordedNets, mode: str) -> tuple[Norm, ...]:
    """Give a variant's normalization for each hidden layer, in a mode."""
    if variant == "batch" and mode == "evaluation":
        return tuple(
            _stored(torch.tensor(mean), torch.tensor(variance))
            for mean, variance in zip(nets.running_mean, nets.running_variance, strict=True)
        )
    return HIDDEN * (
        {"none": no_norm, "batch": with_batch_norm, "layer": with_layer_norm}[variant],
    )


def with_batch_norm(a: Tensor, g: Tensor, b: Tensor) -> Tensor:
    """Normalize by the batch that is there, as in training."""
    return side_by_side(partial(batch_norm, eps=EPSILON), a, g, b)


def with_layer_norm(a: Tensor, g: Tensor, b: Tensor) -> Tensor:
    """Normalize each case by itself."""
    return layer_norm(a, g, b, eps=EPSILON)


def _stored(mean: Tensor, variance: Tensor) -> Norm:
    def norm(a: Tensor, g: Tensor, b: Tensor) -> Tensor:
        return batch_norm_inference(a, mean, variance, g, b, eps=EPSILON)

    return norm


def to_pixels(images: Tensor) -> Tensor:
    """Turn bytes (n, 784) into what the nets were trained on: mean 0, standard deviation 1."""
    return (images.float() / 255 - PIXEL_MEAN) / PIXEL_STD


@functools.lru_cache(maxsize=1)
def pixels_of(nets: RecordedNets) -> Tensor:
    """Give the recorded digits as the nets take them; not to be written to."""
    return to_pixels(torch.tensor(nets.images))
