"""The matrix of a layer: rows, columns, and what one edited number changes."""

from ln_core.experiments import PAGES
from ln_core.see.matrix.config import MatrixConfig, random_rows
from ln_core.see.matrix.presets import PRESETS
from pages.ui.snapshot import Snapshot

TENFOLD = tuple(tuple(round(10 * x, 3) for x in row) for row in random_rows(4, 6))

Snapshot(
    page=PAGES["matrix"],
    note="Type into the cells, or click one to choose it.",
    shown_by=(
        PRESETS["random"].config,
        PRESETS["two_cases"].config,
        MatrixConfig(matrix=TENFOLD, epsilon=0.0),
    ),
).render()
