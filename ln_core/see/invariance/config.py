"""What leaves the output unchanged: the knobs, and the paper's printed table. Free of torch."""

from dataclasses import dataclass

from ln_core.runs import fields
from ln_core.runs.config import Choice, ConfigError, Real, Switch, knob
from ln_core.runs.experiment import Experiment, SnapshotConfig

CHANGES = {
    "weights_scale": "All weights × factor",
    "weights_shift": "Weights + same vector",
    "row_scale": "One unit's weights × factor",
    "data_scale": "All data × factor",
    "data_shift": "Data + same vector",
    "case_scale": "One example × factor",
    "image_shift": "Data + same image",
}
CONV_ONLY = ("image_shift",)
DENSE_VARIANTS = ("batch", "weight", "layer", "rms", "group")
CONV_VARIANTS = ("batch", "weight", "layer", "pixel", "rms", "group", "instance")
UNCHANGED = 1e-12  # relative change up to which float64 outputs count as unchanged

# Ba, Kiros, Hinton 2016, sec. 5.1, table 1: "invariant" or "no", in the order of CHANGES.
PRINTED = {
    "batch": (True, False, True, True, True, False),
    "weight": (True, False, True, False, False, False),
    "layer": (True, True, False, True, False, True),
}
# The same section's text says that *all* the methods are invariant to re-scaling of the data set.
TEXT_SAYS = {("weight", "data_scale"): True}


@dataclass(frozen=True, slots=True, kw_only=True)
class InvarianceConfig(SnapshotConfig):
    """One change to weights or data, its size, and the switches where the plain statement fails."""

    change: str = knob(
        "case_scale",  # the variants differ, and the paper's table says so
        Choice(CHANGES, offered={name: {"layer": ["conv"]} for name in CONV_ONLY}),
        label="Change",
        help="× multiplies; + adds the same numbers to each unit's weights or to each example.",
        group="primary",
    )
    factor: float = knob(
        3.0,
        Real(-10.0, 10.0, stops=(-3.0, -1.0, 0.01, 0.1, 0.5, 2.0, 3.0, 10.0)),
        label="Factor",
        help="Weights or data are multiplied by it; a shift is a random vector times it.",
        group="primary",
    )
    layer: str = knob(
        "dense",
        Choice({"dense": "Fully connected", "conv": "Convolution"}),
        label="Layer",
        help="What computes the pre-activations a from the data.",
        group="primary",
    )
    epsilon: float = fields.epsilon(
        0.0,
        Real(0.0, 1.0, stops=(0.0, 1e-8, 1e-5, 1e-3, 0.1)),
        help="Added to variance or mean square inside the root; the paper's table is for 0.",
        group="primary",
    )
    bias_inside: bool = knob(
        False,
        Switch(),
        label="Bias inside the norm",
        help="Adds a bias to the pre-activations before they are normalized.",
        group="primary",
    )
    evaluation: bool = knob(
        False,
        Switch(),
        label="Evaluation mode",
        help="Batch Norm keeps the statistics from before the change, as running averages do.",
        group="primary",
    )
    padding: bool = knob(
        False,
        Switch(),
        label="Zero padding",
        help="The convolution pads its input with a border of zeros.",
        where={"layer": ["conv"]},
    )
    seeds: int = fields.seeds(
        8,
        "How many random layers and batches every cell of the table is measured on.",
        default=3,
    )
    seed: int = fields.seed("Decides the weights and data of the first random layer.")

    def check_together(self) -> None:
        """Refuse a layer of zeros, and in a fully connected one a change of images."""
        if self.factor == 0:
            raise ConfigError(("factor",), "0", "any number from -10 to 10 except 0")
        if self.layer != "conv" and self.change in CONV_ONLY:
            allowed = "with a fully connected layer, any other"
            raise ConfigError(("change",), repr(CHANGES[self.change]), allowed)

    @property
    def variants(self) -> tuple[str, ...]:
        """The normalizations that are compared."""
        return CONV_VARIANTS if self.layer == "conv" else DENSE_VARIANTS

    @property
    def changes(self) -> tuple[str, ...]:
        """The columns of the table."""
        return tuple(c for c in CHANGES if self.layer == "conv" or c not in CONV_ONLY)

    @property
    def is_plain(self) -> bool:
        """Whether the setting is the one that the paper's table speaks of."""
        return (
            self.layer == "dense"
            and self.factor > 0
            and self.epsilon == 0
            and not (self.bias_inside or self.evaluation)
        )


def printed(variant: str, change: str) -> bool | None:
    """Give what the paper's table prints; None where it has no such cell."""
    row = PRINTED.get(variant)
    at = tuple(CHANGES).index(change)
    return None if row is None or at >= len(row) else row[at]


EXPERIMENT = Experiment(
    name="invariance",
    config=InvarianceConfig,
    compute="ln_core.see.invariance.compute:compute",
    figure="ln_core.see.invariance.figure:invariance_figure",
    arrays="ln_core.see.invariance.arrays:ARRAYS",
    code="ln_core.see.invariance.code:code",
)
