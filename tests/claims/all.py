"""All claims: each module enters its own in the table."""

from collections.abc import Iterable
from typing import Any

from tests.claims import mlp, paper, rnn, see, sweep
from tests.claims.table import CLAIMS

__all__ = ["CLAIMS", "Row", "check", "mlp", "paper", "rnn", "see", "sweep"]

Row = tuple[str, int, bool, Any]  # the claim's name, the seed, whether it holds, what was measured


def check(names: Iterable[str], seed: int) -> list[Row]:
    """Check claims that look at the same trainings, on one seed."""
    return [(name, seed, *CLAIMS[name].check(seed)) for name in names]
