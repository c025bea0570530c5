"""The RNN lab: recurrent nets that differ in their normalization alone, trained live."""

from ln_core.experiments import PAGES
from pages.ui.lab import Lab

Lab(
    page=PAGES["rnn"],
    note="Each change trains again from the start, from the same seed.",
).render()
