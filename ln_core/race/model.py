"""The race: networks that differ in their normalization alone, trained side by side.

All start from the same weights and see the same batches. Gradients are written out, so that a
step is nothing but the equations: no autograd, no hooks, and every buffer stays readable.
"""

from dataclasses import replace
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from ln_core.race.config import MlpConfig
from ln_core.race.stack import make_stack, with_constant
from ln_core.race.workspace import Workspace
from ln_core.runs.changes import OUT, Setting
from ln_core.runs.experiment import State
from ln_core.training.batches import ByBatchSize, measuring_batches
from ln_core.training.normalization import Running, average, mean_statistics
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
        self.arrange(config.setting_for(1))

    def one_hot(self, y: Tensor) -> Tensor:
        """Write classes (n,) as rows with a single 1, (n, C)."""
        return functional.one_hot(y, self.config.classes).to(self.x.dtype)

    def arrange(self, setting: Setting) -> None:
        """Prepare to train with a setting; constants are to be filled in, unless 0 and 1."""
        self.setting = setting
        self.optimizer.rate, self.optimizer.momentum = setting.learning_rate, setting.momentum
        running, fixed = self.stack.running, {}
        if setting.normalization in OUT:
            fixed = {variant: self._no_statistics() for variant in self.stack.normalized(0)}
        if running is not None and setting.keeps_running:
            fixed["batch"] = running
        self.stack = replace(self.stack, fixed=fixed)
        self.workspaces = ByBatchSize(partial(Workspace, self.stack, training=True))  # no cycle
        self.workspace = self.workspaces[min(setting.batch_size, len(self.x))]

    def change(self, setting: Setting) -> None:
        """Go on with another setting, from the same weights and what the optimizer gathered."""
        was_out = self.setting.normalization in OUT
        constants = {} if was_out or setting.normalization != "out" else self._mean_statistics()
        self.arrange(setting)
        S, L, H = self.stack.seeds, self.config.depth, self.config.width
        for variant, measured in constants.items():
            hidden = (flat[:, : L * H].view(S, L, 1, H) for flat in self.stack.fixed[variant])
            Running(*hidden).take(measured)
        if was_out and setting.normalization == "in-fresh" and self.stack.running is not None:
            self.stack.running.take(self.stack.running.fresh())

    def _no_statistics(self) -> Running:
        """Make the constants that leave one variant's summed inputs as they are, flat."""
        ones = self.x.new_ones(self.stack.seeds, sum(self.stack.sizes))
        return Running(torch.zeros_like(ones), ones)

    def _mean_statistics(self) -> dict[str, Running]:
        """Measure by which constants each case's own statistics can be replaced, (S, L, 1, H)."""
        found: dict[str, list[Running]] = {v: [] for v in self.stack.normalized(0) if v != "batch"}
        for chosen in measuring_batches(len(self.x), self.setting.batch_size):
            self.load(chosen)
            self.forward()
            for variant, batches in found.items():
                a = self.workspace.a[:, self.stack.rows((variant,))].transpose(0, 1)
                batches.append(mean_statistics(variant, a, self.config.groups))
        return {variant: average(batches) for variant, batches in found.items()}

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
        if self.stack.running is not None and "batch" not in self.stack.fixed:
            self.stack.running.update(
                self.workspace.sums, self.workspace.N, self.setting.bn_momentum
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
        own = {v: kept._asdict() for v, kept in self.stack.fixed.items() if kept is not running}
        return {
            "theta": self.parameters.theta,
            **statistics,
            **self.optimizer.state(),
            "fixed": own,
        }

    def restore(self, state: State) -> None:
        """Take up what `state` gave."""
        copy_into(self.state(), state)
