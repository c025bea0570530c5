"""The time microscope: an untrained recurrent net, unrolled and measured at every step."""

from ln_core.experiments import PAGES
from pages.ui.lab import Lab

Lab(
    page=PAGES["time"],
    note="Nothing is trained here: each change is measured at once.",
).render()
