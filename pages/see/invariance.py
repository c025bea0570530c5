"""What leaves the output unchanged: one change at a time, and the paper's table measured."""

from ln_core.experiments import PAGES
from ln_core.see.invariance.config import InvarianceConfig
from pages.ui.snapshot import Snapshot

Snapshot(
    page=PAGES["invariance"],
    note="Each switch breaks an invariance.",
    shown_by=(
        InvarianceConfig(change="weights_scale"),
        InvarianceConfig(change="case_scale"),
        InvarianceConfig(change="data_scale", evaluation=True),
    ),
).render()
