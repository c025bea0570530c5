"""The menu of all pages; nothing else."""

from itertools import groupby

import streamlit as st

from ln_core.experiments import PAGES

# On a window larger than most, menu and text grow with it, as the player does.
# Streamlit's wide pages leave five of its units on both sides of a desk's window. Charts want them,
# and text begins where they do. On paper, boxes that share out a height are broken over text below.
# A list of stops is not broken over two sheets: home is film, paths and pages. The picture of a
# stop shows its answer: it is blurred until one has answered.
# `:not(#_)` excludes nothing: it goes before Streamlit's own rules.
_STYLE = """<style>
@media screen { html:not(#_) { font-size: max(15px, min(0.78125vw, 1.3889vh)); } }
.st-key-page-prose:not(#_) { max-width: 45rem; }
@media screen and (min-width: 864px) {
  .st-key-page:not(#_) { width: auto; max-width: none; margin-inline: calc(24px - 5rem); }
}
.st-key-page:not(#_) a * { white-space: normal; }
[class*="st-key-page-stops"]:not(#_) {
  display: grid;
  grid-template-columns: repeat(4, minmax(0, 1fr));
}
@media (max-width: 640px) {
  [class*="st-key-page-stops"]:not(#_) { grid-template-columns: repeat(2, minmax(0, 1fr)); }
}
img:has(+ [data-answered]) { width: 100%; aspect-ratio: 4 / 3; object-fit: contain; }
img:has(+ [data-answered]:empty) { filter: blur(7px); }
@media print {
  div:has(.lnl-paper):not(#_) { display: block; }
  [class*="st-key-page-path"] { break-inside: avoid; }
}
</style>"""


def show() -> None:
    """Show the page that the address names, below the menu of all pages; in a frame, alone."""
    menu = {"": [st.Page("home.py", title="Home", default=True)]}
    for group, pages in groupby(PAGES.values(), lambda page: page.group):
        menu[group] = [st.Page(page.file, title=page.title) for page in pages]
    page = st.navigation(menu, position="hidden" if st.context.is_embedded else "top")
    st.set_page_config(page_title=f"{page.title} · Layer Norm Lab", layout="wide")
    st.html(_STYLE)
    with st.container(key="page"):
        page.run()


# A process that replaces a lost worker imports this file under another name: it shows nothing.
if __name__ == "__main__":
    show()
