"""The lines that unroll the time microscope's cell, as a script. Free of torch."""

import json

from ln_core.recurrent.config import MicroscopeConfig
from ln_core.runs.script import blocks, fill

SCRIPT = '''
"""Signal and gradient of an untrained recurrent net, step by step, under each normalization.

$origin
It runs by itself, with torch. Where a net is chaotic, rounding grows at every step, and its later
numbers are like those of the page rather than the same.
"""

import math

import torch
from torch.nn import functional

VARIANTS = $variants
T, N, D, H = $length, 16, 8, $width  # steps, examples, inputs, hidden units
RADIUS, GAIN, EPSILON = $radius, $gain, 1e-5  # RADIUS: the spectral radius of W_h
SEED = $seed


def draw(part, *shape):
    """Draw from Normal(0, 1): each part has a generator of its own."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(64 * SEED + part))


def norm(variant, a):
    """Normalize summed inputs (N, H), and multiply them by the gain."""
    if variant == "none":
        return a
    if variant == "batch":  # each unit, over the examples
        return GAIN * functional.batch_norm(a, None, None, training=True, eps=EPSILON)
    if variant == "layer":  # each example, over the units
        return GAIN * functional.layer_norm(a, (H,), eps=EPSILON)
    return GAIN * functional.rms_norm(a, (H,), eps=EPSILON)


def unroll(variant):
    """Run the cell over all steps; give the states, and the gradient by each of them."""
    h, states = torch.zeros(N, H, dtype=torch.float64, requires_grad=True), []
    for x_t in x:
        h = $state
        states.append(h)
    return states, torch.autograd.grad((v * h).sum(), states)


def per_step(norms):
    """Give the factor per step over the last half of the way, while there is a size."""
    half = T // 2
    last = max(half + 1, *(t for t in range(T) if norms[t] != 0))
    return (norms[last] / norms[half]) ** (1 / (last - half))


W_x = (draw(0, H, D) / math.sqrt(D)).double()
W_h = draw(1, H, H).double()
W_h = RADIUS * W_h / torch.linalg.eigvals(W_h).abs().max()
x = draw(5, T, N, D).double()
$only
v = draw(6, N, H).double()  # the gradient by the last state, of length 1
v = v / v.norm()

sizes = {}
for variant in VARIANTS:
    states, gradients = unroll(variant)
    hidden = torch.stack([h.norm(dim=1).mean() for h in states]).detach()
    gradient = torch.stack([d.norm() for d in gradients])
    sizes[variant] = hidden, gradient
    print(f"{variant}: a step multiplies the state's length by {per_step(hidden):.4g},")
    print(f"a step back multiplies the gradient's by {per_step(gradient.flip(0)):.4g}")
print("The mean length of the states, and the length of the gradient by all of them:")
print("step", *(f"{variant:>12} gradient" for variant in VARIANTS))
for t in range(T):
    print(f"{t + 1:4}", *(f"{h[t]:12.3e}{d[t]:9.1e}" for h, d in sizes.values()))
'''

SUMS = {
    "sum": "norm(variant, h @ W_h.T + x_t @ W_x.T)",
    "parts": "norm(variant, h @ W_h.T) + norm(variant, x_t @ W_x.T)",
}
ACTIVATIONS = {"tanh": "torch.tanh({})", "relu": "torch.relu({})", "identity": "{}"}


def code(config: MicroscopeConfig, origin: str) -> str:
    """Write the script; `origin` is a line that says where the picture is to be seen."""
    first = config.input == "first"
    return blocks(
        fill(
            SCRIPT,
            origin=origin,
            variants=json.dumps(config.variants),
            length=config.length,
            width=config.width,
            radius=config.radius,
            gain=config.gain,
            seed=config.seed,
            state=ACTIVATIONS[config.activation].format(SUMS[config.placement]),
            only="x[1:] = 0  # an input at the first step only" if first else "",
        )
    )
