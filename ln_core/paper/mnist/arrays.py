"""What the arrays of the frames mean, of the race and of a sweep."""

from ln_core.runs.meaning import Meaning

_PARTS = {"train": "training images", "valid": "held-out images", "test": "unseen images"}


def _scores(axes: str, more: str, *parts: str) -> dict[str, Meaning]:
    nll = {
        f"{part}_nll": Meaning(
            f"Mean negative log-likelihood of {_PARTS[part]}, in evaluation mode{more}",
            axes,
            "nats",
        )
        for part in parts
    }
    error = {
        f"{part}_error": Meaning(
            f"{_PARTS[part].capitalize()} with a wrong answer, in evaluation mode{more}",
            axes,
            "share, 0 to 1",
        )
        for part in parts
    }
    return nll | error


ARRAYS = _scores("variant, seed", "", "train", "test")
SWEEP_ARRAYS = _scores(
    "variant, lowest mean highest, value",
    ": lowest, mean and highest of the seeds at each value of the changed setting, in the order of "
    "training; NaN: not there yet",
    "valid",
    "test",
)
