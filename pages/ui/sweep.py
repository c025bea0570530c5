"""A page of a recorded sweep, and one to make sweeps of one's own."""

from dataclasses import dataclass

import streamlit as st

from ln_core.lessons import sections
from ln_core.recorded.loader import values
from pages.ui.lab import Lab
from pages.ui.layout import notation, prose, told
from pages.ui.lesson import show
from pages.ui.paper import recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep(Lab):
    """What such a page is made of."""

    def render(self) -> None:
        """Draw the page top to bottom."""
        lesson, found = sections(self.page.lesson), values(self.page.recordings)
        if st.context.is_embedded:
            self.run(lesson["Question"], lesson["Live"])
        with told("above"):
            st.markdown(f"## {lesson['Question']}")
            show(lesson["Line"], found)
            for name in self.page.recordings:
                recorded(name, self.page.slug)
        self.run("Your own sweep", lesson["Live"])
        with told("below"), prose():
            show(lesson["Explanation"], found)
            notation()
