"""The networks of a race as anyone would write them: nn.Module, autograd and torch.optim."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from ln_core.race.config import MlpConfig
from ln_core.race.model import Race

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "identity": nn.Identity}


class Bias(nn.Module):
    """A bias alone: for no normalization, and beside RMSNorm, which has none."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(units))

    def forward(self, a: Tensor) -> Tensor:
        return a + self.bias


class BatchNorm(nn.BatchNorm1d):
    """nn.BatchNorm1d that takes a batch of one, and may divide by the unbiased deviation."""

    unbiased = False

    def forward(self, a: Tensor) -> Tensor:
        if self.unbiased and self.training and len(a) > 1:
            super().forward(a)  # for the running statistics
            spread = torch.sqrt(a.var(0, correction=1) + self.eps)
            return (a - a.mean(0)) / spread * self.weight + self.bias
        if not self.training or len(a) > 1:
            return super().forward(a)
        assert self.momentum is not None
        with torch.no_grad():
            self.running_mean.lerp_(a[0], self.momentum)
            self.running_var.mul_(1 - self.momentum)
        return (a - a.mean(0)) * self.weight + self.bias


def normalization(variant: str, units: int, config: MlpConfig) -> nn.Module:
    eps = config.epsilon
    if variant == "batch":
        norm = BatchNorm(units, eps=eps, momentum=config.bn_momentum)
        norm.unbiased = config.bn_unbiased
        return norm
    if variant == "layer":
        return nn.LayerNorm(units, eps=eps)
    if variant == "rms":
        return nn.Sequential(nn.RMSNorm(units, eps=eps), Bias(units))
    if variant == "group":
        return nn.GroupNorm(config.groups, units, eps=eps)
    return Bias(units)


def plain_net(config: MlpConfig, variant: str, weights: list[Tensor]) -> nn.Sequential:
    """Build one network with the given initial weights, in their dtype."""
    modules: list[nn.Module] = []
    for layer, W in enumerate(weights):
        linear = nn.Linear(W.shape[1], W.shape[0], bias=False)
        linear.weight = nn.Parameter(W.clone())
        is_output = layer == len(weights) - 1
        covered = not is_output or (config.bn_output and variant == "batch")
        modules += [linear, normalization(variant if covered else "none", len(W), config)]
        if not is_output:
            modules.append(ACTIVATIONS[config.activation]())
    return nn.Sequential(*modules).to(weights[0].dtype)


def plain_nets(race: Race) -> list[nn.Sequential]:
    """Build a plain twin of every network of a race, in the race's order."""
    return [
        plain_net(race.config, variant, [piece.W[row].clone() for piece in race.stack.theta])
        for row, variant in enumerate(
            variant for variant in race.stack.variants for _ in range(race.config.seeds)
        )
    ]


def optimizer(config: MlpConfig, net: nn.Module) -> torch.optim.Optimizer:
    if config.optimizer == "adam":
        return torch.optim.Adam(net.parameters(), lr=config.learning_rate)
    momentum = 0.9 if config.optimizer == "momentum" else 0.0
    return torch.optim.SGD(net.parameters(), lr=config.learning_rate, momentum=momentum)


class PlainTraining:
    """The twins of a race's networks, trained one by one."""

    def __init__(self, race: Race) -> None:
        self.nets = plain_nets(race)
        self.optimizers = [optimizer(race.config, net) for net in self.nets]

    def step(self, x: Tensor, y: Tensor) -> Tensor:
        """Train every network on the batch; give the losses."""
        losses = []
        for net, optimizer in zip(self.nets, self.optimizers, strict=True):
            optimizer.zero_grad()
            loss = functional.cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        return torch.stack(losses)


def parts(net: nn.Sequential) -> list[tuple[Tensor, nn.Parameter | None, nn.Parameter]]:
    """Give W, g (None without normalization) and b of every layer."""
    found = []
    for linear, norm in zip(net, list(net)[1:], strict=False):
        if isinstance(linear, nn.Linear):
            named = dict(norm.named_parameters())
            gain = [p for name, p in named.items() if name.endswith("weight")]
            bias = [p for name, p in named.items() if name.endswith("bias")]
            found.append((linear.weight, gain[0] if gain else None, bias[0]))
    return found
