"""The batch-mate experiment: the knobs. Free of torch."""

import math
from dataclasses import dataclass

from ln_core.runs import fields
from ln_core.runs.config import Choice, Whole, knob
from ln_core.runs.experiment import Experiment, SnapshotConfig
from ln_core.see.digits import NET_VARIANTS

LARGEST = 256  # examples in a batch
_SEVERAL = [str(size) for size in range(2, LARGEST + 1)]  # one has no neighbours
PICTURED = 32  # digits of a batch, at most


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchMatesConfig(SnapshotConfig):
    """One pinned digit, and neighbours drawn again and again for its batch."""

    digit: int = knob(
        70,  # one whose answer is easily moved: a 2 of which all three nets are sure by themselves
        Whole(0, 999),
        label="Chosen digit",
        help="Which of 1000 test digits, counted from 0.",
        group="primary",
    )
    batch_size: int = fields.batch_size(
        8,
        Whole(1, LARGEST, stops=(1, 2, 3, 4, 8, 16, 32, 64, 128, 256)),
        help="Examples (cases) N in the batch, the chosen digit among them.",
    )
    company: str = knob(
        "mixed",
        Choice({"mixed": "Any digits", "same": "Digits of its own class"}),
        label="Neighbours",
        help="Which digits the neighbours are drawn from, with replacement.",
        group="primary",
        where={"batch_size": _SEVERAL},
    )
    mode: str = knob(
        "training",
        Choice({"training": "Training", "evaluation": "Evaluation"}),
        label="Mode",
        help="In evaluation mode Batch Norm uses running averages: neighbours do not matter.",
        group="primary",
    )
    draws: int = knob(
        32,
        Whole(2, 64, stops=(2, 8, 16, 32, 64)),
        label="Draws",
        help="How often the neighbours are drawn again.",
    )
    seed: int = fields.seed("Decides the neighbours of all draws.", where={"batch_size": _SEVERAL})

    @property
    def variants(self) -> tuple[str, ...]:
        """The recorded nets."""
        return NET_VARIANTS

    @property
    def tiles(self) -> tuple[int, int]:
        """Rows and columns of the picture of the batch: fewer digits are shown larger."""
        columns = 4 if self.batch_size <= 8 else 8
        return math.ceil(min(self.batch_size, PICTURED) / columns), columns

    @property
    def memory(self) -> int:
        """Bytes of the digits, and of those of all draws with their activations."""
        return (16 << 20) + self.draws * self.batch_size * 4 * 1000


EXPERIMENT = Experiment(
    name="batch_mates",
    config=BatchMatesConfig,
    compute="ln_core.see.batch_mates.compute:compute",
    figure="ln_core.see.batch_mates.figure:batch_mates_figure",
    arrays="ln_core.see.batch_mates.arrays:ARRAYS",
    code="ln_core.see.batch_mates.code:code",
)
