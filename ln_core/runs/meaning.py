"""What the arrays of frames mean: a table beside each experiment, for those who take them along."""

from typing import NamedTuple


class Meaning(NamedTuple):
    """What an array holds, what its axes count, in order, and what its numbers are measured in.

    An array whose last axis is "step" holds every training step since the frame before it.
    """

    said: str
    axes: str
    unit: str

    @property
    def names(self) -> list[str]:
        """The axes' names."""
        return self.axes.split(", ")
