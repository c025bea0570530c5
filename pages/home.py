"""The home page: what the lab is for, one finished race, and the way to the pages."""

import streamlit as st

from ln_core import NOTATION
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.recorded.loader import about
from pages.ui.lesson import sections
from pages.ui.player import replay


def render() -> None:
    """Draw the page top to bottom."""
    lesson = sections("home")
    st.markdown("# Layer Norm Lab")
    st.markdown(lesson["Purpose"])
    home = RECORDINGS["home"]
    st.markdown(lesson["Race"])
    replay("home.film", f"Recorded on {about('home')['date']}", home.config, home.figure)
    st.page_link(
        "train/mlp.py",
        label="Train this race live in the MLP lab",
        icon=":material/play_circle:",
        query_params=about("home")["config"],
    )
    st.markdown(lesson["Pages"])
    st.markdown("### Notation")
    st.table({"Symbol": list(NOTATION), "Meaning": list(NOTATION.values())}, border="horizontal")


render()
