"""The weights, gains and biases of one recurrent network: a flat row, and its named pieces."""

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from ln_core.training.seeds import make_generator

# Which of a network's seeds a matrix is drawn from.
DRAWS = {"W_x": 0, "W_h": 1, "W": 2, "U": 3, "W_y": 4}
RECURRENT = ("W_h", "U")
GATES = {"rnn": 1, "gru": 2, "lstm": 4}  # blocks of H rows in W_x and W_h
FORGET = 1.0  # the LSTM's bias of f at the start: it remembers until it learns to forget


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """What a recurrent network is, apart from its weights."""

    inputs: int  # D: numbers of a step's input, or symbols where the input is coded
    width: int  # H
    outputs: int  # O
    cell: str = "rnn"  # or "gru", "lstm"
    variant: str = "none"  # or one of `config.VARIANTS`
    placement: str = "sum"  # of a plain cell's norm: eq. 4; "parts": on W_h h and W_x x, as eq. 20
    activation: str = "tanh"  # of a plain cell
    epsilon: float = 1e-5

    def __post_init__(self) -> None:
        """Refuse what has no equations here."""
        if self.variant == "batch" and self.cell != "rnn":
            raise ValueError(f"batch norm is for the plain cell, rnn; got cell {self.cell!r}")

    @property
    def on_parts(self) -> bool:
        """Whether W_h h and W_x x are normalized each on its own."""
        return self.variant != "none" and (self.cell != "rnn" or self.placement == "parts")

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Name every parameter, as the equations of the cell do."""
        D, H, K = self.inputs, self.width, self.width * GATES[self.cell]
        pieces: dict[str, tuple[int, ...]] = {"W_x": (K, D), "W_h": (K, H), "b": (K,)}
        if self.cell == "gru":
            pieces |= {"W": (H, D), "U": (H, H), "b_W": (H,), "b_U": (H,)}
        if self.on_parts:
            pieces |= {"g_h": (K,), "g_x": (K,)}
        elif self.variant != "none":
            pieces |= {"g": (K,)}
        if self.variant != "none" and self.cell == "gru":
            pieces |= {"g_W": (H,), "g_U": (H,)}
        if self.variant != "none" and self.cell == "lstm":
            pieces |= {"g_c": (H,), "b_c": (H,)}
        return pieces | {"W_y": (self.outputs, H), "b_y": (self.outputs,)}


class Parameters:
    """The parameters theta of one network and their gradients, and views of both by name.

    Shapes: theta and grad (1, P).
    """

    def __init__(self, architecture: Architecture, dtype: torch.dtype) -> None:
        self.architecture = architecture
        shapes = architecture.shapes
        sizes = [math.prod(shape) for shape in shapes.values()]
        self.theta, self.grad = torch.unbind(torch.zeros(2, 1, sum(sizes), dtype=dtype))
        self.value, self.gradient = (
            {
                name: part.view(shape)
                for (name, shape), part in zip(
                    shapes.items(), torch.split(row[0], sizes), strict=True
                )
            }
            for row in (self.theta, self.grad)
        )

    @property
    def weights(self) -> Tensor:
        """The matrices, which are the same for every variant, in one flat copy."""
        return torch.cat([self.value[name].flatten() for name in DRAWS if name in self.value])

    def initialize(self, seed: int, *, radius: float, gain: float) -> None:
        """Draw the matrices; all gains start at `gain`, all biases at 0, but the LSTM's of f at 1.

        W_x, W and W_y ~ Normal(0, 1 / fan_in). W_h and U are normal too, then scaled so that the
        block of every gate, (H, H), has spectral radius `radius`.
        """
        H = self.architecture.width
        for name, piece in self.value.items():
            if name in RECURRENT:
                piece.copy_(radius * unit_blocks(seed, DRAWS[name], len(piece), H))
            elif name in DRAWS:
                drawn = standard_normal(seed, DRAWS[name], *piece.shape)
                piece.copy_(drawn / math.sqrt(piece.shape[1]))
            else:
                piece.fill_(gain if name.startswith("g") else 0)
        if self.architecture.cell == "lstm":
            self.value["b"][:H] = FORGET


def standard_normal(seed: int, part: int, *shape: int) -> Tensor:
    """Draw from Normal(0, 1); float32 whatever the network, so that all get the same values."""
    return torch.randn(shape, generator=make_generator(seed, part))


@lru_cache(maxsize=8)
def unit_blocks(seed: int, part: int, rows: int, H: int) -> Tensor:
    """Draw square blocks of spectral radius 1, one below the other, in float64.

    Kept, because eigenvalues take 10 ms at H = 128: all variants of a race start from the same
    weights, and the microscope's radius is moved with weights that stay.
    """
    with torch.inference_mode(False):  # the next caller may not be in inference mode
        blocks = torch.split(standard_normal(seed, part, rows, H).double(), H)
        return torch.cat([block / torch.linalg.eigvals(block).abs().max() for block in blocks])
