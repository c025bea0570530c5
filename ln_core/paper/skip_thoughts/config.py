"""Skip-thoughts, the paper's section 6.3, made small: the knobs. Free of torch."""

from dataclasses import dataclass
from typing import ClassVar

from ln_core.runs import fields
from ln_core.runs.config import Real, Whole, knob
from ln_core.runs.experiment import Experiment, TrainingConfig
from ln_core.variants import labels

VARIANTS = labels("none", "layer")
CELL_NAMES = {"none": "GRU", "layer": "LN-GRU"}  # what they make of its cell
TRIPLETS = 21_000  # in the training texts, about: what an epoch is
CANDIDATES = 100  # sentences among which the next one is looked for
FOUND_WITHIN = 10  # ranks that count as found
TASKS = {
    "kind": "Speech or novel",
    "era": "Before 1914 or after",
    "party": "Which party",
    "order": "Which came first",
    "next": "Find the next sentence",
}
CHANCE = {"kind": 0.5, "era": 0.5, "party": 0.5, "order": 0.5, "next": FOUND_WITHIN / CANDIDATES}


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipConfig(TrainingConfig):
    """One race of skip-thoughts models: the same sentences and batches for each variant."""

    survey_every: ClassVar[int] = 1  # every frame is one

    batch_size: int = fields.batch_size(
        32,
        Whole(1, 128, stops=(8, 16, 32, 64, 128)),
        help="Sentences in a mini-batch, each with its two neighbours. Kiros et al.'s code: 64.",
    )
    learning_rate: float = fields.learning_rate(
        6e-3,
        Real(1e-5, 0.1, stops=(3e-4, 1e-3, 2e-3, 6e-3, 0.01, 0.02)),
        help="Adam's, the same for both variants.",
    )
    width: int = fields.width(
        64,
        Whole(8, 256, stops=(16, 32, 64, 96, 128, 192, 256)),
        help="Units H of the encoder: numbers in a thought vector. The paper has 2,400.",
    )
    embedding: int = knob(
        48,
        Whole(8, 128, stops=(16, 32, 48, 64, 96, 128)),
        label="Word vectors",
        help="Numbers in a word's vector. Kiros et al.: 620.",
    )
    words: int = knob(
        1000,
        Whole(100, 4000, stops=(500, 1000, 2000, 3000, 4000)),
        label="Vocabulary",
        help="The most frequent words; all others are one unknown word. Kiros et al.: 20,000.",
    )
    cases: int = knob(
        400,
        Whole(100, 1500, stops=(100, 200, 400, 800, 1500)),
        label="Sentences per task",
        help="About how many train each classifier; about as many others test it.",
    )
    clip: float = fields.clip(
        5.0,
        Real(0.1, 1000.0, stops=(0.1, 0.3, 1.0, 5.0, 100.0)),
        help="A longer gradient is scaled down to this length; Kiros et al.'s code: 5.",
    )
    steps: int = fields.steps(
        240,
        Whole(10, 5000, stops=(60, 120, 240, 500, 1000, 2000)),
        " The paper has 1 to 1.7 million.",
        group="primary",
    )
    freezes: int = knob(
        8,
        Whole(2, 40, stops=(4, 8, 10, 20, 40)),
        label="Times to freeze",
        help="How often the encoder is frozen, for classifiers to be trained; at most once a step.",
    )
    seeds: int = fields.seeds(4, "Networks of each variant.")
    seed: int = fields.seed(
        "Decides weights and the order of sentences; the same seed, the same run."
    )
    variants: tuple[str, ...] = fields.variants(
        VARIANTS, help="With Layer Norm in encoder and decoders, or without."
    )

    @property
    def tests(self) -> int:
        """Times at which the encoder is frozen: as many as are asked for, or one a step."""
        return min(self.freezes, self.steps)

    @property
    def frames(self) -> int:
        """One before training, then one whenever the encoder is frozen."""
        return 1 + self.tests

    def step_of(self, frame: int) -> int:
        """Give the step that a frame shows."""
        return frame * self.steps // self.tests

    @property
    def training_cases(self) -> int:
        """Training sentences with two neighbours, about."""
        return TRIPLETS

    @property
    def parameters(self) -> int:
        """Weights of one network, about."""
        cell = 3 * self.width * (self.embedding + self.width + 3)
        return self.words * (2 * self.embedding + 1) + 3 * cell + self.embedding * self.width

    @property
    def memory(self) -> int:
        """Bytes of all networks' parameters, their gradients and moments."""
        return len(self.variants) * 4 * 4 * self.seeds * self.parameters


EXPERIMENT = Experiment(
    name="paper-skip-thoughts",
    config=SkipConfig,
    film="ln_core.paper.skip_thoughts.trainer:film",
    figure="ln_core.paper.skip_thoughts.figure:skip_figure",
    arrays="ln_core.paper.skip_thoughts.arrays:ARRAYS",
    code="ln_core.paper.skip_thoughts.code:code",
)
