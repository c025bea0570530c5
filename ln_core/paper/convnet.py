"""A small ConvNet on MNIST, trained once for each normalization. Features come last.

Four layers of 3 x 3 filters, each a = conv(h), normalization, ReLU; two of them, then pooling,
twice; then a linear readout. Every variant has one gain and one bias for each channel.
"""

import functools
import itertools
import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.nn import functional

from ln_core import norms
from ln_core.data.tasks import Task, load_task
from ln_core.paper.convnet_config import (
    CASES,
    GROUPS,
    KERNEL,
    LAYERS,
    RARE,
    SIDES,
    SURVEY_CASES,
    ConvConfig,
)
from ln_core.paper.trainer import Checkpoint, State, Trainer, film_of
from ln_core.race.optimizers import Momentum
from ln_core.race.parameters import DATA_SEED, LAYER_SEEDS, ORDER_SEED
from ln_core.runs.frame import Array, Frame

CLASSES = 10
MOMENTUM = 0.1  # weight of the new batch in Batch Norm's running statistics, as torch's default
SPREAD_SEED = LAYERS + 1  # of a network's seeds, after those of its filters and of its readout
AT_ONCE = 128  # images in an evaluation: more would not stay in the processor's cache
Floats = NDArray[np.float32]
Norm = Callable[[Tensor, Tensor, Tensor], Tensor]

# Which entries of a (N, H, W, C) share a mean; none of these depends on other images.
OF_A_CASE: dict[str, Norm] = {
    "none": lambda a, g, b: g * a + b,
    "layer": functools.partial(norms.group_norm, groups=1),
    "pixel": norms.layer_norm,
    "group": functools.partial(norms.group_norm, groups=GROUPS),
    "instance": norms.instance_norm,
}


def film(
    config: ConvConfig,
    variants: tuple[str, ...],
    *,
    first: int = 0,
    checkpoint: Checkpoint | None = None,
) -> Iterator[Frame | None]:
    """Train one variant's networks, step by step."""
    return film_of(ConvTrainer, config, variants, first=first, checkpoint=checkpoint)


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
        pieces = draw(self.shapes, spread, seed)
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
                h = pool(h)

    def answer(self, images: Tensor, theta: Tensor, *, training: bool) -> Tensor:
        """Give the logits (n, 10) of images (n, H, W, 1)."""
        for layer in self.layers(images, theta, training=training):
            h = layer.h
        W, b = self.pieces(theta)[-2:]
        return pool(h).flatten(1) @ W.T + b

    def normalize(self, a: Tensor, g: Tensor, b: Tensor, layer: int, *, training: bool) -> Tensor:
        """Normalize summed inputs (n, H, W, C); Batch Norm does it over images and pixels."""
        if self.variant != "batch":
            return OF_A_CASE[self.variant](a, g, b)
        if training:
            return norms.batch_norm(a.reshape(-1, self.channels), g, b).reshape(a.shape)
        return norms.batch_norm_inference(
            a, self.running_mean[layer], self.running_variance[layer], g, b
        )

    def follow(self, layer: int, a: Tensor) -> None:
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
                self.follow(index, layer.a)
        W, b = self.pieces(theta)[-2:]
        loss = functional.cross_entropy(pool(h).flatten(1) @ W.T + b, labels)
        (gradient,) = torch.autograd.grad(loss, theta)
        return loss.detach(), gradient


def piece_shapes(channels: int) -> list[tuple[int, ...]]:
    """List the shapes of W, g, b of each layer, then of W, b of the readout."""
    shapes: list[tuple[int, ...]] = []
    for channels_in in (1, *[channels] * (LAYERS - 1)):
        shapes += [(channels, channels_in, KERNEL, KERNEL), (channels,), (channels,)]
    side = SIDES[-1] // 2
    return [*shapes, (CLASSES, side * side * channels), (CLASSES,)]


