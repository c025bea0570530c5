"""The matrix of a fully connected layer: the knobs and the presets. Free of torch."""

from dataclasses import dataclass

import numpy as np

from ln_core.runs import fields
from ln_core.runs.config import Choice, Real, Switch, Whole, knob
from ln_core.runs.experiment import Experiment, SnapshotConfig
from ln_core.runs.matrix_text import LARGEST, MatrixText, Rows, to_rows

VARIANTS = ("batch", "layer", "rms")
MOST = 8  # cases and units: numbers in cells stay legible
UPDATES = 200  # of the running averages, at the most
_SOME = [str(steps) for steps in range(1, UPDATES + 1)]
READY = 12  # matrices, of which "New numbers" takes the next


def random_rows(N: int, H: int, seed: int = 0) -> Rows:
    """Draw a matrix whose columns and rows differ in mean and spread, to two decimals."""
    generator = np.random.default_rng(seed)
    drawn = generator.standard_normal((N, H)) + generator.standard_normal(H)
    return to_rows(np.round(drawn, 2).tolist())


def replace_cell(rows: Rows, row: int, column: int, value: float) -> Rows:
    """Give a matrix with one cell changed.

    Raises: ValueError if there is no such cell.
    """
    if not (0 <= row < len(rows) and 0 <= column < len(rows[0])):
        raise ValueError(
            f"a cell of this {len(rows)} x {len(rows[0])} matrix is needed, "
            f"got row {row}, column {column}"
        )
    changed = [list(line) for line in rows]
    changed[row][column] = float(value)
    return tuple(tuple(line) for line in changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixConfig(SnapshotConfig):
    """A layer's pre-activations, N examples x H units, edited by hand, and the norms' outputs."""

    matrix: tuple[tuple[float, ...], ...] = knob(
        random_rows(4, 6),
        MatrixText(
            MOST,
            MOST,
            LARGEST,
            sizes=("Examples N", "Units H"),
            chosen=("row", "column"),
            ready=tuple(random_rows(MOST, MOST, seed) for seed in range(READY)),
        ),
        label="Pre-activations a",
        help="A line for each example, a number for each unit: type, or paste from a spreadsheet.",
    )
    row: int = knob(
        0,
        Whole(0, MOST - 1),
        label="Chosen example",
        help="Row of the chosen cell, counted from 0; beyond the last, the last.",
    )
    column: int = knob(
        0,
        Whole(0, MOST - 1),
        label="Chosen unit",
        help="Column of the chosen cell, counted from 0; beyond the last, the last.",
    )
    move: float = knob(
        1.0,
        Real(-100.0, 100.0, stops=(-10.0, -3.0, -1.0, -0.1, 0.1, 1.0, 3.0, 10.0, 100.0)),
        label="Move by",
        help="How much is added to what is moved, to see which outputs change.",
        group="primary",
    )
    moving: str = knob(
        "cell",
        Choice(
            {
                "cell": "The cell alone",
                "column": "Its whole column, as a bias does",
                "row": "Its whole row",
            }
        ),
        label="What is moved",
        help="A bias before the norm adds the same to all of a unit's column.",
        group="primary",
    )
    mode: str = knob(
        "training",
        Choice({"training": "Training", "evaluation": "Evaluation"}),
        label="Mode",
        help="Batch Norm in evaluation mode uses running averages in place of this batch's own.",
        group="primary",
    )
    running_steps: int = knob(
        0,
        Whole(0, UPDATES, stops=(0, 1, 2, 3, 5, 10, 20, 44, 100, 200)),
        label="Updates of the averages",
        help="How often the running averages were updated by this batch; they start at 0 and 1.",
    )
    momentum: float = knob(
        0.1,
        Real(0.0, 1.0, stops=(0.0, 0.01, 0.1, 0.3, 0.5, 0.9, 1.0)),
        label="Momentum",
        help="Weight of the new batch in the running averages (PyTorch's convention).",
        where={"running_steps": _SOME},
    )
    stored: str = knob(
        "unbiased",
        Choice({"unbiased": "Unbiased: divided by N - 1", "biased": "Biased: divided by N"}),
        label="Stored variance",
        help="Which variance the running average stores; the same at one example or momentum 0.",
        where={"running_steps": _SOME},
    )
    gain: float = knob(
        1.0,
        Real(-10.0, 10.0, stops=(-2.0, -1.0, 0.0, 0.1, 0.5, 1.0, 2.0, 5.0)),
        label="Gain g",
        help="Factor after normalization, one for each unit.",
        where={"affine_on": ["all", "chosen"]},
    )
    bias: float = knob(
        0.0,
        Real(-10.0, 10.0, stops=(-3.0, -1.0, 0.0, 1.0, 3.0)),
        label="Bias b",
        help="Shift after the gain, one for each unit. RMSNorm has none.",
        where={"affine_on": ["all", "chosen"]},
    )
    affine_on: str = knob(
        "all",
        Choice(
            {
                "all": "All units",
                "chosen": "The chosen unit alone",
                "undo": "All units: g = σ, b = μ of the column",
            }
        ),
        label="Gain and bias act on",
        help="Units not chosen keep 1 and 0. The last choice undoes Batch Norm in training mode.",
    )
    activation: str = knob(
        "none",
        Choice(
            {
                "none": "None",
                "after": "ReLU after normalization",
                "before": "ReLU before normalization",
            }
        ),
        label="Activation",
        help="Where ReLU stands: it makes negative numbers 0.",
    )
    epsilon: float = fields.epsilon(
        1e-5, Real(0.0, 1.0, stops=(0.0, 1e-12, 1e-8, 1e-5, 1e-3, 0.1, 1.0))
    )
    half: bool = knob(
        False,
        Switch(),
        label="float16",
        help="Round the matrix to half precision, and also try the formula wholly in it.",
    )

    @property
    def variants(self) -> tuple[str, ...]:
        """Batch Norm, Layer Norm and RMSNorm of the same matrix."""
        return VARIANTS

    @property
    def shape(self) -> tuple[int, int]:
        """Cases and units: (N, H)."""
        return len(self.matrix), len(self.matrix[0])

    @property
    def real(self) -> tuple[int, ...]:
        """The examples that are not all zeros, as padding is."""
        return tuple(at for at, row in enumerate(self.matrix) if any(row))

    @property
    def is_padded(self) -> bool:
        """Whether some of its examples are padding, and some are not."""
        return 0 < len(self.real) < len(self.matrix)

    @property
    def averages(self) -> bool:
        """Whether Batch Norm's running averages play a part."""
        return self.running_steps > 0 or self.mode == "evaluation"

    @property
    def cell(self) -> tuple[int, int]:
        """The chosen cell; one beyond the matrix gives way to the last one within."""
        N, H = self.shape
        return min(self.row, N - 1), min(self.column, H - 1)


EXPERIMENT = Experiment(
    name="matrix",
    config=MatrixConfig,
    compute="ln_core.see.matrix.compute:compute",
    figure="ln_core.see.matrix.figure:matrix_figure",
    arrays="ln_core.see.matrix.arrays:ARRAYS",
    code="ln_core.see.matrix.code:code",
)
