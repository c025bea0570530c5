"""Layer Norm Lab's core: normalization, training races, runs and figures, free of Streamlit.

Notation, everywhere (drawn below the pages from `NOTATION`):

The paper's symbols are the only short names; axes come in the order (N, T, H), features last;
a stacked model puts the network index first, (E, N, H) with E = variants x seeds.
"""

NOTATION: dict[str, str] = {
    "a": "pre-activations (summed inputs) of a layer, before normalization",
    "mu": "mean of the pre-activations",
    "sigma": "standard deviation of the pre-activations",
    "g": "gain, a learned factor per unit",
    "b": "bias, a learned shift per unit",
    "h": "output of a layer (hidden state)",
    "W": "weights",
    "N": "examples (cases) of a mini-batch",
    "T": "time steps of a sequence",
    "H": "hidden units of a layer",
}
