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
from pages.ui.controls import choose
from pages.ui.still import Still, choose_fields

SLUG = "matrix"
TENFOLD = tuple(tuple(round(10 * x, 3) for x in row) for row in random_rows(4, 6))


def size_controls(config: MatrixConfig) -> None:
    """Draw the sliders of the matrix's size, and a button for other numbers."""
    for name, label, size in zip("NH", ("Cases N", "Units H"), config.shape, strict=True):
        st.session_state[f"{SLUG}.{name}"] = size
        st.slider(label, 1, MOST, key=f"{SLUG}.{name}", on_change=_take_size, args=(config,))
    st.button(
        "New numbers",
        key=f"{SLUG}.new_numbers",
        on_click=_draw_numbers,
        args=(config,),
        icon=":material/casino:",
    )


def edit_cell(config: MatrixConfig, typed: Mapping[str, Any]) -> MatrixConfig:
    """Put typed numbers into their cells; the last of these is the chosen one from then on."""
    matrix, row, column = config.matrix, config.row, config.column
    for cell in typed["cells"]:
        row, column = cell["row"], cell["column"]
        matrix = replace_cell(matrix, row, column, cell["value"])
    return replace(config, matrix=matrix, row=row, column=column)


def _take_size(config: MatrixConfig) -> None:
    N, H = (st.session_state[f"{SLUG}.{name}"] for name in "NH")
    choose(SLUG, replace(config, matrix=resize_rows(config.matrix, N, H)))


def _draw_numbers(config: MatrixConfig) -> None:
    choose(SLUG, replace(config, matrix=random_rows(*config.shape, random.randrange(1_000_000))))


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
