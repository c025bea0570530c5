"""The paper's MNIST experiment: recorded in full, and a small one live."""

from ln_core.paper.mnist.config import MNIST
from ln_core.paper.mnist.presets import MNIST_PRESETS
from pages.ui.paper import Paper

Paper(
    slug="mnist",
    experiment=MNIST,
    recordings=("mnist_128", "mnist_4", "mnist_rates", "mnist_rates_4", "mnist_4_own"),
    presets=MNIST_PRESETS,
    note="All variants start from the same weights and see the same batches.",
).render()
