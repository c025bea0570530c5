"""One batch split over replicas: whose gradients still are those of the undivided batch."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.nn import functional

from ln_core.runs.frame import Frame
from ln_core.runs.snapshot import make_snapshot
from ln_core.see.digit_nets import (
    Net,
    answer,
    fresh_net,
    pixels_of,
    recorded_net,
    with_batch_norm,
    with_layer_norm,
)
from ln_core.see.digits import HIDDEN, NET_VARIANTS, load_nets
from ln_core.see.replicas.config import SPLIT_BATCH, SPLITS, ReplicasConfig
from ln_core.see.replicas.text import describe, measure_values

SIZES = (784, 32, 32, 10)


def compute(config: ReplicasConfig) -> Frame:
    """Make the picture of a config.

    Arrays, with V variants (batch, sync, layer) and K in (1, 2, 4, 8, 16, 32) replicas:
    cosine (V, 6), of the replicas' mean gradient by all W and the undivided batch's;
    length (V, 6), ratio of their lengths;
    own_cosine (V, replicas), of each replica's own gradient and the undivided one (NaN for sync,
    whose replicas have no gradient of their own);
    scatter, shrink (V, 6), of the first layer's summed inputs: rms over replicas and units of the
    gap between a replica's mean and the batch's in deviations, and mean ratio of the variances
    (NaN but for batch).
    """
    torch.set_num_threads(1)
    variants = config.variants
    found = [split(config.seed, config.weights, variant) for variant in variants]
    own_cosine = np.full((len(variants), config.replicas), np.nan)
    for at, (variant, of) in enumerate(zip(variants, found, strict=True)):
        if variant != "sync":
            own_cosine[at] = cosines(gradients(of.layers[config.replicas]), of.whole)
    cosine, length = (
        np.stack([getattr(of, name) for of in found]) for name in ("cosine", "length")
    )
    scatter, shrink = np.full((2, len(variants), len(SPLITS)), np.nan)
    batch = variants.index("batch")
    scatter[batch], shrink[batch] = estimates(config.seed, config.weights)
    arrays: dict[str, NDArray[np.float64]] = {
        "cosine": cosine,
        "length": length,
        "own_cosine": own_cosine,
        "scatter": scatter,
        "shrink": shrink,
    }
    return make_snapshot(
        arrays,
        cards=[
            describe(config, variant, cosine[at], length[at]) for at, variant in enumerate(variants)
        ],
        measured_values=measure_values(config, variants, arrays),
    )


class Passed(NamedTuple):
    """One layer of K replicas: its inputs h, and d, the gradient of their losses' sum by a = h W^T.

    Shapes: h (K, n, in), d (K, n, out).
    """

    h: Tensor
    d: Tensor


class Splits(NamedTuple):
    """One variant's gradients at every split of the batch.

    `layers` by number of replicas; `whole` (P,), of the undivided batch; cosine and length (6,), of
    the replicas' mean gradient against it.
    """

    layers: dict[int, list[Passed]]
    whole: Tensor
    cosine: NDArray[np.float64]
    length: NDArray[np.float64]


@lru_cache(maxsize=6)  # choosing another split does not ask for it again
def split(seed: int, weights: str, variant: str) -> Splits:
    """Measure how one variant's gradient changes as the batch is split."""
    net, (x, y) = make_net(seed, weights, variant), draw_batch(seed)
    # Synchronized, the devices normalize as one batch, however many they are.
    layers = {K: propagate(variant, net, x, y, K) for K in ((1,) if variant == "sync" else SPLITS)}
    means = {K: mean_gradient(passed) for K, passed in layers.items()}
    rows = torch.stack([means.get(K, means[1]) for K in SPLITS])
    whole = means[1]
    length = rows.norm(dim=1) / whole.norm()
    return Splits(layers, whole, cosines(rows, whole).numpy(), length.numpy())


