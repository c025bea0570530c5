"""Transformers that each show one thing; every `notice` sentence has a test."""

from dataclasses import replace

from ln_core.paper.transformer.config import VARIANTS, TransformerConfig
from ln_core.runs.preset import Preset

_bold = TransformerConfig(depth=6, learning_rate=3e-3, steps=300, variants=("post", "pre"))
_warm = replace(_bold, warmup=200)
_recall = TransformerConfig(
    task="recall", depth=2, steps=200, learning_rate=1e-3, variants=("none", "post", "pre")
)

PRESETS: dict[str, Preset[TransformerConfig]] = {
    "no_warmup": Preset(
        label="No warm-up",
        notice=(
            "Notice that without warm-up post-LN stays near guessing, while pre-LN, "
            "from the same weights, learns to reverse unseen sequences."
        ),
        config=_bold,
    ),
    "warmup": Preset(
        label="With warm-up",
        notice=(
            f"Notice that with a learning rate that rises for {_warm.warmup} steps post-LN learns "
            "the task, as pre-LN does: at this rate it needs the warm-up."
        ),
        config=_warm,
        pin=_bold,
    ),
    "placements": Preset(
        label="All placements",
        notice=(
            "Notice that pre-RMSNorm, and pre-DyT without any statistics, learn the task as pre-LN "
            "does. Post-LN stays near guessing; without a norm far more errors are left than "
            "with these three."
        ),
        config=replace(_bold, variants=tuple(VARIANTS)),
    ),
    "shallow": Preset(
        label="Where it hardly matters",
        notice=(
            "Notice that with two layers all learn the task, wherever the norm stands, and that "
            "the network without any norm gets there first."
        ),
        config=TransformerConfig(
            depth=2, learning_rate=2e-3, steps=150, variants=("none", "post", "pre", "rms")
        ),
    ),
    "memory": Preset(
        label="Memory of a segment",
        notice=(
            "Notice that the size of the memory stays level from segment to segment, beyond those "
            "trained on as well: each layer reads what the one below put out one segment "
            "earlier, so nothing accumulates."
        ),
        config=_recall,
    ),
    "forgetful": Preset(
        label="Without the memory",
        notice=(
            "Notice that no variant beats guessing: the answer stands in the previous "
            "segment, and no normalization can bring it back."
        ),
        config=replace(_recall, recurrence=False),
    ),
}
