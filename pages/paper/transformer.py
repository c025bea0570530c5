"""Transformers by the place of their norm: recorded, and live."""

from ln_core.experiments import PAGES
from pages.ui.paper import Paper

Paper(
    page=PAGES["transformer"],
    note="All variants start from the same weights and read the same sequences.",
).render()
