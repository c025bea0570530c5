"""Races of ConvNets that each show one thing; every `notice` sentence has a test."""

from dataclasses import replace

from ln_core.paper.convnet.config import VARIANTS, ConvConfig
from ln_core.runs.preset import Preset, View

_ordinary = ConvConfig()

PRESETS: dict[str, Preset[ConvConfig]] = {
    "ordinary": Preset(
        label="An ordinary ConvNet",
        notice=(
            "Notice that Batch Norm and Layer Norm both learn in fewer steps than the network "
            "without normalization."
        ),
        config=_ordinary,
    ),
    "unequal": Preset(
        label="Filters of unequal scale",
        notice=(
            "Notice that Layer Norm ends with more errors than Batch Norm: the channels whose "
            "filters have the largest weights decide its one standard deviation, and the others "
            "stay small after the division."
        ),
        config=replace(_ordinary, spread=3.0, variants=("batch", "layer", "instance")),
    ),
    "border": Preset(
        label="The border, before training",
        notice=(
            "Notice, at step 0, that the pre-activations of the first layer vary from image to "
            "image far less at the border than in the middle: units of one layer have different "
            "statistics."
        ),
        config=replace(_ordinary, steps=10, variants=tuple(VARIANTS)),
        view=View(at=0, chart="spread_map", shown=("none", "batch", "layer")),
    ),
    "pixels": Preset(
        label="Layer Norm, two ways",
        notice=(
            "Notice that Layer Norm per pixel, which shares no mean between border and middle, "
            "ends with more errors than Batch Norm: one sigma for all channels leaves them unequal."
        ),
        config=replace(_ordinary, spread=3.0, variants=("batch", "layer", "pixel")),
    ),
}
