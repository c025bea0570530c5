"""Evaluation mode: what networks answer to fixed cases, by running statistics, in small pieces."""

from collections.abc import Iterator
from typing import NamedTuple

from torch import Tensor

from ln_core.race.stack import Stack, with_constant
from ln_core.race.workspace import Workspace

PIECE = 1 << 19  # numbers of one hidden state to hold at a time: memory is bounded


class Piece(NamedTuple):
    """A run of cases and the buffers that hold what the networks made of them."""

    cases: slice
    workspace: Workspace


class Evaluation:
    """A stack of networks in front of fixed cases.

    Shapes: x (n, D).
    """

    def __init__(self, stack: Stack, x: Tensor) -> None:
        x = with_constant(x, stack.config.inputs)
        self.x = x.expand(stack.networks, *x.shape)
        self.cases = len(x)
        each = max(1, PIECE // (stack.networks * stack.config.depth * stack.config.width))
        starts = range(0, self.cases, each)
        self.pieces = [slice(start, min(start + each, self.cases)) for start in starts]
        sizes = {piece.stop - piece.start for piece in self.pieces}
        self.workspaces = {N: Workspace(stack, N, training=False) for N in sizes}

    def run(self) -> Iterator[Piece]:
        """Compute the logits of piece after piece; each is overwritten by the next."""
        for cases in self.pieces:
            workspace = self.workspaces[cases.stop - cases.start]
            workspace.forward(self.x[:, cases])
            yield Piece(cases, workspace)
