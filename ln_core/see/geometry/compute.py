"""Section 5 of the paper, measured: what the length of the weights does, and why it grows."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.nn import functional

from ln_core.norms import batch_norm, layer_norm, rms_norm, weight_norm
from ln_core.runs.frame import Frame
from ln_core.runs.snapshot import make_snapshot
from ln_core.see.batched import derivatives, side_by_side
from ln_core.see.geometry.config import FACTORS, GeometryConfig
from ln_core.see.geometry.layers import Gradients, Layer
from ln_core.see.geometry.text import describe, measure_values

N, D, H, CLASSES = 32, 10, 16, 4  # cases, inputs, units, classes
FISHER_CASES = 16  # the first ones: a derivative of every logit of every case takes its time
OUTPUT_RATE = 0.1  # the output layer's own learning rate: only W's is varied
remembered = lru_cache(maxsize=64)  # a gesture that moves something else does not ask for it again


def compute(config: GeometryConfig) -> Frame:
    """Make the picture of a config.

    Arrays, with V variants, F factors (0.25 to 16) and T training steps:
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
    variants = config.variants
    layer = draw_layer(config.seed)
    # The lesson speaks of the whole matrix, doubled, whatever the config scales.
    plain = replace(config, scope="all", factor=2.0)
    scaling = scale(config, variants)
    scalings = tuple((one.scope, one.factor) for one in (config, plain))
    fisher, plain_fisher = fisher_ratios(config.seed, scalings, variants)
    arrays = {
        **{name: values[:, :-1] for name, values in scaling.items()},
        "fisher": fisher,
        "radial": radial(config.seed, variants),
        **train(config, variants, layer),
    }
    cards = describe(config, variants, {**arrays, **scaling})
    own = variants.index("layer")
    if config.scope != plain.scope:  # the factor has no part in it
        scaling = scale(plain, variants)
    values = measure_values(
        plain,
        {
            variant: {name: array[at] for name, array in scaling.items()}
            for at, variant in enumerate(variants)
        },
        plain_fisher[own],
        float(arrays["radial"][own, 0]),
        arrays["weight_length"][own],
    )
    return make_snapshot(arrays, cards=cards, measured_values=values)


def draw_layer(seed: int) -> Layer:
    """Draw weights, inputs, and classes that a random linear teacher gives."""
    generator = Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    x = normal(N, D)
    y = (x @ normal(D, CLASSES)).argmax(dim=1)
    W, V = normal(H, D) / D**0.5, normal(CLASSES, H) / H**0.5
    return Layer(x=x, y=y, W=W, V=V, g=1 + 0.1 * normal(H))


def normalize(variant: str, x: Tensor, W: Tensor, g: Tensor) -> Tensor:
    """Compute the normalized outputs, times their gains and without epsilon, of E layers at once.

    Shapes: x (N, D), W (E, H, D), g (H,) or (E, 1, H) -> (E, N, H).
    """
    ones, zeros = torch.ones_like(W[0, :, 0]), torch.zeros_like(W[0, :, 0])

    def without_length() -> Tensor:
        return weight_norm(W.flatten(0, 1), ones.repeat(len(W))).reshape(W.shape)

    a = x @ (without_length() if variant == "weight" else W).mT
    norms: dict[str, Callable[[], Tensor]] = {
        "none": lambda: a,
        "weight": lambda: a,
        "batch": lambda: side_by_side(partial(batch_norm, eps=0.0), a, ones, zeros),
        "layer": lambda: layer_norm(a, ones, zeros, eps=0.0),
        "rms": lambda: rms_norm(a, ones, eps=0.0),
    }
    return g * norms[variant]()


def scaled(scope: str, W: Tensor, factor: float) -> Tensor:
    """Multiply the whole matrix, or one row of it."""
    if scope == "all":
        return factor * W
    factors = torch.ones_like(W[:, :1])
    factors[0] = factor
    return factors * W


def scale(config: GeometryConfig, variants: tuple[str, ...]) -> dict[str, NDArray[np.float64]]:
    """Measure outputs, gradient and first step: (V, F + 1) each, the config's factor last."""
    found = respond(config.seed, config.scope, config.factor, variants)
    step = found.W - config.learning_rate * found.gradient
    cosine = functional.cosine_similarity(step.flatten(2), found.W.flatten(2), dim=2)
    measured = {
        "output_change": found.output_change,
        "gradient_ratio": found.gradient_ratio,
        "turn": cosine.clamp(-1, 1).arccos().rad2deg(),
    }
    return {name: values.numpy() for name, values in measured.items()}


class Response(NamedTuple):
    """What layers answer to a scaling of their weights by F + 1 factors, whatever they learn.

    Shapes: W and its gradient (V, F + 1, H, D), the others (V, F + 1).
    """

    W: Tensor
    gradient: Tensor
    output_change: Tensor
    gradient_ratio: Tensor


