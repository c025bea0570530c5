"""How much faster the race trains and films than the loop one would write oneself.

    python tests/benchmarks/race.py              every row, about 10 minutes
    python tests/benchmarks/race.py toy wide/4   the rows whose names begin so
    python tests/benchmarks/race.py --quick      fewer rounds
    python tests/benchmarks/race.py --smoke      a moment a row: does it run at all?

Three variants (none, batch, layer), one thread. "race" is the film as the app makes it: all steps
and probes, a frame every 10 steps (the default), test set and decision boundary at every fourth.
"loop" is nn.Sequential, autograd and torch.optim.Adam, one network after the other; it evaluates
the same test set at the same steps. "hooks" adds forward hooks that store, at each step, mean,
deviation, percentiles and dead share of every module's output, and the gradients' norms. "bound" is
the time of one network's matrix products and fused Adam alone, by torch.mm: over 1 means that the
race's products are faster.

All candidates of a row run in turns; a ratio is taken within each turn, in CPU time.
"""

import itertools
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ln_core.data.tasks import Task, load_task
from ln_core.race.config import SURVEY_EVERY, TEST_CASES, MlpConfig
from ln_core.race.model import Race
from ln_core.race.stack import with_constant
from ln_core.race.trainer import film
from ln_core.training.batches import batches
from tests.benchmarks.rows import Row, Work, run

VARIANTS = ("none", "batch", "layer")
LEVELS = torch.tensor([0.05, 0.25, 0.5, 0.75, 0.95])
TARGETS = {
    "toy/32/1 hooks": 12.0,
    "toy/32/8 loop": 10.0,
    "digits/128/1 hooks": 12.0,
    "wide/128/1 hooks": 4.0,
    "wide/4/1 hooks": 1.8,
    "bound/128/layer": 0.8,
}


def config_of(net: str, batch_size: int, seeds: int, *, smoke: bool) -> MlpConfig:
    shapes: dict[str, dict[str, Any]] = {
        "toy": {"data": "spirals", "width": 64},
        "digits": {"data": "mnist", "width": 100, "cases": 6000},
        "wide": {"data": "mnist", "width": 1000, "cases": 6000},
    }
    sizes = {"batch_size": batch_size, "seeds": seeds, **shapes[net]}
    config = MlpConfig(depth=2, variants=VARIANTS, **sizes)
    return replace(config, steps=100) if smoke else config  # few steps: each has its frame


def steps_of(config: MlpConfig) -> int:
    """Steps in a piece of work: from one survey to the next."""
    return SURVEY_EVERY * config.frame_every


def race_work(config: MlpConfig) -> Work:
    """Film on and on; the shards one after the other, on this one thread."""

    def endless(shard: tuple[str, ...]) -> Iterator[object]:
        while True:
            made = (frame for frame in film(config, shard) if frame is not None)
            next(made)  # frame 0
            yield from made

    films = [endless(shard) for shard in config.shards]

    def work() -> None:
        for shard in films:
            for _ in range(SURVEY_EVERY):
                next(shard)

    return work


def plain_net(config: MlpConfig, variant: str) -> nn.Sequential:
    norms = {"batch": nn.BatchNorm1d, "layer": nn.LayerNorm}
    modules: list[nn.Module] = []
    for n_in, n_out in itertools.pairwise(config.sizes[:-1]):
        modules.append(nn.Linear(n_in, n_out))
        if variant in norms:
            modules.append(norms[variant](n_out))
        modules.append(nn.ReLU())
    return nn.Sequential(*modules, nn.Linear(config.width, config.classes))


class PlainLoop:
    """One network, as a tutorial trains it; with hooks, as one that watches does."""

    def __init__(self, config: MlpConfig, variant: str, task: Task, *, hooks: bool) -> None:
        self.config, self.task, self.hooks = config, task, hooks
        self.x_train = with_constant(task.x_train, config.inputs)
        self.x_test = with_constant(task.x_test, config.inputs)
        self.net = plain_net(config, variant)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=config.learning_rate)
        self.order = batches(config.cases, config.batch_size, config.seed)
        self.outputs: dict[str, torch.Tensor] = {}
        self.history: list[dict[str, object]] = []
        if hooks:
            for name, module in self.net.named_children():
                module.register_forward_hook(self.keep(name))

    def keep(self, name: str) -> Callable[..., None]:
        def hook(_module: nn.Module, _inputs: object, output: torch.Tensor) -> None:
            self.outputs[name] = output.detach().clone()

        return hook

    def step(self) -> None:
        chosen = next(self.order)
        self.optimizer.zero_grad()
        x, y = self.x_train[chosen], self.task.y_train[chosen]
        loss = functional.cross_entropy(self.net(x), y)
        loss.backward()
        self.optimizer.step()
        if self.hooks:
            self.history.append({"loss": loss.item(), **self.look()})

    def look(self) -> dict[str, object]:
        seen: dict[str, object] = {}
        for name, output in self.outputs.items():
            seen[f"mean {name}"] = output.mean().item()
            seen[f"std {name}"] = output.std().item()
            seen[f"percentiles {name}"] = torch.quantile(output, LEVELS).tolist()
            seen[f"dead {name}"] = (output <= 0).float().mean().item()
        for name, parameter in self.net.named_parameters():
            seen[f"gradient {name}"] = parameter.grad.norm().item()
        return seen

    def survey(self) -> tuple[float, float]:
        self.net.eval()
        with torch.no_grad():
            logits = self.net(self.x_test)
            loss = functional.cross_entropy(logits, self.task.y_test).item()
            error = (logits.argmax(1) != self.task.y_test).float().mean().item()
        self.net.train()
        self.history.clear()
        return loss, error


