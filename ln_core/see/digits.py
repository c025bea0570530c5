"""The recorded nets and digits of the batch-mate experiment. Needs numpy only.

`python -m ln_core.see.batch_mates.record` makes them; `assets/recorded/batch_mates.json` says how.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

NETS_PATH = Path(__file__).parents[2] / "assets" / "recorded" / "batch_mates.npz"
NET_VARIANTS = ("none", "batch", "layer")
HIDDEN = 2  # hidden layers of each net

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecordedNets:
    """A trained net of each kind, and digits that none of them was trained on; all read-only.

    Shapes: W of each layer (V, out, in), g and b of each (V, out), running_mean and
        running_variance of Batch Norm's net for each hidden layer (H,); images (n, 784),
        labels (n,).
    Units: images 0 (paper) to 255 (ink).
    """

    W: tuple[Floats, ...]
    g: tuple[Floats, ...]
    b: tuple[Floats, ...]
    running_mean: tuple[Floats, ...]
    running_variance: tuple[Floats, ...]
    images: Bytes
    labels: Bytes


def checksum(arrays: dict[str, NDArray[np.float32] | NDArray[np.uint8]]) -> dict[str, str]:
    """Give the SHA-256 of each array's bytes."""
    return {
        name: hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()
        for name, array in arrays.items()
    }


@lru_cache(maxsize=1)
def load_nets(path: Path = NETS_PATH) -> RecordedNets:
    """Read the recorded nets and digits, and verify that they are the recorded ones.

    Raises: ValueError if an array differs from its SHA-256 in the JSON file beside.
    """
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["sha256"]
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in expected}
    for name, found in checksum(arrays).items():
        if found != expected[name]:
            raise ValueError(
                f"{name} must have SHA-256 {expected[name]}, got {found} in {path}; "
                "remake it with `python -m ln_core.see.batch_mates.record`"
            )
    for array in arrays.values():
        array.setflags(write=False)
    layers = range(HIDDEN + 1)
    return RecordedNets(
        W=tuple(arrays[f"W{layer}"] for layer in layers),
        g=tuple(arrays[f"g{layer}"] for layer in layers),
        b=tuple(arrays[f"b{layer}"] for layer in layers),
        running_mean=tuple(arrays["running_mean"]),
        running_variance=tuple(arrays["running_variance"]),
        images=arrays["images"],
        labels=arrays["labels"],
    )