def draw(shapes: list[tuple[int, ...]], spread: float, seed: int) -> list[Tensor]:
    """Draw W ~ Uniform(-r, r), r = 1 / sqrt(fan-in), as torch's layers; g = 1, b = 0.

    Each filter is multiplied by exp(spread z), z ~ Normal(0, 1). No variant changes the draw.
    """
    pieces = []
    sizes = Generator().manual_seed(LAYER_SEEDS * seed + SPREAD_SEED)
    for index, shape in enumerate(shapes):
        if len(shape) == 1:
            is_gain = index % 3 == 1 and index < 3 * LAYERS
            pieces.append(torch.ones(shape) if is_gain else torch.zeros(shape))
            continue
        generator = Generator().manual_seed(LAYER_SEEDS * seed + index // 3)
        W = (2 * torch.rand(shape, generator=generator) - 1) / math.sqrt(math.prod(shape[1:]))
        if len(shape) == 4:
            W = W * torch.exp(spread * torch.randn(shape[0], 1, 1, 1, generator=sizes))
        pieces.append(W)
    return pieces


def convolve(h: Tensor, W: Tensor) -> Tensor:
    """Sum the inputs under every filter, zeros around: (n, H, W, C_in) -> (n, H, W, C)."""
    return functional.conv2d(h.permute(0, 3, 1, 2), W, padding=KERNEL // 2).permute(0, 2, 3, 1)


def pool(h: Tensor) -> Tensor:
    """Keep the largest of every 2 x 2 pixels: (n, H, W, C) -> (n, H/2, W/2, C)."""
    return functional.max_pool2d(h.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)


class ConvTrainer(Trainer):
    """The networks of one variant, one a seed, and what is looked at in them."""

    def __init__(
        self, config: ConvConfig, variants: tuple[str, ...], dtype: torch.dtype = torch.float32
    ) -> None:
        (self.variant,) = variants
        self.config = config
        task = load_images(config.seed, config.test_cases)
        self.x = as_images(task.x_train, dtype)
        self.x_test = as_images(task.x_test, dtype)
        self.y, self.y_test = task.y_train, task.y_test
        seeds = range(config.seed, config.seed + config.seeds)
        self.nets = [
            ConvNet(self.variant, config.channels, spread=config.spread, seed=seed, dtype=dtype)
            for seed in seeds
        ]
        self.gradients = [torch.zeros_like(net.theta) for net in self.nets]
        self.optimizers = [
            Momentum(net.theta, gradient, config.learning_rate)
            for net, gradient in zip(self.nets, self.gradients, strict=True)
        ]
        self.orders = [Generator().manual_seed(LAYER_SEEDS * seed + ORDER_SEED) for seed in seeds]
        self.losses = np.full((1, config.seeds, 0), np.nan, np.float32)

    def train(self) -> None:
        """Take one training step with every network, each on images of its own."""
        losses = []
        parts = zip(self.nets, self.gradients, self.optimizers, self.orders, strict=True)
        for net, gradient, optimizer, order in parts:
            chosen = torch.randint(CASES, (self.config.batch_size,), generator=order)
            loss, found = net.gradient(self.x[chosen], self.y[chosen])
            gradient.copy_(self.clipped(found))
            optimizer.step()
            losses.append([float(loss)])
        self.losses = np.array([losses], np.float32)
        self.step += 1

    def clipped(self, gradient: Tensor) -> Tensor:
        """Shorten the gradient of a net without normalization; the others keep theirs."""
        if self.variant != "none":
            return gradient
        length = torch.linalg.vector_norm(gradient)
        return gradient * torch.clamp(self.config.clip / (length + 1e-6), max=1.0)

    @torch.inference_mode()
    def take(self, index: int) -> Frame:
        """Give the loss of the last step (1, S, 1), and in a survey the maps and the test error."""
        arrays: dict[str, Array] = {"loss": self.losses}
        if self.config.is_survey(index):
            arrays["test_error"] = np.array([[self.error(net) for net in self.nets]], np.float32)
            arrays |= survey(self.nets, self.x_test[:SURVEY_CASES])
        return Frame(step=self.step, arrays=arrays)

    def error(self, net: ConvNet) -> float:
        """Measure the share of test images that a network gets wrong."""
        wrong = 0
        for at in range(0, len(self.x_test), AT_ONCE):
            part = slice(at, at + AT_ONCE)
            logits = net.answer(self.x_test[part], net.theta, training=False)
            wrong += int((logits.argmax(1) != self.y_test[part]).sum())
        return wrong / len(self.x_test)

    def state(self) -> State:
        """Give parameters, running statistics, momentum and where the drawing of batches is."""
        nets = [
            {
                "theta": net.theta,
                "running_mean": net.running_mean,
                "running_variance": net.running_variance,
                "optimizer": optimizer.state(),
                "order": order.get_state(),
            }
            for net, optimizer, order in zip(self.nets, self.optimizers, self.orders, strict=True)
        ]
        return {"step": self.step, "nets": nets}

    @torch.inference_mode()
    def restore(self, state: State) -> None:
        """Take up a state; the loss of its last step is in the frame already made."""
        self.step = state["step"]
        parts = zip(state["nets"], self.nets, self.optimizers, self.orders, strict=True)
        for kept, net, optimizer, order in parts:
            for name in ("theta", "running_mean", "running_variance"):
                getattr(net, name).copy_(kept[name])
            for name, value in kept["optimizer"].items():
                getattr(optimizer, name).copy_(value)
            order.set_state(kept["order"])


@functools.lru_cache(maxsize=1)
def load_images(seed: int, test_cases: int) -> Task:
    """Draw the images of a run, once for all its variants in a worker; nothing writes to them."""
    return load_task("mnist", CASES, LAYER_SEEDS * seed + DATA_SEED, test_cases=test_cases)


def as_images(x: Tensor, dtype: torch.dtype) -> Tensor:
    """Shape rows of pixels (n, 784) as images (n, H, W, 1)."""
    return x.view(-1, SIDES[0], SIDES[0], 1).to(dtype)


def survey(nets: list[ConvNet], images: Tensor) -> dict[str, Array]:
    """Look at every layer over some images, normalized by their own statistics.

    Of the first network: maps over the image (1, layers, H, W), as bytes, small ones enlarged to
    the first layer's size; at each distance from the border (1, layers, H / 2) the spread, and the
    share of units that switch; of each channel (1, layers, C), smallest first, the spread before
    normalization and after it.

    Units: `spread_map` 255 is the map's largest, `active_map` 255 is every image and channel.
    """
    found: dict[str, list[Floats]] = {name: [] for name in _SURVEYED}
    for layer in nets[0].layers(images, nets[0].theta, training=True):
        spread = layer.a.std(0, correction=0).mean(-1)
        active = (layer.h > 0).float().mean((0, -1))
        channels = layer.a.std((0, 1, 2), correction=0)
        order = channels.argsort()
        normed = layer.normed.std((0, 1, 2), correction=0)
        largest = spread.max().clamp(min=1e-30)
        found["spread_map"].append(enlarged(spread / largest))
        found["active_map"].append(enlarged(active))
        found["border_spread"].append(by_distance(spread))
        found["border_switch"].append(by_distance(switching(layer.h)))
        found["channel_spread"].append(channels[order].numpy())
        found["channel_normed"].append(normed[order].numpy())
    arrays: dict[str, Array] = {}
    for name, layers in found.items():
        stacked = np.stack(layers)[None]
        arrays[name] = as_bytes(stacked) if name.endswith("map") else stacked.astype(np.float32)
    return arrays


_SURVEYED = (
    "spread_map",
    "active_map",
    "border_spread",
    "border_switch",
    "channel_spread",
    "channel_normed",
)


def switching(h: Tensor) -> Tensor:
    """Give the share of channels that are on in some images and off in others, for each pixel.

    Shapes: h (n, H, W, C) -> (H, W).
    """
    on = (h > 0).float().mean(0)
    return ((on > RARE) & (on < 1 - RARE)).float().mean(-1)


def enlarged(values: Tensor) -> Floats:
    """Repeat the pixels of a small map (H, W) up to the size of the images."""
    times = SIDES[0] // values.shape[0]
    return values.numpy().repeat(times, 0).repeat(times, 1)


def as_bytes(shares: Floats) -> NDArray[np.uint8]:
    """Write shares from 0 to 1 as 0 to 255; what is not finite as 0."""
    return np.rint(255 * np.nan_to_num(shares, posinf=0.0)).clip(0, 255).astype(np.uint8)


def by_distance(values: Tensor) -> Floats:
    """Average a map (H, W) over the pixels at each distance from the border; NaN beyond a map."""
    side = values.shape[0]
    edge = torch.minimum(torch.arange(side), side - 1 - torch.arange(side))
    distance = torch.minimum(edge[:, None], edge[None, :])
    means = [float(values[distance == at].mean()) for at in range(side // 2)]
    padded = itertools.islice(itertools.chain(means, itertools.repeat(math.nan)), SIDES[0] // 2)
    return np.array(list(padded), np.float32)
