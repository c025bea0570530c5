"""Diagnoses: what has gone wrong with a network, in a sentence with its own numbers.

Pure functions of what the probes measured; no torch here.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ln_core.formatting import percent
from ln_core.training.diagnosis import EXPLODING, VANISHING, Card, Vitals, diagnose_by, sized

DEAD = 0.5  # share of a layer's ReLU units
SATURATED = 0.9  # share of a layer's tanh outputs


@dataclass(frozen=True, slots=True, kw_only=True)
class RaceVitals(Vitals):
    """What the probes of a race say of one variant."""

    last_batch: int  # cases left for the last batch of an epoch; 0 if none are, or none ends
    activation: str
    epsilon: float
    divided: bool = False  # in the step that diverged, whether by a measured deviation
    gradient_norm: Sequence[float]  # of each layer's weights
    dead: Sequence[float]  # of each hidden layer: share of dead or saturated units


def diagnose(vitals: RaceVitals) -> list[Card]:
    """Name what holds at this moment; the first two leave nothing else to be said."""
    checks = (lonely_end, dead_units, saturated_units, exploding_gradient, vanishing_gradient)
    return diagnose_by(vitals, (diverged, lone_case), checks)


def lone_case(vitals: RaceVitals) -> Iterator[Card]:
    """Batch Norm of a batch of one."""
    if vitals.lone_case:
        yield Card(
            "Nothing left to normalize",
            "With one example in the batch, the mean of every unit is its one number: sigma = 0, "
            "and the output is the bias, whatever the input. PyTorch refuses to train here.",
        )


def lonely_end(vitals: RaceVitals) -> Iterator[Card]:
    """Batch Norm where an epoch leaves one case over."""
    if vitals.variant == "batch" and vitals.last_batch == 1 and not vitals.fixed:
        yield Card(
            "A batch of one at the end",
            "The training set leaves one example over for the last batch of every epoch: there "
            "each unit's mean is its one number, and the loss may jump. PyTorch would stop with "
            "an error.",
        )


def diverged(vitals: RaceVitals) -> Iterator[Card]:
    """A loss that is no number any more."""
    if vitals.diverged is not None and vitals.epsilon == 0 and vitals.divided:
        alike = "0" if vitals.variant == "rms" else "equal"
        dead = vitals.activation == "relu" and vitals.variant != "batch"
        where = ", as where ReLU makes every unit of an example 0" if dead else ""
        yield Card(
            "Not a finite number",
            f"In step {vitals.diverged} {vitals.loss} was not a finite number. With epsilon "
            f"0, numbers normalized together that are all {alike} give 0 / 0{where}: "
            "raise epsilon. If it stays so, the steps before it may be too large.",
        )
    elif vitals.diverged == 1:
        yield Card(
            "Not a finite number",
            f"From the first step on, before anything was learned, {vitals.loss} is not a finite "
            "number: the cause is the initial weights.",
        )
    elif vitals.diverged is not None:
        yield Card(
            "Diverged",
            f"In step {vitals.diverged} {vitals.loss} was not a finite number: the steps "
            "before it may be too large.",
        )


def dead_units(vitals: RaceVitals) -> Iterator[Card]:
    """ReLU units that answer 0 to everything."""
    if vitals.activation == "relu" and (worst := _worst(vitals.dead)).share > DEAD:
        yield Card(
            "Dead units",
            f"In hidden layer {worst.layer}, {percent(worst.share)} of the units are 0 for every "
            f"test example{_tested(vitals, '; a unit at 0 passes no gradient')}.",
        )


def saturated_units(vitals: RaceVitals) -> Iterator[Card]:
    """The flat ends of tanh."""
    if vitals.activation == "tanh" and (worst := _worst(vitals.dead)).share > SATURATED:
        yield Card(
            "Saturated units",
            f"In hidden layer {worst.layer}, {percent(worst.share)} of the outputs are beyond 0.99 "
            f"in size{_tested(vitals, ', where tanh is flat and passes hardly any gradient')}.",
        )


def _tested(vitals: RaceVitals, otherwise: str) -> str:
    """Say that Batch Norm was measured as it is tested; others are trained as they are tested."""
    if vitals.variant == "batch" and not vitals.fixed:
        return " in evaluation mode, by its running statistics"
    return otherwise


def exploding_gradient(vitals: RaceVitals) -> Iterator[Card]:
    """A gradient that has grown on its way down, or is as large from the start."""
    first, last = vitals.gradient_norm[0], vitals.gradient_norm[-1]
    if first > EXPLODING:
        yield Card(
            "Exploding gradient" if first > last else "Very large gradients",
            f"The first layer's gradient has length {sized(first)}; that of the output layer, "
            f"where it comes from, {sized(last)}.",
        )


def vanishing_gradient(vitals: RaceVitals) -> Iterator[Card]:
    """A gradient that has faded on its way down."""
    first, last = vitals.gradient_norm[0], vitals.gradient_norm[-1]
    if first < VANISHING * last:
        fate = "it fades on its way back" if first > 0 else "none of it reaches the first layer"
        yield Card(
            "Vanishing gradient",
            f"The first layer's gradient has length {sized(first)}, the output layer's "
            f"{sized(last)}: {fate}.",
        )


class _Layer(NamedTuple):
    share: float
    layer: int


def _worst(shares: Iterable[float]) -> _Layer:
    """Find the layer with the largest share; NaN counts as none."""
    found = [_Layer(0.0 if math.isnan(share) else share, at) for at, share in enumerate(shares, 1)]
    return max(found, key=lambda layer: layer.share)
