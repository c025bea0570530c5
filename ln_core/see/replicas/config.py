"""One batch on several devices: the knobs. Free of torch."""

from dataclasses import dataclass

from ln_core.runs import fields
from ln_core.runs.config import Choice, ConfigError, Whole, knob
from ln_core.runs.experiment import Experiment, SnapshotConfig

SPLITS = (1, 2, 4, 8, 16, 32)  # replicas
SPLIT_BATCH = 64  # examples of the undivided batch
VARIANTS = ("batch", "sync", "layer")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicasConfig(SnapshotConfig):
    """One batch, split over replicas as data-parallel training on several devices splits it."""

    replicas: int = knob(
        8,
        Whole(1, 32, stops=SPLITS),
        label="Replicas",
        help="How many devices share the batch of 64 examples.",
        group="primary",
    )
    weights: str = knob(
        "fresh",
        Choice({"fresh": "Before training", "trained": "Trained"}),
        label="Weights",
        help="Whether the nets have just been initialized or come from the recorded training.",
        group="primary",
    )
    seed: int = fields.seed("Decides the batch; before training, the initial weights too.")

    def check_together(self) -> None:
        """Refuse replicas with unequal shares."""
        if self.replicas not in SPLITS:
            raise ConfigError(
                ("replicas",),
                str(self.replicas),
                f"one of {', '.join(map(str, SPLITS))}, which divide {SPLIT_BATCH} examples",
            )

    @property
    def variants(self) -> tuple[str, ...]:
        """Batch Norm on each replica alone and across all of them, and Layer Norm."""
        return VARIANTS


EXPERIMENT = Experiment(
    name="replicas",
    config=ReplicasConfig,
    compute="ln_core.see.replicas.compute:compute",
    figure="ln_core.see.replicas.figure:replicas_figure",
    arrays="ln_core.see.replicas.arrays:ARRAYS",
    code="ln_core.see.replicas.code:code",
)
