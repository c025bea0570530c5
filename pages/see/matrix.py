"""The matrix of a layer: rows, columns, and what one edited number changes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from ln_core.runs.config import to_query
from ln_core.see.matrix.config import (
    EXPERIMENT,
    MOST,
    MatrixConfig,
    next_rows,
    random_rows,
    replace_cell,
    resize_rows,
)
from ln_core.see.matrix.presets import PRESETS
from pages.ui.controls import Leads
from pages.ui.gestures import choose, choose_value, shown
from pages.ui.still import Still, choose_fields

SLUG = "matrix"
TENFOLD = tuple(tuple(round(10 * x, 3) for x in row) for row in random_rows(4, 6))


def size_controls(config: MatrixConfig) -> None:
    """Draw the sliders of the matrix's size, and a button for other numbers."""
    for (name, (label, change)), size in zip(SIZES.items(), config.shape, strict=True):
        st.slider(
            label,
            1,
            MOST,
            key=shown(SLUG, name, size),
            on_change=choose_value,
            args=(SLUG, name, change),
        )
    st.button(
        "New numbers",
        key=f"{SLUG}.new_numbers",
        on_click=choose,
        args=(SLUG, change_numbers),
        icon=":material/casino:",
    )


def size_leads(config: MatrixConfig) -> Leads:
    """Say where these lead."""

    def lead(changed: MatrixConfig) -> dict[str, str]:
        return {"matrix": to_query(changed)["matrix"]}

    sizes = {
        name: {str(size): lead(change(config, size)) for size in range(1, MOST + 1)}
        for name, (_, change) in SIZES.items()
    }
    return {"new_numbers": {"New numbers": lead(change_numbers(config))}, **sizes}


def edit_cell(config: MatrixConfig, typed: Mapping[str, Any]) -> MatrixConfig:
    """Put typed numbers into their cells, and choose the last of these, unless another was."""
    matrix, row, column = config.matrix, config.row, config.column
    for cell in typed["cells"]:
        row, column = cell["row"], cell["column"]
        matrix = replace_cell(matrix, row, column, cell["value"])
    chosen = {"row": row, "column": column, **typed}
    return replace(config, matrix=matrix, row=chosen["row"], column=chosen["column"])


def change_cases(config: MatrixConfig, N: int) -> MatrixConfig:
    """Take so many cases."""
    return replace(config, matrix=resize_rows(config.matrix, N, config.shape[1]))


def change_units(config: MatrixConfig, H: int) -> MatrixConfig:
    """Take so many units."""
    return replace(config, matrix=resize_rows(config.matrix, config.shape[0], H))


def change_numbers(config: MatrixConfig) -> MatrixConfig:
    """Take other numbers."""
    return replace(config, matrix=next_rows(config.matrix))


SIZES = {"N": ("Cases N", change_cases), "H": ("Units H", change_units)}

Still(
    slug=SLUG,
    experiment=EXPERIMENT,
    presets=PRESETS,
    note="Type into the cells, or click one to choose it.",
    shown_by=(
        PRESETS["random"].config,
        PRESETS["two_cases"].config,
        MatrixConfig(matrix=TENFOLD, epsilon=0.0),
    ),
    first_controls=size_controls,
    first_leads=size_leads,
    gestures={"pick": choose_fields, "edit": edit_cell},
).render()
