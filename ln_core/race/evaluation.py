"""Evaluation mode: what networks answer to fixed cases, by running statistics, chunk by chunk."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from ln_core.race.model import Race
from ln_core.race.stack import Stack, with_constant
from ln_core.race.workspace import Workspace
from ln_core.runs.frame import Floats
from ln_core.training.arrays import as_floats

CHUNK = 1 << 19  # numbers of one hidden state to hold at a time: memory is bounded
SATURATED = 0.99  # size of a tanh unit's output beyond which it hardly learns


class Chunk(NamedTuple):
    """Some of the cases, and the buffers that hold what the networks computed of them."""

    cases: slice
    workspace: Workspace


class Inference:
    """A stack of networks in evaluation mode, and the fixed cases that it answers.

    Shapes: x (n, D).
    """

    def __init__(self, stack: Stack, x: Tensor) -> None:
        x = with_constant(x, stack.config.inputs)
        self.x = x.expand(stack.networks, *x.shape)
        self.cases = len(x)
        each = max(1, CHUNK // (stack.networks * stack.config.depth * stack.config.width))
        starts = range(0, self.cases, each)
        self.chunks = [slice(start, min(start + each, self.cases)) for start in starts]
        sizes = {chunk.stop - chunk.start for chunk in self.chunks}
        self.workspaces = {N: Workspace(stack, N, training=False) for N in sizes}

    def run(self) -> Iterator[Chunk]:
        """Compute the logits of chunk after chunk; each is overwritten by the next."""
        for cases in self.chunks:
            workspace = self.workspaces[cases.stop - cases.start]
            workspace.forward(self.x[:, cases])
            yield Chunk(cases, workspace)


class Evaluation:
    """The test set: every network's loss and error, and the first seed's unresponsive units."""

    def __init__(self, race: Race, x: Tensor, y: Tensor) -> None:
        self.stack = race.stack
        self.inference = Inference(race.stack, x.to(race.x.dtype))
        self.y = y
        self.targets = race.one_hot(y)

    def score(self) -> dict[str, Floats]:
        """Give `test_loss` and `test_error` (V, S), and `dead` (V, L)."""
        V, S, L = len(self.stack.variants), self.stack.seeds, self.stack.config.depth
        loss, right = torch.zeros(2, V * S)
        responses = torch.zeros(L, V, self.stack.config.width)
        for cases, workspace in self.inference.run():
            loss += workspace.measure(self.targets[cases]) * workspace.N
            right += (workspace.logits.argmax(2) == self.y[cases]).sum(1)
            responses += self._responses(workspace.h[:, ::S])
        n = self.inference.cases
        return {
            "test_loss": as_floats((loss / n).view(V, S)),
            "test_error": as_floats((1 - right / n).view(V, S)),
            "dead": as_floats(self._dead(responses).T),
        }

    def _responses(self, h: Tensor) -> Tensor:
        """Sum over the cases, for each unit: its outputs (ReLU), or how often it is saturated."""
        if self.stack.config.activation == "relu":
            return h.sum(2)
        if self.stack.config.activation == "tanh":
            return (h.abs() > SATURATED).sum(2)
        return h.new_zeros(())

    def _dead(self, responses: Tensor) -> Tensor:
        """Give the share of ReLU units that were 0 throughout, or of saturated outputs."""
        if self.stack.config.activation == "relu":
            return (responses == 0).float().mean(2)
        return (responses / self.inference.cases).mean(2)
