"""The charts of the matrix: what goes in, what comes out, and what one cell moves."""

from ln_core.figures.cells import colours, counted, framed, grid, numbers
from ln_core.figures.parts import Spec, section, variant_specs
from ln_core.formatting import number
from ln_core.runs.matrix_text import LARGEST
from ln_core.see.matrix.config import VARIANTS, MatrixConfig

MIRRORED = VARIANTS.index("layer")
PALE = 0.55  # of the matrix's colours: what is typed stands on them
FEW = ".3g"  # digits: small and large numbers alike stay legible


def matrix_figure(config: MatrixConfig) -> Spec:
    """Describe every chart of one matrix."""
    others = [
        *([without_padding(config)] if config.is_padded else []),
        *([naive(config)] if config.half else []),
    ]
    sections = [
        section(
            None, [*given(config), *statistics(config), outputs(config), *others, moved(config)]
        ),
        section("Derivatives", [jacobian(config)]),
        section("Transposed", mirror(config)),
    ]
    row, column = config.cell
    return {
        "variants": variant_specs(config.variants),
        "choices": [],
        # The pointer chooses another cell for as long as it rests there, and whose output it is.
        "pointing": {"row": row, "column": column, "of": None},
        "sections": sections,
    }


def given(config: MatrixConfig) -> list[Spec]:
    """The matrix itself, and what ReLU makes of it where that comes first."""
    limit = _limit(config)
    typed = numbers("a", limit, variant=0, opacity=PALE)
    reach = numbers("jacobian", 1, variant="of", at=("row", "column"), opacity=PALE)
    matrix = _matrix(
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
    if config.activation != "before":
        return [matrix]
    inner = numbers("inner", limit, variant=0, opacity=PALE)
    after = _matrix(config, "inner", "After ReLU", "What is normalized.", [inner], repeat=False)
    return [{**chart, "span": 3.5} for chart in (matrix, after)]


def statistics(config: MatrixConfig) -> list[Spec]:
    """The mean and standard deviation of every row and every column."""
    N, H = config.shape
    limit = _limit(config)
    names = ["μ", "σ"]
    used = ["running μ", "running σ"] if config.averages else []
    spans = (2, 3) if config.activation == "before" else (3, 4)
    return [
        grid(
            "row_stats",
            "Of each row",
            "μ and σ, for Layer Norm.",
            counted(N, "example"),
            {"title": "", "names": names},
            [numbers("row_stats", limit, variant=0, opacity=PALE)],
            format=FEW,
            span=spans[0],
            repeat=False,
        ),
        grid(
            "column_stats",
            "Of each column",
            "For Batch Norm: the running μ and σ."
            if config.mode == "evaluation"
            else "μ and σ, for Batch Norm.",
            {"title": "", "names": [*names, *used]},
            counted(H, "unit"),
            [numbers("column_stats", limit, variant=0, opacity=PALE)],
            format=FEW,
            span=spans[1],
            repeat=False,
        ),
    ]


def outputs(config: MatrixConfig) -> Spec:
    """What each normalization makes of the matrix."""
    return _matrix(
        config,
        "outputs",
        "Outputs h",
        f"What each method puts out. {colours(3)}",
        [numbers("h", 3)],
        points=True,
    )


def without_padding(config: MatrixConfig) -> Spec:
    """The outputs of the other examples, computed without those that are all zeros."""
    rows = {"title": "example", "names": [str(row) for row in config.real]}
    return _matrix(
        config,
        "without",
        "Outputs without the rows of zeros",
        f"The same examples in a batch of their own. {colours(3)}",
        [numbers("without", 3)],
        rows=rows,
        frames=[],
        picks=[],
    )


def moved(config: MatrixConfig) -> Spec:
    """Which outputs change when the chosen cell does."""
    row, column = config.cell
    limit = max(1e-9, min(2.0, abs(config.move)))
    places = {
        "cell": f"example {row}, unit {column}",
        "column": f"unit {column} in every example",
        "row": f"every unit of example {row}",
    }
    return _matrix(
        config,
        "moved",
        "Change of every output",
        f"After adding {number(config.move)} to {places[config.moving]} of a. {colours(limit)}",
        [numbers("moved", limit)],
        format=".2g",
    )


def jacobian(config: MatrixConfig) -> Spec:
    """What one output depends on: the chosen cell's, or that of the cell under the pointer."""
    return _matrix(
        config,
        "jacobian",
        "What one output depends on",
        f"Its derivative with respect to each entry of a: point at an output. {colours(1)}",
        [numbers("jacobian", 1, at=("row", "column"))],
        frames=[framed("row", "column")],
    )


def mirror(config: MatrixConfig) -> list[Spec]:
    """Layer norm, and batch norm of the transpose, transposed."""
    parts = (
        ("h", "mirror_layer", "LN(A)", f"Layer Norm of the matrix. {colours(3)}"),
        (
            "twin",
            "mirror_batch",
            "BN(Aᵀ)ᵀ",
            f"Batch Norm of the transpose, transposed back. {colours(3)}",
        ),
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


def naive(config: MatrixConfig) -> Spec:
    """The same outputs, carried out in float16."""
    return _matrix(
        config,
        "naive",
        "The formula carried out in float16",
        f"Compare with the outputs above, computed in float32 and rounded. {colours(3)}",
        [numbers("naive", 3)],
    )


def _limit(config: MatrixConfig) -> float:
    """Where the colours of the matrix and of its statistics end."""
    return max(1e-9, *(abs(x) for row in config.matrix for x in row))


def _matrix(
    config: MatrixConfig, name: str, title: str, takeaway: str, traces: list[Spec], **more: object
) -> Spec:
    """Lay out numbers as the matrix is, for every variant unless `more` says else; cells choose."""
    N, H = config.shape
    look = {
        "narrowest": 50 + 30 * H,  # pixels: numbers in cells stay legible
        "frames": [framed(*config.cell)],
        "picks": ["row", "column"],
        "not_finite": True,  # 0 / 0 is what the formula gives
    }
    parts: Spec = {"rows": counted(N, "example"), "columns": counted(H, "unit"), **look, **more}
    return grid(name, title, takeaway, traces=traces, **parts)
