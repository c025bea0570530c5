"""Races that each show one thing; every `notice` sentence has a test that trains its race."""

from dataclasses import replace

from ln_core.race.config import MlpConfig
from ln_core.runs.changes import CHANGED, Change
from ln_core.runs.preset import Preset, View

_digits = MlpConfig(data="mnist", depth=2, width=100, cases=6000, batch_size=32, steps=600)
_deep_tanh = replace(
    _digits, depth=20, width=64, batch_size=64, steps=300, activation="tanh", cases=20_000
)
_settled = replace(_digits, cases=20_000, batch_size=128, learning_rate=3e-4)
_descent = replace(_digits, optimizer="sgd", learning_rate=0.1)
_pairs = replace(_digits, batch_size=2, steps=3000)

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
            "batch of two it keeps little more of a unit than which example has the larger number."
        ),
        config=_pairs,
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
            "Notice that in these first steps Batch Norm's gradients grow layer by layer on their "
            "way back to the input, to over a hundred times their size. Layer Norm's grow far "
            "less, or fade."
        ),
        config=replace(_digits, depth=30, width=128, batch_size=64, steps=60),
    ),
    "shallow": Preset(
        label="Where it hardly matters",
        notice=(
            "Notice that in a shallow, well-initialized network with large batches the variants "
            "end close together: normalization is not needed here."
        ),
        config=replace(_digits, batch_size=128, steps=500, cases=60_000),
    ),
    "to_pairs": Preset(
        label="Batch size 128 to 2",
        group=CHANGED,
        notice=(
            "Notice that from step 400 on Batch Norm's training loss is several times what it was, "
            "yet it makes no more test errors than the others, or hardly more: in training, the "
            "two examples of a batch give noisy statistics; for test examples Batch Norm uses its "
            "running averages."
        ),
        config=replace(_settled, changes=(Change(400, "batch_size", 2),)),
        view=View(at=600),
        pin=_settled,
    ),
    "tenfold": Preset(
        label="Learning rate × 10",
        group=CHANGED,
        notice=(
            "Notice that without normalization the loss jumps by powers of ten at step 300, and "
            "the network never recovers. With Batch Norm and Layer Norm the loss jumps at the same "
            "change, and falls again."
        ),
        config=replace(_descent, changes=(Change(300, "learning_rate", 1.0),)),
        view=View(at=600),
        pin=_descent,
    ),
    "freeze": Preset(
        label="Freeze Batch Norm's statistics",
        group=CHANGED,
        notice=(
            "Notice that with its statistics frozen at step 1500 Batch Norm makes less than two "
            "thirds of the test errors that it makes without that change: the noise of two "
            "examples' statistics is gone."
        ),
        config=replace(_pairs, changes=(Change(1500, "bn_frozen", True),)),
        view=View(at=3000, shown=("batch", "layer")),
        pin=_pairs,
    ),
}
