"""What the app shows and can run: its pages in the menu's order. Free of torch.

`EXPERIMENTS` has every experiment by the name that stands in the stream's address.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from ln_core.paper.convnet import config as convnet
from ln_core.paper.convnet import presets as convnet_presets
from ln_core.paper.mnist import config as mnist
from ln_core.paper.mnist.presets import MNIST_PRESETS, SWEEP_PRESETS
from ln_core.paper.skip_thoughts import config as skip_thoughts
from ln_core.paper.skip_thoughts import presets as skip_presets
from ln_core.paper.skip_thoughts.nearest import config as nearest
from ln_core.paper.skip_thoughts.nearest import presets as nearest_presets
from ln_core.paper.transformer import config as transformer
from ln_core.paper.transformer import presets as transformer_presets
from ln_core.race import config as race
from ln_core.race import presets as race_presets
from ln_core.recurrent import config as recurrent
from ln_core.recurrent.presets import MICROSCOPE_PRESETS, RNN_PRESETS
from ln_core.runs.config import Config
from ln_core.runs.experiment import Experiment
from ln_core.runs.preset import Preset
from ln_core.see.batch_mates import config as batch_mates
from ln_core.see.geometry import config as geometry
from ln_core.see.invariance import config as invariance
from ln_core.see.matrix import config as matrix
from ln_core.see.matrix import presets as matrix_presets
from ln_core.see.replicas import config as replicas
from ln_core.see.shared_statistics import config as shared_statistics
from ln_core.sweep import config as sweep
from ln_core.sweep import presets as sweep_presets


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the app: where it stands, and what it shows."""

    file: str  # below pages/
    group: str  # of the menu
    title: str  # in the menu
    question: str  # on the home page
    experiment: Experiment | None = None
    presets: Mapping[str, Preset[Any]] = field(default_factory=dict)
    recordings: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        """Its own path in the address."""
        return PurePosixPath(self.file).stem

    @property
    def lesson(self) -> str:
        """The name of its text."""
        folder = PurePosixPath(self.file).parent.name
        return self.slug if folder in ("train", "teach") else f"{folder}_{self.slug}"

    @property
    def default(self) -> Config:
        """The config of an address that names none.

        Raises: ValueError if the page runs nothing.
        """
        if self.experiment is None:
            raise ValueError(f"a page must have an experiment to have a config, got {self.slug}")
        first = next(iter(self.presets.values()), None)
        return first.config if first else self.experiment.config()


_ALL = (
    Page(
        file="see/shared_statistics.py",
        group="See it",
        title="Which numbers share a mean",
        question="Which numbers share a mean?",
        experiment=shared_statistics.EXPERIMENT,
    ),
    Page(
        file="see/matrix.py",
        group="See it",
        title="The matrix of a layer",
        question="Rows or columns: what does one number change?",
        experiment=matrix.EXPERIMENT,
        presets=matrix_presets.PRESETS,
    ),
    Page(
        file="see/invariance.py",
        group="See it",
        title="What leaves the output unchanged",
        question="What leaves the output unchanged?",
        experiment=invariance.EXPERIMENT,
    ),
    Page(
        file="see/batch_mates.py",
        group="See it",
        title="The batch-mate experiment",
        question="Does an answer depend on the other examples?",
        experiment=batch_mates.EXPERIMENT,
    ),
    Page(
        file="see/replicas.py",
        group="See it",
        title="One batch on several devices",
        question="Is the gradient the same on several devices?",
        experiment=replicas.EXPERIMENT,
    ),
    Page(
        file="see/geometry.py",
        group="See it",
        title="Why it helps: the geometry",
        question="What does the length of the weights do?",
        experiment=geometry.EXPERIMENT,
    ),
    Page(
        file="train/mlp.py",
        group="Train",
        title="MLP lab",
        question="What does the batch size change? (MLP lab)",
        experiment=race.EXPERIMENT,
        presets=race_presets.PRESETS,
    ),
    Page(
        file="train/rnn.py",
        group="Train",
        title="RNN lab",
        question="What does normalization do to memory? (RNN lab)",
        experiment=recurrent.RNN,
        presets=RNN_PRESETS,
    ),
    Page(
        file="train/sweep.py",
        group="Train",
        title="Sweep",
        question="Which learning rates work at which batch size? (Sweep)",
        experiment=sweep.EXPERIMENT,
        presets=sweep_presets.PRESETS,
        recordings=("sweep",),
    ),
    Page(
        file="train/time.py",
        group="Train",
        title="Time microscope",
        question="What happens to a signal over time? (Time microscope)",
        experiment=recurrent.MICROSCOPE,
        presets=MICROSCOPE_PRESETS,
    ),
    Page(
        file="paper/mnist.py",
        group="The paper",
        title="MNIST",
        question="Does Layer Norm learn faster on MNIST?",
        experiment=mnist.MNIST,
        presets=MNIST_PRESETS,
        recordings=("mnist_128", "mnist_4", "mnist_rates", "mnist_rates_4", "mnist_4_own"),
    ),
    Page(
        file="paper/sizes.py",
        group="The paper",
        title="Batch sizes",
        question="How small may the batch be?",
        experiment=mnist.SWEEP,
        presets=SWEEP_PRESETS,
        recordings=("mnist_sizes",),
    ),
    Page(
        file="paper/skip_thoughts.py",
        group="The paper",
        title="Skip-thoughts",
        question="Are skip-thought vectors better?",
        experiment=skip_thoughts.EXPERIMENT,
        presets=skip_presets.PRESETS,
        recordings=("skip_thoughts",),
    ),
    Page(
        file="see/nearest.py",
        group="The paper",
        title="Nearest sentences",
        question="Which sentences are similar?",
        experiment=nearest.EXPERIMENT,
        presets=nearest_presets.PRESETS,
    ),
    Page(
        file="paper/transformer.py",
        group="The paper",
        title="Transformers",
        question="Where should the norm of a Transformer stand?",
        experiment=transformer.EXPERIMENT,
        presets=transformer_presets.PRESETS,
        recordings=("transformer", "transformer_warmup", "transformer_rates", "transformer_recall"),
    ),
    Page(
        file="paper/convnet.py",
        group="The paper",
        title="ConvNets",
        question="Why is Layer Norm not the choice for ConvNets?",
        experiment=convnet.EXPERIMENT,
        presets=convnet_presets.PRESETS,
        recordings=("convnet", "convnet_unequal"),
    ),
    Page(
        file="paper/others.py",
        group="The paper",
        title="The other tasks",
        question="What of the paper's other tasks?",
    ),
    Page(
        file="teach/for_teachers.py",
        group="Teach",
        title="For teachers",
        question="How can I teach with this?",
    ),
)

PAGES = {page.slug: page for page in _ALL}
EXPERIMENTS = {page.experiment.name: page.experiment for page in _ALL if page.experiment}
