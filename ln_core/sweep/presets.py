"""Sweeps that are small enough to be watched, and the one that is recorded."""

from ln_core.runs.preset import Preset
from ln_core.sweep.config import SweepConfig

RECORDED = SweepConfig(
    across_values="0.0001,0.0003,0.001,0.003,0.01,0.03,0.1,0.3",
    down_values="2,4,8,16,32,64,128",
    run_steps=600,
    seeds=4,
)

PRESETS: dict[str, Preset[SweepConfig]] = {
    "rates": Preset(
        label="Learning rate by batch size",
        notice=(
            "Notice each variant's dark cells, where the learning rate works: there are more with "
            "large mini-batches than with small ones."
        ),
        config=SweepConfig(
            across_values="0.0003,0.001,0.003,0.01,0.03,0.1", down_values="2,4,8,16,32,64"
        ),
    ),
}
