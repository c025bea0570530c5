"""One batch split over replicas: whose gradients still are those of the undivided batch."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.nn import functional

from ln_core.runs.frame import Frame
from ln_core.see.mates_config import SPLIT_BATCH, SPLITS, ReplicasConfig
from ln_core.see.mates_data import HIDDEN, MATES_TRACKS, load_mates
from ln_core.see.nets import (
    Net,
    answer,
    fresh_net,
    pixels_of,
    recorded_net,
    with_batch_norm,
    with_layer_norm,
)
from ln_core.see.stacks import side_by_side
from ln_core.see.still import card, make_still
from ln_core.words import number

SIZES = (784, 32, 32, 10)


def film(config: ReplicasConfig, tracks: tuple[str, ...], *, first: int = 0) -> Iterator[Frame]:
    """Make the one frame.

    Arrays, with V tracks (batch, sync, layer) and K in (1, 2, 4, 8, 16, 32) replicas:
    cosine (V, 6), of the replicas' mean gradient by all W and the undivided batch's;
    length (V, 6), ratio of their lengths;
    own_cosine (V, replicas), of each replica's own gradient and the undivided one (NaN for sync,
    whose replicas have no gradient of their own);
    scatter, shrink (V, 6), of the first layer's summed inputs: rms over replicas and units of the
    gap between a replica's mean and the batch's in deviations, and mean ratio of the variances
    (NaN but for batch).
    """
    torch.set_num_threads(1)
    x, y = draw_batch(config)
    cosine, length = np.ones((2, len(tracks), len(SPLITS)))
    own_cosine = np.full((len(tracks), config.replicas), np.nan)
    for at, track in enumerate(tracks):
        net = make_net(config, track)
        # Synchronized, the devices normalize as one batch, however many they are.
        splits = (1,) if track == "sync" else SPLITS
        found = {K: mean_gradient(track, net, x, y, K) for K in splits}
        whole = found[1]
        means = torch.stack([found.get(K, whole) for K in SPLITS])
        cosine[at] = functional.cosine_similarity(means, whole[None], dim=1)
        length[at] = means.norm(dim=1) / whole.norm()
        if track != "sync":
            own = gradients(track, net, x, y, config.replicas)
            own_cosine[at] = functional.cosine_similarity(own, whole[None], dim=1)
    scatter, shrink = np.full((2, len(tracks), len(SPLITS)), np.nan)
    net = make_net(config, "batch")
    statistics = np.array([estimate(net, x, K) for K in SPLITS])
    batch = tracks.index("batch")
    scatter[batch], shrink[batch] = statistics.T
    arrays: dict[str, NDArray[np.float64]] = {
        "cosine": cosine,
        "length": length,
        "own_cosine": own_cosine,
        "scatter": scatter,
        "shrink": shrink,
    }
    yield make_still(
        arrays,
        cards=[describe(config, track, cosine[at], length[at]) for at, track in enumerate(tracks)],
        values=slots(config, tracks, arrays),
    )


def draw_batch(config: ReplicasConfig) -> tuple[Tensor, Tensor]:
    """Draw 64 of the recorded digits: (N, 784) in float64, and their classes."""
    mates = load_mates()
    generator = Generator().manual_seed(config.seed)
    chosen = torch.randperm(len(mates.labels), generator=generator)[:SPLIT_BATCH].numpy()
    x = pixels_of(mates)[chosen].double()
    return x, torch.tensor(mates.labels[chosen]).long()


def make_net(config: ReplicasConfig, track: str) -> Net:
    """Give a track's net in float64: all start from the same weights, or as they were trained."""
    if config.weights == "trained":
        kind = "layer" if track == "layer" else "batch"
        net = recorded_net(load_mates(), MATES_TRACKS.index(kind))
    else:
        # Another seed than the batch's, so that the two are not drawn from the same numbers.
        net = fresh_net(SIZES, Generator().manual_seed(1_000_000 + config.seed))
    W, g, b = (tuple(piece.double() for piece in pieces) for pieces in (net.W, net.g, net.b))
    return Net(W=W, g=g, b=b)


def losses(track: str, net: Net, W: tuple[Tensor, ...], x: Tensor, y: Tensor, K: int) -> Tensor:
    """Give each replica's mean loss, (K,); weights are shared, (out, in), or its own."""
    norm = with_layer_norm if track == "layer" else partial(side_by_side, with_batch_norm)
    batches = x.reshape(1 if track == "sync" else K, -1, x.shape[1])
    logits = answer(Net(W=W, g=net.g, b=net.b), batches, HIDDEN * (norm,)).logits
    of_cases = functional.cross_entropy(logits.flatten(0, 1), y, reduction="none")
    return of_cases.reshape(K, -1).mean(dim=1)


def mean_gradient(track: str, net: Net, x: Tensor, y: Tensor, K: int) -> Tensor:
    """Give the mean of K replicas' gradients by all weights, (P,): that of their mean loss."""
    W = tuple(piece.clone().requires_grad_() for piece in net.W)
    pieces = torch.autograd.grad(losses(track, net, W, x, y, K).mean(), W)
    return torch.cat([piece.flatten() for piece in pieces])


def gradients(track: str, net: Net, x: Tensor, y: Tensor, K: int) -> Tensor:
    """Give each replica's gradient by all weights, (K, P): of batch or layer."""
    # Every replica has the weights to itself, so that the sum's gradient holds that of each.
    W = tuple(piece.expand(K, *piece.shape).clone().requires_grad_() for piece in net.W)
    pieces = torch.autograd.grad(losses(track, net, W, x, y, K).sum(), W)
    return torch.cat([piece.flatten(1) for piece in pieces], dim=1)


def estimate(net: Net, x: Tensor, K: int) -> tuple[float, float]:
    """Compare the replicas' statistics of the first layer with the batch's: scatter and shrink."""
    a = x @ net.W[0].T
    parts = a.reshape(K, -1, a.shape[1])  # (K, n, H)
    mu, variance = a.mean(0), a.var(0, correction=0)
    gap = (parts.mean(1) - mu) / variance.sqrt()
    ratio = parts.var(1, correction=0) / variance
    return float(gap.square().mean().sqrt()), float(ratio.mean())


def describe(
    config: ReplicasConfig, track: str, cosine: NDArray[np.float64], length: NDArray[np.float64]
) -> dict[str, str]:
    """Say how far the chosen split moved one track's gradient."""
    at = SPLITS.index(config.replicas)
    moved = 1 - cosine[at] > 1e-9
    share = SPLIT_BATCH // config.replicas
    text = (
        f"{config.replicas} × {share} cases: cosine to the undivided gradient "
        f"{number(float(cosine[at]), 2)}, length × {number(float(length[at]), 2)}."
    )
    return card(track, "Another gradient" if moved else "The same gradient", text)


def slots(
    config: ReplicasConfig, tracks: tuple[str, ...], arrays: dict[str, NDArray[np.float64]]
) -> dict[str, str]:
    """Measure what the lesson's slots name."""
    at = SPLITS.index(config.replicas)
    values = {"replicas": str(config.replicas), "share": str(SPLIT_BATCH // config.replicas)}
    for track, cosine, length in zip(tracks, arrays["cosine"], arrays["length"], strict=True):
        values[f"{track}_cosine"] = number(float(cosine[at]), 2)
        values[f"{track}_length"] = number(float(length[at]), 2)
        values[f"{track}_cosine_most"] = number(float(cosine[-1]), 2)
    batch = tracks.index("batch")
    values["scatter"] = number(float(arrays["scatter"][batch, at]), 2)
    values["shrink"] = number(float(arrays["shrink"][batch, at]), 2)
    return values
