"""How a page is laid out."""

from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ln_core import NOTATION

# Many columns fit beside a chart in small type; on a phone a table scrolls by itself.
# `:not(#_)` excludes nothing: it has these rules go before Streamlit's own.
_TABLES = """<style>
table:not(#_, .lnl-cells) { font-size: 0.85em; }
table:not(#_, .lnl-cells) :is(th, td) { padding: 0.25rem 0.4rem; }
@media (max-width: 640px) {
  table:not(#_, .lnl-cells) { display: block; max-width: 100%; overflow-x: auto; }
}
</style>"""


def told(where: Literal["above", "below"]) -> DeltaGenerator:
    """Make room for what tells an answer: the player hides it until its question is answered.

    What stands above the player it hides for as long as someone is on a path.
    """
    return st.container(key=f"told.{where}")


def prose() -> DeltaGenerator:
    """Make room for text in lines of about 75 characters (pages/router.py has their width)."""
    return st.container(key="page.prose")


def wide_tables() -> None:
    """Let the tables of a lesson have many columns."""
    st.html(_TABLES)


def notation() -> None:
    """Explain the symbols, for those who ask."""
    with st.expander("Symbols"):
        _symbols()


@st.cache_data(show_spinner=False)  # building it took more than a third of a page's script
def _symbols() -> None:
    st.table({"Symbol": list(NOTATION), "Meaning": list(NOTATION.values())}, border="horizontal")


def note(text: str) -> None:
    """Write a remark in small type; Streamlit's captions are too pale to read for some (4.2:1)."""
    st.markdown(f":small[{text}]")
