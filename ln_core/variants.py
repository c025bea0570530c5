"""The variants: what each normalization is called, and how it looks. Free of torch.

The one table of them: configs take their options from it, figures pass the looks on to the player.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Variant:
    """One normalization: its name in arrays and addresses, and the line that stands for it."""

    id: str
    label: str
    light: str  # colour on a light page
    dark: str  # and on a dark one
    dash: str  # of its lines, as Plotly and SVG name it
    marker: str


# Okabe and Ito's colours; some are darker on a light page or lighter on a dark one, so that lines
# keep a contrast of 3:1.
_LAYER = Variant("layer", "Layer Norm", "#0072b2", "#3d9fe0", "solid", "circle")
_TABLE = (
    Variant("none", "No norm", "#767676", "#a8a8a8", "dot", "x"),
    Variant("batch", "Batch Norm", "#d55e00", "#f07f2a", "dash", "square"),
    _LAYER,
    Variant("rms", "RMSNorm", "#56b4e9", "#a5dbff", "dashdot", "triangle-up"),
    Variant("group", "Group Norm", "#009e73", "#1fc79a", "longdash", "diamond"),
    Variant("instance", "Instance Norm", "#b5518b", "#e08fbc", "longdashdot", "triangle-down"),
    Variant("pixel", "Layer Norm per pixel", "#5b4bb5", "#a99df0", "5px,2px", "hexagon"),
    Variant("weight", "Weight Norm", "#a8690b", "#e69f00", "2px,6px", "cross"),
    Variant("sync", "Synchronized Batch Norm", "#8a4b08", "#e3b27a", "8px,2px,2px,2px", "pentagon"),
    Variant("post", "Post-LN", "#7a2e8e", "#d39be3", "6px,3px,2px,3px", "star"),
    replace(_LAYER, id="pre", label="Pre-LN"),  # never beside "layer", and looks as it does
    Variant("dyt", "Pre-DyT", "#6b6b00", "#c9c23e", "3px,3px", "bowtie"),
)
VARIANTS: Mapping[str, Variant] = {variant.id: variant for variant in _TABLE}


def labels(*ids: str, **own: str) -> dict[str, str]:
    """Give the labels of some variants, in this order; `own` are labels that replace the table's.

    Raises: KeyError if there is no such variant.
    """
    return {name: own.get(name, VARIANTS[name].label) for name in ids}
