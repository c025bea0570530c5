"""Why it helps, section 5 of the paper: what the length of the weights does."""

from ln_core.experiments import PAGES
from ln_core.see.geometry.config import GeometryConfig
from pages.ui.snapshot import Snapshot

Snapshot(
    page=PAGES["geometry"],
    note="Trained for a moment on one batch: each change is measured at once.",
    shown_by=(GeometryConfig(factor=4.0), GeometryConfig(), GeometryConfig(scope="row")),
).render()
