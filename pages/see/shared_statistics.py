"""Which numbers share a mean: a block of cubes for each normalization."""

from ln_core.experiments import PAGES
from ln_core.see.shared_statistics.config import SharedStatisticsConfig
from pages.ui.snapshot import Snapshot

Snapshot(
    page=PAGES["shared_statistics"],
    note="Click a dot or a cube to choose another entry, or set it under Advanced.",
    shown_by=(
        SharedStatisticsConfig(cases=1),
        SharedStatisticsConfig(groups=1),
        SharedStatisticsConfig(side=1),
    ),
).render()
