"""All buffers of a stack of networks for batches of one size, and the passes over them."""

import torch
from torch import Tensor

from ln_core.race.layers import Buffers, Layer
from ln_core.race.stack import Stack
from ln_core.training.memory import Borrowed, Own
from ln_core.training.normalization import (
    BatchSums,
    FrozenStandardization,
    Rows,
    Running,
    RunningStandardization,
    Standardization,
    along_cases,
    along_units,
    of_layer,
)


class Workspace:
    """The buffers for batches of N cases, and the same forward pass in both modes.

    In training mode every hidden layer has buffers of its own, so that all that a step saw can be
    read until the next one; in evaluation mode the layers share all but h, and what is computed
    must be read before any other workspace computes.

    Shapes: x (N, D); targets (N, C), one-hot; a, z, h (L, E, N, H); logits, log_p (E, N, C);
        loss (E,).
    """

    def __init__(self, stack: Stack, N: int, *, training: bool) -> None:
        config, E = stack.config, stack.networks
        L, H, C = config.depth, config.width, config.classes
        like = stack.theta[0].W
        self.stack, self.N, self.training = stack, N, training
        make = self.make = Own(like) if training else Borrowed(like)
        self.x, self.targets = make(N, config.inputs), make(N, C)
        own = L if training else 1
        self.values = make(2, own, E, N, H).expand(2, L, E, N, H)
        self.a, self.z = self.values
        n = make(own, E, N, H).expand(L, E, N, H)
        self.h = self.z if config.activation == "identity" else make(L, E, N, H)
        d, scratch = make(2, E, N, H), make(E, N, H)
        self.sums = BatchSums(*like.new_zeros(2, stack.seeds, sum(stack.sizes)))
        buffers = [
            Buffers(self.a[at], n[at], self.z[at], self.h[at], d[at % 2], scratch)
            for at in range(L)
        ]
        a, n, z, d, scratch = make(5, E, N, C)
        buffers.append(Buffers(a, n, z, z, d, scratch))  # the output layer's f is the identity
        self.layers = [self._layer(index, buffer) for index, buffer in enumerate(buffers)]
        self.logits, self.log_p, self.loss = z, make(E, N, C), like.new_zeros(E)
        self.flat_log_p, self.flat_targets = self.log_p.view(E, -1), self.targets.view(-1)
        self.x_of_all = self.x.expand(E, N, config.inputs)
        outputs = [self.x_of_all, *(layer.h for layer in self.layers)]
        gradients = [None, *(layer.d for layer in self.layers)]
        self.way_back = list(zip(self.layers, outputs, gradients, strict=False))[::-1]

    def _layer(self, index: int, buffers: Buffers) -> Layer:
        """Put a layer together: which networks normalize it, and how."""
        stack = self.stack
        is_output = index == stack.config.depth
        normalized = stack.normalized(index)
        plain = [variant for variant in stack.variants if is_output or variant not in normalized]
        norms = [self._norm(index, variant, buffers) for variant in normalized]
        activation = "identity" if is_output else stack.config.activation
        parameters = stack.theta[index], stack.grad[index]
        return Layer(
            parameters, buffers, activation, (stack.rows(plain), stack.rows(normalized)), norms
        )

    def _norm(self, index: int, variant: str, buffers: Buffers) -> Standardization:
        """Build what a variant does with a layer, in this workspace's mode."""
        stack, eps = self.stack, self.stack.config.epsilon
        mine = stack.rows((variant,))
        rows = Rows(
            buffers.a[mine], buffers.n[mine], buffers.d[mine], buffers.scratch[mine], self.make
        )
        sums = BatchSums(*(of_layer(flat, stack.sizes, index) for flat in self.sums))
        running = stack.running if variant == "batch" and not self.training else None
        constants = stack.fixed.get(variant, running)
        if constants is not None:
            stored = Running(*(of_layer(flat, stack.sizes, index) for flat in constants))
            if self.training and variant == "batch":
                return FrozenStandardization(rows, stored, eps, sums)
            return RunningStandardization(rows, stored, eps)
        if variant == "batch":
            return along_cases(rows, eps, sums, unbiased=stack.config.bn_unbiased)
        return along_units(variant, rows, eps, stack.config.groups)

    def load(self, cases: Tensor, targets: Tensor, chosen: Tensor) -> None:
        """Copy the chosen cases and their targets in."""
        torch.index_select(cases, 0, chosen, out=self.x)
        torch.index_select(targets, 0, chosen, out=self.targets)

    def forward(self, x: Tensor | None = None) -> None:
        """Compute every network's logits, for x (E, N, D) or else the loaded cases."""
        h = self.x_of_all if x is None else x
        for layer in self.layers:
            h = layer.forward(h)

    def measure(self, targets: Tensor | None = None) -> Tensor:
        """Compute every network's loss, the mean cross-entropy of its softmax."""
        targets = self.flat_targets if targets is None else targets.flatten()
        torch.log_softmax(self.logits, 2, out=self.log_p)
        return torch.mv(self.flat_log_p, targets, out=self.loss).div_(-self.N)

    def backward(self) -> None:
        """Compute the gradients of the losses, from the output layer down."""
        output = self.layers[-1].d
        torch.exp(self.log_p, out=output).sub_(self.targets).div_(self.N)  # dz = (p - target) / N
        for layer, h, dh in self.way_back:
            layer.backward(h, dh)
