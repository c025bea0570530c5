"""A page that computes at once: question, controls, picture, predictions, explanation."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from ln_core.runs.experiment import SnapshotConfig
from pages.ui.gestures import choose
from pages.ui.lab import Lab
from pages.ui.layout import LINE
from pages.ui.lesson import Question, questions, sections, show

Change = Callable[[Any, Mapping[str, Any]], SnapshotConfig]  # what a gesture makes of a config


def choose_fields(config: SnapshotConfig, picked: Mapping[str, Any]) -> SnapshotConfig:
    """Take over the fields that a click in a chart names."""
    return dataclasses.replace(config, **picked)  # type: ignore[type-var]


@dataclass(frozen=True, slots=True, kw_only=True)
class Still(Lab):
    """What one such page is made of; its lesson is `see_` and its slug."""

    shown_by: tuple[SnapshotConfig, ...]  # for each question of the lesson, what shows its answer
    gestures: Mapping[str, Change] = dataclasses.field(
        default_factory=lambda: {"pick": choose_fields}
    )

    def render(self) -> None:
        """Draw the page top to bottom."""
        lesson = sections(f"see_{self.slug}")
        st.markdown(f"## {lesson['Question']}")
        self.run(lesson["Line"])
        self._predict(questions(lesson["Predict"]))
        st.markdown("### Explanation")
        with st.container(width=LINE):
            show(lesson["Explanation"])

    @property
    def default(self) -> SnapshotConfig:
        """The config of an address that names none."""
        return self.experiment.config()  # type: ignore[return-value]

    def _listeners(self) -> dict[str, Callable[[Any], None]]:
        return {
            name: lambda detail, change=change: choose(
                self.slug, lambda config: change(config, detail) if detail else config
            )
            for name, change in self.gestures.items()
        }

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
            key=f"{self.slug}.predict.{place}",
            on_change=choose,  # the same again: the URL that comes with an answer may be old
            args=(self.slug, lambda config: config),
        )
        if answer is None:
            return
        verdict = "Right." if answer == question.right else f"Not so. Right: {question.right}."
        show(f"**{verdict}** {question.answer}")
        st.button(
            "Show it above",
            key=f"{self.slug}.show.{place}",
            on_click=choose,
            args=(self.slug, lambda config: self.shown_by[place]),
            icon=":material/visibility:",
        )
