"""Small versions of the paper's MNIST experiment; each `notice` has a test that trains it."""

from dataclasses import replace

from ln_core.paper.mnist.config import MnistConfig, SweepConfig
from ln_core.runs.preset import Preset

_large = MnistConfig()
_small = MnistConfig(batch_size=4, epochs=2, per_epoch=8, bn_unbiased=True)

MNIST_PRESETS: dict[str, Preset[MnistConfig]] = {
    "large": Preset(
        label="Batch size 128",
        notice=(
            "Notice that Layer Norm is no faster than no normalization here, and that Batch Norm "
            "has the fewest errors and the highest loss: it also normalizes the output layer, so "
            "that its right answers get low probabilities."
        ),
        config=_large,
    ),
    "small": Preset(
        label="Batch size 4",
        notice=(
            "Notice that Batch Norm, the best with large batches, now makes the most errors, "
            "even with the unbiased variance that the paper gives it."
        ),
        config=_small,
    ),
    "hidden": Preset(
        label="Batch Norm on hidden layers only",
        notice=(
            "Notice that Batch Norm's loss is no longer the highest: the normalized output layer "
            "was what kept it high."
        ),
        config=replace(_large, bn_output=False),
        pin=_large,
    ),
    "fast": Preset(
        label="Tenfold learning rate",
        notice=(
            "Notice that with a rate of 0.01 the network without normalization gets worse than "
            "the others."
        ),
        config=replace(_large, learning_rate=0.01),
    ),
}

SWEEP_PRESETS: dict[str, Preset[SweepConfig]] = {
    "sizes": Preset(
        label="Batch sizes",
        notice=(
            "Notice that Batch Norm's error climbs as the batch gets smaller than 8 and ends close "
            "to guessing, while the variants that take no statistics over the batch learn at any "
            "batch size."
        ),
        config=SweepConfig(),
    ),
    "rates": Preset(
        label="Learning rates",
        notice=(
            "Notice that at the largest rate Batch Norm makes the fewest errors of all variants."
        ),
        config=SweepConfig(over="learning_rate", examples=5000),
    ),
}
