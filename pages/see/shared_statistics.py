"""Which numbers share a mean: a block of cubes for each normalization."""

from ln_core.experiments import PAGES
from pages.ui.snapshot import Snapshot

Snapshot(
    page=PAGES["shared_statistics"],
    note="Click a dot or a cube to choose another entry.",
).render()
