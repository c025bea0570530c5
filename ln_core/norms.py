"""The textbook: each normalization as one pure function of the summed inputs `a`.

Five of the six share one equation, h = g * (a - mu) / sqrt(sigma^2 + eps) + b, and differ only in
which entries share a mean; weight norm rescales the weights instead. Features come last:
a (N, H), or (N, ..., H) with axes of space or time between.

float16 and bfloat16 are computed in float32 and cast back: in float16 eps = 1e-8 rounds to 0 and
the square of 300 is infinite. Entries that are all equal give exactly the bias, whatever their
value; with eps = 0, which is allowed, they give 0/0 = NaN.

Every function raises ValueError, which names the argument, what was received and what is allowed.
"""

import math

import torch
from torch import Tensor

__all__ = [
    "batch_norm",
    "batch_norm_inference",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "rms_norm",
    "update_running",
    "weight_norm",
]


def batch_norm(a: Tensor, g: Tensor, b: Tensor, *, eps: float = 1e-5) -> Tensor:
    """Give each unit zero mean and near-unit variance over the N cases, as in training.

    h = g * (a - mu) / sqrt(sigma^2 + eps) + b, with one mu and sigma per unit.

    At N = 1 the case is its own mean: h is the bias exactly. (PyTorch refuses that batch.)

    Shapes: a (N, H), g (H,), b (H,) -> (N, H).
    Raises: ValueError if a is not a floating (N, H), g or b not (H,), or eps negative or not
        finite.
    Source: Ioffe, Szegedy 2015, sec. 3, Algorithm 1.
    """
    _check_batch(a)
    _check_shapes(a, g=g, b=b)
    return (g * _standardise(a, (0,), eps) + b).to(a.dtype)


def batch_norm_inference(
    a: Tensor, mu: Tensor, variance: Tensor, g: Tensor, b: Tensor, *, eps: float = 1e-5
) -> Tensor:
    """Normalize each unit by stored statistics, as batch norm does after training.

    h = g * (a - mu) / sqrt(variance + eps) + b: affine in a, and no case sees another.

    Shapes: a (..., H), mu, variance, g and b (H,) -> (..., H).
    Raises: ValueError if a is not floating, mu, variance, g or b not (H,), a variance is negative,
        or eps negative or not finite.
    Source: Ioffe, Szegedy 2015, sec. 3.1, Algorithm 2.
    """
    _check_shapes(a, mu=mu, variance=variance, g=g, b=b)
    # NaN passes on purpose: the statistics of a diverged run should show as NaN.
    if bool((variance < 0).any()):
        raise ValueError(f"variance must be at least 0, got {float(variance.min())}")
    standardised = (_widen(a) - mu) * _inverse_root(_widen(variance), eps)
    return (g * standardised + b).to(a.dtype)


def update_running(
    running_mean: Tensor, running_variance: Tensor, a: Tensor, momentum: float
) -> tuple[Tensor, Tensor]:
    """Move batch norm's stored mean and variance towards those of a batch; return the new pair.

    new = (1 - momentum) * old + momentum * batch

    The stored variance is the unbiased one (divided by N - 1), unlike the one in `batch_norm`, as
    in torch.nn.BatchNorm1d. At N = 1 that is 0/0, and PyTorch refuses; here the biased variance,
    0, is stored in its place.

    Shapes: running_mean (H,), running_variance (H,), a (N, H) -> (H,), (H,).
    Raises: ValueError if a is not a floating (N, H) with N >= 1, a running statistic is not (H,),
        or momentum is not in [0, 1].
    Source: torch.nn.BatchNorm1d; Ioffe, Szegedy 2015, sec. 3.1, suggest moving averages.
    """
    _check_batch(a)
    _check_shapes(a, running_mean=running_mean, running_variance=running_variance)
    N = a.shape[0]
    if N == 0:
        raise ValueError(f"a must hold at least one case, got shape {tuple(a.shape)}")
    if not (_is_number(momentum) and 0 <= momentum <= 1):
        raise ValueError(f"momentum must be a number in [0, 1], got {_shortened(momentum)}")
    mean, centred = _centre(_widen(a), (0,))
    mu = mean[0]
    unbiased = centred.square().sum(dim=0) / max(N - 1, 1)
    return (
        ((1 - momentum) * running_mean + momentum * mu).to(running_mean.dtype),
        ((1 - momentum) * running_variance + momentum * unbiased).to(running_variance.dtype),
    )


