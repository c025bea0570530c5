"""What Batch Norm, Layer Norm and RMSNorm make of one matrix of summed inputs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from ln_core.norms import (
    batch_norm,
    batch_norm_inference,
    layer_norm,
    rms_norm,
    update_running,
)
from ln_core.runs.frame import Frame
from ln_core.runs.snapshot import make_snapshot
from ln_core.see.batched import derivatives, side_by_side
from ln_core.see.matrix.config import MatrixConfig
from ln_core.see.matrix.text import describe, formulas, measure_values

Place = tuple[int | slice, int | slice]  # of a matrix: an example or all, a unit or all
ROUNDING = 1e-9  # a smaller change of an output is the computer's, not the norm's


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A config's tensors: what is applied to any matrix of its shape.

    Shapes: g and b (H,); mean and variance, Batch Norm's running averages, (H,).
    """

    config: MatrixConfig
    g: Tensor
    b: Tensor
    mean: Tensor
    variance: Tensor

    def normalize(self, variant: str, a: Tensor) -> Tensor:
        """Apply one normalization in the config's mode to a stack: (E, N, H) -> (E, N, H)."""
        h = self._norm(variant, self.prepare(a))
        return h.relu() if self.config.activation == "after" else h

    def prepare(self, a: Tensor) -> Tensor:
        """Apply what stands before the normalization."""
        return a.relu() if self.config.activation == "before" else a

    def _norm(self, variant: str, a: Tensor) -> Tensor:
        g, b, eps = self.g, self.b, self.config.epsilon
        if variant == "layer":
            return layer_norm(a, g, b, eps=eps)
        if variant == "rms":
            return rms_norm(a, g, eps=eps)
        if self.config.mode == "evaluation":
            stored = partial(batch_norm_inference, eps=eps)
            return side_by_side(stored, a, self.mean, self.variance, g, b)
        return side_by_side(partial(batch_norm, eps=eps), a, g, b)

    def answer(self, variant: str, a: Tensor) -> Tensor:
        """Normalize in the config's precision."""
        return (
            self.normalize(variant, a[None].half())[0].double()
            if self.config.half
            else self.normalize(variant, a[None])[0]
        )

    def used(self, variant: str, a: Tensor) -> tuple[float, float]:
        """Give the mu and sigma^2 that the chosen cell is normalized by; RMSNorm's mu is 0."""
        n, k = self.config.cell
        a = self.prepare(a)
        if variant == "batch" and self.config.mode == "evaluation":
            return float(self.mean[k]), float(self.variance[k])
        shared = a[:, k] if variant == "batch" else a[n]
        mu = 0.0 if variant == "rms" else float(shared.mean())
        return mu, float((shared - mu).square().mean())


def compute(config: MatrixConfig) -> Frame:
    """Make the picture of a config.

    Arrays, with V variants (batch, layer, rms):
    a (V, N, H), the matrix; inner (V, N, H), what is normalized: a, or relu(a); h (V, N, H), what
    each makes of it; row_stats (V, N, 2), mu and sigma of the rows of inner;
    column_stats (V, 2 or 4, H), those of its columns, and the running ones if they play a part;
    without (V, K, H), h of the K rows that are not all zeros, in a batch of their own;
    moved (V, N, H), the change of every output when the chosen cell, row or column is moved;
    jacobian (V, N, H, N, H), the derivatives of every output by every entry of a;
    twin (V, N, H), for layer the batch norm of the transpose, transposed, and for batch the
    reverse, then gain and bias (NaN for rms; always in training mode);
    exact (V, N, H), h in float64, which is what h is unless the config asks for float16;
    naive (V, N, H), the formula carried out in float16 from start to end.
    """
    torch.set_num_threads(1)
    variants = config.variants
    a = torch.tensor(config.matrix, dtype=torch.float64)
    if config.half:
        a = a.half().double()  # what float16 can hold of it
    bench = make_bench(config, a)
    k = config.cell[1]
    elsewhere = a.clone()
    elsewhere[moved_part(config)] += config.move
    real = a[list(config.real)] if config.is_padded else a
    found = {
        "without": each(variants, lambda variant: bench.answer(variant, real)),
        "h": each(variants, lambda variant: bench.answer(variant, a)),
        "exact": each(variants, lambda variant: bench.normalize(variant, a[None])[0]),
        "jacobian": each(
            variants, lambda variant: derivatives(partial(bench.normalize, variant), a[None])[0]
        ),
        "twin": each(variants, lambda variant: twin(bench, variant, a)),
        "naive": each(variants, lambda variant: naive_half(bench, variant, a)),
    }
    after = each(variants, lambda variant: bench.answer(variant, elsewhere))
    stays = after.isnan() & found["h"].isnan()  # 0 / 0 before as after: not a change
    change = after - found["h"]
    found["moved"] = change.masked_fill(stays | (change.abs() < ROUNDING), 0.0)
    inner = bench.prepare(a)
    rows, columns = statistics(inner, 1), statistics(inner, 0).T
    if config.averages:
        columns = torch.cat([columns, torch.stack([bench.mean, bench.variance.sqrt()])])
    found |= {
        "inner": each(variants, lambda _: inner),
        "a": each(variants, lambda _: a),
        "row_stats": each(variants, lambda _: rows),
        "column_stats": each(variants, lambda _: columns),
    }
    arrays = {name: tensor.numpy() for name, tensor in found.items()}
    used = {variant: bench.used(variant, a) for variant in variants}
    return make_snapshot(
        arrays,
        cards=describe(config, variants, arrays),
        measured_values=measure_values(config, variants, arrays),
        formulas=formulas(config, used, (float(bench.g[k]), float(bench.b[k])), arrays, variants),
    )


