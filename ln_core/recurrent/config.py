"""The RNN lab's configs: every knob of the race and of the time microscope. Free of torch."""

import math
from dataclasses import dataclass
from typing import ClassVar

from ln_core.runs import fields
from ln_core.runs.changes import Change, Forkable, changes
from ln_core.runs.config import Choice, ConfigError, Real, Subset, Whole, knob
from ln_core.runs.experiment import Experiment, SnapshotConfig
from ln_core.variants import labels

VARIANTS = labels("none", "batch", "layer", "rms")
_NORMED = fields.with_a_norm(VARIANTS)
TASKS = {
    "rows": "Digits, row by row",
    "adding": "Adding problem",
    "copy": "Copy task",
    "text": "Moby-Dick, by letter",
}
CELLS = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}
ACTIVATIONS = {"tanh": "tanh", "relu": "ReLU", "identity": "Identity (linear)"}
PLACEMENTS = {"sum": "On the sum (eq. 4)", "parts": "On each part (as eq. 20)"}

ROWS = 28  # steps of an image, and numbers in each
COPY_STEPS = 10  # beside the delay: a word of 5 symbols to read, and to write
TEXT_SIZE = 1_000_000  # characters to cut training sequences from, at least
CHARACTERS = 100  # in the alphabet, at the most
LETTERS_ALONE = 3.0805  # nats: the cross-entropy of letter frequencies, on the part for tests
EXTRA_STEPS = (0, 2, 4, 8, 16)  # blank rows in front of an image: longer than trained
SURVEY_EVERY = 8  # frames: a survey takes as long as 10 to 15 training steps
LONGER_EVERY = 2 * SURVEY_EVERY  # frames: sequences longer than trained take as long again
TEST_CASES = 400
BATCH_SIZES = Whole(1, 512, stops=(1, 2, 3, 4, 8, 16, 32, 64, 128, 256, 512))
RATES = Real(1e-5, 10.0, stops=(1e-4, 3e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.03, 0.1, 0.3, 1.0))
CHUNK = 1 << 19  # numbers of a state, over all steps, to hold at a time: caches fit


