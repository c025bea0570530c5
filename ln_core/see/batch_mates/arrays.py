"""What the arrays of the picture mean."""

from ln_core.runs.meaning import Meaning

ARRAYS = {
    "probability": Meaning(
        "What each net answers of the chosen digit, in every draw of neighbours",
        "variant, draw, class",
        "probability",
    ),
    "hidden": Meaning(
        "Outputs of the chosen digit's hidden units",
        "variant, hidden layer, draw, unit",
        "plain numbers",
    ),
    "spread": Meaning(
        "Their standard deviation over the draws", "variant, hidden layer, unit", "plain numbers"
    ),
    "influence": Meaning(
        "Length of the gradient of the answer's logit by the pixels of every digit of the first "
        "batch, the chosen digit first",
        "variant, example",
        "logits per pixel's sigma",
    ),
    "batch": Meaning("Picture of the first batch", "one, row, column", "255 is ink"),
}
