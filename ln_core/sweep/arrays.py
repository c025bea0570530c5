"""What the arrays of a sweep's frames mean."""

from ln_core.runs.meaning import Meaning

ARRAYS = {
    "error": Meaning(
        "Unseen examples with a wrong answer, at the end of a run of the column; mean over seeds",
        "row, variant",
        "share, 0 to 1",
    ),
    "loss": Meaning(
        "Mean loss of unseen examples, at the end of a run of the column; mean over seeds",
        "row, variant",
        "nats, or squared error of the adding problem",
    ),
    "diverged": Meaning(
        "First step at which the loss of some seed was not finite; NaN: none",
        "row, variant",
        "steps",
    ),
    "test_error": Meaning(
        "Unseen examples with a wrong answer, at some moments of each run; mean over seeds",
        "row, variant, moment",
        "share, 0 to 1",
    ),
    "test_loss": Meaning(
        "Mean loss of unseen examples, at some moments of each run; mean over seeds",
        "row, variant, moment",
        "nats, or squared error of the adding problem",
    ),
    "moments": Meaning("The steps of these moments; NaN: none", "row, moment", "steps"),
}
