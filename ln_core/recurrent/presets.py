"""Recurrent nets that each show one thing; every `notice` sentence has a test."""

from dataclasses import replace

from ln_core.recurrent.config import MicroscopeConfig, RnnConfig
from ln_core.runs.changes import CHANGED, Change
from ln_core.runs.preset import Preset, View

_rows = RnnConfig(task="rows", cell="rnn", steps=300)
_large = replace(_rows, radius=4.0, steps=400)

RNN_PRESETS: dict[str, Preset[RnnConfig]] = {
    "exploding": Preset(
        label="Exploding state",
        notice=(
            "Notice that without a norm the hidden state grows at every time step, to far more "
            "than a thousand times its size, and the loss is far above the others'. Layer Norm "
            "holds the state level."
        ),
        config=replace(_rows, activation="relu", radius=4.0, steps=60),
    ),
    "large": Preset(
        label="Large recurrent weights",
        notice=(
            "Notice that with recurrent weights far too large the net without a norm learns almost "
            "nothing, while Layer Norm and RMSNorm, which scale the sum down again, learn to read "
            "digits."
        ),
        config=replace(_rows, radius=4.0),
        view=View(shown=("none", "layer", "rms")),
    ),
    "plain": Preset(
        label="Where it does not help",
        notice=(
            "Notice that from well-chosen weights the tanh net without a norm does as well as the "
            "one with Layer Norm, or better: here it is no help."
        ),
        config=_rows,
    ),
    "gain": Preset(
        label="The gain decides",
        notice=(
            "Notice that with a small gain Layer Norm's gradient fades on its way back to the "
            "first time step, while without a norm, from the same large recurrent weights, it "
            "grows: here the gain decides."
        ),
        config=replace(
            _rows, radius=4.0, gain=0.25, placement="parts", steps=60, variants=("none", "layer")
        ),
    ),
    "rate": Preset(
        label="High learning rate",
        notice=(
            "Notice that at this high learning rate the LSTM with Layer Norm makes less than two "
            "thirds as many errors as the LSTM without."
        ),
        config=replace(_rows, cell="lstm", learning_rate=0.1, variants=("none", "layer")),
    ),
    "longer": Preset(
        label="Longer than trained",
        notice=(
            "Notice that with blank rows in front Batch Norm fails: rows meet another time step's "
            "statistics. Moved along with the rows, they fit again (stars). Layer Norm hardly "
            "changes."
        ),
        config=replace(_rows, steps=700, variants=("none", "batch", "layer")),
    ),
    "copy": Preset(
        label="Copy task",
        notice=(
            "Notice that the LSTM with Layer Norm gets further below the loss of guessing than the "
            "LSTM without a norm."
        ),
        config=RnnConfig(
            task="copy",
            cell="lstm",
            length=20,
            learning_rate=3e-3,
            clip=0.0,
            variants=("none", "layer"),
        ),
    ),
    "text": Preset(
        label="Moby-Dick",
        notice=(
            "Notice that both LSTMs get below the loss of letter frequencies within a few hundred "
            "steps, and begin to write words."
        ),
        config=RnnConfig(
            task="text",
            cell="lstm",
            length=50,
            learning_rate=5e-3,
            steps=500,
            variants=("none", "layer"),
        ),
    ),
    "taken_out": Preset(
        label="Take Layer Norm out",
        group=CHANGED,
        notice=(
            "Notice that the net without a norm learns almost nothing from such large recurrent "
            "weights, yet at step 200 Layer Norm can be taken out: with constants in place of its "
            "statistics the net goes on as well as with them."
        ),
        config=replace(_large, changes=(Change(200, "normalization", "out"),)),
        view=View(at=400, shown=("none", "layer")),
        pin=_large,
    ),
}

MICROSCOPE_PRESETS: dict[str, Preset[MicroscopeConfig]] = {
    "explode": Preset(
        label="Weights too large",
        notice=(
            "Notice that without a norm the state is multiplied by the spectral radius at every "
            "time step, and so is the gradient on its way back; Layer Norm keeps the state level "
            "and its gradient nearly so."
        ),
        config=MicroscopeConfig(radius=2.0),
    ),
    "fade": Preset(
        label="Weights too small",
        notice=(
            "Notice that without a norm both signal and gradient fade away; Layer Norm's factors "
            "are the same as with large weights."
        ),
        config=MicroscopeConfig(radius=0.5),
    ),
    "inputs": Preset(
        label="With inputs, gradients still fade",
        notice=(
            "Notice that with an input at every time step Layer Norm keeps the state level, yet "
            "its gradient fades: a norm does not cure vanishing gradients."
        ),
        config=MicroscopeConfig(radius=1.0, input="every", activation="tanh"),
    ),
    "placements": Preset(
        label="The sum or its parts",
        notice=(
            "Notice that with Layer Norm of the sum the gradient fades: the recurrent weights are "
            "small compared with the input's. Choose to normalize each part on its own: the "
            "weights' scale no longer matters, and the gradient passes."
        ),
        config=MicroscopeConfig(
            radius=0.5, input="every", activation="tanh", placement="sum", gain=2.0
        ),
    ),
    "gain": Preset(
        label="The gain decides",
        notice=(
            "Notice that with tanh and each part normalized on its own, a gain of about two keeps "
            "the factor of Layer Norm's gradient close to one, whatever the scale of the weights."
        ),
        config=MicroscopeConfig(
            radius=4.0, input="every", activation="tanh", placement="parts", gain=2.0
        ),
    ),
}
