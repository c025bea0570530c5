"""The menu of all pages; nothing else."""

from itertools import groupby

import streamlit as st

from ln_core.experiments import PAGES


def show() -> None:
    """Show the page that the address names, below the menu of all pages."""
    menu = {"": [st.Page("home.py", title="Home", default=True)]}
    for group, pages in groupby(PAGES.values(), lambda page: page.group):
        menu[group] = [st.Page(page.file, title=page.title) for page in pages]
    page = st.navigation(menu, position="top")
    st.set_page_config(page_title=f"{page.title} · Layer Norm Lab", layout="wide")
    page.run()


# A process that replaces a lost worker imports this file under another name: it shows nothing.
if __name__ == "__main__":
    show()
