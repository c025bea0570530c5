"""Knobs that the configs of many experiments share: label and group stand here once.

Each function declares one field, as `knob` does; what differs from experiment to experiment is
its argument.
"""

from collections.abc import Mapping
from typing import Any

from ln_core.runs.config import Real, Subset, Whole, knob

LARGEST_SEED = 999_999


def seed(help: str) -> Any:  # noqa: ANN401
    """Declare the seed, 0 by default; `help` says what it decides."""
    return knob(0, Whole(0, LARGEST_SEED), label="Seed", help=help)


def seeds(most: int, help: str) -> Any:  # noqa: ANN401
    """Declare how many networks of each variant there are, 1 by default."""
    return knob(1, Whole(1, most), label="Number of seeds", help=help)


def batch_size(
    default: int, kind: Whole, *, help: str, where: Mapping[str, list[str]] | None = None
) -> Any:  # noqa: ANN401
    """Declare the number of examples in a mini-batch."""
    return knob(default, kind, label="Batch size", help=help, group="primary", where=where)


def learning_rate(
    default: float, kind: Real, *, help: str, where: Mapping[str, list[str]] | None = None
) -> Any:  # noqa: ANN401
    """Declare the size of the optimizer's step."""
    return knob(default, kind, label="Learning rate", help=help, group="primary", where=where)


def width(default: int, kind: Whole, *, help: str) -> Any:  # noqa: ANN401
    """Declare the number of units in a layer."""
    return knob(default, kind, label="Width", help=help, group="primary")


def steps(default: int, kind: Whole) -> Any:  # noqa: ANN401
    """Declare the length of a run in training steps."""
    help = "Training steps after which the run is finished."
    return knob(default, kind, label="Steps to run", help=help)


def epsilon(default: float, kind: Real) -> Any:  # noqa: ANN401
    """Declare what is added to a variance before its root is taken."""
    help = "Added to the variance inside the root, so that nothing is divided by zero."
    return knob(default, kind, label="Epsilon", help=help)


def variants(
    labels: Mapping[str, str],
    default: tuple[str, ...] = (),
    *,
    help: str = "Which normalizations take part; fewer train faster.",
) -> Any:  # noqa: ANN401
    """Declare which variants are trained: all of `labels`, if no others are the default."""
    return knob(default or tuple(labels), Subset(labels), label="Variants to train", help=help)
