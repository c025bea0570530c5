"""The home page: what the lab is for, one finished race, and the way to the pages."""

import json

import streamlit as st

from ln_core import NOTATION
from ln_core.figures.mlp import home_figure
from ln_core.race.config import MlpConfig
from ln_core.record import RECORDED
from ln_core.runs.config import from_query
from pages.ui.lesson import sections
from pages.ui.player import replay


def render() -> None:
    """Draw the page top to bottom."""
    lesson = sections("home")
    st.markdown("# Layer Norm Lab")
    st.markdown(lesson["Purpose"])
    about = json.loads((RECORDED / "home.json").read_text(encoding="utf-8"))
    config, _ = from_query(MlpConfig, about["config"])
    st.markdown(lesson["Race"])
    replay("home.film", f"Recorded on {about['date']}", config, home_figure(config))
    st.page_link(
        "train/mlp.py",
        label="Train this race live in the MLP lab",
        icon=":material/play_circle:",
        query_params=about["config"],
    )
    st.markdown(lesson["Pages"])
    st.markdown("### Notation")
    st.table({"Symbol": list(NOTATION), "Meaning": list(NOTATION.values())}, border="horizontal")


render()
