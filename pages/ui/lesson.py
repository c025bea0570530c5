"""Lesson texts on a page."""

from collections.abc import Mapping

import streamlit as st

from ln_core.lessons import fill, split


def show(text: str, values: Mapping[str, str] | None = None) -> None:
    """Draw one section, its slots filled with `values`, or by the player with the film's."""
    for part, is_equation in split(fill(text, values or {})):
        if is_equation:
            st.html(part)
        elif part.strip():
            st.markdown(part, unsafe_allow_html="data-slot" in part)
