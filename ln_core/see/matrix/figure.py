"""The charts of the matrix: what goes in, what comes out, and what one cell moves."""

from ln_core.figures.cells import (
    cells,
    chart,
    counted,
    framed,
    grid,
    now,
    numbers,
)
from ln_core.figures.parts import Spec, section, variant_specs
from ln_core.runs.matrix_text import LARGEST
from ln_core.see.matrix.config import VARIANTS, MatrixConfig

MIRRORED = VARIANTS.index("layer")
RUNNING = VARIANTS.index("batch")
FEW = ".3g"  # digits: small and large numbers alike stay legible


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
    typed = numbers("a", limit, variant=0, opacity=0.55)
    reach = numbers("jacobian", 1, variant="of", at=("row", "column"), opacity=0.55)
    return _matrix(
        config,
        "given",
        "Pre-activations a",
        "Point at an output: its inputs light up.",
        [{**typed, "unless": "of"}, {**reach, "when": "of"}],
        span=5,
        repeat=False,
        points=True,
        edit=typed["z"],
        limit=LARGEST,
    )


def statistics(config: MatrixConfig) -> list[Spec]:
    """The mean and standard deviation of every row and every column."""
    N, H = config.shape
    limit = max(1e-9, *(abs(x) for row in config.matrix for x in row))
    names = {"title": "", "names": ["μ", "σ"]}
    return [
        grid(
            "row_stats",
            "Of each row",
            "For Layer Norm.",
            counted(N, "example"),
            names,
            [numbers("row_stats", limit, variant=0)],
            format=FEW,
            span=3,
            repeat=False,
        ),
        grid(
            "column_stats",
            "Of each column",
            "Mean μ and standard deviation σ, for Batch Norm.",
            names,
            counted(H, "unit"),
            [numbers("column_stats", limit, variant=0)],
            format=FEW,
            span=4,
            repeat=False,
        ),
    ]


def outputs(config: MatrixConfig) -> Spec:
    """What each normalization makes of the matrix."""
    return _matrix(
        config,
        "outputs",
        "Outputs h",
        "Normalized, then gain and bias. Equal colours mean equal numbers.",
        [numbers("h", 3)],
        points=True,
    )


def moved(config: MatrixConfig) -> Spec:
    """Which outputs change when the chosen cell does."""
    return _matrix(
        config,
        "moved",
        "Change of every output",
        "What moving the framed cell does to the outputs; uncoloured cells did not change.",
        [numbers("moved", max(1e-9, min(2.0, abs(config.move))))],
    )


def jacobian(config: MatrixConfig) -> Spec:
    """What one output depends on: the chosen cell's, or that of the cell under the pointer."""
    return _matrix(
        config,
        "jacobian",
        "What one output depends on",
        "Its derivative with respect to every entry of a. Point at an output for its own.",
        [numbers("jacobian", 1, at=("row", "column"))],
        frames=[framed("row", "column")],
    )


def mirror(config: MatrixConfig) -> list[Spec]:
    """Layer norm, and batch norm of the transpose, transposed."""
    parts = (
        ("h", "mirror_layer", "LN(A)", "Layer Norm of the matrix."),
        ("twin", "mirror_batch", "BN(Aᵀ)ᵀ", "Batch Norm of the transpose, transposed back."),
    )
    return [
        _matrix(
            config,
            name,
            title,
            takeaway,
            [numbers(array, 3, variant=MIRRORED)],
            span=6,
            repeat=False,
        )
        for array, name, title, takeaway in parts
    ]


def running(config: MatrixConfig) -> Spec:
    """The running averages beside the batch's own statistics."""
    _, H = config.shape
    parts = (
        ("column_stats", 0, "mean of this batch", "circle", "@text"),
        ("running", 0, "running mean", "circle-open", "@text"),
        ("column_stats", 1, "standard deviation of this batch", "square", "@muted"),
        ("running", 1, "running standard deviation", "square-open", "@muted"),
    )
    return chart(
        "running",
        "This batch and the running averages",
        "Circles: means. Squares: standard deviations. Filled: this batch; open: running.",
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
    return _matrix(
        config,
        "naive",
        "The formula carried out in float16",
        "Compare with the outputs above, computed in float32 and rounded.",
        [numbers("naive", 3)],
    )


def _matrix(
    config: MatrixConfig, name: str, title: str, takeaway: str, traces: list[Spec], **more: object
) -> Spec:
    """Lay out numbers as the matrix is, for every variant unless `more` says else; cells choose."""
    N, H = config.shape
    look = {
        "narrowest": 50 + 30 * H,  # pixels: numbers in cells stay legible
        "frames": [framed(*config.cell)],
        "picks": ["row", "column"],
    }
    rows, columns = counted(N, "example"), counted(H, "unit")
    return grid(name, title, takeaway, rows, columns, traces, **{**look, **more})
