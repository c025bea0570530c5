"""Knobs that the configs of many experiments share: label and group stand here once.

Each function declares one field, as `knob` does; what differs from experiment to experiment is
its argument.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ln_core.runs.config import Choice, Group, Real, Subset, Switch, Whole, knob

LARGEST_SEED = 999_999
WITH_BATCH_NORM = {"variants": ["batch"]}  # where its knobs do something
BN_MOMENTUM = Real(0.001, 1.0, stops=(0.001, 0.01, 0.03, 0.1, 0.3, 1.0))


def with_a_norm(variants: Iterable[str]) -> dict[str, list[str]]:
    """Say where the settings of every norm do something: with any of `variants` but no norm."""
    return {"variants": [variant for variant in variants if variant != "none"]}


def seed(help: str, *, where: Mapping[str, list[str]] | None = None) -> Any:  # noqa: ANN401
    """Declare the seed, 0 by default; `help` says what it decides."""
    return knob(0, Whole(0, LARGEST_SEED), label="Seed", help=help, where=where)


def seeds(most: int, help: str, *, default: int = 1) -> Any:  # noqa: ANN401
    """Declare how many networks of each variant there are, 1 by default."""
    return knob(default, Whole(1, most), label="Number of seeds", help=help)


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


def width(default: int, kind: Whole, *, help: str, group: Group = "primary") -> Any:  # noqa: ANN401
    """Declare the number of units in a layer."""
    return knob(default, kind, label="Width", help=help, group=group)


def optimizer() -> Any:  # noqa: ANN401
    """Declare the optimizer, Adam by default."""
    kinds = Choice({"adam": "Adam", "sgd": "SGD", "momentum": "SGD with momentum 0.9"})
    help = "How gradients become steps; the same for every variant."
    return knob("adam", kinds, label="Optimizer", help=help)


def clip(
    default: float,
    kind: Real,
    *,
    help: str,
    label: str = "Clip gradients at",
    where: Mapping[str, list[str]] | None = None,
) -> Any:  # noqa: ANN401
    """Declare the length to which longer gradients are scaled down."""
    return knob(default, kind, label=label, help=help, where=where)


def bn_momentum(help: str, *, where: Mapping[str, list[str]] | None = None) -> Any:  # noqa: ANN401
    """Declare the weight of the new batch in Batch Norm's running statistics."""
    where = {**WITH_BATCH_NORM, **(where or {})}
    return knob(0.1, BN_MOMENTUM, label="BN momentum", help=help, where=where)


def bn_output(default: bool, *, help: str) -> Any:  # noqa: ANN401
    """Declare whether Batch Norm covers the output layer."""
    return knob(default, Switch(), label="BN on the output layer", help=help, where=WITH_BATCH_NORM)


def bn_unbiased(help: str) -> Any:  # noqa: ANN401
    """Declare whether Batch Norm divides by N - 1 when training."""
    return knob(
        False, Switch(), label="BN with unbiased variance", help=help, where=WITH_BATCH_NORM
    )


def cases(default: int, kind: Whole, *, help: str, group: Group = "advanced") -> Any:  # noqa: ANN401
    """Declare the size of the training set."""
    return knob(default, kind, label="Training examples", help=help, group=group)


def steps(default: int, kind: Whole, more: str = "", *, group: Group = "advanced") -> Any:  # noqa: ANN401
    """Declare the length of a run in training steps."""
    help = f"Training steps after which the run is finished.{more}"
    return knob(default, kind, label="Steps to run", help=help, group=group)


def epsilon(
    default: float,
    kind: Real,
    *,
    help: str = "Added to variance (RMSNorm: mean square) inside the root, against 0 / 0.",
    group: Group = "advanced",
    where: Mapping[str, list[str]] | None = None,
) -> Any:  # noqa: ANN401
    """Declare what is added to a variance before its root is taken."""
    return knob(default, kind, label="Epsilon", help=help, group=group, where=where)


def variants(
    labels: Mapping[str, str],
    default: tuple[str, ...] = (),
    *,
    help: str = "Which normalizations take part; fewer train faster.",
    offered: Mapping[str, Mapping[str, list[str]]] | None = None,
) -> Any:  # noqa: ANN401
    """Declare which variants are trained: all of `labels`, if no others are the default."""
    kind = Subset(labels, offered or {})
    return knob(default or tuple(labels), kind, label="Variants to train", help=help)
