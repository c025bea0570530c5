"""All numbers of a run as one file: an array for each name, and what it is. Free of torch."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ln_core.runs.config import to_query
from ln_core.runs.experiment import Experiment, FilmConfig
from ln_core.runs.frame import Array, Frame

PACKAGES = ("torch", "numpy")


def archive(
    experiment: Experiment,
    config: FilmConfig,
    frames: Sequence[Frame],
    origin: str,
    facts: Mapping[str, Any] | None = None,
) -> bytes:
    """Write the arrays of all frames as .npz, with `about.json` beside them.

    The arrays of one name are put `together`. Of each, the JSON says what it means, what its axes
    count, the unit, and the steps of the frames that hold it; every array that has variants has
    them in the order of `variants`. Of a recording, `facts` say when and with what it was made.
    """
    arrays: dict[str, NDArray[Any]] = {}
    about: dict[str, Any] = {}
    meanings = experiment.meanings
    for name in {name: None for frame in frames for name in frame.arrays}:
        parts = [(frame.step, frame.arrays[name]) for frame in frames if name in frame.arrays]
        steps = [step for step, _ in parts]
        arrays[name] = together([array for _, array in parts])
        about[name] = {
            "meaning": meanings[name].said,
            "shape": arrays[name].shape,
            "axes": ["frame"] * (arrays[name].ndim > parts[0][1].ndim) + meanings[name].names,
            "unit": meanings[name].unit,
            "type": str(arrays[name].dtype),
            "steps": steps,
        }
    told = {
        "from": origin,
        "experiment": experiment.name,
        "config": to_query(config),
        "variants": config.compared,
        "frames": {"here": len(frames), "of": config.frames},
        "versions": {name: version(name) for name in PACKAGES},
        **(facts or {}),
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
