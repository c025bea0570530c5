"""The MLP lab: small networks that differ in their normalization alone, trained live."""

from ln_core.experiments import PAGES
from pages.ui.lab import Lab

Lab(
    page=PAGES["mlp"],
    note="A changed setting trains from the start again, from the same seed.",
).render()
