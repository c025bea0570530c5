"""A page that runs an experiment: question, presets, controls, player, explanation."""

from dataclasses import dataclass

import streamlit as st

from ln_core.experiments import Page
from ln_core.lessons import sections
from pages.ui.layout import notation, told
from pages.ui.lesson import show
from pages.ui.player import play


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """What one such page is made of."""

    page: Page
    note: str  # below the controls

    def render(self) -> None:
        """Draw the page top to bottom."""
        lesson = sections(self.page.lesson)
        self.run(lesson["Question"], lesson["Line"])
        with told("below"):
            show(lesson["Explanation"])
            notation()

    def run(self, title: str, line: str, **words: str) -> None:
        """Draw presets, controls and the run that the address names; embedded, nothing else."""
        play(self.page, title=title, line=line, note=self.note, **words)
        if st.context.is_embedded:
            st.stop()
