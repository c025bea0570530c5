"""The charts of the invariances: outputs before and after, the measured table, the paper's."""

from ln_core.figures.cells import colours, counted, framed, grid, numbers
from ln_core.figures.parts import Spec, section, variant_specs
from ln_core.see.invariance.config import TEXT_SAYS, UNCHANGED, InvarianceConfig, printed
from ln_core.variants import VARIANTS

SHAPE = (6, 8)  # cases and units that the film shows
SHORT = {
    "weights_scale": "W scale",
    "weights_shift": "W shift",
    "row_scale": "one unit",
    "data_scale": "data scale",
    "data_shift": "data shift",
    "case_scale": "one example",
    "image_shift": "image",
}
_HEAT = [[0, "@background"], [1, "#d55e00"]]


def invariance_figure(config: InvarianceConfig) -> Spec:
    """Describe the bench and its table."""
    hidden = ("rms", "group") if config.layer == "dense" else ("weight", "rms", "group", "pixel")
    outputs = [_outputs(config, "before"), _outputs(config, "after")]
    return {
        "variants": variant_specs(config.variants, hidden=hidden, labels=_own(config)),
        "choices": [],
        "sections": [
            section(None, outputs),
            section("The whole table", [measured(config), paper(config)]),
        ],
    }


def _outputs(config: InvarianceConfig, array: str) -> Spec:
    """Some outputs, before or after the change."""
    N, H = SHAPE
    before = array == "before"
    place = " At the middle of the image." if config.layer == "conv" else ""
    return grid(
        array,
        "Outputs before" if before else "Outputs after",
        f"All six examples.{place} {colours(3)}"
        if before
        else "The same outputs after the chosen change, in the same colours.",
        counted(N, "example"),
        counted(H, "unit"),
        [numbers(array, 3)],
        format=None,
    )


def measured(config: InvarianceConfig) -> Spec:
    """The relative change of every normalization under every change."""
    at = config.changes.index(config.change)
    return _table(
        config,
        "table",
        "measured",
        "Measured relative change",
        f"The largest of all seeds; below {UNCHANGED:g} it is rounding. "
        "The chosen change is framed.",
        _HEAT,
        format=".1g",
        frames=[framed(0, at, rows=len(config.variants))],
    )


def paper(config: InvarianceConfig) -> Spec:
    """What the paper prints, coloured where the measurement differs."""
    words = [[_word(printed(t, c)) for c in config.changes] for t in config.variants]
    spoken = [
        framed(config.variants.index(variant), config.changes.index(change))
        for variant, change in TEXT_SAYS
        if variant in config.variants
    ]
    takeaway = "Coloured where the measurement differs."
    if spoken:
        takeaway += " Framed: the paper's own text disagrees."
    # The colours say where the two differ: 0 in the array is a disagreement.
    colors = [[0, "#d55e00"], [1, "@background"]]
    return _table(
        config,
        "agree",
        "paper",
        "Printed in the paper",
        takeaway,
        colors,
        words=words,
        frames=spoken,
    )


def _word(cell: bool | None) -> str:
    return "" if cell is None else "unchanged" if cell else "changed"


def _own(config: InvarianceConfig) -> dict[str, str]:
    """Name what needs another name here: Layer Norm beside that per pixel."""
    return {"layer": "Layer Norm (whole image)"} if config.layer == "conv" else {}


def _table(
    config: InvarianceConfig,
    array: str,
    name: str,
    title: str,
    takeaway: str,
    colors: list[list[object]],
    **more: object,
) -> Spec:
    """A row for each normalization, a column for each change; colours from 0 to 1."""
    drawn = numbers(array, 1, colorscale=colors, zmin=0, zmax=1)
    drawn |= {"variant": None, "z": {**drawn["z"], "index": [":", ":"]}}
    own = _own(config)
    names = [own.get(variant, VARIANTS[variant].label) for variant in config.variants]
    rows = {"title": "", "names": names}
    columns = {"title": "", "names": [SHORT[change] for change in config.changes]}
    return grid(name, title, takeaway, rows, columns, [drawn], span=6, repeat=False, **more)
