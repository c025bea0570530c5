"""How fast runs and sweeps are trained by Dask workers, against as many processes of this machine.

    python tests/benchmarks/cluster.py             5 rounds, about 6 minutes
    python tests/benchmarks/cluster.py --smoke     a moment: does it run at all?

Runs of the MLP lab that differ in their learning rates, all at once, and then a sweep of 6 x 6
cells, on a hub of 2 local processes and on one of a real scheduler and 2 workers, in turns: seconds
of each from the first frame of the first run to the last frame of the last one, and their ratio
within each turn.
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
from ln_core.runs.crew import Crew, Processes
from ln_core.runs.experiment import Experiment, FilmConfig
from ln_core.runs.hub import Hub
from ln_core.runs.worker import spawn_executor
from ln_core.sweep.config import EXPERIMENT as SWEEP
from tests.benchmarks.sweep import CONFIG, SMALLEST
from tests.core.dask_processes import DaskProcesses

WORKERS = 2
TARGET = 0.9


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true")
    smoke = parser.parse_args().smoke
    dask = DaskProcesses()
    try:
        dask.scheduler()
        for _ in range(WORKERS):
            dask.worker()
        for name, work in works(smoke=smoke).items():
            compare(name, work, dask.address, 1 if smoke else 5)
    finally:
        dask.end()


if __name__ == "__main__":
    main()
