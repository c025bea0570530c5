"""Presets: what a page offers to begin with. Free of torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ln_core.runs.config import to_query
from ln_core.runs.experiment import FilmConfig
from ln_core.runs.pin import write_pin

C = TypeVar("C", bound=FilmConfig)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What of a run is seen: as it comes, unless something is named."""

    at: int | None = None  # the step at which the film stops
    shown: tuple[str, ...] = ()  # ids of variants
    choose: Mapping[str, int] = field(default_factory=dict)  # numbers of options, from 1, by choice
    chart: str = ""  # the id of the chart that fills the window

    @property
    def query(self) -> dict[str, str]:
        """The fields of the address that name it, as `assets/player/view.js` reads them."""
        fields = {
            "at": "" if self.at is None else str(self.at),
            "shown": ",".join(self.shown),
            "choose": ",".join(f"{name}.{number}" for name, number in self.choose.items()),
            "chart": self.chart,
        }
        return {name: text for name, text in fields.items() if text}


def seeable(figure: Mapping[str, Any]) -> dict[str, list[str]]:
    """List what a view's fields may name of a figure: variants, options of choices, charts."""
    return {
        "shown": [variant["id"] for variant in figure["variants"]],
        "choose": [
            f"{choice['id']}.{number}"
            for choice in figure.get("choices", ())
            for number, _ in enumerate(choice["options"], 1)
        ],
        "chart": [chart["id"] for section in figure["sections"] for chart in section["charts"]],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset(Generic[C]):
    """A config worth watching, the view that shows it best, and the one thing to notice in it.

    A page keeps its presets in a dict, in the order of its buttons, each under its id. The tests
    of the experiment show that every `notice` is true.
    """

    label: str
    notice: str
    config: C
    view: View = field(default_factory=View)
    pin: C | None = None  # the run that the notice compares with, which is seen beside it
    group: str = ""  # the menu in which it stands, with others; without one it is a button

    @property
    def seen(self) -> dict[str, str]:
        """The fields of the address that name the view, and the run that is pinned beside it."""
        pinned = {} if self.pin is None else {"pin": write_pin(self.pin, self.config)}
        return {**self.view.query, **pinned}

    @property
    def query(self) -> dict[str, str]:
        """The address that shows it: settings and view."""
        return {**to_query(self.config), **self.seen}
