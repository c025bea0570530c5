"""The matrix of a layer: rows, columns, and what one edited number changes."""

from ln_core.experiments import PAGES
from pages.ui.snapshot import Snapshot

Snapshot(
    page=PAGES["matrix"],
    note="Type into the cells, or click one to choose it.",
).render()
