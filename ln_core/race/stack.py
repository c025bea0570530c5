"""A stack of networks: E = variants x seeds MLPs, variant-major, as one model."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from ln_core.race.config import MlpConfig
from ln_core.race.parameters import LayerParameters, Parameters
from ln_core.training.normalization import Running


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """What the networks of a race have that lasts from batch to batch."""

    config: MlpConfig
    variants: tuple[str, ...]
    seeds: int
    theta: Sequence[LayerParameters]
    grad: Sequence[LayerParameters]
    running: Running | None  # Batch Norm's, flat; None if it does not take part
    # Of variants with constants in their statistics' place, these, flat.
    fixed: Mapping[str, Running] = field(default_factory=dict)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units of every layer that Batch Norm may cover, from the first hidden one."""
        return self.config.sizes[1:]

    @property
    def networks(self) -> int:
        """How many networks: E."""
        return len(self.variants) * self.seeds

    def rows(self, variants: Sequence[str]) -> slice:
        """Find the networks of variants that stand side by side."""
        if not variants:
            return slice(0, 0)
        first, last = self.variants.index(variants[0]), self.variants.index(variants[-1])
        return slice(first * self.seeds, (last + 1) * self.seeds)

    def normalized(self, layer: int) -> tuple[str, ...]:
        """Name the variants that normalize a layer; the output layer is Batch Norm's at most."""
        if layer < self.config.depth:
            return tuple(variant for variant in self.variants if variant != "none")
        return ("batch",) if self.config.bn_output and "batch" in self.variants else ()

    def first_seed(self, variants: tuple[str, ...] | None = None) -> "Stack":
        """Keep the first network of every variant, or of some side by side, on the same memory."""
        variants = self.variants if variants is None else variants
        every = self.rows(variants)
        chosen = slice(every.start, every.stop, self.seeds)
        return Stack(
            config=self.config,
            variants=variants,
            seeds=1,
            theta=[LayerParameters(W[chosen], g[chosen], b[chosen]) for W, g, b in self.theta],
            grad=[LayerParameters(W[chosen], g[chosen], b[chosen]) for W, g, b in self.grad],
            running=self.running and self.running.first,
            fixed={variant: constants.first for variant, constants in self.fixed.items()},
        )


def make_stack(
    config: MlpConfig, variants: tuple[str, ...], dtype: torch.dtype
) -> tuple[Stack, Parameters]:
    """Draw the networks' weights: He's scale in front of ReLU, LeCun's elsewhere."""
    parameters = Parameters(len(variants) * config.seeds, config.sizes, dtype)
    hidden = config.weight_gain * math.sqrt(2 if config.activation == "relu" else 1)
    seeds = range(config.seed, config.seed + config.seeds)
    parameters.initialize(seeds, [*(config.depth * [hidden]), 1.0])
    running = None
    if "batch" in variants:
        units = torch.ones(config.seeds, sum(config.sizes[1:]), dtype=dtype)
        running = Running(torch.zeros_like(units), units)
    stack = Stack(
        config=config,
        variants=variants,
        seeds=config.seeds,
        theta=parameters.layers,
        grad=parameters.gradients,
        running=running,
    )
    return stack, parameters


def with_constant(x: Tensor, inputs: int) -> Tensor:
    """Append a constant 1 to each case where the config has an input more than the data.

    It gives the first layer a bias before normalization. Without one, Layer Norm, RMSNorm and
    Group Norm, which ignore the scale of a case, see the direction of a point in the plane but
    not its distance: circles and spirals are beyond them.

    Shapes: x (n, D) -> (n, inputs).
    """
    if x.shape[1] == inputs:
        return x  # the tensor itself: a batch's buffer is watched while its contents change
    return torch.cat([x, x.new_ones(len(x), inputs - x.shape[1])], 1)
