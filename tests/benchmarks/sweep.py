"""How much faster a sweep is than the plain loop that a user would write.

    python tests/benchmarks/sweep.py             6 x 6 cells, three variants: about 3 minutes
    python tests/benchmarks/sweep.py --smoke     a moment: does it run at all?

"plain" trains one `nn.Sequential` after the other in this process, and tests each at its end.
"sweep" is the page's: the same cells by the hub's two worker processes, which are warm, with the
points of every curve. Both are wall time on the same cores; they take turns, and the median ratio
counts.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import torch
from torch import nn

from ln_core.data.tasks import load_task
from ln_core.race.config import MlpConfig
from ln_core.runs.crew import Processes
from ln_core.runs.hub import Hub
from ln_core.runs.worker import spawn_executor
from ln_core.sweep.config import EXPERIMENT, SweepConfig
from ln_core.training.seeds import DATA_SEED, part_seed

TARGET = 8.0
CONFIG = SweepConfig(across_values="0.0003,0.001,0.003,0.01,0.03,0.1", down_values="2,4,8,16,32,64")
SMALLEST = replace(CONFIG, across_values="0.001,0.01,0.1", down_values="2,4,8", run_steps=10)
NORMS: dict[str, Callable[[int], nn.Module]] = {
    "none": lambda units: nn.Identity(),
    "batch": nn.BatchNorm1d,
    "layer": nn.LayerNorm,
}


def train_plainly(cell: MlpConfig, variant: str) -> float:
    """Train one network as a user would; give its test error."""
    seed = part_seed(cell.seed, DATA_SEED)
    task = load_task(cell.data, cell.cases, seed, test_cases=1000)
    x, x_test = (torch.cat([of, torch.ones(len(of), 1)], 1) for of in (task.x_train, task.x_test))
    layers: list[nn.Module] = []
    for n_in, n_out in zip(cell.sizes[:-2], cell.sizes[1:-1], strict=True):
        layers += [nn.Linear(n_in, n_out), NORMS[variant](n_out), nn.ReLU()]
    network = nn.Sequential(*layers, nn.Linear(cell.width, cell.classes))
    optimizer = torch.optim.Adam(network.parameters(), lr=cell.learning_rate)
    step = 0
    while step < cell.steps:
        for chosen in torch.randperm(len(x)).split(cell.batch_size):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(x[chosen]), task.y_train[chosen]).backward()
            optimizer.step()
            step += 1
            if step == cell.steps:
                break
    network.eval()
    with torch.no_grad():
        return float((network(x_test).argmax(1) != task.y_test).float().mean())


def plain(config: SweepConfig) -> float:
    """Train all networks of a sweep, one after the other; give the seconds."""
    begun = time.perf_counter()
    for cell in config.cells:
        for variant in cell.variants:
            train_plainly(cell, variant)
    return time.perf_counter() - begun


async def finish(hub: Hub, config: SweepConfig) -> float:
    """Have a sweep trained; give the seconds."""
    begun = time.perf_counter()
    while True:
        run = await hub.watch(EXPERIMENT, config)
        changed = run.log.changed
        if run.error:
            raise RuntimeError(run.error)
        if run.log.done:
            return time.perf_counter() - begun
        await asyncio.wait({asyncio.create_task(changed.wait())}, timeout=1)


async def measure(config: SweepConfig, rounds: int) -> None:
    """Print the times of a sweep, and of the plain loop, in turn."""
    make = partial(spawn_executor, (EXPERIMENT.module,))
    hub, ratios = Hub({"sweep": EXPERIMENT}, Processes(make, 2)), []
    async with hub.running():
        await finish(hub, replace(config, run_steps=10, seed=99))  # the workers are warm
        for seed in range(rounds):
            own = await finish(hub, replace(config, seed=seed))
            base = plain(replace(config, seed=seed))
            ratios.append(base / own)
            print(f"sweep {own:6.1f} s   plain {base:6.1f} s   ratio {base / own:5.1f}", flush=True)
    print(f"median ratio {statistics.median(ratios):.1f} ({TARGET:g})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    asyncio.run(measure(SMALLEST if asked.smoke else CONFIG, 1 if asked.smoke else asked.rounds))


if __name__ == "__main__":
    main()
