"""What the arrays of recurrent nets' frames mean, in training and under the microscope."""

from ln_core.figures.bins import BINS, EDGE
from ln_core.recurrent.config import EXTRA_STEPS
from ln_core.runs.meaning import Meaning

_BLANK = ", ".join(map(str, EXTRA_STEPS))
_LOG = "log10; -inf is a size of 0"

ARRAYS = {
    "loss": Meaning(
        "Loss of each batch, before its step: cross-entropy, of the adding problem squared error",
        "variant, seed, step",
        "nats, or squared units",
    ),
    "gradient_norm": Meaning(
        "Norm of the whole gradient of each batch, before clipping", "variant, seed, step", "nats"
    ),
    "hidden_norm": Meaning(
        "Length of the first seed's hidden state, mean over the batch",
        "variant, time step",
        "plain numbers",
    ),
    "gradient_hidden_norm": Meaning(
        "Length of the batch's gradient by the hidden state of a time step",
        "variant, time step",
        "nats",
    ),
    "summed_mean": Meaning(
        "Mean of all summed inputs of a time step", "variant, time step", "plain numbers"
    ),
    "summed_std": Meaning(
        "Standard deviation of summed inputs within examples",
        "variant, time step",
        "plain numbers",
    ),
    "gate_shut": Meaning(
        "Units of each gate that are below 0.1", "variant, gate, time step", "share, 0 to 1"
    ),
    "gate_open": Meaning(
        "Units of each gate that are above 0.9", "variant, gate, time step", "share, 0 to 1"
    ),
    "test_loss": Meaning("Mean loss of unseen examples", "variant, seed", "nats, or squared units"),
    "test_error": Meaning("Unseen answers that are wrong", "variant, seed", "share, 0 to 1"),
    "longer": Meaning(
        f"Right answers with {_BLANK} blank rows in front of an image, first seed",
        "variant, number of rows",
        "share, 0 to 1",
    ),
    "aligned": Meaning(
        "The same, where the stored statistics of time steps move along with the image",
        "variant, number of rows",
        "share, 0 to 1",
    ),
}

MICROSCOPE_ARRAYS = {
    "hidden_norm_log10": Meaning(
        "Length of the hidden state, mean over the batch", "variant, time step", _LOG
    ),
    "gradient_norm_log10": Meaning(
        "Length of the gradient by the hidden state of a time step; it is 1 at the last",
        "variant, time step",
        _LOG,
    ),
    "summed_mean_abs_log10": Meaning(
        "Mean absolute value of the summed inputs of a time step", "variant, time step", _LOG
    ),
    "summed_std_log10": Meaning(
        "Standard deviation of summed inputs within examples", "variant, time step", _LOG
    ),
    "per_step_factor": Meaning(
        "Factor per time step over the last half of the way, forward and backward",
        "variant, direction",
        "plain numbers",
    ),
    "theory": Meaning(
        "The factor that is predicted, forward and backward; NaN: unknown",
        "variant, direction",
        "plain numbers",
    ),
    "summed_histogram": Meaning(
        "How often summed inputs of a time step are how large",
        "variant, time step, bin",
        f"{BINS} equal bins of asinh(value), from {-EDGE:g} to {EDGE:g}; 255 is the fullest",
    ),
}
