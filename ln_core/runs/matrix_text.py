"""A matrix as a config's value: rows of numbers, and their compact text in a URL. Free of torch."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ln_core.runs.config import Control

LARGEST = 6e4  # of an entry that is edited: float16 ends at 65504

Rows = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class MatrixText:
    """A matrix of finite numbers; in the URL rows are joined by `_`, numbers in a row by `,`."""

    rows: int  # at most
    columns: int
    limit: float  # size of an entry at most
    sizes: tuple[str, str]  # labels of the numbers of rows and columns
    chosen: tuple[str, str]  # the fields that name the row and the column of the cell edited last
    ready: tuple[Rows, ...]  # of the largest size: other numbers, which everybody gets in turn

    @property
    def allowed(self) -> str:
        return (
            f"1 to {self.rows} rows of equal length, each of 1 to {self.columns} numbers from "
            f"-{self.limit:g} to {self.limit:g}, such as 1,-2.5_0,3"
        )

    def accepts(self, value: Any) -> bool:  # noqa: ANN401
        return (
            isinstance(value, tuple)
            and 1 <= len(value) <= self.rows
            and all(isinstance(row, tuple) for row in value)
            and 1 <= len(value[0]) <= self.columns
            and all(len(row) == len(value[0]) for row in value)
            # NaN fails both comparisons, so it cannot slip through.
            and all(
                type(x) is float and -self.limit <= x <= self.limit for row in value for x in row
            )
        )

    def parse(self, text: str) -> Rows:
        return tuple(tuple(float(x) for x in row.split(",")) for row in text.split("_"))

    def format(self, value: Rows) -> str:
        return "_".join(",".join(repr(x).removesuffix(".0") for x in row) for row in value)

    def control(self) -> Control:
        return {
            "type": "matrix",
            "rows": self.rows,
            "columns": self.columns,
            "limit": self.limit,
            "sizes": list(self.sizes),
            "chosen": list(self.chosen),
            "ready": [self.format(rows) for rows in self.ready],
        }


def to_rows(values: Sequence[Sequence[float]], *, digits: int = 3) -> Rows:
    """Round a matrix, such as a live run's summed inputs, to numbers that fit a URL.

    Raises: ValueError if a value is not finite.
    """
    rows = tuple(tuple(_round(float(x), digits) for x in row) for row in values)
    if not all(math.isfinite(x) for row in rows for x in row):
        raise ValueError("values must be finite, got a matrix with infinite or undefined ones")
    return rows


def _round(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}") + 0.0  # + 0.0: a minus zero is no number to read
