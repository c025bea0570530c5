"""How fast runs and sweeps are trained by Dask workers, against as many processes of this machine.

    python tests/benchmarks/cluster.py             5 rounds, about 6 minutes
    python tests/benchmarks/cluster.py --large     a sweep of 1,728 networks, about 3 minutes
    python tests/benchmarks/cluster.py --smoke     a moment: does it run at all?

Runs of the MLP lab that differ in their learning rates, all at once, and then a sweep of 6 x 6
cells, on a hub of 2 local processes and on one of a real scheduler and 2 workers, in turns: seconds
of each from the first frame of the first run to the last frame of the last one, and their ratio
within each turn. The large sweep is trained by 1 and by 2 workers: seconds, and the tasks and bytes
that go through the scheduler, of which follows how many workers it could serve.
"""

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ["OMP_NUM_THREADS"] = "1"


from ln_core.race.config import EXPERIMENT as MLP
from ln_core.race.config import MlpConfig
from ln_core.runs.cluster import Cluster
from ln_core.runs.crew import Crew, Processes, Worker
from ln_core.runs.experiment import Experiment, FilmConfig
from ln_core.runs.hub import Hub
from ln_core.runs.worker import Slice, spawn_executor
from ln_core.sweep.config import EXPERIMENT as SWEEP
from ln_core.sweep.config import SweepConfig
from tests.benchmarks.sweep import CONFIG, SMALLEST
from tests.core.dask_processes import DaskProcesses

WORKERS = 2
TARGET = 0.9
VALUES = {  # 144 cells
    "across_values": "0.0001,0.0002,0.0005,0.001,0.002,0.005,0.01,0.02,0.05,0.1,0.2,0.5",
    "down_values": "1,2,3,4,6,8,12,16,24,32,48,64",
}


@dataclass(frozen=True)
class Work:
    """What is timed, and what is trained before that all workers are warm."""

    experiment: Experiment
    warm: Sequence[FilmConfig]
    timed: Sequence[FilmConfig]


def works(*, smoke: bool) -> dict[str, Work]:
    """List what is timed."""
    steps = 20 if smoke else 2000
    runs = [MlpConfig(steps=steps, learning_rate=rate / 1000) for rate in range(1, 7)]
    first = [MlpConfig(steps=20, seed=90 + at) for at in range(2 * WORKERS)]
    sweep = SMALLEST if smoke else CONFIG
    return {
        "runs": Work(MLP, first, runs),
        "sweep": Work(SWEEP, [replace(sweep, run_steps=10, seed=99)], [sweep]),
    }


async def finish(hub: Hub, experiment: Experiment, configs: Sequence[FilmConfig]) -> None:
    while True:
        runs = [await hub.watch(experiment, config) for config in configs]
        if errors := [run.error for run in runs if run.error]:
            raise RuntimeError(errors[0])
        if all(run.log.done for run in runs):
            return
        await asyncio.sleep(0.02)


async def seconds(crew: Crew, work: Work) -> float:
    """Give how long runs take once all workers are warm."""
    hub = Hub({work.experiment.name: work.experiment}, crew)
    async with hub.running():
        await finish(hub, work.experiment, work.warm)
        begun = time.perf_counter()
        await finish(hub, work.experiment, work.timed)
        return time.perf_counter() - begun


def compare(name: str, work: Work, address: str, rounds: int) -> None:
    """Print the median seconds here and on the cluster, and their ratio."""
    modules = (work.experiment.module,)
    found: list[tuple[float, float]] = []
    for _ in range(rounds):
        here = Processes(lambda: spawn_executor(modules), WORKERS)
        there = Cluster(address, modules)
        found.append((asyncio.run(seconds(here, work)), asyncio.run(seconds(there, work))))
    local, away = (statistics.median(times) for times in zip(*found, strict=True))
    ratio = statistics.median(local / away for local, away in found)
    said = "ok" if ratio >= TARGET else "NO"
    print(
        f"{name}: local {local:.2f} s, cluster {away:.2f} s, ratio {ratio:.2f}, "
        f"target {TARGET} {said}",
        flush=True,
    )


@dataclass
class Counted:
    """A cluster, and what its workers were asked for a sweep, and gave."""

    cluster: Cluster
    sweep: SweepConfig
    tasks: int = 0
    size: int = 0  # bytes of frames

    def __getattr__(self, name: str) -> object:
        return getattr(self.cluster, name)

    async def join(self) -> Worker:
        worker = await self.cluster.join()
        train = worker.train

        async def count(order: Slice) -> list[bytes]:
            made = await train(order)
            if order.config == self.sweep:
                self.tasks, self.size = self.tasks + 1, self.size + sum(map(len, made))
            return made

        worker.train = count  # type: ignore[method-assign]
        return worker


def large(address: str, sweep: SweepConfig, workers: int) -> None:
    """Print how long a sweep takes, and what goes through the scheduler."""
    crew = Counted(Cluster(address, (SWEEP.module,)), sweep)
    work = Work(SWEEP, [replace(SMALLEST, seed=99)], [sweep])
    took = asyncio.run(seconds(crew, work))
    networks = len(sweep.cells) * len(sweep.variants) * sweep.seeds
    print(
        f"{networks} networks on {workers}: {took:.1f} s, {crew.tasks} tasks, "
        f"{crew.tasks / took:.1f} a second, {crew.size / 1e6:.2f} MB of frames",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--large", action="store_true")
    order = parser.parse_args()
    grid = {} if order.smoke else VALUES
    sweep = replace(SMALLEST if order.smoke else CONFIG, **grid, seeds=2 if order.smoke else 4)
    dask = DaskProcesses()
    try:
        dask.scheduler()
        for workers in range(1, WORKERS + 1):
            dask.worker()
            if order.large or order.smoke:
                large(dask.address, replace(sweep, seed=workers), workers)
        for name, work in {} if order.large else works(smoke=order.smoke).items():
            compare(name, work, dask.address, 1 if order.smoke else 5)
    finally:
        dask.end()


if __name__ == "__main__":
    main()
