"""Probes: what the charts show of a race, read from the buffers that a step leaves behind.

They only read. Every function gives arrays whose first axis is the variant.
"""

import math

import numpy as np
import torch
from torch import Generator, Tensor

from ln_core.figures.bins import BINS, EDGE
from ln_core.race.config import (
    DIGITS,
    GRID,
    GRID_EDGE,
    MATRIX_SIZE,
    PERCENTILES,
    SAMPLE,
    TILE,
    views,
)
from ln_core.race.evaluation import Inference
from ln_core.race.stack import Stack
from ln_core.race.workspace import Workspace
from ln_core.runs.frame import Array, Bytes, Floats
from ln_core.training.arrays import as_floats

SAMPLE_SEED = 0


class Distributions:
    """Percentiles and histograms of a and of z in every hidden layer, from a fixed random sample.

    Sorting 1024 entries of a layer takes a thousandth of `torch.quantile` over all of them; the
    percentiles are then picked, and the histogram's bins counted by bisection.
    """

    def __init__(self, workspace: Workspace) -> None:
        _, L, E, N, H = workspace.values.shape
        sample = torch.randperm(N * H, generator=Generator().manual_seed(SAMPLE_SEED))[:SAMPLE]
        layers = torch.arange(2 * L * E).view(2, L, E)[:, :, :: workspace.stack.seeds] * (N * H)
        self.places = (layers.mT[..., None] + sample).flatten().int()
        self.values = workspace.values.view(-1)
        self.shape = (2, E // workspace.stack.seeds, L, len(sample))
        shares = [percentile / 100 for percentile in PERCENTILES]
        at = torch.tensor(shares, dtype=torch.float64) * (len(sample) - 1)
        self.below, self.above = at.floor().long(), at.ceil().long()
        self.weight = at.frac().to(self.values.dtype)
        inner = torch.linspace(-EDGE, EDGE, BINS + 1, dtype=torch.float64).sinh()[1:-1]
        largest = torch.finfo(self.values.dtype).max
        edges = torch.cat([torch.tensor([-largest]), inner, torch.tensor([math.inf])])
        self.edges = edges.to(self.values.dtype).expand(*self.shape[:-1], -1).contiguous()

    def read(self) -> dict[str, Array]:
        """Give `summed` and `normed` (V, L, 5), their histograms (V, L, BINS), and `spread`.

        `spread` (V, 2, L): the standard deviation of z, and of a, over the sample.
        """
        sample = self.values.index_select(0, self.places).view(self.shape)
        spread = sample.var(-1, correction=0).sqrt_().flip(0).transpose(0, 1)
        ordered = torch.from_numpy(np.sort(sample.numpy()))  # 30 times as fast as torch's
        quantiles = ordered[..., self.below].lerp_(ordered[..., self.above], self.weight)
        summed, normed = as_floats(quantiles)
        # A value that is not finite belongs to no bin: NaN joins infinity beyond the last edge.
        finite = ordered.nan_to_num_(nan=math.inf, posinf=math.inf, neginf=-math.inf)
        counts = torch.searchsorted(finite, self.edges).diff()
        peak = counts.amax(dim=-1, keepdim=True).clamp_min_(1)
        before, after = (counts * 255 / peak).round_().to(torch.uint8).numpy()
        return {
            "spread": as_floats(spread),
            "summed": summed,
            "normed": normed,
            "summed_histogram": before,
            "normed_histogram": after,
        }


def weight_sizes(first: Stack) -> dict[str, Array]:
    """Give the Frobenius norms of W and of its gradient, (V, O) each."""
    return {
        name: as_floats(
            torch.stack([torch.linalg.vector_norm(layer.W, dim=(1, 2)) for layer in layers], 1)
        )
        for name, layers in (("gradient_norm", first.grad), ("weight_norm", first.theta))
    }


def unit_and_case_statistics(workspace: Workspace) -> dict[str, Array]:
    """Give mean and deviation of a: per unit over the batch, and per case over the units."""
    a = workspace.a[:, :: workspace.stack.seeds].transpose(0, 1)  # (V, L, N, H)
    some = views(a.shape[1])
    found: dict[str, Array] = {}
    for name, values, axis in (("unit", a[..., :some], 2), ("case", a[..., :some, :], 3)):
        mean = values.mean(axis, keepdim=True)
        found[f"{name}_mean"] = as_floats(mean.squeeze(axis))
        found[f"{name}_std"] = as_floats((values - mean).square_().mean(axis).sqrt_())
    return found


def block(workspace: Workspace) -> Floats:
    """Give the first cases and units of a, as many as the matrix page shows: (V, L, N, H)."""
    a = workspace.a[:, :: workspace.stack.seeds].transpose(0, 1)
    return as_floats(a[..., :MATRIX_SIZE, :MATRIX_SIZE])


def running_gap(workspace: Workspace) -> Floats:
    """Measure how far Batch Norm's running statistics are from the batch's, (V, L, 2).

    Root mean squares over the units: of the means' distance in running deviations, and of the
    deviations' ratio in doublings. Deviations hold epsilon, as where they divide.
    """
    stack = workspace.stack
    L, H = stack.config.depth, stack.config.width
    gap = np.full((len(stack.variants), L, 2), np.nan, np.float32)
    if stack.running is not None:
        mean, variance = (flat[0, : L * H].view(L, H) for flat in stack.running)
        total, squares = (flat[0, : L * H].view(L, H) for flat in workspace.sums)
        running_square = variance + stack.config.epsilon
        distance = (total / workspace.N - mean) / running_square.sqrt()
        batch_square = squares / workspace.N + stack.config.epsilon
        doublings = (batch_square / running_square).log2_() / 2
        both = torch.stack([distance, doublings], 2).square_().mean(1).sqrt_()
        gap[stack.variants.index("batch")] = as_floats(both)
    return gap


class Boundary:
    """The plane: what each first network answers at every point of a grid."""

    def __init__(self, first: Stack) -> None:
        axis = torch.linspace(-GRID_EDGE, GRID_EDGE, GRID, dtype=first.theta[0].W.dtype)
        y, x = torch.meshgrid(axis, axis, indexing="ij")
        self.inference = Inference(first, torch.stack([x.flatten(), y.flatten()], 1))

    def read(self) -> Array:
        """Give P(class 1) * 255, (V, GRID, GRID), rows from below; 128 where it is NaN."""
        margins = [
            workspace.logits[..., 1] - workspace.logits[..., 0]
            for _, workspace in self.inference.run()
        ]
        shade = torch.cat(margins, 1).sigmoid_().mul_(255).round_().nan_to_num_(nan=128)
        picture: Bytes = shade.to(torch.uint8).view(-1, GRID, GRID).numpy()
        return picture


class Answers:
    """A few test digits: what each first network reads."""

    def __init__(self, first: Stack, x: Tensor, y: Tensor) -> None:
        shown = math.prod(DIGITS)
        self.inference = Inference(first, x[:shown].to(first.theta[0].W.dtype))
        self.y = y[:shown]

    def read(self) -> Floats:
        """Give the digit read, and 1 where it is wrong or there is none (NaN), (V, digits, 2)."""
        logits = torch.cat([workspace.logits for _, workspace in self.inference.run()], 1)
        read = logits.argmax(2).float().masked_fill(logits.isnan().any(2), torch.nan)
        return as_floats(torch.stack([read, (read != self.y).float()], 2))


def picture(x: Tensor) -> Bytes:
    """Lay the first digits out as ink from 0 to 255, three a row: (n, 784) -> (2 * 44, 3 * 34)."""
    rows, columns = DIGITS
    ink = (x[: rows * columns] - x.min()) / (x.max() - x.min()) * 255
    tiles = np.zeros((rows, columns, *TILE), np.uint8)
    tiles[:, :, :28, :28] = ink.round().to(torch.uint8).view(rows, columns, 28, 28).numpy()
    return tiles.swapaxes(1, 2).reshape(rows * TILE[0], columns * TILE[1])


class ModeLosses:
    """A mini-batch in both modes: the first seed's loss by its own and by running statistics."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace, variants = workspace, workspace.stack.variants
        # No other variant has two modes.
        self.batch = variants.index("batch") if "batch" in variants else None
        if self.batch is not None:
            self.inference = Inference(workspace.stack.first_seed(("batch",)), workspace.x)

    def read(self) -> Floats:
        """Give the loss in training mode, as the step computed it, and in evaluation mode."""
        loss = self.workspace.loss[:: self.workspace.stack.seeds]
        both = loss[:, None].repeat(1, 2)
        if self.batch is not None:
            both[self.batch, 1] = 0
            for cases, space in self.inference.run():
                share = space.N / self.workspace.N
                both[self.batch, 1] += space.measure(self.workspace.targets[cases])[0] * share
        return as_floats(both)
