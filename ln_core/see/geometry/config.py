"""Why it helps, section 5 of the paper: the knobs. Free of torch."""

from dataclasses import dataclass

from ln_core.runs import fields
from ln_core.runs.config import Choice, Real, Whole, knob
from ln_core.runs.experiment import Experiment, SnapshotConfig

VARIANTS = ("none", "batch", "weight", "layer", "rms")
FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
BLOCKS = ("weights, weights", "weights, gains", "gains, gains")
# Ba, Kiros, Hinton 2016, sec. 5.2.2: where the weights double, the curvature along them "will
# change by a factor of 1/2".
PAPER_CURVATURE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class GeometryConfig(SnapshotConfig):
    """A layer's weights scaled by a factor, and a short training of them by plain SGD."""

    factor: float = knob(
        2.0,
        Real(0.1, 100.0, stops=FACTORS),
        label="Weights × factor",
        help="Multiplies W before the training and in the Fisher matrix. The first three charts "
        "always show the factors 0.25 to 16.",
        group="primary",
    )
    scope: str = knob(
        "all",
        Choice({"all": "The whole matrix", "row": "One row: one unit's weights"}),
        label="What is scaled",
        help="Layer Norm and RMSNorm cancel a factor on the whole matrix only.",
        group="primary",
    )
    learning_rate: float = fields.learning_rate(
        30.0,
        Real(0.001, 100.0, stops=(0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)),
        help="A factor of every step of plain SGD; the output layer's stays at 0.1.",
    )
    training_steps: int = knob(
        40,
        Whole(1, 200, stops=(10, 20, 40, 100, 200)),
        label="Training steps",
        help="Steps of plain SGD on one fixed batch.",
    )
    seed: int = fields.seed("Decides the weights and the data.")

    @property
    def variants(self) -> tuple[str, ...]:
        """The normalizations that are compared."""
        return VARIANTS


EXPERIMENT = Experiment(
    name="geometry",
    config=GeometryConfig,
    compute="ln_core.see.geometry.compute:compute",
    figure="ln_core.see.geometry.figure:geometry_figure",
    arrays="ln_core.see.geometry.arrays:ARRAYS",
    code="ln_core.see.geometry.code:code",
)
