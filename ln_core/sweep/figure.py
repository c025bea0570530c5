"""The charts of a sweep: a map of cells for every variant, and the curves of one cell."""

from ln_core.figures.cells import chart, grid
from ln_core.figures.parts import (
    HEAT,
    Spec,
    marked,
    section,
    trace,
    variant_specs,
)
from ln_core.race.config import VARIANTS
from ln_core.runs.changes import Forkable
from ln_core.runs.config import to_query
from ln_core.sweep.config import LABS, Axis, SweepConfig

HEIGHT = 140  # pixels of curves at least: they are seen together with the maps
LOSSES = (-2, 0.5)  # of the colours, in powers of ten


def figure(config: SweepConfig) -> Spec:
    """Describe the maps of a sweep."""
    middle = {side: len(axis.values) // 2 for side, axis in _sides(config).items()}
    return {
        "variants": variant_specs(config.compared),
        "choices": [],
        # The pointer chooses another cell for as long as it rests there.
        "pointing": middle,
        "sections": [
            section(None, [error_map(config), *curves(config)]),
            section("By their loss", [loss_map(config)]),
        ],
    }


def error_map(config: SweepConfig) -> Spec:
    """Test errors at the end of every run."""
    return _map(
        config,
        "error",
        "Test error at the end, %",
        f"★ lowest. {_lost(config)}Point at a cell for its curve.",
        scale={"scale": 100},
        zmin=0,
        zmax=100 * _guess(config),
    )


def loss_map(config: SweepConfig) -> Spec:
    """Test losses at the end of every run."""
    low, high = LOSSES
    return _map(
        config,
        "loss",
        "Test loss at the end",
        f"Colours on a log scale. ★ lowest. {_empty(config)}",
        colours={"log": True},
        zmin=low,
        zmax=high,
    )


def _lost(config: SweepConfig) -> str:
    """Say what a cell without a number means."""
    who = "a seed " if config.seeds > 1 else ""
    return f"✕ and a step: {who}diverged there. {_empty(config)}"


def _empty(config: SweepConfig) -> str:
    names = " or ".join(VARIANTS[variant] for variant in config.absent)
    return f"Empty: no {names} there. " if names else ""


def _sides(config: SweepConfig) -> dict[str, Axis]:
    return {"row": config.rows, "column": config.columns}


def _guess(config: SweepConfig) -> float:
    """The largest error of a guess in any of the runs."""
    return max(map(_guess_in, config.cells))


def _guess_in(cell: Forkable) -> float:
    classes: int = getattr(cell, "classes", 10 if getattr(cell, "task", "") == "rows" else 0)
    return 1 - 1 / classes if classes else 1.0


def _map(
    config: SweepConfig,
    array: str,
    title: str,
    takeaway: str,
    *,
    scale: Spec | None = None,
    colours: Spec | None = None,
    **style: object,
) -> Spec:
    """Colour each cell by what its run has reached, a map for every variant."""
    bind = {"array": array, "over": "film", "index": [":", "variant"], **(scale or {})}
    lost = {"array": "diverged", "over": "film", "index": [":", "variant"]}
    cells = {
        "variant": "panel",
        "type": "cells",
        "style": {"colorscale": HEAT, "text": bind, "lost": lost, **style},
        "z": {**bind, **(colours or {})},
    }
    columns = len(config.columns.values)
    return grid(
        array,
        title,
        takeaway,
        _names(config.rows),
        _names(config.columns),
        [cells],
        format=".2g",
        narrowest=90 + 30 * columns,  # pixels: numbers in cells stay legible
        points=True,
        best="lowest",
        frames=[{"row": "row", "column": "column", "rows": 1}],
        opens=opens(config),
    )


def _names(axis: Axis) -> Spec:
    label = axis.label if axis.label[:2].isupper() else axis.label.lower()  # BN stays BN
    return {"title": label, "names": list(axis.shown)}


def opens(config: SweepConfig) -> Spec:
    """Say which run of which page a cell is."""
    cell = config.cell(0, 0)
    return {
        "page": LABS[config.lab].name,
        "base": to_query(cell),
        "row": [config.rows.field, list(config.rows.values)],
        "column": [config.columns.field, list(config.columns.values)],
    }


def curves(config: SweepConfig) -> list[Spec]:
    """Test error and loss of one cell's run, for every variant."""
    error = {"title": "error, %", "range": [0, 100 * _guess(config) + 5], "grow": True}
    loss = {"title": "loss, log scale", "log": True, "range": [1e-3, 10], "grow": True}
    return [
        _curve(config, "test_error", "Test error of the framed cell", error, {"scale": 100}),
        _curve(config, "test_loss", "Test loss of the framed cell", loss, {}),
    ]


def _curve(config: SweepConfig, array: str, title: str, y: Spec, scale: Spec) -> Spec:
    at = {"over": "now", "frame": "column"}
    values = {**at, "array": array, "index": ["row", "variant", ":"], **scale}
    moments = {**at, "array": "moments", "index": ["row", ":"]}
    return chart(
        array,
        title,
        "Mean over seeds." if config.seeds > 1 else "",
        span=6,
        height=HEIGHT,
        repeat=False,
        nothing="no number, or not in this run" if config.absent else "no number",
        x={"title": "step", "range": [0, max(cell.steps for cell in config.cells)]},
        y=y,
        traces=[
            trace(variant, marked(5), x=moments, y=values)
            for variant in range(len(config.compared))
        ],
    )
