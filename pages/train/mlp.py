"""The MLP lab: small networks that differ in their normalization alone, trained live."""

from ln_core.race.config import EXPERIMENT
from ln_core.race.presets import PRESETS
from pages.ui.lab import Lab

Lab(
    slug="mlp",
    experiment=EXPERIMENT,
    presets=PRESETS,
    note="Each change trains again from the start, from the same seed.",
).render()