def layer_norm(a: Tensor, g: Tensor, b: Tensor, *, eps: float = 1e-5) -> Tensor:
    """Give each case zero mean and near-unit variance over its H units, then rescale.

    h = g * (a - mu) / sqrt(sigma^2 + eps) + b, with one mu and sigma per case.

    Shapes: a (..., H), g (H,), b (H,) -> (..., H).
    Raises: ValueError if a is not floating, g or b not (H,), or eps negative or not finite.
    Source: Ba, Kiros, Hinton 2016, sec. 3, eq. (3); eps inside the root as in torch.nn.LayerNorm.
    """
    _check_shapes(a, g=g, b=b)
    return (g * _standardise(a, (-1,), eps) + b).to(a.dtype)


def rms_norm(a: Tensor, g: Tensor, *, eps: float = 1e-5) -> Tensor:
    """Give each case a root mean square near 1 over its H units, leaving its mean in place.

    h = g * a / sqrt(mean(a^2) + eps)

    Shapes: a (..., H), g (H,) -> (..., H).
    Raises: ValueError if a is not floating, g not (H,), or eps negative or not finite.
    Source: Zhang, Sennrich 2019, sec. 4, eq. (4); eps inside the root as in torch.nn.RMSNorm.
    """
    _check_shapes(a, g=g)
    wide = _widen(a)
    mean_square = wide.square().mean(dim=-1, keepdim=True)
    return (g * wide * _inverse_root(mean_square, eps)).to(a.dtype)


