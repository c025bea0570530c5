"""What the arrays of the picture mean."""

from ln_core.runs.meaning import Meaning
from ln_core.see.replicas.config import SPLITS

_REPLICAS = f"by numbers of replicas: {', '.join(map(str, SPLITS))}"
_SPLITS = "variant, number of replicas"

ARRAYS = {
    "cosine": Meaning(
        f"Cosine of the replicas' mean gradient and the undivided batch's, {_REPLICAS}",
        _SPLITS,
        "-1 to 1",
    ),
    "length": Meaning(f"Ratio of the lengths of the two, {_REPLICAS}", _SPLITS, "plain numbers"),
    "own_cosine": Meaning(
        "Cosine of each replica's own gradient and the undivided batch's; NaN where a replica has "
        "none of its own",
        "variant, replica",
        "-1 to 1",
    ),
    "scatter": Meaning(
        "Root mean square, over replicas and units of the first layer, of a replica's mean less "
        f"the batch's, {_REPLICAS}; NaN but for Batch Norm",
        _SPLITS,
        "standard deviations of the batch",
    ),
    "shrink": Meaning(
        f"Mean ratio of a replica's variance to the batch's, {_REPLICAS}; NaN but for Batch Norm",
        _SPLITS,
        "plain numbers",
    ),
}
