"""All numbers of a run as one file: an array for each name, and what it is. Free of torch."""

import io
import json
import zipfile
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ln_core.runs.config import to_query
from ln_core.runs.experiment import Experiment, FilmConfig
from ln_core.runs.frame import Array, Frame

PACKAGES = ("torch", "numpy")
EACH_FRAME = "axis 0: frames, at `steps`; then variants; then as the charts show it"
EACH_STEP = "axis 0: variants; the last axis: training steps, from the first to the last of `steps`"


def archive(
    experiment: Experiment, config: FilmConfig, frames: Sequence[Frame], origin: str
) -> bytes:
    """Write the arrays of all frames as .npz, with `about.json` beside them.

    The arrays of one name are put `together`.
    """
    arrays: dict[str, NDArray[Any]] = {}
    about: dict[str, Any] = {}
    for name in {name: None for frame in frames for name in frame.arrays}:
        parts = [(frame.step, frame.arrays[name]) for frame in frames if name in frame.arrays]
        steps = [step for step, _ in parts]
        arrays[name] = together([array for _, array in parts])
        axes = EACH_FRAME if arrays[name].ndim > parts[0][1].ndim else EACH_STEP
        shape, kind = arrays[name].shape, str(arrays[name].dtype)
        about[name] = {"shape": shape, "type": kind, "axes": axes, "steps": steps}
    told = {
        "from": origin,
        "experiment": experiment.name,
        "config": to_query(config),
        "variants": [variant for shard in config.shards for variant in shard],
        "frames": {"here": len(frames), "of": config.frames},
        "versions": {name: version(name) for name in PACKAGES},
        "arrays": about,
    }
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("about.json", json.dumps(told, indent=2))
    return file.getvalue()


def together(parts: Sequence[Array]) -> NDArray[Any]:
    """Put one array of all frames together.

    Of the same shape in every frame it is stacked along a new first axis; what holds all that the
    steps since the last frame measured is joined along its last axis.
    """
    if len({part.shape for part in parts}) == 1:
        return np.stack(parts)
    return np.concatenate(parts, axis=-1)
