"""Sentences that each show one thing; every `notice` has a test. Free of torch."""

from ln_core.paper.skip_thoughts.nearest.config import NearestConfig
from ln_core.runs.preset import Preset

PRESETS: dict[str, Preset[NearestConfig]] = {
    "sea": Preset(
        label="At sea",
        notice=(
            "Notice that both encoders find mostly sentences of Moby-Dick, and that at most half "
            "of them are the same."
        ),
        config=NearestConfig(),
    ),
    "nation": Preset(
        label="To Congress",
        notice="Notice that both encoders find sentences of speeches to Congress.",
        config=NearestConfig(
            sentence="We must work together to build a better future for the American people."
        ),
    ),
    "unknown": Preset(
        label="Unknown words",
        notice=(
            "Notice that words which the nets do not know have no bar: all of them are one entry, "
            "so any other such word gives the very same nearest sentences."
        ),
        config=NearestConfig(sentence="The astronaut rebooted the computer."),
    ),
}
