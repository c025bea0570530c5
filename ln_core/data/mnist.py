"""MNIST from one file under `assets/`, checked when it is read. Needs numpy only."""

import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MNIST_PATH = Path(__file__).parents[2] / "assets" / "data" / "mnist.npz"

# SHA-256 of each array's bytes, not of the file: a zip from another zlib holds the same data.
MNIST_SHA256 = {
    "train_images": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "train_labels": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "test_images": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "test_labels": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}

REMAKE = "remake it with `python -m ln_core.data.make_mnist`; see assets/data/README.md"

# What numpy and zipfile raise on a file that is cut off, damaged or something else. TypeError: a
# lone array in place of an archive is no context manager.
UNREADABLE = (
    OSError,
    EOFError,
    KeyError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mnist:
    """The 70,000 digits as bytes. The arrays are read-only, so that they can be shared.

    Shapes: train_images (60000, 28, 28), train_labels (60000,), test_images (10000, 28, 28),
        test_labels (10000,).
    Units: images 0 (paper) to 255 (ink), labels 0 to 9.
    """

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.uint8]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.uint8]


def load_mnist(path: Path = MNIST_PATH) -> Mnist:
    """Read the four arrays and verify that they are the ones published.

    Raises: ValueError if the file is missing, unreadable, or holds other data.
    Source: LeCun, Cortes, Burges, the MNIST database; see assets/data/README.md.
    """
    arrays = _read_arrays(path)
    verify_sha256(arrays, source=str(path))
    for array in arrays.values():
        array.setflags(write=False)
    return Mnist(**arrays)


def verify_sha256(arrays: dict[str, NDArray[np.uint8]], *, source: str) -> None:
    """Refuse arrays whose bytes are not MNIST's.

    Raises: ValueError naming the first array that differs.
    """
    for name, expected in MNIST_SHA256.items():
        found = hashlib.sha256(np.ascontiguousarray(arrays[name]).data).hexdigest()
        if found != expected:
            raise ValueError(
                f"{name} must have SHA-256 {expected}, got {found} in {source}; {REMAKE}"
            )


def _read_arrays(path: Path) -> dict[str, NDArray[np.uint8]]:
    if not path.is_file():
        raise ValueError(f"MNIST must be at {path}, got no file there; {REMAKE}")
    try:
        with path.open("rb") as file, np.load(file) as archive:
            return {name: archive[name] for name in MNIST_SHA256}
    except UNREADABLE as error:
        raise ValueError(
            f"MNIST must be an archive of {', '.join(MNIST_SHA256)}, "
            f"got {path} that cannot be read as one ({error}); {REMAKE}"
        ) from error
