"""Probes: what the charts show of a network through time, read from the buffers of a step.

They only read. Every function gives arrays over the time steps, (T,) or (G, T).
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from ln_core.recurrent.cells import Cell

SHUT, OPEN = 0.1, 0.9  # gates beyond these are saturated: Karpathy, Johnson, Fei-Fei 2016, sec. 4.2
SATURATED = 0.99  # size of a tanh unit's output beyond which it passes hardly any gradient


def through_time(cell: Cell) -> dict[str, Tensor]:
    """Measure a cell that was just run forward and backward, at every step."""
    return {**sizes(cell), **summed_inputs(cell.summed()), **gate_saturation(cell)}


def sizes(cell: Cell) -> dict[str, Tensor]:
    """Measure the state, as the mean over cases of |h_t|, and the batch's gradient |dL/dh_t|."""
    return {
        "hidden_norm": torch.linalg.vector_norm(cell.states[1:], dim=2).mean(1),
        "gradient_hidden_norm": torch.linalg.vector_norm(cell.gradients[1:], dim=(1, 2)),
    }


def summed_inputs(a: Tensor) -> dict[str, Tensor]:
    """Measure a_t as Layer Norm sees it: the mean over all, and the deviation within cases."""
    mean = a.mean(2, keepdim=True)
    return {
        "summed_mean": mean.mean((1, 2)),
        "summed_std": (a - mean).square_().mean((1, 2)).sqrt_(),
    }


def gate_saturation(cell: Cell) -> Mapping[str, Tensor]:
    """Measure which share of each gate's units is shut, and which is open, (G, T)."""
    if cell.gates is None:
        return {}
    return {
        "gate_shut": (cell.gates < SHUT).float().mean((1, 3)).T,
        "gate_open": (cell.gates > OPEN).float().mean((1, 3)).T,
    }


def saturated_share(cell: Cell) -> float:
    """Measure which share of a plain cell's states lies at the flat ends of tanh."""
    return (cell.states[1:].abs() > SATURATED).float().mean().item()
