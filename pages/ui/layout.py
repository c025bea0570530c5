"""How a page is laid out."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

# On a phone columns stand below each other: what is watched comes before what is set. Chosen
# options are in the page's own colours: white on the dark theme's blue had a contrast of 2.9.
_CONTROLS = """<style>
.st-key-side-and-main [data-tag], .st-key-side-and-main [data-tag] > * {
  background: none;
  color: inherit;
}
.st-key-side-and-main [data-tag] { border: 1px solid; }
@media (max-width: 640px) {
  .st-key-side-and-main > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"],
  .st-key-side-and-main > [data-testid="stHorizontalBlock"] { flex-direction: column-reverse; }
  .st-key-side-and-main [data-testid="stColumn"] { min-width: 100%; }
}
</style>"""

LINE = 680  # pixels: about 75 characters

# Many columns fit beside a chart in small type; on a phone a table scrolls by itself.
_TABLES = """<style>
[data-testid="stMarkdownContainer"] table { font-size: 0.85em; }
[data-testid="stMarkdownContainer"] :is(th, td) { padding: 0.25rem 0.4rem; }
@media (max-width: 640px) {
  [data-testid="stMarkdownContainer"] table { display: block; max-width: 100%; overflow-x: auto; }
}
</style>"""


def wide_tables() -> None:
    """Let the tables of a lesson have many columns."""
    st.html(_TABLES)


def side_and_main() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Make a narrow column of controls, and beside it the place for what they control."""
    st.html(_CONTROLS)
    with st.container(key="side-and-main"):
        side, main = st.columns([1, 4.4], gap="medium")
    return side, main


def note(text: str) -> None:
    """Write a remark in small type; Streamlit's captions are too pale to read for some (4.2:1)."""
    st.markdown(f":small[{text}]")
