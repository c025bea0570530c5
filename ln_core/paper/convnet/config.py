"""A small ConvNet on MNIST: the knobs, and races worth watching. Free of torch."""

from dataclasses import dataclass
from typing import ClassVar

from ln_core.runs import fields
from ln_core.runs.config import ConfigError, Real, Whole, knob
from ln_core.runs.experiment import Experiment, TrainingConfig
from ln_core.variants import labels

VARIANTS = labels("none", "batch", "layer", "pixel", "group", "instance")
SIDES = (28, 28, 14, 14)  # pixels a side of each layer's summed inputs; pooling follows each pair
LAYERS = len(SIDES)
KERNEL = 3
GROUPS = 4  # of Group Norm
CASES = 20_000  # training images
SURVEY_CASES = 256  # images that the maps are taken over
RARE = 0.05  # a unit that is on, or off, in a smaller share of images counts as always the same


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvConfig(TrainingConfig):
    """One race of ConvNets: the same filters and batches, once for each variant."""

    survey_every: ClassVar[int] = 20

    batch_size: int = fields.batch_size(
        32,
        Whole(1, 128, stops=(1, 2, 4, 8, 16, 32, 64, 128)),
        help="Images N in a mini-batch. Batch Norm's mean is over these and all pixels.",
    )
    learning_rate: float = fields.learning_rate(
        0.01,
        Real(1e-4, 1.0, stops=(1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0)),
        help="Of gradient descent with momentum 0.9, the same for every variant.",
    )
    spread: float = knob(
        0.0,
        Real(0.0, 4.0, stops=(0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)),
        label="Filters of unequal scale",
        help="Spread s: each initial filter is multiplied by exp(s z), z ~ N(0, 1); "
        "0 changes nothing.",
        group="primary",
    )
    channels: int = knob(
        16,
        Whole(4, 32, stops=(4, 8, 12, 16, 24, 32)),
        label="Channels",
        help="Filters C in each layer. Group Norm has 4 groups: with 4 filters, Instance Norm.",
        group="primary",
    )
    clip: float = fields.clip(
        5.0,
        Real(0.1, 1000.0, stops=(0.1, 1.0, 5.0, 10.0, 100.0, 1000.0)),
        label="Clip without norm",
        help="Longer gradients are cut to this length, only in the network without normalization.",
        where={"variants": ["none"]},
    )
    steps: int = fields.steps(
        200, Whole(10, 2000, stops=(10, 20, 50, 100, 200, 300, 500, 1000, 2000))
    )
    test_cases: int = knob(
        500,
        Whole(100, 10_000, stops=(100, 300, 500, 1000, 2000, 3000, 10_000)),
        label="Test images",
        help="Unseen images that the error is measured on; more take longer.",
    )
    seeds: int = fields.seeds(
        4,
        "Networks of each variant. Loss and error become mean and band; the rest shows the first.",
    )
    seed: int = fields.seed(
        "Decides filters, images and batches; the same seed gives the same run."
    )
    variants: tuple[str, ...] = fields.variants(VARIANTS, ("none", "batch", "layer"))

    def check_together(self) -> None:
        """Refuse channels that do not fall into Group Norm's groups."""
        if self.channels % GROUPS:
            raise ConfigError(("channels",), str(self.channels), f"a multiple of {GROUPS}")

    @property
    def training_cases(self) -> int:
        """Images of the training set."""
        return CASES

    @property
    def memory(self) -> int:
        """Bytes of the test images, and of which images are trained on; the networks are small."""
        return len(self.variants) * 4 * (784 * self.test_cases + 4 * CASES)


EXPERIMENT = Experiment(
    name="paper-convnet",
    config=ConvConfig,
    film="ln_core.paper.convnet.trainer:film",
    figure="ln_core.paper.convnet.figure:convnet_figure",
    arrays="ln_core.paper.convnet.arrays:ARRAYS",
    code="ln_core.paper.convnet.code:code",
)
