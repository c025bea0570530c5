"""Diagnoses: what has gone wrong with a recurrent net, in a sentence with its own numbers.

Pure functions of what the probes measured; no torch here.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ln_core.formatting import number, percent
from ln_core.training.diagnosis import EXPLODING, VANISHING, Card, Vitals, diagnose_by, sized

SATURATED = 0.5  # share of a tanh cell's states
GROWING = 1e4  # norm of a state


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurrentVitals(Vitals):
    """What the probes of recurrent nets say of one variant."""

    clip: float
    gradient_norm: float  # before the clip
    hidden_norm: Sequence[float]  # of each time step
    gradient_hidden_norm: Sequence[float]
    answers_at_end: bool  # the loss sees the last state only
    saturated: float | None  # share of a tanh cell's states


def diagnose(vitals: RecurrentVitals) -> list[Card]:
    """Name what holds at this moment; the first two leave nothing else to be said."""
    checks = (exploding_gradient, growing_state, saturated_states, vanishing_gradient)
    return diagnose_by(vitals, (diverged, lone_case), checks)


def diverged(vitals: RecurrentVitals) -> Iterator[Card]:
    """A loss that is no number any more."""
    if vitals.diverged == 1:
        yield Card(
            "Diverged",
            f"From the first step on, before anything was learned, {vitals.loss} is not a finite "
            "number. A smaller spectral radius may keep it finite.",
        )
    elif vitals.diverged is not None:
        yield Card(
            "Diverged",
            f"In step {vitals.diverged} {vitals.loss} was not a finite number. A smaller "
            "learning rate or spectral radius may keep it finite.",
        )


def lone_case(vitals: RecurrentVitals) -> Iterator[Card]:
    """Batch Norm of a batch of one."""
    if vitals.lone_case:
        yield Card(
            "Nothing left to normalize",
            "With one example in the batch, every unit's mean is its one number at every time "
            "step: sigma = 0, and the state is f(b), whatever the input.",
        )


def exploding_gradient(vitals: RecurrentVitals) -> Iterator[Card]:
    """A gradient that has grown on its way back through time."""
    if vitals.gradient_norm > EXPLODING:
        first, last = vitals.gradient_hidden_norm[0], vitals.gradient_hidden_norm[-1]
        # That by the weights may be large all the same.
        fades = vitals.answers_at_end and first <= last
        title = "Very large gradients" if fades else "Exploding gradient"
        yield Card(title, " ".join(_explosion(vitals)))


def _explosion(vitals: RecurrentVitals) -> Iterator[str]:
    """Say how large the gradient is, how it grew, and what becomes of it."""
    if not math.isfinite(vitals.gradient_norm):
        clipped = ": nothing can be learned from it" if vitals.clip > 0 else ""
        yield f"The size of the gradient is not a finite number{clipped}."
        return
    yield f"The gradient has size {number(vitals.gradient_norm, 2)}."
    if vitals.answers_at_end and (factor := _factor(vitals)):
        yield f"On its way back it changes by {factor}."
    if vitals.clip > 0:
        yield f"It is scaled down to {number(vitals.clip, 2)}: the direction stays."


def growing_state(vitals: RecurrentVitals) -> Iterator[Card]:
    """A state without bounds."""
    if max(vitals.hidden_norm) > GROWING:
        yield Card(
            "Exploding state",
            f"The hidden state has size {number(vitals.hidden_norm[0], 2)} at the first time "
            f"step and {sized(max(vitals.hidden_norm), 'up to ')} later.",
        )


def saturated_states(vitals: RecurrentVitals) -> Iterator[Card]:
    """The flat ends of tanh."""
    if vitals.saturated is not None and vitals.saturated > SATURATED:
        yield Card(
            "Saturated units",
            f"{percent(vitals.saturated)} of all numbers in the hidden state are beyond 0.99 in "
            "size, where tanh is flat and passes hardly any gradient.",
        )


def vanishing_gradient(vitals: RecurrentVitals) -> Iterator[Card]:
    """A gradient that has faded on its way back through time."""
    first, last = vitals.gradient_hidden_norm[0], vitals.gradient_hidden_norm[-1]
    if vitals.answers_at_end and first < VANISHING * last:
        factor = f": {told}" if (told := _factor(vitals)) else ""
        lost = "0 at the first, or too small for a float32"
        yield Card(
            "Vanishing gradient",
            f"The gradient has size {sized(last)} at the last state, "
            f"{f'{sized(first)} at the first{factor}' if first > 0 else lost}. The network learns "
            "hardly anything from the first time steps.",
        )


def _factor(vitals: RecurrentVitals) -> str:
    """Name the mean factor by which a step back through time multiplies the gradient, if known."""
    first, last = vitals.gradient_hidden_norm[0], vitals.gradient_hidden_norm[-1]
    steps = len(vitals.gradient_hidden_norm) - 1
    if not steps or not 0 < first < math.inf or not 0 < last < math.inf:
        return ""
    return f"a factor of {number((first / last) ** (1 / steps))} per time step"
