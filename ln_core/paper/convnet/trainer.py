"""Small ConvNets on MNIST in training, and what their frames show of every layer."""

import itertools
import math
from functools import partial

import numpy as np
import torch
from torch import Tensor

from ln_core.data.tasks import draw_images, draw_test_images
from ln_core.paper.convnet.config import CASES, RARE, SIDES, SURVEY_CASES, ConvConfig
from ln_core.paper.convnet.network import ConvNet
from ln_core.runs.experiment import State
from ln_core.runs.frame import Array, Bytes, Floats, Frame
from ln_core.training.optimizers import Momentum
from ln_core.training.seeds import DATA_SEED, ORDER_SEED, make_generator, part_seed
from ln_core.training.step_values import diverged_notes
from ln_core.training.trainer import Trainer, copy_into, film_of

AT_ONCE = 128  # images in an evaluation: more would not stay in the processor's cache


class ConvTrainer(Trainer):
    """The networks of one variant, one for each seed."""

    def __init__(
        self, config: ConvConfig, variants: tuple[str, ...], dtype: torch.dtype = torch.float32
    ) -> None:
        (self.variant,) = variants
        self.config = config
        self.images, self.y = draw_images(CASES, part_seed(config.seed, DATA_SEED))
        test, self.y_test = draw_test_images(config.test_cases)
        self.x_test = as_images(test[:], dtype)
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
        self.orders = [make_generator(seed, ORDER_SEED) for seed in seeds]
        self.losses = np.full((1, config.seeds, 0), np.nan, np.float32)

    def train(self) -> None:
        """Take one training step with every network, each on images of its own."""
        losses = []
        parts = zip(self.nets, self.gradients, self.optimizers, self.orders, strict=True)
        for net, gradient, optimizer, order in parts:
            chosen = torch.randint(CASES, (self.config.batch_size,), generator=order)
            x = as_images(self.images[chosen], net.theta.dtype)
            loss, found = net.gradient(x, self.y[chosen])
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
    def make_frame(self, index: int) -> Frame:
        """Give the loss of the last step (1, S, 1), and in a survey the maps and the test error."""
        arrays: dict[str, Array] = {"loss": self.losses}
        if self.config.is_survey(index):
            arrays["test_error"] = np.array([[self.error(net) for net in self.nets]], np.float32)
            arrays |= survey(self.nets, self.x_test[:SURVEY_CASES])
        notes = diverged_notes((self.variant,), self.losses)
        return Frame(step=self.step, arrays=arrays, notes=notes)

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
        orders = [order.get_state() for order in self.orders]
        return {"step": self.step, "nets": self._nets_state(), "orders": orders}

    def _nets_state(self) -> list[State]:
        """Give the tensors of every network that steps change: these very ones, not copies."""
        return [
            {
                "theta": net.theta,
                "running_mean": net.running_mean,
                "running_variance": net.running_variance,
                "optimizer": optimizer.state(),
            }
            for net, optimizer in zip(self.nets, self.optimizers, strict=True)
        ]

    @torch.inference_mode()
    def restore(self, state: State) -> None:
        """Take up a state; the loss of its last step is in the frame already made."""
        self.step = state["step"]
        for own, kept in zip(self._nets_state(), state["nets"], strict=True):
            copy_into(own, kept)
        for order, place in zip(self.orders, state["orders"], strict=True):
            order.set_state(place)


def as_images(x: Tensor, dtype: torch.dtype) -> Tensor:
    """Give images (n, H, W) the one channel that they have, (n, H, W, 1)."""
    return x.unsqueeze(-1).to(dtype)


def survey(nets: list[ConvNet], images: Tensor) -> dict[str, Array]:
    """Measure every layer over some images, normalized by their own statistics.

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


def as_bytes(shares: Floats) -> Bytes:
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


film = partial(film_of, ConvTrainer)
