"""Why it helps, section 5 of the paper: what the length of the weights does."""

from ln_core.see.geometry.config import EXPERIMENT, GeometryConfig
from pages.ui.snapshot import Snapshot

Snapshot(
    slug="geometry",
    experiment=EXPERIMENT,
    presets={},
    note="Trained for a moment on one batch: each change is measured at once.",
    shown_by=(GeometryConfig(factor=4.0), GeometryConfig(), GeometryConfig(scope="row")),
).render()
