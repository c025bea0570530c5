"""The small ConvNet: four layers of 3 x 3 filters, each a = conv(h), normalization, ReLU.

Two layers, then max-pooling, twice; then a linear readout. Every variant has one gain and one bias
for each channel. Features come last.
"""

import functools
import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from ln_core import norms
from ln_core.paper.convnet.config import GROUPS, KERNEL, LAYERS, SIDES
from ln_core.training.seeds import make_generator

CLASSES = 10
MOMENTUM = 0.1  # weight of the new batch in Batch Norm's running statistics, as torch's default
SPREAD_SEED = LAYERS + 1  # of a network's seeds, after those of its filters and of its readout
Norm = Callable[[Tensor, Tensor, Tensor], Tensor]

# Which entries of a (N, H, W, C) share a mean; none of these depends on other images.
OF_A_CASE: dict[str, Norm] = {
    "none": lambda a, g, b: g * a + b,
    "layer": functools.partial(norms.group_norm, groups=1),
    "pixel": norms.layer_norm,
    "group": functools.partial(norms.group_norm, groups=GROUPS),
    "instance": norms.instance_norm,
}


class Layer(NamedTuple):
    """What one layer computes from a batch of images: each (N, H, W, C)."""

    a: Tensor
    normed: Tensor
    h: Tensor


class ConvNet:
    """One network: all parameters in one flat `theta`, and Batch Norm's running statistics.

    Shapes: theta (P,); running_mean and running_variance (layers, C).
    """

    def __init__(
        self, variant: str, channels: int, *, spread: float, seed: int, dtype: torch.dtype
    ) -> None:
        self.variant, self.channels = variant, channels
        self.shapes = piece_shapes(channels)
        pieces = initialize(self.shapes, spread, seed)
        self.theta = torch.cat([piece.flatten() for piece in pieces]).to(dtype)
        self.running_mean = torch.zeros(LAYERS, channels, dtype=dtype)
        self.running_variance = torch.ones(LAYERS, channels, dtype=dtype)

    def pieces(self, theta: Tensor) -> list[Tensor]:
        """Name the pieces: W, g, b of each layer, then W and b of the readout."""
        sizes = [math.prod(shape) for shape in self.shapes]
        flat = torch.split(theta, sizes)
        return [piece.view(shape) for piece, shape in zip(flat, self.shapes, strict=True)]

    def layers(self, images: Tensor, theta: Tensor, *, training: bool) -> Iterator[Layer]:
        """Compute layer after layer: images (n, H, W, 1) -> (n, H, W, C)."""
        h, pieces = images, self.pieces(theta)
        for layer in range(LAYERS):
            W, g, b = pieces[3 * layer : 3 * layer + 3]
            a = convolve(h, W)
            normed = self.normalize(a, g, b, layer, training=training)
            h = functional.relu(normed)
            yield Layer(a, normed, h)
            if layer % 2:
                h = max_pool(h)

    def answer(self, images: Tensor, theta: Tensor, *, training: bool) -> Tensor:
        """Give the logits (n, 10) of images (n, H, W, 1)."""
        for layer in self.layers(images, theta, training=training):
            h = layer.h
        W, b = self.pieces(theta)[-2:]
        return max_pool(h).flatten(1) @ W.T + b

    def normalize(self, a: Tensor, g: Tensor, b: Tensor, layer: int, *, training: bool) -> Tensor:
        """Normalize summed inputs (n, H, W, C); Batch Norm does it over images and pixels."""
        if self.variant != "batch":
            return OF_A_CASE[self.variant](a, g, b)
        if training:
            return norms.batch_norm(a.reshape(-1, self.channels), g, b).reshape(a.shape)
        return norms.batch_norm_inference(
            a, self.running_mean[layer], self.running_variance[layer], g, b
        )

    def update_running(self, layer: int, a: Tensor) -> None:
        """Move Batch Norm's running statistics towards those of a batch."""
        self.running_mean[layer], self.running_variance[layer] = norms.update_running(
            self.running_mean[layer],
            self.running_variance[layer],
            a.detach().reshape(-1, self.channels),
            MOMENTUM,
        )

    def gradient(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Give the mean cross-entropy of a batch and its gradient (P,)."""
        theta = self.theta.detach().requires_grad_()
        for index, layer in enumerate(self.layers(images, theta, training=True)):
            h = layer.h
            if self.variant == "batch":
                self.update_running(index, layer.a)
        W, b = self.pieces(theta)[-2:]
        loss = functional.cross_entropy(max_pool(h).flatten(1) @ W.T + b, labels)
        (gradient,) = torch.autograd.grad(loss, theta)
        return loss.detach(), gradient


def piece_shapes(channels: int) -> list[tuple[int, ...]]:
    """List the shapes of W, g, b of each layer, then of W, b of the readout."""
    shapes: list[tuple[int, ...]] = []
    for channels_in in (1, *[channels] * (LAYERS - 1)):
        shapes += [(channels, channels_in, KERNEL, KERNEL), (channels,), (channels,)]
    side = SIDES[-1] // 2
    return [*shapes, (CLASSES, side * side * channels), (CLASSES,)]


def initialize(shapes: list[tuple[int, ...]], spread: float, seed: int) -> list[Tensor]:
    """Draw W ~ Uniform(-r, r), r = 1 / sqrt(fan-in), as torch's layers; g = 1, b = 0.

    Each filter is multiplied by exp(spread z), z ~ Normal(0, 1). No variant changes the draw.
    """
    pieces = []
    sizes = make_generator(seed, SPREAD_SEED)
    for index, shape in enumerate(shapes):
        if len(shape) == 1:
            is_gain = index % 3 == 1 and index < 3 * LAYERS
            pieces.append(torch.ones(shape) if is_gain else torch.zeros(shape))
            continue
        generator = make_generator(seed, index // 3)
        W = (2 * torch.rand(shape, generator=generator) - 1) / math.sqrt(math.prod(shape[1:]))
        if len(shape) == 4:
            W = W * torch.exp(spread * torch.randn(shape[0], 1, 1, 1, generator=sizes))
        pieces.append(W)
    return pieces


def convolve(h: Tensor, W: Tensor) -> Tensor:
    """Sum the inputs under every filter, zeros around: (n, H, W, C_in) -> (n, H, W, C)."""
    return functional.conv2d(h.permute(0, 3, 1, 2), W, padding=KERNEL // 2).permute(0, 2, 3, 1)


def max_pool(h: Tensor) -> Tensor:
    """Keep the largest of every 2 x 2 pixels: (n, H, W, C) -> (n, H/2, W/2, C)."""
    return functional.max_pool2d(h.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)
