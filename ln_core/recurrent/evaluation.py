"""Evaluation mode: what a network answers to fixed sequences, by running statistics."""

from typing import NamedTuple

import torch
from torch import Tensor

from ln_core.data.sequences import SequenceTask
from ln_core.recurrent.config import CHUNK
from ln_core.recurrent.network import Network

NEAR = 0.04  # a sum this near counts as right: Hochreiter, Schmidhuber 1997, sec. 5.4


class Score(NamedTuple):
    """How well a network did: its loss, and the share of its answers that were wrong."""

    loss: float
    error: float


class Evaluation:
    """A network and the fixed sequences it is tested on, as long as those of training or longer.

    With a delay, Batch Norm's statistics of every step are used so many steps later.

    Shapes: x (n, T, D), or codes (n, T); y (n, S) or (n, S, O).
    """

    def __init__(
        self, network: Network, task: SequenceTask, x: Tensor, y: Tensor, *, delay: int = 0
    ) -> None:
        n, T = x.shape[:2]
        H = network.architecture.width
        each = max(1, CHUNK // (T * H))
        dtype = network.parameters.theta.dtype
        x = x.to(dtype) if x.is_floating_point() else x
        y = y.to(dtype) if y.is_floating_point() else y
        self.chunks = [
            (by_time(x[start : start + each]), by_time(y[start : start + each]))
            for start in range(0, n, each)
        ]
        sizes = {x.shape[1] for x, _ in self.chunks}
        self.workspaces = {N: network.workspace(N, training=False, T=T, delay=delay) for N in sizes}
        self.n, self.answers = n, task.answer_steps

    def score(self) -> Score:
        """Compute loss and error over all cases."""
        loss, wrong = torch.zeros(2, dtype=torch.float64)
        for x, y in self.chunks:
            N = x.shape[1]
            workspace = self.workspaces[N]
            loss += workspace.forward(x, y) * (N / self.n)
            outputs, y = workspace.readout.outputs[-self.answers :], y[-self.answers :]
            wrong += _wrong(outputs, y).mean(dtype=torch.float64) * (N / self.n)
        return Score(loss.item(), wrong.item())


def by_time(cases: Tensor) -> Tensor:
    """Put the steps in front of the cases."""
    return cases.transpose(0, 1).contiguous()


def _wrong(outputs: Tensor, y: Tensor) -> Tensor:
    """Say of every answer whether it is wrong; NaN is wrong."""
    if y.is_floating_point():
        return ~((outputs - y).abs() < NEAR)
    return (outputs.argmax(2) != y) | outputs.isnan().any(2)
