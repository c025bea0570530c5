"""Permutation-invariant MNIST, and sweeps over one of its settings: the knobs. Free of torch."""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ln_core.race.config import VARIANTS, MlpConfig
from ln_core.runs import fields
from ln_core.runs.config import Choice, Real, Whole, knob
from ln_core.runs.experiment import Experiment, TrainingConfig

DEPTH = 2  # hidden layers, as in the paper
ALL_IMAGES = 60_000  # MNIST's training images; those not trained on choose the learning rate
SCORED_CASES = 5000  # scored of those trained on, and of those held out from training
SWEPT: Mapping[str, tuple[float, ...]] = {
    "batch_size": (512, 256, 128, 64, 32, 16, 8, 4, 2, 1),  # the quick ones first
    "learning_rate": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2),
    "low_rate": (3e-5, 1e-4, 3e-4, 1e-3, 3e-3),  # small batches want smaller ones
}

_BATCH_SIZE = Whole(1, 512, stops=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512))
_RATE = Real(1e-5, 1.0, stops=(1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1))
_WIDTH = Whole(2, 1024, stops=(16, 32, 64, 100, 256, 512, 1000))
_SEED_HELP = "Decides weights, choice of images and batch order; the same seed, the same run."


class MnistRace(TrainingConfig):
    """What the MNIST race and its sweeps share: a shard a variant, and the race behind it."""

    __slots__ = ()
    survey_every: ClassVar[int] = 1  # every frame is one

    batch_size: int
    width: int
    learning_rate: float
    seeds: int
    seed: int
    bn_output: bool
    bn_unbiased: bool
    variants: tuple[str, ...]

    def race(self, variants: tuple[str, ...], **changes: Any) -> MlpConfig:  # noqa: ANN401
        """Give the config of the race that one shard runs, with some settings changed."""
        settings = {
            "data": "mnist",
            "depth": DEPTH,
            "batch_size": self.batch_size,
            "width": self.width,
            "learning_rate": self.learning_rate,
            "seeds": self.seeds,
            "seed": self.seed,
            "cases": self.training_cases,
            "bn_output": self.bn_output,
            "bn_unbiased": self.bn_unbiased,
            "variants": variants,
        }
        return MlpConfig(**{**settings, **changes})

    @property
    def memory(self) -> int:
        """Bytes of every shard's race, and of what is trained on, which they share."""
        race = self.race(self.variants[:1])
        return len(self.variants) * (race.memory - race.data_memory) + race.data_memory


