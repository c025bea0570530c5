"""ConvNets with five normalizations: recorded in full, and a small race live."""

from ln_core.experiments import PAGES
from pages.ui.paper import Paper

Paper(
    page=PAGES["convnet"],
    note="All variants start from the same filters and see the same images.",
).render()
