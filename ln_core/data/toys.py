"""Two-class sets in the plane, about the size of the square [-1, 1]^2.

Each set is one function from labels to points; `TOYS` maps their names to them.
"""

import math
from collections.abc import Callable

import torch
from torch import Generator, Tensor

ToyFunction = Callable[[Tensor, Generator], Tensor]


def make_toy(kind: str, cases: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Draw a toy set: points, and labels that split as evenly as the count allows.

    Shapes: -> x (cases, 2) float32, labels (cases,) int64 in {0, 1}, in random order.
    Raises: ValueError if kind is unknown or cases is not an integer of at least 2.
    """
    if kind not in TOYS:
        raise ValueError(f"kind must be one of {', '.join(TOYS)}, got {kind!r}")
    if not (isinstance(cases, int) and cases >= 2):
        raise ValueError(f"cases must be an integer of at least 2, one a class, got {cases!r}")
    labels = torch.randperm(cases, generator=generator) % 2
    return TOYS[kind](labels, generator), labels


def circles(labels: Tensor, generator: Generator) -> Tensor:
    """Draw a disc (class 0) inside a ring (class 1).

    The radius is the root of a uniform draw between squared bounds: even density by area.
    """
    inner, outer = 0.65 * labels, 0.45 + 0.5 * labels  # disc 0 to 0.45, ring 0.65 to 0.95
    share = _uniform(len(labels), generator)
    radius = (inner.square() + share * (outer.square() - inner.square())).sqrt()
    angle = 2 * math.pi * _uniform(len(labels), generator)
    return _polar(radius, angle) + _noise(len(labels), 0.08, generator)


def xor(labels: Tensor, generator: Generator) -> Tensor:
    """Draw four square blocks: the class is 1 where the coordinates differ in sign."""
    size = 0.1 + 0.85 * torch.rand(len(labels), 2, generator=generator)
    sign = 1.0 - 2 * torch.randint(2, labels.shape, generator=generator)
    signs = torch.stack([sign, sign * (1 - 2 * labels)], dim=1)
    return signs * size + _noise(len(labels), 0.08, generator)


def gaussians(labels: Tensor, generator: Generator) -> Tensor:
    """Draw two round clouds that overlap a little: the set that one straight line solves."""
    centre = (0.8 * labels - 0.4).unsqueeze(1)  # (-0.4, -0.4) and (0.4, 0.4)
    return centre + _noise(len(labels), 0.25, generator)


def spirals(labels: Tensor, generator: Generator) -> Tensor:
    """Draw two interleaved spirals of 1.75 turns: the set that needs depth and patience.

    The radius is the root of a uniform draw: even density along the arm, which is longer outside.
    """
    radius = (0.01 + 0.89 * _uniform(len(labels), generator)).sqrt()  # 0.1 to 0.95
    angle = 2 * math.pi * 1.75 * radius + math.pi * labels
    return _polar(radius, angle) + _noise(len(labels), 0.04, generator)


TOYS: dict[str, ToyFunction] = {
    "circles": circles,
    "xor": xor,
    "gaussians": gaussians,
    "spirals": spirals,
}


def _uniform(cases: int, generator: Generator) -> Tensor:
    return torch.rand(cases, generator=generator)


def _noise(cases: int, scale: float, generator: Generator) -> Tensor:
    return scale * torch.randn(cases, 2, generator=generator)


def _polar(radius: Tensor, angle: Tensor) -> Tensor:
    return torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)
