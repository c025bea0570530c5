"""Optimizers: how gradients become steps, on flat parameters."""

import math

import torch
from torch import Tensor

from ln_core.runs.changes import MOMENTUM

BETA_2, ADAM_EPS = 0.999, 1e-8


class Sgd:
    """Gradient descent: theta <- theta - rate grad."""

    remembered: tuple[str, ...] = ()  # tensors that one step leaves to the next
    momentum = MOMENTUM  # of those that have one; Adam's beta 1

    def __init__(self, theta: Tensor, grad: Tensor, learning_rate: float) -> None:
        self.theta, self.grad, self.rate = theta, grad, learning_rate

    def step(self) -> None:
        """Move theta against the gradient."""
        self.theta.add_(self.grad, alpha=-self.rate)

    def state(self) -> dict[str, Tensor]:
        """Give what the steps to come depend on, beside theta."""
        return {name: getattr(self, name) for name in self.remembered}


class Momentum(Sgd):
    """Gradient descent with momentum, as torch.optim.SGD has it.

    m <- momentum m + grad; theta <- theta - rate m
    """

    remembered = ("m",)

    def __init__(self, theta: Tensor, grad: Tensor, learning_rate: float) -> None:
        super().__init__(theta, grad, learning_rate)
        self.m = torch.zeros_like(theta)

    def step(self) -> None:
        """Move theta against the gathered gradients."""
        self.m.mul_(self.momentum).add_(self.grad)
        self.theta.add_(self.m, alpha=-self.rate)


class Adam(Sgd):
    """Adam in plain operations: what `FusedAdam` computes, line by line.

    Source: Kingma, Ba 2015, Algorithm 1.
    """

    remembered = ("m", "v", "t")

    def __init__(self, theta: Tensor, grad: Tensor, learning_rate: float) -> None:
        super().__init__(theta, grad, learning_rate)
        self.m, self.v = torch.zeros_like(theta), torch.zeros_like(theta)
        self.t = torch.zeros(())

    def step(self) -> None:
        """Move theta by the mean gradient m, in units of its root mean square."""
        self.t += 1
        self.m.mul_(self.momentum).add_(self.grad, alpha=1 - self.momentum)
        self.v.mul_(BETA_2).addcmul_(self.grad, self.grad, value=1 - BETA_2)
        # Both means start at 0; these two make up for it.
        t = int(self.t)
        mean = 1 / (1 - self.momentum**t)
        root = 1 / math.sqrt(1 - BETA_2**t)
        divisor = self.v.sqrt().mul_(root).add_(ADAM_EPS)
        self.theta.addcdiv_(self.m, divisor, value=-self.rate * mean)


class FusedAdam(Adam):
    """Adam in one pass over the memory, by the private function behind torch.optim.Adam."""

    def step(self) -> None:
        """Move theta as `Adam.step` does."""
        self.t += 1
        torch._fused_adam_(
            [self.theta],
            [self.grad],
            [self.m],
            [self.v],
            [],
            [self.t],
            lr=self.rate,
            beta1=self.momentum,
            beta2=BETA_2,
            weight_decay=0.0,
            eps=ADAM_EPS,
            amsgrad=False,
            maximize=False,
        )


OPTIMIZERS: dict[str, type[Sgd]] = {
    "adam": FusedAdam if hasattr(torch, "_fused_adam_") else Adam,
    "sgd": Sgd,
    "momentum": Momentum,
}
