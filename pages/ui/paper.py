"""A page about one of the paper's experiments: what it reports, the record, and a live run."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from ln_core.lessons import parts, sections
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.recorded.loader import about, minutes, values
from pages.ui.lab import Lab
from pages.ui.layout import notation, note, prose, told, wide_tables
from pages.ui.lesson import show
from pages.ui.player import replay


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper(Lab):
    """What one such page is made of."""

    def render(self) -> None:
        """Draw the page top to bottom."""
        lesson, found = sections(self.page.lesson), values(self.page.recordings)
        if st.context.is_embedded:
            self.run(lesson["Question"], lesson["Live"])
        wide_tables()
        with told("above"):
            self._report(lesson, found)
        called = f"{self.page.title}, scaled down"
        self.run("Live, scaled down", lesson["Live"], called=called)
        with told("below"):
            st.markdown("### What differs from the paper")
            with prose():
                show(lesson["Deviations"], found)
                show(lesson["Explanation"], found)
                notation()
        note(
            f"All {len(RECORDINGS)} recorded runs of the app took {minutes(*RECORDINGS)} min of "
            "one core; two cores take about half as long."
        )

    def _report(self, lesson: Mapping[str, str], found: Mapping[str, str]) -> None:
        """Show what the paper reports beside what was measured and recorded."""
        st.markdown(f"## {lesson['Question']}")
        st.markdown(lesson["Line"])
        findings = parts(lesson["Finding"])
        titles = [RECORDINGS[name].title for name in self.page.recordings]
        for tab, name in zip(st.tabs(titles), self.page.recordings, strict=True):
            with tab:
                show(f"**What we found:** {findings[RECORDINGS[name].title]}", found)
                recorded(name, self.page.slug)
        reported, measured = st.columns([1, 1.4], gap="large")
        with reported:
            st.markdown("### What the paper reports")
            show(lesson["What the paper reports"])
        with measured:
            st.markdown("### What we measured, recorded in full")
            show(lesson["What we measured"], found)


def recorded(name: str, path: str) -> None:
    """Show a recorded run of a page, and say that it is one."""
    replay(name, path=path)
    note(
        f"A recorded run, not a live one: made by `python -m ln_core.recorded {name}` with "
        f"torch {about(name)['versions']['torch']} in {minutes(name)} min of one core."
    )
