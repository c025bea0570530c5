"""What the arrays of the picture mean."""

from ln_core.runs.meaning import Meaning

_OF_ALL = "variant, example, unit"
_PLAIN = "plain numbers"

ARRAYS = {
    "a": Meaning("The matrix of summed inputs, the same for all", _OF_ALL, _PLAIN),
    "inner": Meaning("What is normalized: a, or relu(a)", _OF_ALL, _PLAIN),
    "h": Meaning("The outputs", _OF_ALL, _PLAIN),
    "exact": Meaning("The outputs computed in float64", _OF_ALL, _PLAIN),
    "naive": Meaning("The outputs computed in float16 from start to end", _OF_ALL, _PLAIN),
    "moved": Meaning("Change of every output when what is chosen is moved", _OF_ALL, _PLAIN),
    "twin": Meaning(
        "Of Layer Norm: Batch Norm of the transpose, transposed; of Batch Norm the reverse; NaN of "
        "RMSNorm",
        _OF_ALL,
        _PLAIN,
    ),
    "jacobian": Meaning(
        "Derivative of every output by every entry of a",
        "variant, output example, output unit, example, unit",
        _PLAIN,
    ),
    "row_stats": Meaning(
        "mu and sigma of each row of `inner`", "variant, example, mu and sigma", _PLAIN
    ),
    "column_stats": Meaning(
        "mu and sigma of each column of `inner`; where Batch Norm's running ones play a part, also "
        "these",
        "variant, mu and sigma, unit",
        _PLAIN,
    ),
    "without": Meaning(
        "The outputs of the rows that are not all zeros, in a batch of their own", _OF_ALL, _PLAIN
    ),
}
