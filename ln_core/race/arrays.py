"""What the arrays of a race's frames mean."""

from ln_core.figures.bins import BINS, EDGE
from ln_core.race.config import GRID, GRID_EDGE, PERCENTILES
from ln_core.runs.meaning import Meaning

_BINNED = (
    f"{BINS} equal bins of asinh(value), from {-EDGE:g} to {EDGE:g}; 255 is the fullest of a layer"
)
_PERCENTILES = ", ".join(map(str, PERCENTILES))

ARRAYS = {
    "loss": Meaning("Cross-entropy of each batch, before its step", "variant, seed, step", "nats"),
    "test_loss": Meaning("Mean cross-entropy of unseen examples", "variant, seed", "nats"),
    "test_error": Meaning("Unseen examples with a wrong answer", "variant, seed", "share, 0 to 1"),
    "summed": Meaning(
        f"Percentiles ({_PERCENTILES}) of the first seed's summed inputs, before normalization",
        "variant, hidden layer, percentile",
        "plain numbers",
    ),
    "normed": Meaning(
        f"Percentiles ({_PERCENTILES}) of the first seed's normalized inputs, with gain and bias",
        "variant, hidden layer, percentile",
        "plain numbers",
    ),
    "summed_histogram": Meaning(
        "How often summed inputs are how large", "variant, hidden layer, bin", _BINNED
    ),
    "normed_histogram": Meaning(
        "How often normalized inputs are how large", "variant, hidden layer, bin", _BINNED
    ),
    "spread": Meaning(
        "Standard deviation of normalized inputs, then of summed inputs",
        "variant, after and before, hidden layer",
        "plain numbers",
    ),
    "gradient_norm": Meaning(
        "Frobenius norm of the first seed's gradient by the weights", "variant, layer", "nats"
    ),
    "weight_norm": Meaning(
        "Frobenius norm of the first seed's weights", "variant, layer", "plain numbers"
    ),
    "dead": Meaning(
        "Units that answer no unseen example (ReLU), or saturated outputs (tanh)",
        "variant, hidden layer",
        "share, 0 to 1",
    ),
    "unit_mean": Meaning(
        "Mean of a unit's summed inputs over the batch",
        "variant, hidden layer, unit",
        "plain numbers",
    ),
    "unit_std": Meaning(
        "Standard deviation of a unit's summed inputs over the batch",
        "variant, hidden layer, unit",
        "plain numbers",
    ),
    "case_mean": Meaning(
        "Mean of an example's summed inputs over the units",
        "variant, hidden layer, example",
        "plain numbers",
    ),
    "case_std": Meaning(
        "Standard deviation of an example's summed inputs over the units",
        "variant, hidden layer, example",
        "plain numbers",
    ),
    "block": Meaning(
        "Summed inputs of the batch's first examples and units",
        "variant, hidden layer, example, unit",
        "plain numbers",
    ),
    "mode_loss": Meaning(
        "The same batch's loss by its own statistics (training) and by running ones (evaluation)",
        "variant, mode",
        "nats",
    ),
    "running_gap": Meaning(
        "From Batch Norm's running statistics to the batch's, root mean square over the units: "
        "distance of the means, ratio of the deviations; NaN where there are none",
        "variant, hidden layer, mean and deviation",
        "running standard deviations; doublings",
    ),
    "boundary": Meaning(
        f"Probability of class 1 at {GRID} x {GRID} points of the plane, from {-GRID_EDGE:g} to "
        f"{GRID_EDGE:g}, rows from below; 128 too where it is not a number",
        "variant, y, x",
        "255 is probability 1",
    ),
    "points": Meaning(
        "Some training points: x, y, class", "variant, point, coordinate", "plain numbers"
    ),
    "digits": Meaning("A picture of some unseen digits", "variant, row, column", "255 is ink"),
    "answers": Meaning(
        "What is read in those digits, and 1 where it is wrong; NaN: no answer",
        "variant, digit, answer and mistake",
        "digits; 0 or 1",
    ),
}
# The home page's races have points in the plane.
SIZES_ARRAYS = {name: of for name, of in ARRAYS.items() if name not in ("digits", "answers")}
