"""The tasks of the paper that are not run here: what was reported, and what they would take."""

import streamlit as st

from ln_core.lessons import sections
from pages.ui.layout import wide_tables
from pages.ui.lesson import show
from pages.ui.player import classroom

lesson = sections("paper_others")
wide_tables()
st.markdown(f"## {lesson['Question']}")
st.markdown(lesson["Line"])
with st.container(width=900):  # the widest table
    show(lesson["Tasks"])
classroom("others")
