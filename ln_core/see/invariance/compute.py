"""Table 1 of the paper as a bench: change weights or data, and measure what the outputs do."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.nn import functional

from ln_core.norms import (
    batch_norm,
    batch_norm_inference,
    group_norm,
    instance_norm,
    layer_norm,
    rms_norm,
    weight_norm,
)
from ln_core.runs.frame import Frame
from ln_core.runs.snapshot import make_snapshot
from ln_core.see.batched import side_by_side
from ln_core.see.invariance.config import UNCHANGED, InvarianceConfig, printed
from ln_core.see.invariance.text import describe, measure_values

N, D, H, SIDE, GROUPS = 6, 5, 8, 5, 2  # cases, inputs, units, side of an image, groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One random layer and its batch.

    Shapes: x (N, D) or (N, D, side, side); W (H, D) or (H, D, 3, 3); bias (H,). `vector`, `image`:
    what a change adds to x, and `row` to each row of W.
    """

    x: Tensor
    W: Tensor
    bias: Tensor
    vector: Tensor
    image: Tensor
    row: Tensor


def compute(config: InvarianceConfig) -> Frame:
    """Make the picture of a config.

    Arrays, with V variants and C changes in the order of config.changes:
    before, after (V, N, H), outputs of the first seed (of a convolution: at its centre);
    difference (V, N, H), after minus before;
    table (V, C), the largest relative change over the seeds; log_table (V, C), its log10;
    verdict (V, C), 1 where every seed left the outputs unchanged, else 0;
    printed (V, C), the paper's table: 1, 0, or NaN where it has no such cell;
    agree (V, C), 1 where verdict and paper agree, 0 where not, NaN where it has no such cell.
    """
    torch.set_num_threads(1)
    variants = config.variants
    h = outputs(config, settings_of(config), variants)
    table = measure(h)
    verdict = np.where(np.isnan(table), np.nan, table <= UNCHANGED)
    paper = np.array([[_as_number(printed(t, c)) for c in config.changes] for t in variants])
    shown = first_outputs(h)
    before, after = shown[:, 0], shown[:, 1 + config.changes.index(config.change)]
    arrays: dict[str, NDArray[np.float64]] = {
        "before": before,
        "after": after,
        "difference": after - before,
        "table": table,
        "log_table": np.log10(np.maximum(table, 1e-17)),
        "verdict": verdict,
        "printed": paper,
        "agree": np.where(np.isnan(paper), np.nan, verdict == paper),
    }
    return make_snapshot(
        arrays,
        cards=describe(config, variants, table),
        measured_values=lesson_values(config),
    )


def lesson_values(config: InvarianceConfig) -> dict[str, str]:
    """Measure what the lesson speaks of: the plain setting, whatever the switches say."""
    plain = InvarianceConfig(seed=config.seed, seeds=config.seeds)
    return measure_values(plain, measure(outputs(plain, settings_of(plain), plain.variants)))


def settings_of(config: InvarianceConfig) -> list[Setting]:
    """Draw the settings of all seeds."""
    return [draw_setting(config, config.seed + k) for k in range(config.seeds)]


def draw_setting(config: InvarianceConfig, seed: int) -> Setting:
    """Draw a layer, a batch, and what is added to them."""
    generator = Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    conv = config.layer == "conv"
    image = (SIDE, SIDE) if conv else ()
    kernel = (3, 3) if conv else ()
    return Setting(
        x=normal(N, D, *image) + normal(D, *[1] * len(image)),
        W=normal(H, D, *kernel),
        bias=normal(H),
        vector=normal(D, *[1] * len(image)),
        image=normal(D, *image),
        row=normal(D, *kernel),
    )


def apply(setting: Setting, change: str | None, factor: float) -> tuple[Tensor, Tensor]:
    """Change data or weights: (x, W), the given ones if `change` is None."""
    x, W = setting.x, setting.W
    changes: dict[str | None, Callable[[], tuple[Tensor, Tensor]]] = {
        None: lambda: (x, W),
        "weights_scale": lambda: (x, factor * W),
        "weights_shift": lambda: (x, W + factor * setting.row),
        "row_scale": lambda: (x, _scale_first(W, factor)),
        "data_scale": lambda: (factor * x, W),
        "data_shift": lambda: (x + factor * setting.vector, W),
        "case_scale": lambda: (_scale_first(x, factor), W),
        "image_shift": lambda: (x + factor * setting.image, W),
    }
    return changes[change]()


def outputs(config: InvarianceConfig, settings: list[Setting], variants: tuple[str, ...]) -> Tensor:
    """Compute every normalization's outputs, before and after each of the config's C changes.

    Shapes: -> (V, S, 1 + C, N, H), or (V, S, 1 + C, N, side, side, H), with S settings.
    """
    a = summed_inputs(config, settings)
    # Weight norm has done its work in the weights.
    directed = summed_inputs(config, settings, to_direction) if "weight" in variants else a
    return torch.stack(
        [directed if variant == "weight" else normalize(config, variant, a) for variant in variants]
    )


