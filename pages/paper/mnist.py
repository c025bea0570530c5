"""The paper's MNIST experiment: recorded in full, and a small one live."""

from ln_core.experiments import PAGES
from pages.ui.paper import Paper

Paper(
    page=PAGES["mnist"],
    note="All variants start from the same weights and see the same batches.",
).render()
