"""The RNN lab: recurrent nets that differ in their normalization alone, trained live."""

from ln_core.experiments import PAGES
from pages.ui.lab import Lab

Lab(
    page=PAGES["rnn"],
    note="A changed setting trains from the start again, from the same seed.",
).render()
