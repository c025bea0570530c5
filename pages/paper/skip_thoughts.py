"""Skip-thoughts: recorded with several seeds, and a small one live."""

from ln_core.paper.skip_thoughts.config import EXPERIMENT
from ln_core.paper.skip_thoughts.presets import PRESETS
from pages.ui.paper import Paper

Paper(
    slug="skip_thoughts",
    experiment=EXPERIMENT,
    recordings=("skip_thoughts",),
    presets=PRESETS,
    note="Both kinds start from the same weights and see the same sentences.",
).render()
