"""What the arrays of the picture mean."""

from ln_core.runs.meaning import Meaning

_OUTPUTS = "variant, example, unit"
_TABLE = "variant, change"

ARRAYS = {
    "before": Meaning("Outputs of the first seed", _OUTPUTS, "plain numbers"),
    "after": Meaning("Its outputs after the chosen change", _OUTPUTS, "plain numbers"),
    "difference": Meaning("After minus before", _OUTPUTS, "plain numbers"),
    "table": Meaning(
        "Largest relative change of the outputs over the seeds, by the changes in the page's order",
        _TABLE,
        "plain numbers",
    ),
    "log_table": Meaning("The same as a logarithm", _TABLE, "log10"),
    "verdict": Meaning("1 where every seed left the outputs unchanged", _TABLE, "0 or 1"),
    "printed": Meaning(
        "1 where the paper's table says so; NaN where it has no such cell", _TABLE, "0 or 1"
    ),
    "agree": Meaning(
        "1 where verdict and paper agree; NaN where it has no such cell", _TABLE, "0 or 1"
    ),
}
