"""A page that computes at once: question, controls, picture, predictions, explanation."""

from dataclasses import dataclass

import streamlit as st

from ln_core.lessons import Question, questions, sections
from ln_core.runs.config import to_text
from ln_core.runs.experiment import SnapshotConfig
from pages.ui.lab import Lab
from pages.ui.layout import LINE, notation
from pages.ui.lesson import show


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot(Lab):
    """What one such page is made of."""

    shown_by: tuple[SnapshotConfig, ...]  # for each question of the lesson, what shows its answer

    def render(self) -> None:
        """Draw the page top to bottom."""
        lesson = sections(self.page.lesson)
        self.run(lesson["Question"], lesson["Line"])
        self._predict(questions(lesson["Predict"]))
        st.markdown("### Explanation")
        with st.container(width=LINE):
            show(lesson["Explanation"])
            notation()

    def _predict(self, asked: tuple[Question, ...]) -> None:
        """Ask; what is right is said once something was chosen."""
        st.markdown("### Predict, then see")
        for place, column in enumerate(st.columns(len(asked))):
            with column, st.container(border=True, height="stretch"):
                self._ask(place, asked[place])

    def _ask(self, place: int, question: Question) -> None:
        answer = st.radio(
            f"**{question.asked}**",
            question.options,
            index=None,
            key=f"{self.page.slug}.predict.{place}",
        )
        if answer is None:
            return
        verdict = "Right." if answer == question.right else f"Not so. Right: {question.right}."
        show(f"**{verdict}** {question.answer}")
        query = to_text(self.shown_by[place]).replace("&", "&amp;")
        # The player takes this link: see `assets/player/player.js`.
        st.html(f'<a href="?{query}" data-show="{self.page.slug}">Show it above</a>')