def draw_batch(seed: int) -> tuple[Tensor, Tensor]:
    """Draw 64 of the recorded digits: (N, 784) in float64, and their classes."""
    nets = load_nets()
    generator = Generator().manual_seed(seed)
    chosen = torch.randperm(len(nets.labels), generator=generator)[:SPLIT_BATCH].numpy()
    x = pixels_of(nets)[chosen].double()
    return x, torch.tensor(nets.labels[chosen]).long()


def make_net(seed: int, weights: str, variant: str) -> Net:
    """Give a variant's net in float64: all start from the same weights, or as they were trained."""
    if weights == "trained":
        kind = "layer" if variant == "layer" else "batch"
        net = recorded_net(load_nets(), NET_VARIANTS.index(kind))
    else:
        # Another seed than the batch's, so that the two are not drawn from the same numbers.
        net = fresh_net(SIZES, Generator().manual_seed(1_000_000 + seed))
    W, g, b = (tuple(piece.double() for piece in pieces) for pieces in (net.W, net.g, net.b))
    return Net(W=W, g=g, b=b)


def propagate(variant: str, net: Net, x: Tensor, y: Tensor, K: int) -> list[Passed]:
    """Run K replicas forward and backward, each on its share of the batch and with its mean loss.

    Synchronized, they normalize as one batch.
    """
    plain = with_layer_norm if variant == "layer" else with_batch_norm
    sums: list[Tensor] = []

    def norm(a: Tensor, g: Tensor, b: Tensor) -> Tensor:
        sums.append(a.requires_grad_())
        return plain(a, g, b)

    batches = x.reshape(1 if variant == "sync" else K, -1, x.shape[1])
    hidden, logits = answer(net, batches, HIDDEN * (norm,))
    of_cases = functional.cross_entropy(logits.flatten(0, 1), y, reduction="none")
    loss = of_cases.reshape(K, -1).mean(dim=1).sum()
    by_sums = torch.autograd.grad(loss, [*sums, logits])
    inputs = (batches, *(h.detach() for h in hidden))
    return [
        Passed(h.reshape(K, -1, h.shape[2]), d.reshape(K, -1, d.shape[2]))
        for h, d in zip(inputs, by_sums, strict=True)
    ]


def mean_gradient(layers: list[Passed]) -> Tensor:
    """Give the mean of the replicas' gradients by all weights, (P,): that of their mean loss."""
    pieces = [d.flatten(0, 1).T @ h.flatten(0, 1) / len(h) for h, d in layers]
    return torch.cat([piece.flatten() for piece in pieces])


def gradients(layers: list[Passed]) -> Tensor:
    """Give each replica's own gradient by all weights, (K, P): not where they are synchronized."""
    return torch.cat([(d.mT @ h).flatten(1) for h, d in layers], dim=1)


def cosines(rows: Tensor, whole: Tensor) -> Tensor:
    """Give the cosine of each row's angle to one vector: (K, P), (P,) -> (K,)."""
    found: Tensor = (rows @ whole) / (rows.norm(dim=1) * whole.norm())
    return found


@lru_cache(maxsize=32)
def estimates(seed: int, weights: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compare the replicas' statistics of the first layer with the batch's, (6,) each.

    scatter: gap of a replica's mean in deviations, rms over replicas and units; shrink: mean ratio
    of the variances.
    """
    x, _ = draw_batch(seed)
    a = x @ make_net(seed, weights, "batch").W[0].T
    mu, variance = a.mean(0), a.var(0, correction=0)
    shares = [a.reshape(K, -1, a.shape[1]) for K in SPLITS]  # (K, n, H)
    gaps = [(share.mean(1) - mu) / variance.sqrt() for share in shares]
    ratios = [share.var(1, correction=0) / variance for share in shares]
    scatter = torch.stack([gap.square().mean().sqrt() for gap in gaps])
    shrink = torch.stack([ratio.mean() for ratio in ratios])
    return scatter.numpy(), shrink.numpy()
