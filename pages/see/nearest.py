"""Nearest sentences: what the recorded skip-thoughts encoders find similar."""

from ln_core.experiments import PAGES
from pages.ui.snapshot import Snapshot

Snapshot(
    page=PAGES["nearest"],
    note="Both encoders are recorded ones, from the page Skip-thoughts.",
).render()
