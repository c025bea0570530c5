"""The batch-mate experiment: what a net says of one digit, whatever company it keeps."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from ln_core.runs.frame import Frame
from ln_core.runs.snapshot import make_snapshot
from ln_core.see.batch_mates.config import BatchMatesConfig
from ln_core.see.batch_mates.text import describe, measure_values
from ln_core.see.digit_nets import Net, Norm, answer, norms_of, pixels_of, recorded_net
from ln_core.see.digits import NET_VARIANTS, RecordedNets, load_nets


def compute(config: BatchMatesConfig) -> Frame:
    """Make the picture of a config.

    Arrays, with V variants and R draws of neighbours; the pinned digit is always the first case:
    probability (V, R, 10), what each net answers about it in each draw;
    hidden (V, L, R, H), its activations in each hidden layer;
    spread (V, L, H), their standard deviation over the draws;
    influence (V, N), length of the gradient of the answer's logit by the pixels of every case of
    the first draw;
    batch (1, rows, columns) uint8, picture of up to 32 digits of the first draw.
    """
    torch.set_num_threads(1)
    variants = config.variants
    nets = load_nets()
    chosen = draw_batches(config, nets)
    found = {variant: watch(nets, variant, config.mode, chosen) for variant in variants}
    probability, hidden, reach = (
        np.stack([found[variant][k].numpy() for variant in variants]) for k in range(3)
    )
    label = int(nets.labels[config.digit])
    cards = [
        describe(variant, probability[at], hidden[at], label) for at, variant in enumerate(variants)
    ]
    # The lesson speaks of training mode, whatever the config's mode is.
    if config.mode != "training":
        found["batch"] = watch(nets, "batch", "training", chosen)
    return make_snapshot(
        {
            "probability": probability,
            "hidden": hidden,
            "spread": hidden.std(axis=2, dtype=np.float64),
            "influence": reach,
            "batch": picture(nets, chosen[0], config.tiles),
        },
        cards=cards,
        measured_values=measure_values(
            config,
            label,
            {v: (of.probability.numpy(), of.influence.numpy()) for v, of in found.items()},
        ),
    )


def draw_batches(config: BatchMatesConfig, nets: RecordedNets) -> Tensor:
    """Draw the batches, (R, N): the pinned digit, then neighbours other than it."""
    labels = torch.tensor(nets.labels)
    able = torch.ones(len(labels), dtype=torch.bool)
    if config.company == "same":
        able = labels == labels[config.digit]
    able[config.digit] = False
    candidates = able.nonzero().flatten()
    generator = Generator().manual_seed(config.seed)
    size = (config.draws, config.batch_size - 1)
    neighbours = candidates[torch.randint(len(candidates), size, generator=generator)]
    pinned = torch.full((config.draws, 1), config.digit)
    return torch.cat([pinned, neighbours], dim=1)


class Watched(NamedTuple):
    """The pinned digit through R draws of neighbours.

    Shapes: probability (R, 10), hidden (L, R, H), influence (N,).
    """

    probability: Tensor
    hidden: Tensor
    influence: Tensor


def watch(nets: RecordedNets, variant: str, mode: str, chosen: Tensor) -> Watched:
    """Watch a net's answer about the first case of every batch: chosen (R, N)."""
    net, norms = recorded_net(nets, NET_VARIANTS.index(variant)), norms_of(variant, nets, mode)
    batches = pixels_of(nets)[chosen]
    # Weights of its own for every batch: in one product for all cases, the place of a case could
    # decide in which order its sums are taken, and so over its last bits.
    W = tuple(piece.expand(len(chosen), *piece.shape) for piece in net.W)
    with torch.inference_mode():
        hidden, logits = answer(Net(W=W, g=net.g, b=net.b), batches, norms)
        probability = logits[:, 0].softmax(dim=1)
        pinned = torch.stack([h[:, 0] for h in hidden])
    return Watched(probability, pinned, influence(net, norms, batches[0]))


def influence(net: Net, norms: tuple[Norm, ...], x: Tensor) -> Tensor:
    """Measure how far each case's pixels move the first case's answer: (N, D) -> (N,)."""
    leaf = x.clone().requires_grad_()
    logits = answer(net, leaf[None], norms).logits[0]
    (gradient,) = torch.autograd.grad(logits[0].max(), leaf)
    length: Tensor = torch.linalg.vector_norm(gradient, dim=1)
    return length


def picture(nets: RecordedNets, batch: Tensor, tiles: tuple[int, int]) -> NDArray[np.uint8]:
    """Lay the first digits of a batch out as one image, the pinned one at its top left."""
    rows, columns = tiles
    images = np.zeros((rows * columns, 28, 28), np.uint8)
    shown = nets.images[batch.numpy()[: rows * columns]]
    images[: len(shown)] = shown.reshape(-1, 28, 28)
    grid = images.reshape(rows, columns, 28, 28).swapaxes(1, 2)
    return grid.reshape(1, rows * 28, columns * 28)
