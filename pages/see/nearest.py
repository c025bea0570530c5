"""Nearest sentences: what the recorded skip-thoughts encoders take for alike."""

from dataclasses import replace

from ln_core.paper.skip_thoughts.nearest.config import EXPERIMENT, NEAREST_PRESETS, NearestConfig
from pages.ui.still import Still

Still(
    slug="nearest",
    experiment=EXPERIMENT,
    presets=NEAREST_PRESETS,
    note="Both encoders are recorded ones, from the page Skip-thoughts.",
    shown_by=(
        NEAREST_PRESETS["unknown"].config,
        NEAREST_PRESETS["nation"].config,
        replace(NearestConfig(), shown=10),
    ),
).render()
