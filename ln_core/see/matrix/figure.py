"""The charts of the matrix: what goes in, what comes out, and what one cell moves."""

from ln_core.figures.cells import cells, chart, framed, framed_by, heat, now
from ln_core.figures.parts import Spec, section, variant_specs
from ln_core.see.matrix.config import MOST, VARIANTS, MatrixConfig

MIRRORED = VARIANTS.index("layer")
RUNNING = VARIANTS.index("batch")
FEW = "%{z:.3~g}"  # digits: small and large numbers alike stay legible


def matrix_figure(config: MatrixConfig) -> Spec:
    """Describe every chart of one matrix."""
    in_half = [naive(config)] if config.half else []
    sections = [
        section(None, [given(config), *statistics(config), outputs(config), *in_half]),
        section("One cell moved", [moved(config), jacobian(config)]),
        section("The mirror", mirror(config)),
    ]
    if config.running_steps > 0 or config.mode == "evaluation":
        sections.append(section("Batch Norm's running averages", [running(config)]))
    row, column = config.cell
    return {
        "variants": variant_specs(config.variants),
        "choices": [],
        # The pointer chooses another cell for as long as it rests there, and whose output it is.
        "pointing": {"row": row, "column": column, "of": None},
        "sections": sections,
    }


def given(config: MatrixConfig) -> Spec:
    """The matrix itself."""
    limit = max(1e-9, *(abs(x) for row in config.matrix for x in row))
    # Pale, for what is typed stands on it.
    pale: Spec = {"texttemplate": "", "opacity": 0.55}
    typed = heat("a", config.shape, limit, variant=0, **pale)
    reach = heat("jacobian", config.shape, 1, variant="of", at=("row", "column"), **pale)
    return chart(
        "given",
        "Summed inputs a",
        "Type here. Point at an output: its inputs light up.",
        span=5,
        **_grid(config, [{**typed, "unless": "of"}, {**reach, "when": "of"}]),
        edit=typed["z"],
    )


def statistics(config: MatrixConfig) -> list[Spec]:
    """The mean and standard deviation of every row and every column."""
    N, H = config.shape
    limit = max(1e-9, *(abs(x) for row in config.matrix for x in row))
    names = [[0, "μ"], [1, "σ"]]
    rows = heat("row_stats", (N, 2), limit, variant=0, texttemplate=FEW)
    columns = heat("column_stats", (2, H), limit, variant=0, texttemplate=FEW)
    for drawn in (rows, columns):
        drawn["style"]["hovertemplate"] = "%{z:.6~g}<extra></extra>"
    return [
        chart(
            "row_stats",
            "Of each row",
            "For Layer Norm.",
            span=3,
            repeat=False,
            x={"title": "", "range": [-0.5, 1.5], "ticks": names, "grid": False, "side": "top"},
            y=_rows(N, "case"),
            traces=[rows],
        ),
        chart(
            "column_stats",
            "Of each column",
            "Mean μ and deviation σ, for Batch Norm.",
            span=4,
            repeat=False,
            x=_units(H),
            y={**_rows(2, ""), "ticks": names},
            traces=[columns],
        ),
    ]


def outputs(config: MatrixConfig) -> Spec:
    """What each normalization makes of the matrix."""
    return chart(
        "outputs",
        "Outputs h",
        "Normalized, then gain and bias; the same colours mean the same numbers.",
        **_grid(config, [heat("h", config.shape, 3)], repeat=True),
        points=True,
    )


def moved(config: MatrixConfig) -> Spec:
    """Which outputs change when the chosen cell does."""
    limit = max(1e-9, min(2.0, abs(config.move)))
    return chart(
        "moved",
        "Change of every output",
        "What moving the framed cell does to the outputs; uncoloured cells did not change.",
        **_grid(config, [heat("moved", config.shape, limit)], repeat=True),
    )


def jacobian(config: MatrixConfig) -> Spec:
    """What one output depends on: the chosen cell's, or that of the cell under the pointer."""
    row = heat("jacobian", config.shape, 1, at=("row", "column"))
    return chart(
        "jacobian",
        "What one output depends on",
        "Derivative by every entry of a, a row of the Jacobian; point at an output for its own.",
        **{**_grid(config, [row], repeat=True), "shapes": [framed_by("row", "column")]},
    )


def mirror(config: MatrixConfig) -> list[Spec]:
    """Layer norm, and batch norm of the transpose, transposed."""
    parts = (
        ("h", "mirror_layer", "LN(A)", "Layer Norm of the matrix."),
        ("twin", "mirror_batch", "BN(Aᵀ)ᵀ", "Batch Norm of the turned matrix, turned back."),
    )
    return [
        chart(
            name,
            title,
            takeaway,
            span=6,
            **_grid(config, [heat(array, config.shape, 3, variant=MIRRORED)]),
        )
        for array, name, title, takeaway in parts
    ]


def running(config: MatrixConfig) -> Spec:
    """The running averages beside the batch's own statistics."""
    _, H = config.shape
    parts = (
        ("column_stats", 0, "mean of this batch", "circle", "@text"),
        ("running", 0, "running mean", "circle-open", "@text"),
        ("column_stats", 1, "deviation of this batch", "square", "@muted"),
        ("running", 1, "running deviation", "square-open", "@muted"),
    )
    return chart(
        "running",
        "This batch and the running averages",
        "Circles: means. Squares: deviations. Filled: this batch's; open: running averages.",
        repeat=False,
        height=168,
        x=cells(H, "unit"),
        y={"title": "value", "range": [-3, 3], "grow": True},
        traces=[
            {
                "variant": None,
                "type": "scatter",
                "style": {
                    "name": name,
                    "mode": "markers",
                    "marker": {"symbol": symbol, "size": 9, "color": color},
                },
                "x": list(range(H)),
                "y": {**now(array, ":"), "index": [RUNNING, which, ":"]},
            }
            for array, which, name, symbol, color in parts
        ],
    )


def naive(config: MatrixConfig) -> Spec:
    """The same outputs, carried out in float16."""
    return chart(
        "naive",
        "The formula carried out in float16",
        "Compare with the outputs above, computed in float32 and rounded.",
        **_grid(config, [heat("naive", config.shape, 3)], repeat=True),
    )


def _grid(config: MatrixConfig, traces: list[Spec], *, repeat: bool = False) -> Spec:
    N, H = config.shape
    return {
        "repeat": "variants" if repeat else False,
        "narrowest": 50 + 30 * H,  # pixels: numbers in cells stay legible
        "x": _units(H),
        "y": _rows(N, "case"),
        "traces": traces,
        "shapes": [framed(*config.cell)],
        "pick": {"row": "y", "column": "x"},
    }


def _units(H: int) -> Spec:
    return {**cells(H, "unit"), "side": "top"}


def _rows(count: int, title: str) -> Spec:
    """Lay out rows in a plot with room for more: another number of them needs no other layout."""
    rows = {"seen": count, "of": MOST, "pixels": 26}
    return {**cells(MOST, title, downwards=True), "rows": rows}
