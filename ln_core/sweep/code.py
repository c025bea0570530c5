"""A run of a sweep as a script: that of its lab, with what the other runs have. Free of torch."""

import textwrap

from ln_core.sweep.config import LABS, SweepConfig

WIDTH = 96


def code(config: SweepConfig, origin: str) -> str:
    """Write the script of the cell in the middle; `origin` says where the sweep is to be seen."""
    rows, columns = config.rows, config.columns
    row, column = len(rows.values) // 2, len(columns.values) // 2
    said = (
        f"It is one run of a sweep, with {rows.field} {rows.values[row]} and {columns.field} "
        f"{columns.values[column]}. The others have {rows.field} {', '.join(rows.values)} and "
        f"{columns.field} {', '.join(columns.values)}."
    )
    lines = [origin, *textwrap.wrap(said, WIDTH)]
    return LABS[config.lab].write(config.cell(row, column), "\n".join(lines))
