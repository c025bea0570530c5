"""The time microscope: an untrained recurrent net, unrolled and measured at every step."""

from ln_core.recurrent.config import MICROSCOPE
from ln_core.recurrent.presets import MICROSCOPE_PRESETS
from pages.ui.lab import Lab

Lab(
    slug="time",
    experiment=MICROSCOPE,
    presets=MICROSCOPE_PRESETS,
    note="Nothing is trained here: each change is measured at once.",
).render()
