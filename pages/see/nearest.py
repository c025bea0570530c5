"""Nearest sentences: what the recorded skip-thoughts encoders find similar."""

from dataclasses import replace

from ln_core.experiments import PAGES
from ln_core.paper.skip_thoughts.nearest.config import NearestConfig
from ln_core.paper.skip_thoughts.nearest.presets import PRESETS
from pages.ui.snapshot import Snapshot

Snapshot(
    page=PAGES["nearest"],
    note="Both encoders are recorded ones, from the page Skip-thoughts.",
    shown_by=(
        PRESETS["unknown"].config,
        PRESETS["nation"].config,
        replace(NearestConfig(), shown=10),
    ),
).render()
