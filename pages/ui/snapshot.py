"""A page that computes at once: question, controls, picture, predictions, explanation."""

import html

import streamlit as st

from ln_core.lessons import sections
from ln_core.paths import questions
from pages.ui.lab import Lab
from pages.ui.layout import notation, prose, told
from pages.ui.lesson import show


class Snapshot(Lab):
    """What one such page is made of."""

    def render(self) -> None:
        """Draw the page top to bottom."""
        lesson = sections(self.page.lesson)
        self.run(lesson["Question"], lesson["Line"])
        with told("below"):
            self._predict()
            st.markdown("### Explanation")
            with prose():
                show(lesson["Explanation"])
                notation()

    def _predict(self) -> None:
        """List what can be predicted: each link has the player hide the picture, and ask."""
        st.markdown("### Predict, then see")
        rows = (
            f'<li><a href="{stop.link}" data-show="{self.page.slug}">{html.escape(stop.asked)}</a> '
            f'<small data-answered="{stop.id}"></small></li>'
            for stop in questions(self.page)
        )
        st.html(f"<ol>{''.join(rows)}</ol>")
