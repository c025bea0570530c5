"""ConvNets with six normalizations: recorded in full, and a small race live."""

from ln_core.paper.convnet.config import EXPERIMENT
from ln_core.paper.convnet.presets import PRESETS
from pages.ui.paper import Paper

Paper(
    slug="convnet",
    experiment=EXPERIMENT,
    recordings=("convnet", "convnet_unequal"),
    presets=PRESETS,
    note="All variants start from the same filters and see the same images.",
).render()
