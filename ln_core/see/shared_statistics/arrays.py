"""What the arrays of the picture mean."""

from ln_core.runs.meaning import Meaning

ARRAYS = {
    "mask": Meaning(
        "1 where an entry shares the chosen one's mean and variance; entries (N, C, height, width) "
        "in row-major order",
        "variant, entry",
        "0 or 1",
    ),
    "share": Meaning(
        "Part of a feature map that shares the chosen entry's statistics",
        "variant, example, channel",
        "share, 0 to 1",
    ),
}
