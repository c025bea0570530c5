"""One recurrent network: its parameters, workspaces for batches, and a training step."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ln_core.recurrent.cells import CELLS, Cell
from ln_core.recurrent.normalization import BatchNorm
from ln_core.recurrent.parameters import Architecture, Parameters
from ln_core.recurrent.preactivations import Space
from ln_core.recurrent.readout import READOUTS, Readout
from ln_core.training.memory import Borrowed, Own
from ln_core.training.normalization import Running
from ln_core.training.optimizers import OPTIMIZERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrolling:
    """How long a network reads, and what its loss is of."""

    T: int
    loss: str  # "class" or "squared"
    loss_steps: int  # S: so many steps at the end have a target


class Network:
    """What lasts from batch to batch: parameters, and Batch Norm's statistics of every step.

    `fixed` holds constants of every step in the statistics' place, where there are any, by gain.
    """

    def __init__(
        self, architecture: Architecture, unrolling: Unrolling, *, dtype: torch.dtype
    ) -> None:
        self.architecture, self.unrolling = architecture, unrolling
        self.parameters = Parameters(architecture, dtype)
        self.running: dict[str, Running] = {}
        self.fixed: dict[str, Running] = {}
        if architecture.variant == "batch":
            self.running = self.no_statistics()

    def no_statistics(self) -> dict[str, Running]:
        """Make means of 0 and variances of 1, of every step, for each norm: by its gain."""
        gains = {name: g for name, g in self.parameters.value.items() if name.startswith("g")}
        units = {name: g.new_ones(self.unrolling.T, 1, len(g)) for name, g in gains.items()}
        return {name: Running(torch.zeros_like(ones), ones) for name, ones in units.items()}

    def cell(self, N: int, *, training: bool, T: int | None = None, delay: int = 0) -> Cell:
        """Unroll over N cases, of T steps if not as many as in training.

        With a delay, running statistics of every step are used so many steps later.
        """
        make = (Own if training else Borrowed)(self.parameters.theta)
        space = Space(
            parameters=self.parameters,
            T=self.unrolling.T if T is None else T,
            N=N,
            training=training,
            running=self.running,
            fixed=self.fixed,
            delay=delay,
            make=make,
        )
        return CELLS[self.architecture.cell](space)

    def workspace(
        self, N: int, *, training: bool, T: int | None = None, delay: int = 0
    ) -> "Workspace":
        """Make buffers for batches of N cases; T and delay are those of `cell`."""
        cell = self.cell(N, training=training, T=T, delay=delay)
        readout = READOUTS[self.unrolling.loss](cell, self.unrolling.loss_steps)
        return Workspace(cell, readout)


class Workspace:
    """The buffers for batches of N cases, and the passes over them.

    Shapes: x (T, N, D), or codes (T, N); targets (S, N) or (S, N, O).
    """

    def __init__(self, cell: Cell, readout: Readout) -> None:
        self.cell, self.readout = cell, readout

    def forward(self, x: Tensor, targets: Tensor) -> Tensor:
        """Compute the loss."""
        self.cell.forward(x)
        self.readout.forward()
        return self.readout.measure(targets)

    def backward(self, targets: Tensor) -> None:
        """Compute all gradients."""
        self.readout.backward(targets)
        self.cell.backward()

    def update_running(self, momentum: float) -> None:
        """Move Batch Norm's running statistics towards the batch's."""
        for norm in self.cell.preactivations.norms:  # constants stay
            if isinstance(norm, BatchNorm):
                norm.update_running(momentum)


class Learner:
    """A network and its optimizer, which gets gradients clipped to a norm."""

    def __init__(
        self,
        network: Network,
        optimizer: str,
        learning_rate: float,
        *,
        clip: float,
        momentum: float,
    ) -> None:
        theta, grad = network.parameters.theta, network.parameters.grad
        self.network, self.grad, self.clip, self.momentum = network, grad, clip, momentum
        self.optimizer = OPTIMIZERS[optimizer](theta, grad, learning_rate)

    def step(self, workspace: Workspace, x: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Train on one batch; give the loss and the gradient's norm from before the clip."""
        loss = workspace.forward(x, targets)
        workspace.update_running(self.momentum)
        workspace.backward(targets)
        norm = torch.linalg.vector_norm(self.grad)
        if self.clip > 0:
            self.grad.mul_((self.clip / (norm + 1e-6)).clamp_max_(1))
        self.optimizer.step()
        return loss, norm
