"""Lesson texts: Markdown files with slots, {{name}}, which pages fill with measured values."""

import re
from pathlib import Path

import streamlit as st

LESSONS = Path(__file__).parents[2] / "assets" / "lessons"


def sections(name: str) -> dict[str, str]:
    """Read a lesson: the text below each of its second-level headings, by heading."""
    text = (LESSONS / f"{name}.md").read_text(encoding="utf-8")
    parts = text.split("\n## ")[1:]
    return {head.strip(): body.strip() for head, _, body in (p.partition("\n") for p in parts)}


def show(text: str, **slots: str) -> None:
    """Draw one section with its slots filled; a slot without a value is an error."""
    st.markdown(re.sub(r"\{\{(\w+)\}\}", lambda slot: slots[slot[1]], text))