@dataclass(frozen=True, slots=True, kw_only=True)
class MnistConfig(MnistRace):
    """The paper's MNIST experiment: 784-1000-1000-10, epoch by epoch."""

    batch_size: int = fields.batch_size(
        128, _BATCH_SIZE, help="Examples (cases) N in a mini-batch. The paper has 128 and 4."
    )
    learning_rate: float = fields.learning_rate(1e-3, _RATE, help="Adam's; the paper gives none.")
    width: int = fields.width(
        100, _WIDTH, help="Units H in each of the two hidden layers. The paper has 1000."
    )
    cases: int = fields.cases(
        6000,
        Whole(512, 55_000, stops=(512, 1000, 2000, 6000, 20_000, 55_000)),
        help="Images in the training set. The paper has 55,000.",
        group="primary",
    )
    epochs: int = knob(
        10,
        Whole(1, 60, stops=(1, 2, 3, 5, 10, 20, 30, 60)),
        label="Epochs",
        help="Passes over the training set. The paper has 60.",
        group="primary",
    )
    bn_output: bool = fields.bn_output(
        True, help="As in the paper: Batch Norm on all layers, Layer Norm on the hidden ones."
    )
    bn_unbiased: bool = fields.bn_unbiased(
        "Divide by N - 1 when training, as the paper does at batch size 4; at 1 nothing changes."
    )
    per_epoch: int = knob(
        4, Whole(1, 8), label="Tests per epoch", help="At most one after each training step."
    )
    seeds: int = fields.seeds(4, "Networks of each variant.")
    seed: int = fields.seed(_SEED_HELP)
    variants: tuple[str, ...] = fields.variants(VARIANTS, ("none", "batch", "layer"))

    @property
    def training_cases(self) -> int:
        """Images that are trained on."""
        return self.cases

    @property
    def steps(self) -> int:
        """Training steps of the whole run."""
        return self.epochs * self.steps_per_epoch

    @property
    def tests(self) -> int:
        """Tests of an epoch: as many as are asked for, or one a step."""
        return min(self.per_epoch, self.steps_per_epoch)

    @property
    def frames(self) -> int:
        """Frames of the whole film: one before training, then some an epoch."""
        return 1 + self.epochs * self.tests

    def step_of(self, frame: int) -> int:
        """Give the step that a frame shows."""
        return frame * self.steps_per_epoch // self.tests


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepConfig(MnistRace):
    """The same race again and again, with one setting changed: a frame for each of its values."""

    over: str = knob(
        "batch_size",
        Choice(
            {
                "batch_size": "Batch size",
                "learning_rate": "Learning rate",
                "low_rate": "Learning rate, smaller ones",
            }
        ),
        label="Changed",
        help="Which setting takes all its values in turn; the other one stays as it is.",
        group="primary",
    )
    examples: int = knob(
        2000,
        Whole(512, 500_000, stops=(512, 1000, 2000, 5000, 12_000, 50_000, 165_000)),
        label="Examples seen",
        help="How many images each network sees, the same at every value; above 55,000 "
        "they repeat.",
        group="primary",
    )
    batch_size: int = fields.batch_size(
        128,
        _BATCH_SIZE,
        help="Examples N in a mini-batch, the same at every learning rate.",
        where={"over": ["learning_rate", "low_rate"]},
    )
    learning_rate: float = fields.learning_rate(
        1e-3, _RATE, help="Adam's, the same at every batch size.", where={"over": ["batch_size"]}
    )
    width: int = fields.width(100, _WIDTH, help="Units H in each hidden layer.")
    bn_output: bool = fields.bn_output(
        True, help="Batch Norm on all layers, the others on the hidden ones."
    )
    bn_unbiased: bool = fields.bn_unbiased(
        "Divide by N - 1 when training; at batch size 1 nothing changes."
    )
    seeds: int = fields.seeds(4, "Networks of each variant.")
    seed: int = fields.seed(_SEED_HELP)
    variants: tuple[str, ...] = fields.variants(VARIANTS)

    @property
    def training_cases(self) -> int:
        """Images that are trained on, some of them more than once."""
        return min(self.examples, 55_000)

    @property
    def setting(self) -> str:
        """The field that takes all the values."""
        return "batch_size" if self.over == "batch_size" else "learning_rate"

    @property
    def values(self) -> tuple[float, ...]:
        """What the changed setting is set to, in turn."""
        return SWEPT[self.over]

    def race_at(self, place: int, variants: tuple[str, ...]) -> MlpConfig:
        """Give the race of some variants at one of the values."""
        return self.race(variants, **{self.setting: self.values[place]})

    @property
    def ends(self) -> tuple[int, ...]:
        """Steps taken when each of the races ends."""
        sweeps_sizes = self.over == "batch_size"
        sizes = self.values if sweeps_sizes else len(self.values) * (self.batch_size,)
        return tuple(itertools.accumulate(math.ceil(self.examples / size) for size in sizes))

    @property
    def steps_per_epoch(self) -> int:
        """No epochs are counted: one race follows the other."""
        return 0

    @property
    def steps(self) -> int:
        """Training steps of all races."""
        return self.ends[-1]

    @property
    def frames(self) -> int:
        """One before training, then one at the end of each race."""
        return 1 + len(self.values)

    def step_of(self, frame: int) -> int:
        """Give the step that a frame shows."""
        return self.ends[frame - 1] if frame else 0


MNIST = Experiment(
    name="paper-mnist",
    config=MnistConfig,
    film="ln_core.paper.mnist.trainer:film",
    figure="ln_core.paper.mnist.figure:mnist_figure",
    arrays="ln_core.paper.mnist.arrays:ARRAYS",
    code="ln_core.paper.mnist.code:mnist_code",
)


SWEEP = Experiment(
    name="paper-sweep",
    config=SweepConfig,
    film="ln_core.paper.mnist.trainer:sweep",
    figure="ln_core.paper.mnist.figure:sweep_figure",
    arrays="ln_core.paper.mnist.arrays:SWEEP_ARRAYS",
    code="ln_core.paper.mnist.code:sweep_code",
)
