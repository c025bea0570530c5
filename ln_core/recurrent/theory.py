"""What theory says of an untrained plain cell: the factors per step of state and gradient.

A wide net with random weights sums up so many independent terms that a_t is normal; f then sees
g n with n ~ Normal(0, 1). Checked against measurement in `tests/core/test_microscope.py`.
"""

import math

import numpy as np

from ln_core.recurrent.config import MicroscopeConfig

# n on a fine even grid, over which a sum of a smooth function converges fast; the 80 points of a
# Gauss-Hermite rule lie too far apart for tanh(7 n): .78 in place of 1.45.
POINTS = np.linspace(-9, 9, 2001)
POINT_WEIGHTS = np.exp(-(POINTS**2) / 2) / np.exp(-(POINTS**2) / 2).sum()
UNKNOWN = (math.nan, math.nan)


def growth(config: MicroscopeConfig, variant: str) -> tuple[float, float]:
    """Predict by which factor a step multiplies |h_t|, and a step back |dL/dh_t|; NaN: unknown."""
    if variant in ("layer", "rms"):  # the mean over units is near 0: centring changes little
        return 1.0, normalized_gradient(config)
    if variant == "none" and config.activation == "identity":
        # With an input at every step the state cannot die out.
        return (
            config.radius if config.input == "first" else max(config.radius, 1.0)
        ), config.radius
    return UNKNOWN


def normalized_gradient(config: MicroscopeConfig) -> float:
    """Predict the gradient's factor per step back behind a norm.

    Every step turns h into a = W h, whose variance is rho^2 E[f^2], and divides by its deviation:
    the factor is g rho sqrt(E[f'^2]) / sigma. Without an input sigma = rho sqrt(E[f^2]) and rho
    cancels. With an input of variance 1, normalized on its own, f sees g sqrt(2) n; normalized
    together with W h, sigma^2 = rho^2 E[f^2] + 1 and rho stays.
    """
    g, rho = config.gain, config.radius
    alone = config.input == "first"
    scale = g if alone or config.placement == "sum" else g * math.sqrt(2)
    f_squared, slope_squared = _squares(config.activation, scale)
    own = rho**2 * f_squared
    variance = own if alone or config.placement == "parts" else own + 1
    return g * rho * math.sqrt(slope_squared / variance)


def _squares(activation: str, scale: float) -> tuple[float, float]:
    """Give E[f(scale n)^2] and E[f'(scale n)^2] for n ~ Normal(0, 1)."""
    if activation == "identity":
        return scale**2, 1.0
    if activation == "relu":
        return scale**2 / 2, 0.5
    squared = np.tanh(scale * POINTS) ** 2
    return float((POINT_WEIGHTS * squared).sum()), float((POINT_WEIGHTS * (1 - squared) ** 2).sum())