@remembered
@torch.inference_mode()
def respond(seed: int, scope: str, factor: float, variants: tuple[str, ...]) -> Response:
    """Scale W by each factor of the charts, and by one more."""
    layer = draw_layer(seed)
    factors = (*FACTORS, factor)
    W = torch.stack([scaled(scope, layer.W, factor) for factor in factors])
    stacked = W.expand(len(variants), *W.shape)
    V = layer.V.expand(*stacked.shape[:2], *layer.V.shape)
    _, gradient, _ = Gradients(variants, layer, len(factors)).forward_backward(stacked, V)
    outputs = torch.stack([normalize(variant, layer.x, W, layer.g) for variant in variants])
    plain = FACTORS.index(1.0)
    before, length = outputs[:, plain, None], lengths(gradient)
    return Response(
        W=stacked,
        gradient=gradient,
        output_change=lengths(outputs - before) / lengths(before),
        gradient_ratio=length / length[:, plain, None],
    )


def lengths(matrices: Tensor) -> Tensor:
    """Give the Frobenius norms of the last two axes."""
    found: Tensor = torch.linalg.vector_norm(matrices, dim=(-2, -1))
    return found


@remembered
def fisher_ratios(
    seed: int, scalings: tuple[tuple[str, float], ...], variants: tuple[str, ...]
) -> NDArray[np.float64]:
    """Compare the Fisher blocks after each scaling, of a scope by a factor, with those before.

    Shapes: -> (scalings, V, 3), the blocks W W, W g and g g.
    """
    layer = draw_layer(seed)
    W = torch.stack([layer.W, *(scaled(scope, layer.W, factor) for scope, factor in scalings)])
    blocks = [fisher_blocks(variant, layer, W) for variant in variants]
    norms = torch.stack([torch.stack([lengths(block) for block in of]) for of in blocks])
    ratios: NDArray[np.float64] = (norms[..., 1:] / norms[..., :1]).movedim(2, 0).numpy()
    ratios.flags.writeable = False
    return ratios


def fisher_blocks(variant: str, layer: Layer, W: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Compute the Fisher matrices of E normalized softmaxes, by their weights and gains.

    F = mean over cases of J^T cov(y) J, with J the logits' Jacobian and cov(y) = diag(p) - p p^T.

    Shapes: W (E, H, D) -> (E, CLASSES D, CLASSES D), (E, CLASSES D, CLASSES) and
        (E, CLASSES, CLASSES).
    Source: Ba, Kiros, Hinton 2016, sec. 5.2.2, eqs. (10) to (14); one normalized layer whose
        units are the classes, so that it is their generalized linear model.
    """
    W, g = W[:, :CLASSES], layer.g[:CLASSES]  # small enough to write the matrix out
    x = layer.x[:FISHER_CASES]
    weights = CLASSES * W.shape[2]

    def logits(theta: Tensor) -> Tensor:
        """Shapes: theta (E, CLASSES D + CLASSES), weights then gains -> (E, N, CLASSES)."""
        stack = theta[:, :weights].reshape(-1, *W.shape[1:])
        return normalize(variant, x, stack, theta[:, None, weights:])

    theta = torch.cat([W.flatten(1), g.expand(len(W), CLASSES)], dim=1)
    p = logits(theta).softmax(dim=2)
    J = derivatives(logits, theta)  # (E, N, CLASSES, CLASSES D + CLASSES)
    covariance = torch.diag_embed(p) - p[..., :, None] * p[..., None, :]
    F = (J.mT @ covariance @ J).mean(dim=1)
    return F[:, :weights, :weights], F[:, :weights, weights:], F[:, weights:, weights:]


@remembered
@torch.inference_mode()
def radial(seed: int, variants: tuple[str, ...]) -> NDArray[np.float64]:
    """Measure how far the gradient by W is from right angles to W, and from adding to zero."""
    layer = draw_layer(seed)
    W, V = (piece.expand(len(variants), 1, *piece.shape) for piece in (layer.W, layer.V))
    _, gradient, _ = Gradients(variants, layer).forward_backward(W, V)
    W, gradient = W[:, 0], gradient[:, 0]
    whole = functional.cosine_similarity(W.flatten(1), gradient.flatten(1), dim=1).abs()
    rows = functional.cosine_similarity(W, gradient, dim=2).abs().amax(dim=1)
    columns = torch.linalg.vector_norm(gradient.sum(dim=1), dim=1) / lengths(gradient)
    measured: NDArray[np.float64] = torch.stack([whole, rows, columns], dim=1).numpy()
    return measured


@torch.inference_mode()
def train(
    config: GeometryConfig, variants: tuple[str, ...], layer: Layer
) -> dict[str, NDArray[np.float64]]:
    """Train W and the output layer by plain SGD, and keep the length of W at every step."""
    start = scaled(config.scope, layer.W, config.factor)
    W, V = (piece.expand(len(variants), 1, *piece.shape) for piece in (start, layer.V))
    gradients = Gradients(variants, layer)
    path, losses = [W], []
    for _ in range(config.training_steps + 1):
        loss, by_W, by_V = gradients.forward_backward(W, V)
        losses.append(loss)
        W, V = W - config.learning_rate * by_W, V - OUTPUT_RATE * by_V
        path.append(W)
    moments = torch.stack(path[:-1])
    length, steps = lengths(moments), lengths(moments.diff(dim=0))
    # The steps before each moment, and none before the first.
    squares = torch.cat([length[:1], steps]).square().cumsum(dim=0)
    measured = {
        "weight_length": length,
        "predicted_length": squares.sqrt(),
        "effective_rate": config.learning_rate / length.square(),
        "loss": torch.stack(losses),
    }
    return {name: values[:, :, 0].T.numpy() for name, values in measured.items()}
