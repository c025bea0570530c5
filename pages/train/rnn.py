"""The RNN lab: recurrent nets that differ in their normalization alone, trained live."""

from ln_core.recurrent.config import RNN
from ln_core.recurrent.presets import RNN_PRESETS
from pages.ui.lab import Lab

Lab(
    slug="rnn",
    experiment=RNN,
    presets=RNN_PRESETS,
    note="Each change trains again from the start, from the same seed.",
).render()
