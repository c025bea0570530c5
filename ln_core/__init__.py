"""Layer Norm Lab's core: normalization, training races, runs and figures, free of Streamlit.

Notation, everywhere (drawn below the pages from `NOTATION`):

The paper's symbols are the only short names; axes come in the order (N, T, H), features last;
a stacked model puts the network index first, (E, N, H) with E = variants x seeds.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ln_core.notebook import run, show

__all__ = ["NOTATION", "run", "show"]

NOTATION: dict[str, str] = {
    "a": "pre-activations (summed inputs) of a layer, before normalization",
    "μ": "mean of the pre-activations",
    "σ": "standard deviation of the pre-activations",
    "g": "gain, a learned factor per unit",
    "b": "bias, a learned shift per unit",
    "h": "output of a layer (hidden state)",
    "W": "weights",
    "N": "examples (cases) of a mini-batch",
    "T": "time steps of a sequence",
    "H": "hidden units of a layer; of an image, its height, and W its width",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Import `run` and `show` where they are asked for: the app starts without what they need."""
    if name not in ("run", "show"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ln_core import notebook

    return getattr(notebook, name)
