"""Small Transformers that differ in where they are normalized: the knobs. Free of torch."""

import math
from dataclasses import dataclass, replace
from typing import ClassVar

from ln_core.runs import fields
from ln_core.runs.config import Choice, ConfigError, Real, Switch, Whole, knob
from ln_core.runs.experiment import Experiment, TrainingConfig
from ln_core.variants import labels

VARIANTS = labels("none", "post", "pre", "rms", "dyt", rms="Pre-RMSNorm")
TASKS = {"reverse": "Reverse a sequence", "recall": "Recall the previous segment"}
WIDENING = 4  # units of the feed-forward layer, for each unit of the stream
TEST_SEGMENTS = 12  # of a held-out sequence of the recall task: longer than those of training
TEST_TOKENS = 2048  # held-out tokens, about
SWEPT = (1 / 6, 1 / 3, 2 / 3, 1.0, 2.0)  # multiples of the learning rate, in a sweep of rates


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformerConfig(TrainingConfig):
    """One race of Transformers: the same weights and batches, once for each placement."""

    survey_every: ClassVar[int] = 4

    task: str = knob(
        "reverse",
        Choice(TASKS),
        label="Task",
        help="What the networks must answer: the tokens in reverse, or the previous segment's.",
        group="primary",
    )
    depth: int = knob(
        6,
        Whole(1, 24, stops=(1, 2, 3, 4, 6, 8, 12, 16, 24)),
        label="Layers",
        help="Layers L, each with attention and a feed-forward part: two norms a layer.",
        group="primary",
    )
    warmup: int = knob(
        0,
        Whole(0, 10_000, stops=(0, 20, 50, 100, 200, 400, 1000)),
        label="Warm-up steps",
        help="Steps over which the learning rate rises from 0; with 0, it is full from the start.",
        group="primary",
    )
    learning_rate: float = fields.learning_rate(
        1e-3,
        Real(1e-6, 1.0, stops=(1e-4, 3e-4, 5e-4, 1e-3, 2e-3, 3e-3, 5e-3, 0.01)),
        help="Adam's after the warm-up, the same for every variant.",
    )
    batch_size: int = fields.batch_size(
        16,
        Whole(1, 256, stops=(1, 2, 4, 8, 16, 32, 64)),
        help="Sequences N in a mini-batch, drawn at random.",
    )
    recurrence: bool = knob(
        True,
        Switch(),
        label="Memory",
        help="Attention also reads the states of the previous segment.",
        group="primary",
        where={"task": ["recall"]},
    )
    width: int = fields.width(
        64,
        Whole(4, 256, stops=(16, 32, 64, 128)),
        help="Units H of the stream. Each norm takes its statistics over these.",
        group="advanced",
    )
    heads: int = knob(
        4, Whole(1, 16, stops=(1, 2, 4, 8)), label="Heads", help="Attentions side by side."
    )
    length: int = knob(
        16,
        Whole(2, 64, stops=(4, 8, 16, 32)),
        label="Tokens",
        help="Tokens T of a sequence, or of a segment.",
    )
    vocabulary: int = knob(
        20, Whole(2, 200, stops=(5, 10, 20, 50)), label="Vocabulary", help="Different tokens."
    )
    segments: int = knob(
        3,
        Whole(2, 8),
        label="Segments",
        help="Segments of a training sequence, read one after the other.",
        where={"task": ["recall"]},
    )
    alpha: float = knob(
        0.5,
        Real(0.01, 10.0, stops=(0.1, 0.25, 0.5, 1.0, 2.0)),
        label="Initial alpha",
        help="Where the learned slope of DyT's tanh starts.",
        where={"variants": ["dyt"]},
    )
    epsilon: float = fields.epsilon(
        1e-5,
        Real(1e-12, 1.0, stops=(1e-12, 1e-8, 1e-5, 1e-3, 0.1, 1.0)),
        where={"variants": ["post", "pre", "rms"]},
    )
    steps: int = fields.steps(300, Whole(10, 20_000, stops=(100, 200, 300, 500, 1000, 2000, 5000)))
    seeds: int = fields.seeds(
        5,
        "Networks of each variant. Loss, error, whole gradient: mean and band; the rest: the mean.",
    )
    seed: int = fields.seed("Decides weights and sequences; the same seed gives the same run.")
    variants: tuple[str, ...] = fields.variants(
        VARIANTS, help="Which placements take part; fewer train faster."
    )

    def check_together(self) -> None:
        """Refuse heads that do not divide the width, and what would not fit in memory."""
        if self.width % self.heads:
            raise ConfigError(
                ("width", "heads"),
                f"{self.width} and {self.heads}",
                "a number of heads that divides the width",
            )
        memory = self.memory + len(self.variants) * self.graph
        self.refuse_beyond_memory(
            *("batch_size", "width", "length", "depth", "seeds"),
            beside=("task", "heads", "variants"),
            memory=memory,
            of="networks of all variants",
        )

    @property
    def T(self) -> int:
        """Tokens of a training sequence, over all its segments."""
        return self.length * (self.segments if self.task == "recall" else 1)

    @property
    def test_segments(self) -> int:
        """Segments of a held-out sequence."""
        return TEST_SEGMENTS if self.task == "recall" else 1

    @property
    def test_cases(self) -> int:
        """Held-out sequences."""
        return math.ceil(TEST_TOKENS / (self.length * self.test_segments))

    @property
    def chance(self) -> float:
        """The loss of a guess: every token equally likely."""
        return math.log(self.vocabulary)

    def rate_at(self, step: int) -> float:
        """Give the learning rate of a step, counted from 1: it rises linearly, then stays."""
        return self.learning_rate * min(1.0, step / max(self.warmup, 1))

    @property
    def swept_rates(self) -> tuple[float, ...]:
        """The learning rates of a sweep around this config's."""
        return tuple(float(f"{self.learning_rate * factor:.3g}") for factor in SWEPT)

    @property
    def swept(self) -> tuple[tuple["TransformerConfig", ...], ...]:
        """The races of a sweep: a row without and a row with the warm-up, a race for each rate."""
        return tuple(
            tuple(replace(self, learning_rate=rate, warmup=warmup) for rate in self.swept_rates)
            for warmup in (0, self.warmup)
        )

    @property
    def memory(self) -> int:
        """Bytes of all networks' tensors, about: parameters with their gradients and Adam's."""
        H, span = self.width, 2 * self.length
        parameters = self.depth * 14 * H**2 + (2 * self.vocabulary + span) * H
        return 4 * len(self.variants) * 4 * self.seeds * parameters

    @property
    def graph(self) -> int:
        """Bytes of what one step of a network leaves to its way back, about."""
        H, span = self.width, 2 * self.length
        each = self.depth * (30 * H + 4 * self.heads * span) + 3 * self.vocabulary
        return 4 * max(self.batch_size * self.T, self.test_cases * self.length) * each


EXPERIMENT = Experiment(
    name="paper-transformer",
    config=TransformerConfig,
    film="ln_core.paper.transformer.trainer:film",
    figure="ln_core.paper.transformer.figure:transformer_figure",
    arrays="ln_core.paper.transformer.arrays:ARRAYS",
    code="ln_core.paper.transformer.code:code",
)
SWEEP = Experiment(
    name="paper-transformer-rates",
    config=TransformerConfig,
    film="ln_core.paper.transformer.trainer:sweep",
    figure="ln_core.paper.transformer.figure:sweep_figure",
    arrays="ln_core.paper.transformer.arrays:SWEEP_ARRAYS",
    code="ln_core.paper.transformer.code:sweep_code",
)