def group_norm(a: Tensor, g: Tensor, b: Tensor, groups: int, *, eps: float = 1e-5) -> Tensor:
    """Standardise each group of neighbouring units of each case, then rescale.

    h = g * (a - mu) / sqrt(sigma^2 + eps) + b, with one mu and sigma per case and group, taken
    over the group's H / groups units and over all axes between. One group on a (N, H) is layer
    norm; H groups on a (N, ..., H) are instance norm.

    Shapes: a (N, ..., H), g (H,), b (H,) -> (N, ..., H).
    Raises: ValueError if a is not a floating (N, ..., H), g or b not (H,), groups does not divide
        H, or eps is negative or not finite.
    Source: Wu, He 2018, sec. 3.1.
    """
    _check_shapes(a, g=g, b=b)
    H = a.shape[-1]
    if a.dim() < 2:
        raise ValueError(f"a must have shape (N, ..., H), got {tuple(a.shape)}")
    if not (type(groups) is int and groups >= 1 and H % groups == 0):
        raise ValueError(
            f"groups must be a whole number that divides {H} units, got {_shortened(groups)}"
        )
    grouped = a.reshape(*a.shape[:-1], groups, H // groups)
    between = range(1, a.dim() - 1)
    standardised = _standardise(grouped, (*between, -1), eps).reshape(a.shape)
    return (g * standardised + b).to(a.dtype)


def instance_norm(a: Tensor, g: Tensor, b: Tensor, *, eps: float = 1e-5) -> Tensor:
    """Give each channel of each case zero mean and near-unit variance over space, then rescale.

    h = g * (a - mu) / sqrt(sigma^2 + eps) + b, with one mu and sigma per case and channel.

    It needs space: on a[:, None, :], a layer without any, each value is its own mean and h is b.

    Shapes: a (N, ..., C) with at least one axis of space between, g (C,), b (C,) -> (N, ..., C).
    Raises: ValueError if a is not a floating (N, ..., C) of three axes or more, g or b not (C,), or
        eps negative or not finite.
    Source: Ulyanov, Vedaldi, Lempitsky 2016, sec. 2.
    """
    _check_shapes(a, g=g, b=b)
    if a.dim() < 3:
        raise ValueError(
            f"a must have shape (N, ..., C) with an axis of space between, got {tuple(a.shape)}"
        )
    return (g * _standardise(a, tuple(range(1, a.dim() - 1)), eps) + b).to(a.dtype)


def weight_norm(v: Tensor, g: Tensor) -> Tensor:
    """Make weights whose length is g and whose direction is v, one row for each unit.

    W_i = g_i * v_i / ||v_i||

    Shapes: v (out, in), g (out,) -> W (out, in).
    Raises: ValueError if v is not a floating (out, in), g not (out,), or a row of v is all zero,
        for it has no direction.
    Source: Salimans, Kingma 2016, sec. 2, eq. (2).
    """
    _check_floating("v", v)
    _check_floating("g", g)
    if v.dim() != 2:
        raise ValueError(f"v must have shape (out, in), got {tuple(v.shape)}")
    if g.shape != v.shape[:1]:
        raise ValueError(f"g must have shape ({v.shape[0]},), got {tuple(g.shape)}")
    wide = _widen(v)
    zero = (wide == 0).all(dim=1)
    if bool(zero.any()):
        row = int(zero.int().argmax())
        raise ValueError(f"each row of v must have a direction, got only zeros in row {row}")
    # By its largest entry first: the square of 1e-30 is 0 in float32, and that of 1e30 infinite.
    direction = wide / wide.abs().amax(dim=1, keepdim=True)
    W: Tensor = (
        g.unsqueeze(1) * direction / torch.linalg.vector_norm(direction, dim=1, keepdim=True)
    )
    return W.to(v.dtype)


def _standardise(a: Tensor, axes: tuple[int, ...], eps: float) -> Tensor:
    """Subtract the mean over the axes and divide by the standard deviation over them."""
    _, centred = _centre(_widen(a), axes)
    variance = centred.square().mean(dim=axes, keepdim=True)  # by the count: the paper's biased one
    return centred * _inverse_root(variance, eps)


def _centre(a: Tensor, axes: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Give the mean over the axes, which stay with size 1, and the distances from it.

    Subtract first, then square: E[a^2] - mu^2 cancels. And before the mean subtract one of the
    entries: the rounded mean of six times 0.1 is not 0.1, and eps = 0 would make +-1 of that.
    """
    one = a
    for axis in axes:
        one = one.narrow(axis, 0, min(1, a.shape[axis]))
    shifted = a - one
    mean = shifted.mean(dim=axes, keepdim=True)
    return one + mean, shifted - mean


def _inverse_root(square: Tensor, eps: float) -> Tensor:
    """Return 1 / sqrt(square + eps)."""
    if not (_is_number(eps) and math.isfinite(eps) and eps >= 0):
        raise ValueError(f"eps must be finite and at least 0, got {_shortened(eps)}")
    return torch.rsqrt(square + eps)  # eps inside the root keeps the gradient finite at square = 0


def _widen(a: Tensor) -> Tensor:
    """Return half-precision values as float32 and others as they are."""
    return a.float() if a.dtype in (torch.float16, torch.bfloat16) else a


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shortened(value: object) -> str:
    """Write what was received; of a long text the beginning."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _check_batch(a: Tensor) -> None:
    _check_floating("a", a)
    if a.dim() != 2:
        raise ValueError(f"a must have shape (N, H), got {tuple(a.shape)}")


def _check_floating(name: str, values: object) -> None:
    if not isinstance(values, Tensor):
        received = f"{type(values).__name__} {_shortened(values)}"
        raise ValueError(f"{name} must be a tensor of floating-point numbers, got {received}")
    if not values.is_floating_point():
        raise ValueError(f"{name} must hold floating-point numbers, got {values.dtype}")


def _check_shapes(a: Tensor, **per_unit: Tensor) -> None:
    """Refuse an a that is not floating (..., H), and a per-unit vector that is not (H,)."""
    _check_floating("a", a)
    if a.dim() == 0:
        raise ValueError("a must have shape (..., H), got a single number")
    H = a.shape[-1]
    for name, vector in per_unit.items():
        _check_floating(name, vector)
        if vector.shape != (H,):
            raise ValueError(f"{name} must have shape ({H},), got {tuple(vector.shape)}")
