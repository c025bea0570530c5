"""Test error against batch size: recorded in full, and a small one live."""

from ln_core.experiments import PAGES
from pages.ui.paper import Paper

Paper(
    page=PAGES["sizes"],
    note="One value runs after another; of batch sizes the largest first, with the fewest steps.",
).render()
