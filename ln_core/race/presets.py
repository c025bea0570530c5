"""Races that each show one thing; every `notice` sentence has a test that trains its race."""

from dataclasses import replace

from ln_core.race.config import MlpConfig
from ln_core.runs.preset import Preset, View

_digits = MlpConfig(data="mnist", depth=2, width=100, cases=6000, batch_size=32, steps=600)
_deep_tanh = replace(
    _digits, depth=20, width=64, batch_size=64, steps=300, activation="tanh", cases=20_000
)

PRESETS: dict[str, Preset[MlpConfig]] = {
    "spirals": Preset(
        label="Two spirals",
        notice=(
            "Notice that every variant learns to bend its boundary around the spirals, and that "
            "with normalization the test error falls in fewer steps."
        ),
        config=MlpConfig(steps=800),
        view=View(at=400),
    ),
    "directions": Preset(
        label="What Layer Norm cannot see",
        notice=(
            "Notice that without the constant input Layer Norm is blind to how far a point is "
            "from the middle: it rescales each example, so only the direction is left."
        ),
        config=MlpConfig(data="circles", constant=False, steps=1000),
        view=View(at=1000),
    ),
    "online": Preset(
        label="Batch size 1",
        notice=(
            "Notice that Batch Norm learns next to nothing: in training a batch of one is its own "
            "mean, so every unit puts out just its bias. Layer Norm learns from one example at a "
            "time."
        ),
        config=replace(_digits, batch_size=1, steps=3000),
        view=View(at=3000),
    ),
    "pairs": Preset(
        label="Batch size 2",
        notice=(
            "Notice that Batch Norm makes several times as many test errors as Layer Norm: in a "
            "batch of two it turns every unit into plus or minus one."
        ),
        config=replace(_digits, batch_size=2, steps=3000),
        view=View(at=3000),
    ),
    "small_weights": Preset(
        label="Deep, small weights",
        notice=(
            "Notice that without normalization the net learns far more slowly: the gradients of "
            "inner layers are tiny. Batch Norm and Layer Norm restore the signal at every layer."
        ),
        config=replace(_deep_tanh, weight_gain=0.5, steps=200),
    ),
    "deep_relu": Preset(
        label="Deep ReLU",
        notice=(
            "Notice that at step 0, before training, Batch Norm's gradients grow layer by layer on "
            "their way back to the input, while Layer Norm's change far less."
        ),
        config=replace(_digits, depth=30, width=128, batch_size=64, steps=300),
        view=View(at=0),
    ),
    "shallow": Preset(
        label="Where it hardly matters",
        notice=(
            "Notice that in a shallow, well-initialized network with large batches the variants "
            "end close together: normalization is not needed here."
        ),
        config=replace(_digits, batch_size=128, steps=500, cases=60_000),
    ),
}
