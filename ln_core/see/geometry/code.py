"""The lines that measure what the length of the weights does, as a script. Free of torch."""

import json

from ln_core.runs.script import blocks, fill
from ln_core.see.geometry.config import FACTORS, VARIANTS, GeometryConfig

SCRIPT = '''
"""What the length of a layer's weights does, under each normalization.

$origin
It runs by itself, with torch.
"""

import torch
from torch.nn import functional

VARIANTS = $variants
FACTOR, FACTORS = $factor, $factors
LEARNING_RATE, STEPS = $learning_rate, $steps
N, D, H, CLASSES = 32, 10, 16, 4  # examples, inputs, units, classes

generator = torch.Generator().manual_seed($seed)


def normal(*shape):
    """Draw from Normal(0, 1)."""
    return torch.randn(shape, generator=generator, dtype=torch.float64)


x = normal(N, D)
y = (x @ normal(D, CLASSES)).argmax(1)  # what a linear teacher says
W, V, g = normal(H, D) / D**0.5, normal(CLASSES, H) / H**0.5, 1 + 0.1 * normal(H)


def normalize(variant, W, x):
    """Compute the layer's summed inputs, and normalize them."""
    if variant == "weight":
        W = W / W.norm(dim=1, keepdim=True)
    a = x @ W.T
    if variant == "batch":
        return (a - a.mean(0)) / a.std(0, correction=0)
    if variant == "layer":
        return (a - a.mean(1, keepdim=True)) / a.std(1, correction=0, keepdim=True)
    if variant == "rms":
        return a / a.square().mean(1, keepdim=True).sqrt()
    return a


def learn(variant, W, V):
    """Compute the loss, and its gradients by W and V."""
    W, V = W.clone().requires_grad_(), V.clone().requires_grad_()
    h = (g * normalize(variant, W, x)).relu()
    loss = functional.cross_entropy(h @ V.T, y)
    return loss.item(), *torch.autograd.grad(loss, (W, V))


def scaled(factor):
    """Multiply $what by a factor."""
    return $scaled


def respond(variant, factor):
    """Measure change of the outputs, length of the gradient, and turn by the first step."""
    before, after = (g * normalize(variant, weights, x) for weights in (W, scaled(factor)))
    gradient = learn(variant, scaled(factor), V)[1]
    step = scaled(factor) - LEARNING_RATE * gradient
    cosine = functional.cosine_similarity(step.flatten(), scaled(factor).flatten(), dim=0)
    change = (after - before).norm() / before.norm()
    ratio = gradient.norm() / learn(variant, W, V)[1].norm()
    return [change.item(), ratio.item(), cosine.clamp(-1, 1).arccos().rad2deg().item()]


def fisher(variant, W):
    """Measure the Fisher matrix of a softmax on the first units: its blocks W W, W g, g g."""

    def logits(W, g):
        return g * normalize(variant, W, x[:16])

    theta = W[:CLASSES], g[:CLASSES]
    by_W, by_g = torch.func.jacrev(logits, (0, 1))(*theta)
    J, p = torch.cat([by_W.flatten(2), by_g], 2), logits(*theta).softmax(1)
    covariance = torch.diag_embed(p) - p[:, :, None] * p[:, None, :]
    F, of_W = (J.mT @ covariance @ J).mean(0), CLASSES * D
    return torch.stack([F[:of_W, :of_W].norm(), F[:of_W, of_W:].norm(), F[of_W:, of_W:].norm()])


def radial(variant):
    """Measure the cosine of W and its gradient, of the worst row's, and the columns' sums."""
    gradient = learn(variant, W, V)[1]
    whole = functional.cosine_similarity(W.flatten(), gradient.flatten(), dim=0).abs()
    rows = functional.cosine_similarity(W, gradient, dim=1).abs().max()
    return [whole.item(), rows.item(), (gradient.sum(0).norm() / gradient.norm()).item()]


def train(variant):
    """Train by plain SGD: at every step the length of W, that by Pythagoras, the rate, the loss."""
    new_W, new_V, rows = scaled(FACTOR), V, []
    squares = new_W.square().sum()
    for step in range(STEPS + 1):
        loss, by_W, by_V = learn(variant, new_W, new_V)
        length = new_W.norm().item()
        rows.append([length, squares.sqrt().item(), LEARNING_RATE / length**2, loss])
        new_W, new_V = new_W - LEARNING_RATE * by_W, new_V - 0.1 * by_V
        squares += (LEARNING_RATE * by_W).square().sum()
    return rows


def show(title, rows):
    """Print a table."""
    print(title)
    for row in rows:
        print(*(f"{value:11.4g}" for value in row))


measured = {}
for variant in VARIANTS:
    response = [respond(variant, factor) for factor in (*FACTORS, FACTOR)]
    blocks = (fisher(variant, scaled(FACTOR)) / fisher(variant, W)).tolist()
    angles, path = radial(variant), train(variant)
    measured[variant] = response, blocks, angles, path
    print(variant.upper())
    show(f"weights x {FACTORS} and {FACTOR}: change of outputs, gradient x, degrees", response)
    show(f"weights x {FACTOR}: Fisher blocks W W, W g and g g x", [blocks])
    show("abs cosine of W and its gradient, largest of a row, and size of its sums", [angles])
    show("training, from step 0: length of W, by Pythagoras, effective rate, loss", path)
'''


def code(config: GeometryConfig, origin: str) -> str:
    """Write the script; `origin` is a line that says where the charts are to be seen."""
    whole = config.scope == "all"
    return blocks(
        fill(
            SCRIPT,
            origin=origin,
            variants=json.dumps(VARIANTS),
            factor=config.factor,
            factors=FACTORS,
            learning_rate=config.learning_rate,
            steps=config.training_steps,
            seed=config.seed,
            what="W" if whole else "one row of W",
            scaled="factor * W" if whole else "torch.cat([factor * W[:1], W[1:]])",
        )
    )
