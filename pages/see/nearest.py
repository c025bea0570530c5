"""Nearest sentences: what the recorded skip-thoughts encoders take for alike."""

from dataclasses import replace

from ln_core.paper.skip_thoughts.nearest.config import NEAREST_PRESETS, NearestConfig
from ln_core.see.experiments import NEAREST
from pages.ui.still import Still

Still(
    slug="nearest",
    experiment=NEAREST,
    presets=NEAREST_PRESETS,
    note="Both encoders are recorded ones, from the page Skip-thoughts.",
    shown_by=(
        NEAREST_PRESETS["unknown"].config,
        NEAREST_PRESETS["nation"].config,
        replace(NearestConfig(), shown=10),
    ),
).render()
