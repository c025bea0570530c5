"""Lesson texts on a page."""

from collections.abc import Mapping

import streamlit as st

from ln_core.lessons import fill


def show(text: str, values: Mapping[str, str] | None = None) -> None:
    """Draw one section, its slots filled with `values`, or by the player with the film's."""
    filled = fill(text, values or {})
    st.markdown(filled, unsafe_allow_html="data-slot" in filled)
