"""The matrix of a layer: rows, columns, and what one edited number changes."""

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from ln_core.see.experiments import MATRIX
from ln_core.see.matrix_config import (
    MOST,
    MatrixConfig,
    random_rows,
    replace_cell,
    resize_rows,
)
from ln_core.see.matrix_presets import MATRIX_PRESETS
from pages.ui.gestures import choose, choose_value, shown
from pages.ui.still import Still, choose_fields

SLUG = "matrix"
TENFOLD = tuple(tuple(round(10 * x, 3) for x in row) for row in random_rows(4, 6))


def size_controls(config: MatrixConfig) -> None:
    """Draw the sliders of the matrix's size, and a button for other numbers."""
    N, H = config.shape
    for name, label, size, change in (
        ("N", "Cases N", N, _change_cases),
        ("H", "Units H", H, _change_units),
    ):
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
        args=(SLUG, _draw_numbers),
        icon=":material/casino:",
    )


def edit_cell(config: MatrixConfig, typed: Mapping[str, Any]) -> MatrixConfig:
    """Put typed numbers into their cells; the last of these is the chosen one from then on."""
    matrix, row, column = config.matrix, config.row, config.column
    for cell in typed["cells"]:
        row, column = cell["row"], cell["column"]
        matrix = replace_cell(matrix, row, column, cell["value"])
    return replace(config, matrix=matrix, row=row, column=column)


def _change_cases(config: MatrixConfig, N: int) -> MatrixConfig:
    return replace(config, matrix=resize_rows(config.matrix, N, config.shape[1]))


def _change_units(config: MatrixConfig, H: int) -> MatrixConfig:
    return replace(config, matrix=resize_rows(config.matrix, config.shape[0], H))


def _draw_numbers(config: MatrixConfig) -> MatrixConfig:
    return replace(config, matrix=random_rows(*config.shape, random.randrange(1_000_000)))


Still(
    slug=SLUG,
    experiment=MATRIX,
    presets=MATRIX_PRESETS,
    note="Type into the cells, or click one to choose it.",
    shown_by=(
        MATRIX_PRESETS["random"].config,
        MATRIX_PRESETS["two_cases"].config,
        MatrixConfig(matrix=TENFOLD, epsilon=0.0),
    ),
    first_controls=size_controls,
    gestures={"pick": choose_fields, "edit": edit_cell},
).render()
