"""Lesson texts on a page."""

import re
from collections.abc import Mapping

import streamlit as st


def show(text: str, values: Mapping[str, str] | None = None) -> None:
    """Draw one section, its slots filled with `values`, or by the player with the film's.

    `assets/player/measured-values.js` fills those that are left.
    """
    for slot, value in (values or {}).items():
        text = text.replace(f"{{{{{slot}}}}}", value)
    filled, slots = re.subn(r"\{\{(\w+)\}\}", r'<span data-slot="\1"></span>', text)
    st.markdown(filled, unsafe_allow_html=slots > 0)
