"""Why it helps, section 5 of the paper: what the length of the weights does."""

from ln_core.experiments import PAGES
from pages.ui.snapshot import Snapshot

Snapshot(
    page=PAGES["geometry"],
    note="Each change trains a few steps on one batch, and shows at once.",
).render()