def loop_work(config: MlpConfig, *, hooks: bool) -> Work:
    task = load_task(config.data, config.cases, config.seed, test_cases=TEST_CASES)
    loops = [
        PlainLoop(config, variant, task, hooks=hooks)
        for variant in config.variants
        for _ in range(config.seeds)
    ]

    def work() -> None:
        for loop in loops:
            for _ in range(steps_of(config)):
                loop.step()
            loop.survey()

    return work


def step_work(config: MlpConfig, variant: str) -> Work:
    """Take bare steps of one network: no frames."""
    task = load_task(config.data, config.cases, config.seed, test_cases=TEST_CASES)
    order = batches(config.cases, config.batch_size, config.seed)
    with torch.inference_mode():
        race = Race(config, (variant,), task.x_train, task.y_train)

    def work() -> None:
        for _ in range(steps_of(config)):
            with torch.inference_mode():
                race.step(next(order))

    return work


def bound_work(config: MlpConfig) -> Work:
    """Do nothing but a step's matrix products and its update, on buffers of the right sizes."""
    N, sizes = config.batch_size, config.sizes
    h = [torch.randn(N, units) for units in sizes]
    d = [torch.randn(N, units) for units in sizes]
    W = [torch.randn(n_out, n_in) for n_in, n_out in itertools.pairwise(sizes)]
    dW = [torch.zeros_like(weights) for weights in W]
    theta, grad, m, v = ([torch.rand(config.parameters)] for _ in range(4))
    steps = torch.ones(())
    rates: dict[str, Any] = {
        "lr": 1e-3,
        "beta1": 0.9,
        "beta2": 0.999,
        "weight_decay": 0.0,
        "eps": 1e-8,
    }

    def step() -> None:
        for layer, weights in enumerate(W):
            torch.mm(h[layer], weights.T, out=h[layer + 1])
        for layer in reversed(range(len(W))):
            torch.mm(d[layer + 1].T, h[layer], out=dW[layer])
            if layer:
                torch.mm(d[layer + 1], W[layer], out=d[layer])
        torch._fused_adam_(theta, grad, m, v, [], [steps], **rates, amsgrad=False, maximize=False)
        for buffer in (*h[1:], *d[:-1]):
            buffer[0, 0] = 1.0

    def work() -> None:
        with torch.inference_mode():
            for _ in range(steps_of(config)):
                step()

    return work


def rows(*, smoke: bool = False) -> list[Row]:
    nets = ("toy", "digits", "wide")
    found = []
    for net, batch_size, seeds in itertools.product(nets, (4, 32, 128), (1, 8)):
        if net == "wide" and seeds > 1:
            continue  # minutes a round
        config = config_of(net, batch_size, seeds, smoke=smoke)
        for kind in ("loop", "hooks"):
            base = partial(loop_work, config, hooks=kind == "hooks")
            name = f"{net}/{batch_size}/{seeds} {kind}"
            found.append(row_of(name, config, base, partial(race_work, config)))
    for batch_size, variant in itertools.product((4, 32, 128), VARIANTS):
        config = config_of("wide", batch_size, 1, smoke=smoke)
        base, own = partial(bound_work, config), partial(step_work, config, variant)
        found.append(row_of(f"bound/{batch_size}/{variant}", config, base, own))
    return found


def row_of(
    name: str, config: MlpConfig, base: Callable[[], Work], candidate: Callable[[], Work]
) -> Row:
    return Row(name, base, candidate, steps_of(config), TARGETS.get(name))


if __name__ == "__main__":
    run(rows, "net/batch/seeds against", __doc__)
