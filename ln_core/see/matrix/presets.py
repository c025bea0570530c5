"""Matrices that each show one thing; every `notice` sentence has a test. Free of torch."""

from ln_core.runs.matrix_text import Rows
from ln_core.runs.preset import Preset
from ln_core.see.matrix.config import MatrixConfig, random_rows, replace_cell

_random = random_rows(4, 6)


def _column(rows: Rows, column: int, value: float) -> Rows:
    for row in range(len(rows)):
        rows = replace_cell(rows, row, column, value)
    return rows


PRESETS: dict[str, Preset[MatrixConfig]] = {
    "random": Preset(
        label="Random",
        notice=(
            "Moving one cell changes its whole column under Batch Norm and its whole row under "
            "Layer Norm, and nothing else."
        ),
        config=MatrixConfig(matrix=_random),
    ),
    "outlier": Preset(
        label="Outlier",
        notice=(
            "One large number squeezes the rest of its row under Layer Norm, and the rest of its "
            "column under Batch Norm."
        ),
        config=MatrixConfig(matrix=replace_cell(_random, 1, 2, 100.0), row=1, column=2),
    ),
    "constant_row": Preset(
        label="Constant row",
        notice=(
            "An example whose units are all equal has no spread: Layer Norm puts out the bias, and "
            "a tiny change, of 0.01, becomes a large one (table 'Change of every output')."
        ),
        config=MatrixConfig(matrix=(_random[0], (2.0,) * 6, *_random[2:]), row=1, move=0.01),
    ),
    "constant_column": Preset(
        label="Constant column",
        notice=(
            "A unit that is equal in all examples has no spread: Batch Norm puts out the bias; "
            "Layer Norm is not affected."
        ),
        config=MatrixConfig(matrix=_column(_random, 3, 2.0), column=3, move=0.1),
    ),
    "one_case": Preset(
        label="Batch of one",
        notice=(
            "A batch of one is its own mean: Batch Norm puts out the bias whatever the example is. "
            "PyTorch refuses to train here."
        ),
        config=MatrixConfig(matrix=random_rows(1, 6)),
    ),
    "two_cases": Preset(
        label="Batch of two",
        notice=(
            "In a batch of two, Batch Norm turns every unit into plus one and minus one, unless "
            "the two examples are so close that epsilon counts."
        ),
        config=MatrixConfig(matrix=random_rows(2, 6)),
    ),
    "two_units": Preset(
        label="Two units",
        notice=(
            "With two units, Layer Norm puts out plus one and minus one; with one unit, only the "
            "bias. Batch Norm does the same with two examples, and with one."
        ),
        config=MatrixConfig(matrix=random_rows(6, 2)),
    ),
    "padding": Preset(
        label="Padding",
        notice=(
            "Two examples of padding, all zeros, stand below three real ones: under Batch Norm "
            "they change the outputs of the real ones; under Layer Norm they do not."
        ),
        config=MatrixConfig(matrix=(*_random[:3], *[(0.0,) * 6] * 2)),
    ),
    "logits": Preset(
        label="As logits",
        notice=(
            "One unit is a thousand times as large as the others, yet no output of Layer Norm can "
            "exceed the square root of H - 1: as logits, these eight give no probability near one."
        ),
        config=MatrixConfig(matrix=((1000.0, *(7 * (1.0,))),)),
    ),
    "before_f": Preset(
        label="Before or after ReLU",
        notice=(
            "With ReLU before Layer Norm, the zeros that ReLU made do not stay zero: in a row "
            "with a positive number they all become one and the same negative number."
        ),
        config=MatrixConfig(matrix=_random, activation="before"),
    ),
    "evaluation": Preset(
        label="Stale averages",
        notice=(
            "In evaluation mode Batch Norm's output for an example does not depend on the others, "
            "but after ten updates at momentum 0.1 the running mean has come only two thirds of "
            "the way from 0 to this batch's mean."
        ),
        config=MatrixConfig(matrix=_random, mode="evaluation", running_steps=10),
    ),
    "half": Preset(
        label="float16 trap",
        notice=(
            "In float16 the square of 300 is infinite and an epsilon of 1e-8 is zero: computed in "
            "float16, RMSNorm's row 0 is 0. Computed in float32 and then rounded, it "
            "is right."
        ),
        config=MatrixConfig(
            matrix=((300.0, -310.0, 290.0, 305.0), (0.001, -0.002, 0.003, 0.001), (2.0,) * 4),
            epsilon=1e-8,
            half=True,
        ),
    ),
}