@dataclass(frozen=True, slots=True, kw_only=True)
class RnnConfig(Forkable):
    """One race of recurrent nets: the same cell, weights and batches, once for each variant."""

    survey_every: ClassVar[int] = SURVEY_EVERY

    task: str = knob(
        "rows",
        Choice(TASKS),
        label="Task",
        help="What the networks read, one time step after the other, and learn to answer.",
        group="primary",
    )
    cell: str = knob(
        "rnn",
        Choice(CELLS),
        label="Cell",
        help="How the hidden state is updated: plainly, or with gates that can keep it.",
        group="primary",
    )
    batch_size: int = fields.batch_size(
        32,
        BATCH_SIZES,
        help="Examples N in a mini-batch. Batch Norm takes each time step's statistics over these.",
    )
    learning_rate: float = fields.learning_rate(
        2e-3,
        RATES,
        help="A factor of every step of the optimizer, the same for every variant.",
    )
    radius: float = knob(
        1.0,
        Real(0.25, 8.0, stops=(0.25, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0)),
        label="Spectral radius",
        help="Largest absolute eigenvalue of the initial recurrent weights (in each gate).",
        group="primary",
    )
    width: int = fields.width(
        64,
        Whole(1, 512, stops=(1, 2, 4, 8, 16, 32, 64, 128, 256)),
        help="Hidden units H; in the plain cell Layer Norm averages over these.",
        group="advanced",
    )
    length: int = knob(
        30,
        Whole(2, 200, stops=(5, 10, 20, 30, 50, 100, 200)),
        label="Length",
        help="Time steps T of a sequence; in the copy task, how many to wait.",
        where={"task": ["adding", "copy", "text"]},
    )
    activation: str = knob(
        "tanh",
        Choice(ACTIVATIONS),
        label="Activation",
        help="The function f of the plain cell; GRU and LSTM have their own.",
        where={"cell": ["rnn"]},
    )
    gain: float = knob(
        1.0,
        Real(0.01, 10.0, stops=(0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)),
        label="Initial gain",
        help="Initial value of every norm's gain g.",
        where=_NORMED,
    )
    placement: str = knob(
        "sum",
        Choice(PLACEMENTS),
        label="Placement",
        help="Where the plain cell is normalized; GRU and LSTM follow the paper's equations.",
        where={"cell": ["rnn"], **_NORMED},
    )
    optimizer: str = fields.optimizer()
    clip: float = fields.clip(
        1.0,
        Real(0.0, 1000.0, stops=(0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0)),
        help="A gradient of larger size is scaled down to this one; 0 leaves all as they are.",
    )
    seeds: int = fields.seeds(
        4,
        "Networks of each variant. "
        "Loss, error, whole gradient: mean and band; the rest: the first.",
    )
    seed: int = fields.seed(
        "Decides weights, data and batch order; the same seed gives the same run."
    )
    epsilon: float = fields.epsilon(
        1e-5, Real(1e-12, 1.0, stops=(1e-12, 1e-8, 1e-5, 1e-3, 0.1, 1.0)), where=_NORMED
    )
    bn_momentum: float = fields.bn_momentum(
        "Weight of the new batch in Batch Norm's running statistics of every time step.",
        where={"cell": ["rnn"]},
    )
    cases: int = fields.cases(
        20_000,
        Whole(512, 60_000, stops=(512, 1000, 2000, 6000, 20_000, 60_000)),
        help="How many sequences the training set holds; the novel has fewer if they are long.",
    )
    steps: int = fields.steps(
        1000, Whole(10, 20_000, stops=(100, 200, 300, 500, 1000, 2000, 5000, 10_000, 20_000))
    )
    variants: tuple[str, ...] = fields.variants(
        VARIANTS,
        help="Which normalizations take part; Batch Norm only in the plain cell.",
        offered={"batch": {"cell": ["rnn"]}},
    )
    changes: tuple[Change, ...] = changes(
        RATES, BATCH_SIZES, variants=VARIANTS, batch_norm={"cell": ["rnn"]}
    )

    def check_together(self) -> None:
        """Refuse a race without variants, changes that cannot be, and what is beyond memory."""
        if not self.taking_part:
            raise ConfigError(
                ("variants",),
                f"Batch Norm alone with the cell {self.cell.upper()}",
                "another variant as well, or the cell RNN",
                beside=("cell",),
            )
        self.check_changes()
        length = () if self.task == "rows" else ("length",)  # an image has its own
        self.refuse_beyond_memory(
            *("batch_size", "width", *length, "seeds", "cases"),
            beside=("task", "cell"),
            memory=self._memory_of("layer"),
            of="networks of one variant",
        )

    @property
    def taking_part(self) -> tuple[str, ...]:
        """The variants that are trained: Batch Norm, one statistic a step, in the plain cell."""
        return tuple(v for v in self.variants if v != "batch" or self.cell == "rnn")

    @property
    def T(self) -> int:
        """Steps of a sequence."""
        if self.task == "rows":
            return ROWS
        return self.length + (COPY_STEPS if self.task == "copy" else 0)

    @property
    def training_cases(self) -> int:
        """Cases in the training set: what is asked for, or all that there are."""
        return min(self.cases, TEXT_SIZE // self.length) if self.task == "text" else self.cases

    @property
    def baseline(self) -> float:
        """The loss of a guess that ignores the input, or has forgotten it."""
        return {
            "rows": math.log(10),  # every digit equally likely
            "adding": 1 / 6,  # always answering 1
            "copy": 5 * math.log(8) / self.T,  # blanks at the right time, symbols guessed
            "text": LETTERS_ALONE,
        }[self.task]

    @property
    def gates(self) -> tuple[str, ...]:
        """Names of the cell's gates, by the paper's letters."""
        return {"rnn": (), "gru": ("z", "r"), "lstm": ("f", "i", "o")}[self.cell]

    @property
    def memory(self) -> int:
        """Bytes of all variants' tensors, about."""
        return sum(map(self._memory_of, self.taking_part))

    def _memory_of(self, variant: str) -> int:
        """Bytes of one variant's tensors, about: parameters, buffers, test and training set."""
        H, blocks = self.width, {"rnn": 1, "gru": 3, "lstm": 4}[self.cell]
        inputs = {"rows": ROWS, "adding": 2, "copy": COPY_STEPS, "text": CHARACTERS}[self.task]
        parameters = blocks * H * (H + inputs + 5) + inputs * (H + 1)
        # Gates that Layer Norm's fused kernels do not normalize have more buffers.
        buffers = (12 if variant == "rms" and blocks > 1 else 5) * blocks + 6
        in_step = buffers * H * self.T * self.cases_in_step
        # Codes take 8 bytes, and targets as much; of images, only which ones they are is held.
        each = self.T * (inputs if self.task in ("adding", "rows") else 4)
        test_set = each * TEST_CASES * (2 if self.task == "rows" else 1)
        training_set = self.training_cases * (each if self.task != "rows" else 4)
        return 4 * (self.seeds * (in_step + 4 * parameters + test_set) + training_set)

    def is_longer_survey(self, frame: int) -> bool:
        """Whether a survey tests sequences longer than trained as well."""
        last = frame == self.frames - 1
        return self.task == "rows" and (frame % LONGER_EVERY == 0 or last)

    @property
    def shards(self) -> tuple[tuple[str, ...], ...]:
        """One variant each: recurrent nets gain nothing from being stacked."""
        return tuple((variant,) for variant in self.taking_part)


@dataclass(frozen=True, slots=True, kw_only=True)
class MicroscopeConfig(SnapshotConfig):
    """One untrained plain cell, unrolled: what happens to signal and gradient, step by step."""

    radius: float = knob(
        1.4,
        Real(0.25, 4.0, stops=(0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)),
        label="Spectral radius",
        help="Largest absolute eigenvalue of W_hh: the gradient's factor in linear nets without a "
        "norm.",
        group="primary",
    )
    activation: str = knob(
        "identity",
        Choice(ACTIVATIONS),
        label="Activation",
        help="The function f after the norm. tanh keeps each number of the state between -1 and 1.",
        group="primary",
    )
    input: str = knob(
        "first",
        Choice({"first": "At the first time step only", "every": "At every time step"}),
        label="Input",
        help="Whether a new input comes in at every time step or only at the first.",
        group="primary",
    )
    gain: float = knob(
        1.0,
        Real(0.1, 10.0, stops=(0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)),
        label="Gain",
        help="The gain g of every norm: it may change the gradient's factor per time step.",
        group="primary",
        where=_NORMED,
    )
    placement: str = knob(
        "sum",
        Choice(PLACEMENTS),
        label="Placement",
        help="Normalize W_hh h + W_xh x as one, or each of the two on its own.",
        group="primary",
        where={"input": ["every"], **_NORMED},
    )
    length: int = knob(
        100,
        Whole(10, 200, stops=(10, 20, 50, 100, 150, 200)),
        label="Time steps",
        help="How many time steps T the cell is unrolled over.",
    )
    width: int = fields.width(
        128,
        Whole(2, 256, stops=(2, 4, 8, 16, 32, 64, 128, 256)),
        help="Hidden units H; the more, the closer the theory.",
        group="advanced",
    )
    seed: int = fields.seed("Decides weights and inputs; the same seed gives the same picture.")
    variants: tuple[str, ...] = knob(
        tuple(VARIANTS),
        Subset(VARIANTS),
        label="Variants",
        help="Which normalizations are unrolled.",
    )

    @property
    def memory(self) -> int:
        """Bytes of one cell's tensors, about, in float64: 16 buffers of 16 cases, and weights."""
        return 8 * (256 * self.length * self.width + 4 * self.width**2)


RNN = Experiment(
    name="rnn",
    config=RnnConfig,
    film="ln_core.recurrent.trainer:film",
    figure="ln_core.recurrent.figure:rnn_figure",
    arrays="ln_core.recurrent.arrays:ARRAYS",
    code="ln_core.recurrent.code:code",
)


MICROSCOPE = Experiment(
    name="time",
    config=MicroscopeConfig,
    compute="ln_core.recurrent.microscope:compute",
    figure="ln_core.recurrent.figure:microscope_figure",
    arrays="ln_core.recurrent.arrays:MICROSCOPE_ARRAYS",
    code="ln_core.recurrent.microscope_code:code",
)
