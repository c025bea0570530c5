"""Small versions of skip-thoughts; each `notice` has a test that trains it."""

from dataclasses import replace

from ln_core.paper.skip_thoughts.config import SkipConfig
from ln_core.runs.preset import Preset

_small = SkipConfig()

PRESETS: dict[str, Preset[SkipConfig]] = {
    "small": Preset(
        label="As recorded, but small",
        notice=(
            "Notice that the classifiers soon distinguish speeches from the novel, while for the "
            "party of a speaker and the order of two sentences they stay near chance."
        ),
        config=_small,
    ),
    "slow": Preset(
        label="A third of the learning rate",
        notice=(
            "Notice that with a rate of 0.002 both encoders learn more slowly: their losses end "
            "higher than with 0.006."
        ),
        config=replace(_small, learning_rate=2e-3),
        pin=_small,
    ),
}
