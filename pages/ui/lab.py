"""A page that runs an experiment: question, presets, controls, player, explanation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ln_core.runs.experiment import Experiment
from ln_core.runs.preset import Preset
from pages.ui.layout import notation
from pages.ui.lesson import sections, show
from pages.ui.player import play


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """What one such page is made of; its slug is its own path and its lesson's name."""

    slug: str
    experiment: Experiment
    presets: Mapping[str, Preset[Any]]
    note: str  # below the controls

    def render(self) -> None:
        """Draw the page top to bottom."""
        lesson = sections(self.slug)
        self.run(lesson["Question"], lesson["Line"])
        show(lesson["Explanation"])
        notation()

    @property
    def default(self) -> Any:  # noqa: ANN401
        """The config of an address that names none."""
        first = next(iter(self.presets.values()), None)
        return first.config if first else self.experiment.config()

    def run(self, title: str, line: str) -> None:
        """Draw presets, controls and the run that the address names."""
        play(
            self.experiment,
            self.default,
            self.presets,
            path=self.slug,
            title=title,
            line=line,
            note=self.note,
        )
