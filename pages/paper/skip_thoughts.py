"""Skip-thoughts: recorded with several seeds, and a small one live."""

from ln_core.experiments import PAGES
from pages.ui.paper import Paper

Paper(
    page=PAGES["skip_thoughts"],
    note="GRU and LN-GRU start from the same weights and see the same sentences.",
).render()
