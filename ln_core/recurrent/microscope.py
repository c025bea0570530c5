"""The time microscope: an untrained plain cell, unrolled, and a gradient sent back through it.

Everything is in float64 and leaves as decimal logarithms: 4^200 and 0.25^200 are both to be seen.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ln_core.figures.bins import BINS, EDGE
from ln_core.recurrent import probes, theory
from ln_core.recurrent.cells import Cell
from ln_core.recurrent.config import MicroscopeConfig
from ln_core.recurrent.network import Network, Unrolling
from ln_core.recurrent.parameters import DRAWS, Architecture, standard_normal
from ln_core.runs.frame import Array, Frame

CASES = 16
INPUTS = 8
SAMPLE = 512  # summed inputs of a step that its histogram counts
X_DRAW, V_DRAW = len(DRAWS), len(DRAWS) + 1  # seeds, beside those of the weights


def compute(config: MicroscopeConfig) -> Frame:
    """Make the picture of a config."""
    torch.set_num_threads(1)
    with torch.inference_mode():
        # One cell at a time: each takes tens of MB.
        measured = [measure(unroll(config, variant)) for variant in config.variants]
        return Frame(step=0, arrays=make_arrays(config, measured))


def unroll(config: MicroscopeConfig, variant: str) -> Cell:
    """Run one variant's cell forward, and the gradient of v . h_T back to its first step."""
    architecture = Architecture(
        inputs=INPUTS,
        width=config.width,
        outputs=1,
        variant=variant,
        placement=config.placement,
        activation=config.activation,
    )
    unrolling = Unrolling(T=config.length, loss="squared", loss_steps=1)
    network = Network(architecture, unrolling, dtype=torch.float64)
    network.parameters.initialize(config.seed, radius=config.radius, gain=config.gain)
    cell = network.cell(CASES, training=True)
    cell.forward(inputs(config))
    v = standard_normal(config.seed, V_DRAW, CASES, config.width).double()
    cell.gradients[-1] = v / v.norm()
    for t in reversed(cell.steps):
        cell.step_back(t)
    return cell


def inputs(config: MicroscopeConfig) -> Tensor:
    """Draw x_t ~ Normal(0, 1), (T, N, D), at every step or at the first one only."""
    x = standard_normal(config.seed, X_DRAW, config.length, CASES, INPUTS).double()
    if config.input == "first":
        x[1:] = 0
    return x


def measure(cell: Cell) -> dict[str, Tensor]:
    """Measure states, gradients and summed inputs of a cell at every step: (T,), (T, B)."""
    sizes, a = probes.sizes(cell), cell.summed()
    return {
        "hidden_norm": sizes["hidden_norm"],
        "gradient_norm": sizes["gradient_hidden_norm"],
        "summed_mean_abs": a.abs().mean((1, 2)),
        "summed_std": probes.summed_inputs(a)["summed_std"],
        "summed_histogram": histogram(a),
    }


def make_arrays(config: MicroscopeConfig, measured: list[dict[str, Tensor]]) -> dict[str, Array]:
    """Put what was measured of every variant into the arrays of the frame."""
    series = {name: torch.stack([of[name] for of in measured]).numpy() for name in measured[0]}
    shades = series.pop("summed_histogram")
    forward, backward = series["hidden_norm"], series["gradient_norm"][:, ::-1]
    factors = np.stack([per_step(forward), per_step(backward)], 1)
    with np.errstate(divide="ignore"):  # a norm of 0 has no logarithm: minus infinity
        arrays: dict[str, Array] = {
            f"{name}_log10": np.log10(values).astype(np.float32) for name, values in series.items()
        }
    arrays["per_step_factor"] = factors.astype(np.float32)
    arrays["theory"] = np.array([theory.growth(config, v) for v in config.variants], np.float32)
    arrays["summed_histogram"] = shades
    return arrays


def per_step(norms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the factor per step, as geometric mean over the last half of the way, (V,).

    The way ends where sizes begin to be 0: their squares are too small for a float64 there.
    """
    (V, T), half = norms.shape, norms.shape[1] // 2
    last = np.maximum(half + 1, T - 1 - (norms[:, ::-1] != 0).argmax(1))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = norms[np.arange(V), last] / norms[:, half]
        factor: NDArray[np.float64] = ratio ** (1 / (last - half))
    return factor


def histogram(a: Tensor) -> Tensor:
    """Count a sample of every step's values in bins of asinh(a), the fullest of a step 255.

    Shapes: a (T, N, H) -> (T, BINS) uint8, bins from -EDGE to EDGE, what lies beyond in the
        outermost ones.
    """
    T = len(a)
    sample = a.flatten(1)[:, :: max(1, a[0].numel() // SAMPLE)]
    size = sample.abs()
    # asinh by its definition: three times as fast as torch's, and bins are wide.
    asinh = size.square().add_(1).sqrt_().add_(size).log_().copysign_(sample)
    bins = ((asinh + EDGE) * (BINS / (2 * EDGE))).nan_to_num_(nan=0.0).clamp_(0, BINS - 1).long()
    bins += BINS * torch.arange(T).unsqueeze(1)
    counts = torch.bincount(bins.flatten(), minlength=T * BINS).view(T, BINS)
    return (counts * 255 / counts.amax(1, keepdim=True)).round().to(torch.uint8)
