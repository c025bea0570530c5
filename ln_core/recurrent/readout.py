"""The output layer on the last S steps, y_t = W_y h_t + b_y, and its loss."""

import torch
from torch import Tensor

from ln_core.recurrent.cells import Cell


class Readout:
    """Class scores of the last S steps of a cell, and their cross-entropy.

    Shapes: outputs (S, N, O); targets (S, N), classes.
    """

    def __init__(self, cell: Cell, S: int) -> None:
        value, gradient = cell.space.parameters.value, cell.space.parameters.gradient
        self.W, self.b = value["W_y"], value["b_y"]
        self.dW, self.db = gradient["W_y"], gradient["b_y"]
        self.cell, self.S = cell, S
        self.h, self.dh = cell.states[-S:].flatten(0, 1), cell.gradients[-S:].flatten(0, 1)
        make = cell.space.make
        self.outputs = make(S, cell.space.N, len(self.W))
        self.y = self.outputs.flatten(0, 1)
        self.dy, self.log_p = make(*self.y.shape), make(*self.y.shape)

    def forward(self) -> None:
        """Compute y_t = W_y h_t + b_y."""
        torch.addmm(self.b, self.h, self.W.T, out=self.y)

    def measure(self, targets: Tensor) -> Tensor:
        """Compute the loss: the mean over cases and steps."""
        torch.log_softmax(self.y, 1, out=self.log_p)
        return -self.log_p.gather(1, targets.view(-1, 1)).mean()

    def differentiate(self, targets: Tensor) -> None:
        """Compute dy = (p - target) / (S N)."""
        torch.exp(self.log_p, out=self.dy)
        self.dy.scatter_add_(1, targets.view(-1, 1), self.dy.new_full((len(self.dy), 1), -1.0))
        self.dy.div_(len(self.dy))

    def backward(self, targets: Tensor) -> None:
        """Compute the gradients by W_y, b_y and, directly, by every h_t."""
        self.differentiate(targets)
        torch.mm(self.dy.T, self.h, out=self.dW)
        torch.sum(self.dy, 0, out=self.db)
        self.cell.gradients.zero_()  # of steps that the loss does not see
        torch.mm(self.dy, self.W, out=self.dh)


class SquaredReadout(Readout):
    """Numbers instead of scores, and their mean squared error.

    Shapes: targets (S, N, O).
    """

    def measure(self, targets: Tensor) -> Tensor:
        """Compute the loss: the mean over cases, steps and numbers."""
        return torch.sub(self.y, targets.view_as(self.y), out=self.dy).square().mean()

    def differentiate(self, targets: Tensor) -> None:
        """Compute dy = 2 (y - target) / (S N O); `measure` left y - target in dy."""
        self.dy.mul_(2 / self.dy.numel())


READOUTS: dict[str, type[Readout]] = {"class": Readout, "squared": SquaredReadout}
