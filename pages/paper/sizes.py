"""Test error against batch size: recorded in full, and a small one live."""

from ln_core.paper.mnist.config import SWEEP
from ln_core.paper.mnist.presets import SWEEP_PRESETS
from pages.ui.paper import Paper

Paper(
    slug="sizes",
    experiment=SWEEP,
    recordings=("mnist_sizes",),
    presets=SWEEP_PRESETS,
    note="Points appear from the largest batch to the smallest: small ones take more steps.",
).render()
