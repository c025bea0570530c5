"""Section 5 of the paper, measured: what the length of the weights does, and why it grows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.nn import functional

from ln_core.norms import batch_norm, layer_norm, rms_norm, weight_norm
from ln_core.runs.frame import Frame
from ln_core.see.geometry_config import FACTORS, GeometryConfig
from ln_core.see.geometry_words import describe, fill_slots
from ln_core.see.still import make_still

N, D, H, CLASSES = 32, 10, 16, 4  # cases, inputs, units, classes
FISHER_CASES = 16  # the first ones: a derivative of every logit of every case takes its time
OUTPUT_RATE = 0.1  # the output layer's own learning rate: only W's is varied


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One normalized layer below a softmax, and the batch it is measured on; all in float64.

    Shapes: x (N, D), y (N,), W (H, D), V (CLASSES, H), g (H,).
    """

    x: Tensor
    y: Tensor
    W: Tensor
    V: Tensor
    g: Tensor


def film(config: GeometryConfig, tracks: tuple[str, ...], *, first: int = 0) -> Iterator[Frame]:
    """Make the one frame.

    Arrays, with V tracks, F factors (0.25 to 16) and T training steps:
    output_change (V, F), relative change of the layer's outputs when W is scaled;
    gradient_ratio (V, F), length of the gradient by W, relative to factor 1;
    turn (V, F), degrees by which the first step turns W;
    fisher (V, 3), ratio of the Fisher blocks (W W, W g, g g) at the config's factor;
    radial (V, 3), how far the gradient is from right angles: abs cosine of W and its gradient,
    the largest over rows, and the relative size of the gradient's column sums;
    weight_length, predicted_length (V, T + 1), of W in training, and by Pythagoras from the steps;
    effective_rate, loss (V, T + 1): learning rate / squared length of W, and cross-entropy.
    """
    torch.set_num_threads(1)
    layer = draw(config)
    found: dict[str, list[NDArray[np.float64]]] = {}
    for track in tracks:
        measured = {
            **scale(config, track, layer),
            "fisher": fisher_ratios(config, track, layer),
            "radial": radial(track, layer),
            **train(config, track, layer),
        }
        for name, array in measured.items():
            found.setdefault(name, []).append(array)
    arrays = {name: np.stack(rows) for name, rows in found.items()}
    yield make_still(
        arrays,
        cards=describe(config, tracks, arrays),
        values=lesson_slots(config, layer, arrays["weight_length"][tracks.index("layer")]),
    )


def lesson_slots(
    config: GeometryConfig, layer: Layer, length: NDArray[np.float64]
) -> dict[str, str]:
    """Measure what the lesson speaks of: the whole matrix, doubled, whatever the config scales."""
    plain = replace(config, scope="all", factor=2.0)
    found = {track: scale(plain, track, layer) for track in ("none", "layer")}
    blocks, angles = fisher_ratios(plain, "layer", layer), radial("layer", layer)
    return fill_slots(plain, found, blocks, float(angles[0]), length)


