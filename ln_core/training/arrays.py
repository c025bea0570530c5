"""From tensors to what frames hold."""

import hashlib

import numpy as np
from torch import Tensor

from ln_core.runs.frame import Floats


def as_floats(tensor: Tensor) -> Floats:
    """Copy a tensor into a float32 array."""
    return np.array(tensor.numpy(), dtype=np.float32)


def span_over_seeds(values: Floats) -> Floats:
    """Give the lowest, the mean and the highest over the seeds: (V, S, K) -> (V, 3, K)."""
    return np.stack([values.min(1), values.mean(1), values.max(1)], 1)


def short_hash(tensor: Tensor) -> str:
    """Give the first 8 hexadecimal digits of the SHA-256 of a tensor's bytes."""
    return hashlib.sha256(tensor.contiguous().numpy().tobytes()).hexdigest()[:8]
