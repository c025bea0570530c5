"""The MLP race's config: every knob of the MLP lab, declared once. Free of torch."""

import itertools
from dataclasses import dataclass
from typing import ClassVar

from ln_core.runs import fields
from ln_core.runs.changes import Change, Forkable, changes
from ln_core.runs.config import Choice, Real, Switch, Whole, knob
from ln_core.runs.experiment import Experiment
from ln_core.variants import labels

VARIANTS = labels("none", "batch", "layer", "rms", "group")
DATA_SETS = {
    "circles": "Circles",
    "xor": "XOR",
    "gaussians": "Gaussians",
    "spirals": "Two spirals",
    "mnist": "MNIST digits",
}
SURVEY_EVERY = 4  # frames: the costly probes (test set, decision boundary) run at every fourth
TEST_CASES = 1000
SAMPLE = 1024  # entries of a layer that stand for all of them in percentiles and histograms
PERCENTILES = (5, 25, 50, 75, 95)  # of that sample, which the charts show
GRID, GRID_EDGE = 32, 1.5  # the decision boundary: points a side, and half the side's length
DIGITS = (2, 3)  # rows and columns of test digits that are answered on screen
TILE = (44, 34)  # pixels of a digit and its answer
VIEWS, FEWEST_VIEWS = 512, 16  # units (or cases) whose statistics are drawn: in all, and a layer
MATRIX_SIZE = 8  # cases and units of a that a film ships, to be taken to the matrix page
BATCH_SIZES = Whole(1, 512, stops=(1, 2, 3, 4, 8, 16, 32, 64, 128, 256, 512))
RATES = Real(1e-5, 10.0, stops=(1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0))
SHARD_FROM = 100_000  # parameters a network: from here on stacking networks no longer pays