def to_direction(W: Tensor) -> Tensor:
    """Give every row of a stack of weights the length 1: (E, H, ...)."""
    rows = W.flatten(0, 1).flatten(1)
    return weight_norm(rows, torch.ones_like(rows[:, 0])).reshape(W.shape)


def summed_inputs(
    config: InvarianceConfig,
    settings: list[Setting],
    prepare: Callable[[Tensor], Tensor] = lambda W: W,
) -> Tensor:
    """Compute a of every setting before and after each change, with the units last.

    Shapes: -> (S, 1 + C, N, H), or (S, 1 + C, N, side, side, H).
    """
    changes = (None, *config.changes)
    pairs = [apply(setting, change, config.factor) for setting in settings for change in changes]
    x, W = (torch.stack(pieces) for pieces in zip(*pairs, strict=True))
    W = prepare(W)
    a = convolve(x, W, config.padding) if config.layer == "conv" else x @ W.mT
    a = a.reshape(len(settings), len(changes), *a.shape[1:])
    if not config.bias_inside:
        return a
    bias = torch.stack([setting.bias for setting in settings])
    return a + bias.reshape(len(settings), *[1] * (a.dim() - 2), H)


def convolve(x: Tensor, W: Tensor, padded: bool) -> Tensor:
    """Convolve E batches with weights of their own, as groups of one convolution.

    Shapes: x (E, N, D, side, side), W (E, H, D, 3, 3) -> (E, N, side, side, H).
    """
    E, N = x.shape[:2]
    a = functional.conv2d(
        x.movedim(0, 1).flatten(1, 2), W.flatten(0, 1), padding=int(padded), groups=E
    )
    return a.reshape(N, E, H, *a.shape[2:]).permute(1, 0, 3, 4, 2)


def normalize(config: InvarianceConfig, variant: str, a: Tensor) -> Tensor:
    """Normalize without gain and bias: a (S, 1 + C, N, ..., H), units last."""
    ones, zeros = torch.ones(H, dtype=a.dtype), torch.zeros(H, dtype=a.dtype)
    eps = config.epsilon
    batches = a.flatten(0, 1).flatten(1, -2)  # (E, N ..., H): what batch norm takes for cases
    cases = a.flatten(0, 2)  # of all batches: no case sees another

    def by_batch() -> Tensor:
        if config.evaluation:
            return stale_batch_norm(batches, a[:, 0].flatten(1, -2), eps)
        return side_by_side(partial(batch_norm, eps=eps), batches, ones, zeros)

    def rms() -> Tensor:
        rows = cases.flatten(1)
        return rms_norm(rows, torch.ones_like(rows[0]), eps=eps)

    norms: dict[str, Callable[[], Tensor]] = {
        "batch": by_batch,
        "layer": lambda: group_norm(cases, ones, zeros, 1, eps=eps),
        "pixel": lambda: layer_norm(cases, ones, zeros, eps=eps),
        "rms": rms,
        "group": lambda: group_norm(cases, ones, zeros, GROUPS, eps=eps),
        "instance": lambda: instance_norm(cases, ones, zeros, eps=eps),
    }
    return norms[variant]().reshape(a.shape)


def stale_batch_norm(batches: Tensor, before: Tensor, eps: float) -> Tensor:
    """Apply batch norm with the statistics from before the change.

    Shapes: batches (E, n, H), before (S, n, H), of each E / S batches in turn -> (E, n, H).
    """
    mu = before.mean(dim=1)
    variance = (before - mu[:, None]).square().mean(dim=1)
    mu, variance = (
        statistic.repeat_interleave(len(batches) // len(before), dim=0)
        for statistic in (mu, variance)
    )
    ones, zeros = torch.ones_like(mu), torch.zeros_like(mu)
    stored = partial(batch_norm_inference, eps=eps)
    return side_by_side(stored, batches, mu, variance, ones, zeros)


def measure(h: Tensor) -> NDArray[np.float64]:
    """Fill in the table, (V, C): the largest relative change over the settings, rms over rms.

    Shapes: h (V, S, 1 + C, ...), as `outputs` gives it.
    """
    flat = h.flatten(3)
    before = flat[:, :, :1]
    gap = flat[:, :, 1:] - before
    change = gap.norm(dim=3) / before.norm(dim=3)
    table: NDArray[np.float64] = change.amax(dim=1).numpy()  # NaN wins: it must show
    return table


def first_outputs(h: Tensor) -> NDArray[np.float64]:
    """Give the first setting's outputs, (V, 1 + C, N, H).

    Of a convolution they are those at its centre.
    """
    first = h[:, 0]
    if first.dim() == 6:
        centre = first.shape[3] // 2
        first = first[:, :, :, centre, centre]
    array: NDArray[np.float64] = first.numpy()
    return array


def _scale_first(values: Tensor, factor: float) -> Tensor:
    """Multiply the first row, or the first case, alone."""
    scaled = values.clone()
    scaled[0] *= factor
    return scaled


def _as_number(cell: bool | None) -> float:
    return np.nan if cell is None else float(cell)
