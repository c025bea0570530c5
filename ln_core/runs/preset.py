"""Presets: what a page offers to begin with. Free of torch."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from ln_core.runs.experiment import FilmConfig

C = TypeVar("C", bound=FilmConfig)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset(Generic[C]):
    """A config worth watching, and the one thing to notice in it.

    A page keeps its presets in a dict, in the order of its buttons, each under its id. The tests
    of the experiment show that every `notice` is true.
    """

    label: str
    notice: str
    config: C
