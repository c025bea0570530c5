"""The home page: what the lab is about in five seconds, a path through it, and all pages."""

from itertools import groupby

import streamlit as st

from ln_core.experiments import PAGES, PATH
from ln_core.lessons import sections
from ln_core.race.presets import PRESETS
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.recorded.loader import about
from pages.ui.player import replay


def render() -> None:
    """Draw the page top to bottom."""
    lesson = sections("home")
    home = RECORDINGS["home"]
    st.markdown(f"# {lesson['Question']}")
    st.markdown(lesson["Line"])
    label = f"Recorded on {about('home')['date']}"
    replay("home.film", label, home.config, home.figure, plays=True)
    st.page_link(
        "train/mlp.py",
        label="Train such networks yourself",
        icon=":material/play_circle:",
        query_params=PRESETS["spirals"].query,
    )
    st.markdown("## A path in seven stops")
    columns = [column for _ in (0, 1) for column in st.columns(4, gap="medium")]
    for stop, column in zip(PATH, columns, strict=False):
        with column:
            picture = f"assets/images/{stop.picture}"
            st.html(f'<img src="{picture}" alt="{stop.shows}" style="width: 100%">')
            st.page_link(stop.page.file, label=stop.question, query_params=stop.query or None)
    st.markdown("## All pages")
    groups = groupby(PAGES.values(), lambda page: page.group)
    for (group, pages), column in zip(groups, st.columns(3), strict=True):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"### {group}")
            for page in pages:
                st.page_link(page.file, label=page.question)


render()
