"""How a page is laid out."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

# On a phone columns stand below each other: what is watched comes before what is set.
_PHONE = """<style>
@media (max-width: 640px) {
  .st-key-side-and-main > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"],
  .st-key-side-and-main > [data-testid="stHorizontalBlock"] { flex-direction: column-reverse; }
  .st-key-side-and-main [data-testid="stColumn"] { min-width: 100%; }
}
</style>"""


def side_and_main() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Make a narrow column of controls, and beside it the place for what they control."""
    st.html(_PHONE)
    with st.container(key="side-and-main"):
        side, main = st.columns([1, 4.4], gap="medium")
    return side, main


def note(text: str) -> None:
    """Write a remark in small type; Streamlit's captions are too pale to read for some (4.2:1)."""
    st.markdown(f":small[{text}]")
