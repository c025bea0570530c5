"""Transformers by the place of their norm: recorded, and live."""

from ln_core.paper.transformer.config import EXPERIMENT
from ln_core.paper.transformer.presets import PRESETS
from pages.ui.paper import Paper

Paper(
    slug="transformer",
    experiment=EXPERIMENT,
    recordings=("transformer", "transformer_warmup", "transformer_rates", "transformer_recall"),
    presets=PRESETS,
    note="All variants start from the same weights and read the same sequences.",
).render()
