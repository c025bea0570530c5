"""Which numbers share a mean: a block of cubes for each normalization."""

from ln_core.see.experiments import POOLS
from ln_core.see.shared_statistics.config import PoolsConfig
from pages.ui.still import Still

Still(
    slug="pools",
    experiment=POOLS,
    presets={},
    note="Click a dot or a cube to choose another entry, or set it under Advanced.",
    shown_by=(PoolsConfig(cases=1), PoolsConfig(groups=1), PoolsConfig(side=1)),
).render()
