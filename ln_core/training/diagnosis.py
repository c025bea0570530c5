"""What diagnoses of all trainings share. Free of torch."""

from typing import NamedTuple


class Card(NamedTuple):
    """A diagnosis as the page shows it."""

    title: str
    text: str
