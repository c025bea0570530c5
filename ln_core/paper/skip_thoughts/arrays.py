"""What the arrays of the frames mean."""

from ln_core.paper.skip_thoughts.config import CANDIDATES, FOUND_WITHIN, TASKS
from ln_core.runs.meaning import Meaning

_SCORES = {
    f"score_{name}": Meaning(
        f"Right answers of a classifier on the frozen encoder: {title.lower()}",
        "variant, seed",
        "share, 0 to 1",
    )
    for name, title in TASKS.items()
    if name != "next"
}
ARRAYS = {
    **_SCORES,
    "score_next": Meaning(
        f"Next sentences found among the first {FOUND_WITHIN} of {CANDIDATES}",
        "variant, seed",
        "share, 0 to 1",
    ),
    "loss": Meaning(
        "Cross-entropy a word of the neighbours, of each batch before its step",
        "variant, seed, step",
        "nats",
    ),
    "unseen_loss": Meaning(
        "Mean cross-entropy a word, of unseen sentences", "variant, seed", "nats"
    ),
}