def views(layers: int) -> int:
    """Give how many units, or cases, of each layer have their statistics drawn."""
    return max(FEWEST_VIEWS, VIEWS // layers)


@dataclass(frozen=True, slots=True, kw_only=True)
class MlpConfig(Forkable):
    """One race of MLPs: the same networks, weights and batches, once for each variant."""

    survey_every: ClassVar[int] = SURVEY_EVERY

    data: str = knob(
        "spirals",
        Choice(DATA_SETS),
        label="Data",
        help="What the networks learn to classify: points in the plane, or handwritten digits.",
        group="primary",
    )
    batch_size: int = fields.batch_size(
        32,
        BATCH_SIZES,
        help="Examples N in a mini-batch. Batch Norm takes its statistics over these.",
    )
    learning_rate: float = fields.learning_rate(
        1e-3,
        RATES,
        help="A factor of every step of the optimizer, the same for every variant.",
    )
    depth: int = knob(
        3,
        Whole(1, 30, stops=(1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25, 30)),
        label="Hidden layers",
        help="Number of hidden layers between the input and the output layer.",
        group="primary",
    )
    width: int = fields.width(
        64,
        Whole(1, 1024, stops=(1, 2, 4, 8, 16, 32, 64, 100, 128, 256, 512, 1000)),
        help="Units H in a hidden layer. Layer Norm takes its statistics over these.",
    )
    activation: str = knob(
        "relu",
        Choice({"relu": "ReLU", "tanh": "tanh", "identity": "Identity (linear)"}),
        label="Activation",
        help="The function f applied after normalization, gain and bias.",
    )
    weight_gain: float = knob(
        1.0,
        Real(0.01, 100.0, stops=(0.01, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 10.0, 100.0)),
        label="Initial weight scale",
        help="Factor of the hidden layers' initial weights; 1 is the usual scale.",
    )
    optimizer: str = fields.optimizer()
    seeds: int = fields.seeds(
        8,
        "Networks of each variant. Loss and error become mean and band; the rest shows the first.",
    )
    seed: int = fields.seed(
        "Decides weights, data and batch order; the same seed gives the same run."
    )
    bn_momentum: float = fields.bn_momentum(
        "Weight of the new batch in Batch Norm's running mean and variance."
    )
    epsilon: float = fields.epsilon(
        1e-5,
        Real(0.0, 1.0, stops=(0.0, 1e-12, 1e-8, 1e-5, 1e-3, 0.1, 1.0)),
        where=fields.with_a_norm(VARIANTS),
    )
    bn_output: bool = fields.bn_output(
        False,
        help="Batch Norm also covers the output layer, as in the paper's MNIST experiment.",
    )
    bn_unbiased: bool = fields.bn_unbiased(
        "Divide by N - 1 when training, as the paper does at batch size 4; at 1 nothing changes."
    )
    constant: bool = knob(
        True,
        Switch(),
        label="Constant input",
        help="Points in the plane get a third input, always 1: a bias before normalization.",
        where={"data": ["circles", "xor", "gaussians", "spirals"]},
    )
    cases: int = fields.cases(
        2000,
        Whole(512, 60_000, stops=(512, 1000, 2000, 6000, 20_000, 60_000)),
        help="How many examples the training set holds; one pass over them is an epoch.",
    )
    steps: int = fields.steps(
        2000, Whole(10, 20_000, stops=(100, 200, 300, 500, 1000, 2000, 5000, 10_000, 20_000))
    )
    variants: tuple[str, ...] = fields.variants(
        VARIANTS,
        help="Leaving one out changes the others at most by rounding.",
    )
    changes: tuple[Change, ...] = changes(RATES, BATCH_SIZES, variants=VARIANTS)

    def check_together(self) -> None:
        """Refuse a race that would not fit in memory, and changes that cannot be."""
        self.check_changes()
        self.refuse_beyond_memory(
            *("batch_size", "width", "depth", "seeds", "cases"),
            beside=("data", "variants"),
            memory=self.memory,
            of="networks of all variants",
        )

    @property
    def inputs(self) -> int:
        """Numbers in one case."""
        return 784 if self.data == "mnist" else 2 + self.constant

    @property
    def classes(self) -> int:
        """Units of the output layer."""
        return 10 if self.data == "mnist" else 2

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units of every layer, from the input to the output layer."""
        return (self.inputs, *(self.depth * (self.width,)), self.classes)

    @property
    def groups(self) -> int:
        """Groups of Group Norm: at most 8, equal, and of two units at least; else one."""
        return max(n for n in (1, 2, 4, 8) if n == 1 or self.width in range(2 * n, 10**6, n))

    @property
    def parameters(self) -> int:
        """Weights, gains and biases of one network."""
        sizes = self.sizes
        return sum(n_out * (n_in + 2) for n_in, n_out in itertools.pairwise(sizes))

    @property
    def memory(self) -> int:
        """Bytes of the race's tensors, about: parameters, activations, probes, training set."""
        networks = len(self.variants) * self.seeds
        hidden = networks * self.depth * self.width
        in_step = 5 * hidden * self.cases_in_step
        in_probes = 4 * len(self.variants) * self.depth * SAMPLE
        own = 4 * (4 * networks * self.parameters + in_step + in_probes)
        return own + min(2, len(self.shards)) * self.data_memory  # shared within each worker

    @property
    def data_memory(self) -> int:
        """Bytes of the training set and the test set."""
        return 4 * (self.cases + TEST_CASES) * (self.inputs + self.classes)

    @property
    def training_cases(self) -> int:
        """Cases of the training set."""
        return self.cases

    @property
    def shards(self) -> tuple[tuple[str, ...], ...]:
        """The variants that are trained together, as one stacked model."""
        if self.parameters < SHARD_FROM:
            return (self.variants,)
        return tuple((variant,) for variant in self.variants)


EXPERIMENT = Experiment(
    name="mlp",
    config=MlpConfig,
    film="ln_core.race.trainer:film",
    figure="ln_core.race.figure:mlp_figure",
    arrays="ln_core.race.arrays:ARRAYS",
    code="ln_core.race.code:code",
)
