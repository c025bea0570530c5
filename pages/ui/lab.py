"""A page that runs an experiment: question, presets, controls, player, explanation."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import streamlit as st

from ln_core.runs.config import knobs, to_query
from ln_core.runs.experiment import Experiment, FilmConfig, SnapshotConfig
from ln_core.runs.preset import Preset
from pages.ui.controls import Leads, controls, leads, page_config
from pages.ui.gestures import choose, choose_value, shown, visit
from pages.ui.layout import note, side_and_main
from pages.ui.lesson import sections, show
from pages.ui.player import ask, play

# A server that was restarted does not know a page's fragment, and drops its gestures. Streamlit's
# page draws itself again on a new connection only where it has something that runs by the clock.
REDRAW = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """What one such page is made of; its slug is its lesson's name and its widgets' prefix."""

    slug: str
    experiment: Experiment
    presets: Mapping[str, Preset[Any]]
    note: str  # below the controls
    first_controls: Callable[[Any], None] | None = None
    first_leads: Callable[[Any], Leads] | None = None  # where these lead

    def render(self) -> None:
        """Draw the page top to bottom."""
        lesson = sections(self.slug)
        st.markdown(f"## {lesson['Question']}")
        self.run(lesson["Line"])
        show(lesson["Explanation"])

    @property
    def default(self) -> Any:  # noqa: ANN401
        """The config of an address that names none."""
        return next(iter(self.presets.values())).config

    def run(self, line: str) -> None:
        """Draw presets, controls and the run that the URL names; `line` where no preset is lit."""
        visit(self.slug)
        self._run(line)

    # A change runs this part alone: what stands around it need not be drawn again.
    @st.fragment(run_every=REDRAW)
    def _run(self, line: str) -> None:
        config = page_config(self.slug, self.default)
        source = ask(self.experiment, config)
        preset = self._choose_preset(config) if self.presets else None
        st.markdown(preset.notice if preset else line)
        controls(self.slug, config, "top")
        side, main = side_and_main()
        with side:
            self._draw_controls(config)
        with main:
            play(self.experiment, config, source, self._listeners(), self._leads(config))

    def _draw_controls(self, config: Any) -> None:  # noqa: ANN401
        if self.first_controls:
            self.first_controls(config)
        controls(self.slug, config, "primary")
        if any(declared.group == "advanced" for declared in knobs(type(config)).values()):
            with st.expander("Advanced"):
                controls(self.slug, config, "advanced")
        if hasattr(config, "seed"):
            st.button(
                "New seed",
                key=f"{self.slug}.new_seed",
                on_click=choose,
                args=(self.slug, _another_seed),
                icon=":material/casino:",
            )
        note(self.note)

    def _listeners(self) -> dict[str, Callable[[Any], None]]:
        """What takes the gestures in charts; a page that trains has none."""
        return {}

    def _leads(self, config: Any) -> Leads:  # noqa: ANN401
        """Say where presets, lists and buttons lead from here; films take too long to foresee."""
        if not isinstance(config, SnapshotConfig):
            return {}
        presets = {preset.label: to_query(preset.config) for preset in self.presets.values()}
        seeds = (
            {"New seed": {"seed": str(next_seed(config.seed))}} if hasattr(config, "seed") else {}
        )
        first = self.first_leads(config) if self.first_leads else {}
        return {"preset": presets, "new_seed": seeds, **first, **leads(type(config))}

    def _choose_preset(self, config: FilmConfig) -> Preset[Any] | None:
        """Draw the row of presets; the one that the config equals is lit."""
        current = next((n for n, preset in self.presets.items() if preset.config == config), None)
        st.pills(
            "Preset",
            list(self.presets),
            format_func=lambda name: self.presets[name].label,
            key=shown(self.slug, "preset", current),
            on_change=choose_value,
            args=(self.slug, "preset", self._take_preset),
            label_visibility="collapsed",
        )
        return self.presets[current] if current else None

    def _take_preset(self, config: Any, choice: str | None) -> Any:  # noqa: ANN401
        """Take over the chosen preset; a second click on it changes nothing."""
        return self.presets[choice].config if choice else config


def _another_seed(config: Any) -> Any:  # noqa: ANN401
    """Take another seed and keep everything else."""
    return dataclasses.replace(config, seed=next_seed(config.seed))


def next_seed(seed: int) -> int:
    """Give the next of a million seeds: it jumps about, and comes to each once in a round."""
    return (421 * seed + 54_773) % 1_000_000