def moved_part(config: MatrixConfig) -> Place:
    """Index what is moved: the chosen cell, or all of its column or row."""
    n, k = config.cell
    everything = slice(None)
    parts: dict[str, Place] = {
        "cell": (n, k),
        "column": (everything, k),
        "row": (n, everything),
    }
    return parts[config.moving]


def each(variants: tuple[str, ...], make: Callable[[str], Tensor]) -> Tensor:
    """Stack one tensor a variant."""
    return torch.stack([make(variant) for variant in variants])


def make_bench(config: MatrixConfig, a: Tensor) -> Bench:
    """Set gains and biases, and step the running averages."""
    H = a.shape[1]
    chosen = torch.ones(H, dtype=torch.bool)
    if config.affine_on == "chosen":
        chosen = torch.arange(H) == config.cell[1]
    g = torch.where(chosen, config.gain, 1.0).to(a.dtype)
    b = torch.where(chosen, config.bias, 0.0).to(a.dtype)
    seen = a.relu() if config.activation == "before" else a
    if config.affine_on == "undo":
        g, b = (seen.var(0, correction=0) + config.epsilon).sqrt(), seen.mean(0)
    mean, variance = step_running(config, seen)
    return Bench(config=config, g=g, b=b, mean=mean, variance=variance)


def step_running(config: MatrixConfig, a: Tensor) -> tuple[Tensor, Tensor]:
    """Show this batch to running averages that start at 0 and 1, as often as the config says.

    Shapes: a (N, H) -> (H,), (H,).
    """
    N, H = a.shape
    mean, variance = torch.zeros(H, dtype=a.dtype), torch.ones(H, dtype=a.dtype)
    # The stored variance enters linearly: storing the biased one is storing (N - 1) / N of it.
    share = (N - 1) / N if config.stored == "biased" and N > 1 else 1.0
    for _ in range(config.running_steps):
        mean, _ = update_running(mean, variance, a, config.momentum)
        _, variance = update_running(mean, variance / share, a, config.momentum)
        variance = share * variance
    return mean, variance


def twin(bench: Bench, variant: str, a: Tensor) -> Tensor:
    """Compute a normalization by way of its mirror: LN(A) = BN(A^T)^T, and the reverse."""
    if variant == "rms":
        return torch.full_like(a, torch.nan)
    mirror = batch_norm if variant == "layer" else layer_norm
    flipped = bench.prepare(a).T.contiguous()
    ones, zeros = torch.ones_like(flipped[0]), torch.zeros_like(flipped[0])
    # Gain and bias belong to units in both, so they come after the way back.
    h = bench.g * mirror(flipped, ones, zeros, eps=bench.config.epsilon).T + bench.b
    return h.relu() if bench.config.activation == "after" else h


def naive_half(bench: Bench, variant: str, a: Tensor) -> Tensor:
    """Carry out the formula in float16 from start to end, as a careless implementation does.

    Not what `ln_core.norms` does: it computes half precision in float32. Shapes: (N, H) -> (N, H).
    """
    half = bench.prepare(a).half()
    eps, g, b = (
        torch.as_tensor(value).half() for value in (bench.config.epsilon, bench.g, bench.b)
    )
    if variant == "batch" and bench.config.mode == "evaluation":
        centred, mean_square = half - bench.mean.half(), bench.variance.half()
    else:
        axis = 0 if variant == "batch" else 1
        centred = half if variant == "rms" else half - half.mean(axis, keepdim=True)
        mean_square = centred.square().mean(axis, keepdim=True)
    shift = torch.zeros_like(b) if variant == "rms" else b
    h = (g * centred / (mean_square + eps).sqrt() + shift).double()
    return h.relu() if bench.config.activation == "after" else h


def statistics(a: Tensor, axis: int) -> Tensor:
    """Give mu and sigma over an axis, side by side: (N, H) -> (N, 2) or (H, 2)."""
    mu = a.mean(axis, keepdim=True)
    sigma = (a - mu).square().mean(axis, keepdim=True).sqrt()
    return torch.stack([mu.flatten(), sigma.flatten()], dim=1)
