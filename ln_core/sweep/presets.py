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
            "Notice where each variant's dark cells are: the learning rates that work there, "
            "from few to many as the mini-batches grow."
        ),
        config=SweepConfig(
            across_values="0.0003,0.001,0.003,0.01,0.03,0.1", down_values="2,4,8,16,32,64"
        ),
    ),
}
