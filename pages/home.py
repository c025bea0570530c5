"""The home page: what the lab is about in five seconds, paths through it, and all pages."""

from itertools import groupby

import streamlit as st

from ln_core.experiments import PAGES
from ln_core.lessons import sections
from ln_core.paths import PATHS, LessonPath, Stop
from ln_core.race.presets import PRESETS
from pages.ui.player import classroom, replay


def render() -> None:
    """Draw the page top to bottom."""
    lesson = sections("home")
    st.markdown(f"# {lesson['Question']}")
    st.markdown(lesson["Line"])
    replay("home", plays=True)
    st.page_link(
        "train/mlp.py",
        label="Train such networks yourself",
        icon=":material/play_circle:",
        query_params=PRESETS["spirals"].query,
    )
    classroom()
    for path in PATHS.values():
        if not path.own:
            _offer(path)
    st.markdown("## All pages")
    groups = [(group, [*pages]) for group, pages in groupby(PAGES.values(), lambda p: p.group)]
    for (group, pages), column in zip(groups, st.columns(len(groups)), strict=True):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"### {group}")
            for page in pages:
                st.page_link(page.file, label=page.question)


def _offer(path: LessonPath) -> None:
    """List the stops of a path, each with its picture if it has one, and whether it is answered."""
    with st.container(key=f"page.path.{path.name}"):
        st.markdown(f"## {path.title}\n\n{path.line}")
        with st.container(key=f"page.stops.{path.name}"):  # pages/router.py lays them out
            for place, stop in enumerate(path.stops, 1):
                with st.container(gap=None):
                    _link(place, stop)


def _link(place: int, stop: Stop) -> None:
    picture, shows = stop.image
    image = f'<img src="assets/images/{picture}" alt="{shows}">'
    st.html(f'{image if picture else ""}<small data-answered="{stop.id}"></small>')
    st.page_link(stop.page.file, label=f"{place}. {stop.name}", query_params={"stop": stop.id})


render()
