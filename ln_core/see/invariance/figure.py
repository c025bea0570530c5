"""The charts of the invariances: outputs before and after, the measured table, the paper's."""

from ln_core.figures.cells import cells, chart, framed, heat
from ln_core.figures.parts import Spec, section, variant_specs
from ln_core.see.invariance.config import TEXT_SAYS, InvarianceConfig, printed
from ln_core.variants import VARIANTS

SHAPE = (6, 8)  # cases and units that the film shows
SHORT = {
    "weights_scale": "W scale",
    "weights_shift": "W shift",
    "row_scale": "one row",
    "data_scale": "data scale",
    "data_shift": "data shift",
    "case_scale": "one case",
    "image_shift": "image",
}
_HEAT = [[0, "@background"], [1, "#d55e00"]]


def invariance_figure(config: InvarianceConfig) -> Spec:
    """Describe the bench and its table."""
    hidden = ("rms", "group") if config.layer == "dense" else ("weight", "rms", "group", "pixel")
    own = {"layer": "Layer Norm (C, H, W)"} if config.layer == "conv" else None
    looks = [look("before"), look("after")]
    return {
        "variants": variant_specs(config.variants, hidden=hidden, labels=own),
        "choices": [],
        "sections": [
            section(None, looks),
            section("The whole table", [measured(config), paper(config)]),
        ],
    }


def look(array: str) -> Spec:
    """Some outputs, before or after the change."""
    N, H = SHAPE
    before = array == "before"
    return chart(
        array,
        "Outputs before" if before else "Outputs after",
        "Six cases of one layer." if before else "The same outputs after the chosen change.",
        height=168,
        x=cells(H, "unit"),
        y=cells(N, "case", downwards=True),
        traces=[heat(array, SHAPE, 3, texttemplate="")],
    )


def measured(config: InvarianceConfig) -> Spec:
    """The relative change of every normalization under every change."""
    drawn = _table("table", config, zmax=1, texttemplate="%{z:.1~g}")
    at = config.changes.index(config.change)
    return chart(
        "measured",
        "Measured relative change",
        "The worst of all seeds; uncoloured is unchanged. The chosen change is framed.",
        **_grid(config, drawn),
        shapes=[framed(0, at, rows=len(config.variants))],
    )


def paper(config: InvarianceConfig) -> Spec:
    """What the paper prints, coloured where the measurement differs."""
    words = [[_word(printed(t, c)) for c in config.changes] for t in config.variants]
    # The colours say where the two differ: 0 in the array is a disagreement.
    drawn = _table(
        "agree",
        config,
        colorscale=[[0, "#d55e00"], [1, "@background"]],
        text=words,
        texttemplate="%{text}",
        zmax=1,
    )
    spoken = [
        framed(config.variants.index(variant), config.changes.index(change))
        for variant, change in TEXT_SAYS
        if variant in config.variants
    ]
    takeaway = "Coloured where the measurement differs."
    if spoken:
        takeaway += " Framed: the paper's own text disagrees."
    return chart("paper", "Printed in the paper", takeaway, **_grid(config, drawn), shapes=spoken)


def _word(cell: bool | None) -> str:
    return "" if cell is None else "stays" if cell else "moves"


def _table(array: str, config: InvarianceConfig, **style: object) -> Spec:
    V, C = len(config.variants), len(config.changes)
    drawn = heat(array, (V, C), 1)
    drawn["style"] |= {"colorscale": _HEAT, "zmin": 0, **style}
    drawn["variant"] = None
    drawn["z"] = {**drawn["z"], "index": [":", ":"]}
    drawn["style"]["hovertemplate"] = "%{z:.3~g}<extra></extra>"
    return drawn


def _grid(config: InvarianceConfig, drawn: Spec) -> Spec:
    columns = cells(len(config.changes), "")
    rows = cells(len(config.variants), "", downwards=True)
    columns["ticks"] = [
        [at, SHORT[change].replace(" ", "<br>")] for at, change in enumerate(config.changes)
    ]
    rows["ticks"] = [[at, VARIANTS[variant].label] for at, variant in enumerate(config.variants)]
    return {
        "span": 6,
        "repeat": False,
        "height": 236,
        "x": columns,
        "y": rows,
        "traces": [drawn],
        "margin": {"l": 120, "b": 38},
    }
