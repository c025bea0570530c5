"""How soon a fork's first new frame is there, where the run that it begins as is at hand.

    python tests/benchmarks/fork.py              every row, about 2 minutes
    python tests/benchmarks/fork.py --smoke      a moment a row: does it run at all?

As the app does it: a hub with two worker processes has trained a run; then it is asked for forks of
it, at moments all over the run, one after the other. Seconds from asking to the first frame that is
the fork's own, and beside them those in which the run itself came as far.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ln_core.experiments import EXPERIMENTS
from ln_core.race.config import MlpConfig
from ln_core.race.presets import PRESETS
from ln_core.recurrent.config import RnnConfig
from ln_core.recurrent.presets import RNN_PRESETS
from ln_core.runs import hub as hub_module
from ln_core.runs.changes import Change
from ln_core.runs.crew import Processes
from ln_core.runs.hub import Hub, Run
from ln_core.runs.worker import spawn_executor

TARGET = 0.5  # seconds
LEASE = 1.0  # seconds
Forkable = MlpConfig | RnnConfig
ROWS: dict[str, Forkable] = {
    "mlp/default": MlpConfig(),
    "mlp/spirals": PRESETS["spirals"].config,
    "mlp/pairs": PRESETS["pairs"].config,
    "mlp/deep_relu": PRESETS["deep_relu"].config,
    "rnn/default": RnnConfig(),
    "rnn/plain": RNN_PRESETS["plain"].config,
    "rnn/text": RNN_PRESETS["text"].config,
}
MOMENTS = (0.1, 0.35, 0.6, 0.85)  # shares of a run


def forks(config: Forkable, moments: Sequence[float]) -> list[Forkable]:
    """Give forks of a run, at moments between two frames as well."""
    steps = [max(1, round(share * config.steps) - 3) for share in moments]
    return [
        replace(config, changes=(Change(step, "learning_rate", 0.02 + step / 1e5),))
        for step in steps
    ]


async def until(hub: Hub, name: str, config: Forkable, frames: int) -> Run:
    """Watch a run until it has so many frames."""
    run = await hub.watch(EXPERIMENTS[name], config)
    while len(run.log.frames) < frames:
        changed = asyncio.create_task(run.log.changed.wait())
        await asyncio.wait({changed}, timeout=LEASE / 2)
        run = await hub.watch(EXPERIMENTS[name], config)
        assert run.error is None, run.error
    return run


async def measure(
    name: str, config: Forkable, moments: Sequence[float]
) -> list[tuple[float, float]]:
    """Give the seconds to each fork's first own frame, and those in which its parent came there.

    A run that is not asked for any more ends soon, so that forks do not wait for each other.
    """
    experiment = EXPERIMENTS[name]
    crew = Processes(partial(spawn_executor, (experiment.module,)), 2)
    hub = Hub({name: experiment}, crew)
    async with hub.running():
        begun, came = time.perf_counter(), []
        for fork in forks(config, moments):
            ((_, shared),) = fork.ancestors
            await until(hub, name, config, shared + 1)
            came.append(time.perf_counter() - begun)
        await until(hub, name, config, config.frames)
        taken = []
        for fork in forks(config, moments):
            ((_, shared),) = fork.ancestors
            asked = time.perf_counter()
            await until(hub, name, fork, shared + 1)
            taken.append(time.perf_counter() - asked)
            await asyncio.sleep(1.2 * LEASE)
    return list(zip(taken, came, strict=True))


def main(words: Sequence[str] | None = None) -> None:
    """Print a line a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", help="the rows whose names begin so")
    parser.add_argument("--smoke", action="store_true")
    given = parser.parse_args(words)
    hub_module.LEASE_SECONDS = LEASE
    print("run: first new frame, s: median, max (target); the run itself came there: median")
    for row, config in ROWS.items():
        if given.rows and not row.startswith(tuple(given.rows)):
            continue
        short = replace(config, steps=30, cases=512) if given.smoke else config
        moments = MOMENTS[:1] if given.smoke else MOMENTS
        found = asyncio.run(measure(row.partition("/")[0], short, moments))
        taken, came = ([pair[at] for pair in found] for at in (0, 1))
        print(
            f"{row:14} {statistics.median(taken):6.3f} {max(taken):6.3f} ({TARGET})"
            f" {statistics.median(came):7.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
