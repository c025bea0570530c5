"""The chart beside the lists of nearest sentences: what each word does to the vector."""

from ln_core.figures.cells import bars, chart, now
from ln_core.figures.parts import Spec, section, variant_specs
from ln_core.paper.skip_thoughts.config import CELL_NAMES
from ln_core.paper.skip_thoughts.nearest.config import NearestConfig


def nearest_figure(config: NearestConfig) -> Spec:
    """Describe the one chart; the lists are in the frame's notes."""
    return {
        "variants": variant_specs(config.variants, labels=CELL_NAMES),
        "choices": [],
        "sections": [section(None, [words(config)])],
    }


def words(config: NearestConfig) -> Spec:
    """How far each encoder's vector turns if one word is replaced by the unknown one."""
    tokens = config.tokens
    places = list(range(len(tokens)))
    return chart(
        "turn",
        "What each word does to the vector",
        "How far the vector turns if a word is made unknown. Unknown words have no bar.",
        height=170,
        repeat=False,
        margin={"b": 56},
        x={
            "title": "",
            "range": [-0.5, len(tokens) - 0.5],
            "grid": False,
            "angle": -45,  # words are long
            "ticks": [[place, token] for place, token in zip(places, tokens, strict=True)],
        },
        y={"title": "1 − cosine", "range": [0, 0.5], "grow": True},
        traces=[bars(places, now("turn", ":"), variant="each")],
    )
