"""Table 1 of the paper as a bench: change weights or data, and measure what the outputs do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

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
from ln_core.see.invariance_config import UNCHANGED, InvarianceConfig, printed
from ln_core.see.invariance_words import describe, fill_slots
from ln_core.see.still import make_still

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


def film(config: InvarianceConfig, tracks: tuple[str, ...], *, first: int = 0) -> Iterator[Frame]:
    """Make the one frame.

    Arrays, with V tracks and C changes in the order of config.changes:
    before, after (V, N, H), outputs of the first seed (of a convolution: at its centre);
    difference (V, N, H), after minus before;
    table (V, C), the largest relative change over the seeds; log_table (V, C), its log10;
    verdict (V, C), 1 where every seed left the outputs unchanged, else 0;
    printed (V, C), the paper's table: 1, 0, or NaN where it has no such cell;
    agree (V, C), 1 where verdict and paper agree, 0 where not, NaN where it has no such cell.
    """
    torch.set_num_threads(1)
    settings = [draw(config, config.seed + k) for k in range(config.seeds)]
    table = measure(config, settings, tracks)
    verdict = np.where(np.isnan(table), np.nan, table <= UNCHANGED)
    paper = np.array([[_as_number(printed(t, c)) for c in config.changes] for t in tracks])
    before, after = (
        np.stack([look(config, settings[0], track, change) for track in tracks])
        for change in (None, config.change)
    )
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
    yield make_still(
        arrays,
        cards=describe(config, tracks, table),
        values=lesson_slots(config),
    )


def lesson_slots(config: InvarianceConfig) -> dict[str, str]:
    """Measure what the lesson speaks of: the plain setting, whatever the switches say."""
    plain = InvarianceConfig(seed=config.seed, seeds=config.seeds)
    settings = [draw(plain, plain.seed + k) for k in range(plain.seeds)]
    return fill_slots(plain, measure(plain, settings, plain.tracks))


def measure(
    config: InvarianceConfig, settings: list[Setting], tracks: tuple[str, ...]
) -> NDArray[np.float64]:
    """Fill in the table: the largest relative change over the seeds, (V, C)."""
    return np.array(
        [
            [worst_change(config, settings, track, change) for change in config.changes]
            for track in tracks
        ]
    )


def draw(config: InvarianceConfig, seed: int) -> Setting:
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


def outputs(config: InvarianceConfig, setting: Setting, track: str, change: str | None) -> Tensor:
    """Compute one normalization's outputs after a change: (N, H), or (N, side, side, H)."""
    x, W = apply(setting, change, config.factor)
    if track == "weight":
        ones = torch.ones(H, dtype=W.dtype)
        W = weight_norm(W.flatten(1), ones).reshape(W.shape)
    a = summed_inputs(config, setting, x, W)
    if track == "batch" and config.evaluation:
        rows = summed_inputs(config, setting, setting.x, setting.W).reshape(-1, H)
        return stale_batch_norm(a, rows, config.epsilon)
    return normalize(track, a, config.epsilon)


def summed_inputs(config: InvarianceConfig, setting: Setting, x: Tensor, W: Tensor) -> Tensor:
    """Compute a with the units last: (N, H), or (N, side, side, H)."""
    if config.layer == "conv":
        a = functional.conv2d(x, W, padding=1 if config.padding else 0).movedim(1, -1)
    else:
        a = x @ W.T
    return a + setting.bias if config.bias_inside else a


def normalize(track: str, a: Tensor, eps: float) -> Tensor:
    """Normalize without gain and bias, units last; weight norm has done its work in the weights."""
    ones, zeros = torch.ones(H, dtype=a.dtype), torch.zeros(H, dtype=a.dtype)
    cases = a.reshape(len(a), -1)  # everything of one case in a row
    norms: dict[str, Callable[[], Tensor]] = {
        "batch": lambda: batch_norm(a.reshape(-1, H), ones, zeros, eps=eps),
        "weight": lambda: a,
        "layer": lambda: group_norm(a, ones, zeros, 1, eps=eps),
        "pixel": lambda: layer_norm(a, ones, zeros, eps=eps),
        "rms": lambda: rms_norm(cases, torch.ones_like(cases[0]), eps=eps),
        "group": lambda: group_norm(a, ones, zeros, GROUPS, eps=eps),
        "instance": lambda: instance_norm(a, ones, zeros, eps=eps),
    }
    return norms[track]().reshape(a.shape)


def stale_batch_norm(a: Tensor, rows: Tensor, eps: float) -> Tensor:
    """Apply batch norm with the statistics of other rows: those from before the change."""
    mu = rows.mean(dim=0)
    variance = (rows - mu).square().mean(dim=0)
    return batch_norm_inference(a, mu, variance, torch.ones_like(mu), torch.zeros_like(mu), eps=eps)


def worst_change(
    config: InvarianceConfig, settings: list[Setting], track: str, change: str
) -> float:
    """Measure the relative change of the outputs, rms over rms; the largest over the seeds."""
    worst = []
    for setting in settings:
        before = outputs(config, setting, track, None)
        gap = outputs(config, setting, track, change) - before
        worst.append(float(gap.norm() / before.norm()))
    return float(np.max(worst))  # NaN wins: it must show


def look(
    config: InvarianceConfig, setting: Setting, track: str, change: str | None
) -> NDArray[np.float64]:
    """Give outputs to look at, (N, H): of a convolution, those at its centre."""
    found = outputs(config, setting, track, change)
    if found.dim() == 4:
        centre = found.shape[1] // 2
        found = found[:, centre, centre]
    array: NDArray[np.float64] = found.numpy()
    return array


def _scale_first(values: Tensor, factor: float) -> Tensor:
    """Multiply the first row, or the first case, alone."""
    scaled = values.clone()
    scaled[0] *= factor
    return scaled


def _as_number(cell: bool | None) -> float:
    return np.nan if cell is None else float(cell)
