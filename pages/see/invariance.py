"""What leaves the output unchanged: one change at a time, and the paper's table measured."""

from ln_core.experiments import PAGES
from pages.ui.snapshot import Snapshot

Snapshot(
    page=PAGES["invariance"],
    note="Each switch breaks an invariance.",
).render()