def draw(config: GeometryConfig) -> Layer:
    """Draw weights, inputs, and classes that a random linear teacher gives."""
    generator = Generator().manual_seed(config.seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    x = normal(N, D)
    y = (x @ normal(D, CLASSES)).argmax(dim=1)
    W, V = normal(H, D) / D**0.5, normal(CLASSES, H) / H**0.5
    return Layer(x=x, y=y, W=W, V=V, g=1 + 0.1 * normal(H))


def normalize(track: str, x: Tensor, W: Tensor, g: Tensor) -> Tensor:
    """Compute a layer's normalized outputs times its gains, without epsilon: (N, H)."""
    zeros = torch.zeros_like(g)
    if track == "weight":
        return x @ weight_norm(W, g).T
    a = x @ W.T
    norms: dict[str, Callable[[], Tensor]] = {
        "none": lambda: g * a,
        "batch": lambda: batch_norm(a, g, zeros, eps=0.0),
        "layer": lambda: layer_norm(a, g, zeros, eps=0.0),
        "rms": lambda: rms_norm(a, g, eps=0.0),
    }
    return norms[track]()


def scaled(config: GeometryConfig, W: Tensor, factor: float) -> Tensor:
    """Multiply the whole matrix, or one row of it."""
    if config.scope == "all":
        return factor * W
    factors = torch.ones_like(W[:, :1])
    factors[0] = factor
    return factors * W


def loss_and_gradient(track: str, layer: Layer, W: Tensor, V: Tensor) -> tuple[Tensor, ...]:
    """Compute the cross-entropy and its gradients by W and V."""
    W, V = W.clone().requires_grad_(), V.clone().requires_grad_()
    logits = normalize(track, layer.x, W, layer.g).relu() @ V.T
    loss = functional.cross_entropy(logits, layer.y)
    return (loss.detach(), *torch.autograd.grad(loss, (W, V)))


def scale(config: GeometryConfig, track: str, layer: Layer) -> dict[str, NDArray[np.float64]]:
    """Measure outputs, gradient and first step at every factor."""
    before = normalize(track, layer.x, layer.W, layer.g)
    _, reference, _ = loss_and_gradient(track, layer, layer.W, layer.V)
    rows = []
    for factor in FACTORS:
        W = scaled(config, layer.W, factor)
        change = normalize(track, layer.x, W, layer.g) - before
        _, gradient, _ = loss_and_gradient(track, layer, W, layer.V)
        step = W - config.learning_rate * gradient
        cosine = functional.cosine_similarity(step.flatten(), W.flatten(), dim=0)
        rows.append(
            (
                float(change.norm() / before.norm()),
                float(gradient.norm() / reference.norm()),
                float(cosine.clamp(-1, 1).arccos().rad2deg()),
            )
        )
    columns = np.array(rows).T
    return dict(zip(("output_change", "gradient_ratio", "turn"), columns, strict=True))


def fisher_ratios(config: GeometryConfig, track: str, layer: Layer) -> NDArray[np.float64]:
    """Compare the Fisher blocks after and before scaling: Frobenius norms of W W, W g, g g."""
    before = fisher_blocks(track, layer, layer.W)
    after = fisher_blocks(track, layer, scaled(config, layer.W, config.factor))
    return np.array([float(b.norm() / a.norm()) for a, b in zip(before, after, strict=True)])


def fisher_blocks(track: str, layer: Layer, W: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Compute the Fisher matrix of a normalized softmax, by its weights and gains.

    F = mean over cases of J^T cov(y) J, with J the logits' Jacobian and cov(y) = diag(p) - p p^T.

    Shapes: W (H, D) -> (CLASSES D, CLASSES D), (CLASSES D, CLASSES), (CLASSES, CLASSES).
    Source: Ba, Kiros, Hinton 2016, sec. 5.2.2, eqs. (10) to (14); one normalized layer whose
        units are the classes, so that it is their generalized linear model.
    """
    W, g = W[:CLASSES], layer.g[:CLASSES]  # small enough to write the matrix out
    x = layer.x[:FISHER_CASES]
    p = normalize(track, x, W, g).softmax(dim=1)

    def by_parameters(W: Tensor, g: Tensor) -> Tensor:
        return normalize(track, x, W, g)

    jacobian = torch.autograd.functional.jacobian
    by_W, by_g = jacobian(by_parameters, (W, g))  # type: ignore[no-untyped-call]
    covariance = torch.diag_embed(p) - p[:, :, None] * p[:, None, :]
    J_W = by_W.flatten(2)  # (N, CLASSES, CLASSES D)

    def block(left: Tensor, right: Tensor) -> Tensor:
        return torch.einsum("nci,ncd,ndj->ij", left, covariance, right) / FISHER_CASES

    return block(J_W, J_W), block(J_W, by_g), block(by_g, by_g)


def radial(track: str, layer: Layer) -> NDArray[np.float64]:
    """Measure how far the gradient by W is from right angles to W, and from adding to zero."""
    W = layer.W
    _, gradient, _ = loss_and_gradient(track, layer, W, layer.V)
    whole = functional.cosine_similarity(W.flatten(), gradient.flatten(), dim=0).abs()
    rows = functional.cosine_similarity(W, gradient, dim=1).abs().max()
    columns = gradient.sum(0).norm() / gradient.norm()
    return np.array([float(whole), float(rows), float(columns)])


def train(config: GeometryConfig, track: str, layer: Layer) -> dict[str, NDArray[np.float64]]:
    """Train W and the output layer by plain SGD, and keep the length of W at every step."""
    W, V = scaled(config, layer.W, config.factor), layer.V
    lengths, squares, losses = [], [float(W.square().sum())], []
    for _ in range(config.training_steps + 1):
        loss, by_W, by_V = loss_and_gradient(track, layer, W, V)
        lengths.append(float(W.norm()))
        losses.append(float(loss))
        squares.append(squares[-1] + config.learning_rate**2 * float(by_W.square().sum()))
        W, V = W - config.learning_rate * by_W, V - OUTPUT_RATE * by_V
    length = np.array(lengths)
    return {
        "weight_length": length,
        "predicted_length": np.sqrt(squares[:-1]),
        "effective_rate": config.learning_rate / length**2,
        "loss": np.array(losses),
    }
