"""The race: networks that differ in their normalization alone, trained side by side.

All start from the same weights and see the same batches. Gradients are written out, so that a
step is nothing but the equations: no autograd, no hooks, and every buffer stays readable.
"""

import torch
from torch import Tensor
from torch.nn import functional

from ln_core.race.config import MlpConfig
from ln_core.race.stack import make_stack, with_constant
from ln_core.race.workspace import Workspace
from ln_core.runs.experiment import State
from ln_core.training.optimizers import OPTIMIZERS
from ln_core.training.trainer import copy_into


class Race:
    """E = variants x seeds networks and everything that a training step needs.

    Everything runs under `torch.inference_mode`, which the caller enters.

    Shapes: x (n, D), y (n,) classes.
    """

    def __init__(
        self,
        config: MlpConfig,
        variants: tuple[str, ...],
        x: Tensor,
        y: Tensor,
        *,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.config = config
        self.stack, self.parameters = make_stack(config, variants, dtype)
        self.x = with_constant(x.to(dtype), config.inputs)
        self.targets = self.one_hot(y)
        make_optimizer = OPTIMIZERS[config.optimizer]
        theta, grad = self.parameters.theta, self.parameters.grad
        self.optimizer = make_optimizer(theta, grad, config.learning_rate)
        sizes = {min(config.batch_size, len(x)), len(x) % config.batch_size} - {0}
        self.workspaces = {N: Workspace(self.stack, N, training=True) for N in sizes}
        self.workspace = self.workspaces[max(sizes)]

    def one_hot(self, y: Tensor) -> Tensor:
        """Write classes (n,) as rows with a single 1, (n, C)."""
        return functional.one_hot(y, self.config.classes).to(self.x.dtype)

    def load(self, chosen: Tensor) -> None:
        """Take a batch: the indices of its cases."""
        self.workspace = self.workspaces[len(chosen)]
        self.workspace.load(self.x, self.targets, chosen)

    def forward(self) -> Tensor:
        """Compute the loss of every network on the batch, in training mode."""
        self.workspace.forward()
        return self.workspace.measure()

    def update_running(self) -> None:
        """Move Batch Norm's running statistics towards the batch's."""
        if self.stack.running is not None:
            self.stack.running.update(
                self.workspace.sums, self.workspace.N, self.config.bn_momentum
            )

    def learn(self) -> None:
        """Compute the gradients of the loss, and move the parameters."""
        self.workspace.backward()
        self.optimizer.step()

    def step(self, chosen: Tensor) -> Tensor:
        """Train every network on one batch; its loss is from before the update."""
        self.load(chosen)
        loss = self.forward()
        self.update_running()
        self.learn()
        return loss

    def state(self) -> State:
        """Give what the steps to come depend on: the very tensors, not copies."""
        running = self.stack.running
        statistics = {} if running is None else running._asdict()
        return {"theta": self.parameters.theta, **statistics, **self.optimizer.state()}

    def restore(self, state: State) -> None:
        """Take up what `state` gave."""
        copy_into(self.state(), state)
