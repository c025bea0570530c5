"""What the arrays of the picture mean."""

from ln_core.runs.meaning import Meaning
from ln_core.see.geometry.config import FACTORS

_FACTORS = f"by factors that the weights are scaled with: {', '.join(map(str, FACTORS))}"
_STEPS = "variant, step of training"

ARRAYS = {
    "output_change": Meaning(
        f"Relative change of the layer's outputs, {_FACTORS}", "variant, factor", "plain numbers"
    ),
    "gradient_ratio": Meaning(
        f"Length of the gradient by W in lengths at factor 1, {_FACTORS}",
        "variant, factor",
        "plain numbers",
    ),
    "turn": Meaning(
        f"Angle by which the first step turns W, {_FACTORS}", "variant, factor", "degrees"
    ),
    "fisher": Meaning(
        "Ratio of the Fisher matrix's blocks (W W, W g, g g) after scaling to before",
        "variant, block",
        "plain numbers",
    ),
    "radial": Meaning(
        "From W to its gradient, 0 at right angles: size of the cosine of the whole, the "
        "largest of its rows, and the relative length of its column sums",
        "variant, measure",
        "plain numbers",
    ),
    "weight_length": Meaning("Length of W in training", _STEPS, "plain numbers"),
    "predicted_length": Meaning(
        "Its length by Pythagoras, from the steps taken", _STEPS, "plain numbers"
    ),
    "effective_rate": Meaning(
        "Learning rate divided by the squared length of W", _STEPS, "plain numbers"
    ),
    "loss": Meaning("Cross-entropy of the batch", _STEPS, "nats"),
}
