"""The hub: one log for each config, filled by workers that take turns over the watched runs.

Everything here runs in the server's event loop; the work itself is in the worker processes.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass

from ln_core.runs.experiment import Experiment, FilmConfig
from ln_core.runs.log import Log
from ln_core.runs.worker import MakeExecutor, Slice, Worker

LEASE_SECONDS = 15.0  # a run trains on this long after it was last asked for
LOG_BYTES = 256 << 20  # of all logs together; the least recently watched go first
CRASHES = 3  # in a row, after which a run is given up
RATE_SECONDS = 2.0  # span over which training steps a second are measured


@dataclass(eq=False, slots=True)
class Part:
    """One shard of a run: what is trained together, by the worker that holds it."""

    run: "Run"
    index: int
    owner: int | None = None
    busy: bool = False
    crashes: int = 0

    @property
    def next_frame(self) -> int:
        return self.run.log.next_of(self.index)


class Run:
    """A config being filmed: its log, its parts, and who watches."""

    def __init__(self, key: str, experiment: Experiment, config: FilmConfig) -> None:
        self.key, self.experiment, self.config = key, experiment, config
        self.log = Log(parts=len(config.shards), total=config.frames)
        self.parts = [Part(self, index) for index in range(len(config.shards))]
        self.watched_until = 0.0
        self.error: str | None = None
        self._steps: deque[tuple[float, int]] = deque()

    @property
    def state(self) -> str:
        """What the player says of the run: queued, training, done or failed."""
        if self.error is not None:
            return "failed"
        if self.log.done:
            return "done"
        return "training" if self.log.frames else "queued"

    def fail(self, error: str) -> None:
        """Give the run up, with what its watchers are told."""
        self.error = error
        self.log.announce()

    def take(self, part: Part, frames: list[bytes], now: float) -> None:
        """Append the frames of a finished slice and note the speed."""
        self.log.append(part.index, frames)
        if self.log.frames:
            self._steps.append((now, self.config.step_of(len(self.log.frames) - 1)))
        while len(self._steps) > 2 and now - self._steps[0][0] > RATE_SECONDS:
            self._steps.popleft()

    @property
    def rate(self) -> float | None:
        """Training steps a second over the last slices; None before there are two."""
        if len(self._steps) < 2:
            return None
        (then, first), (now, last) = self._steps[0], self._steps[-1]
        return (last - first) / (now - then) if now > then else None


class Hub:
    """All runs of the server."""

    def __init__(
        self,
        experiments: Mapping[str, Experiment],
        make_executor: MakeExecutor,
        *,
        workers: int,
        log_bytes: int = LOG_BYTES,
    ) -> None:
        self.experiments = experiments
        self._make_executor = make_executor
        self._count = workers
        self._log_bytes = log_bytes
        self._runs: dict[str, Run] = {}
        self._turns: deque[Part] = deque()
        self._wake = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Hub"]:
        """Keep the workers going for as long as the context is open."""
        workers = [Worker(self._make_executor) for _ in range(self._count)]
        tasks = [
            asyncio.create_task(self._serve(index, worker)) for index, worker in enumerate(workers)
        ]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for worker in workers:
                worker.close()

    async def watch(self, experiment: Experiment, config: FilmConfig) -> Run:
        """Give the run of a config, begun if it is new, and keep it training for a while."""
        key = experiment.key(config)
        run = self._runs.get(key)
        if run is None:
            run = self._runs[key] = Run(key, experiment, config)
            self._turns.extend(run.parts)
        run.watched_until = asyncio.get_running_loop().time() + LEASE_SECONDS
        self._evict(keep=run)
        async with self._wake:
            self._wake.notify_all()
        return run

    def _evict(self, keep: Run) -> None:
        """Forget the least recently watched runs while the logs take too much memory."""
        size = sum(run.log.size for run in self._runs.values())
        for key, run in sorted(self._runs.items(), key=lambda item: item[1].watched_until):
            if size <= self._log_bytes:
                return
            if run is not keep:
                size -= run.log.size
                del self._runs[key]
                self._turns = deque(part for part in self._turns if part.run is not run)

    def _next_part(self, worker: int) -> Part | None:
        """Choose the part whose turn it is: round robin over what this worker may train."""
        now = asyncio.get_running_loop().time()
        for _ in range(len(self._turns)):
            part = self._turns[0]
            self._turns.rotate(-1)
            run = part.run
            if (
                now < run.watched_until
                and run.error is None
                and not part.busy
                and part.owner in (None, worker)
                and part.next_frame < run.log.total
            ):
                return part
        return None

    async def _serve(self, index: int, worker: Worker) -> None:
        while True:
            async with self._wake:
                while (part := self._next_part(index)) is None:
                    await self._wake.wait()
            part.owner, part.busy = index, True
            try:
                await self._train(part, worker)
            finally:
                part.busy = False

    async def _train(self, part: Part, worker: Worker) -> None:
        """Have one slice of a part trained; what goes wrong ends at most this run."""
        run = part.run
        config = run.config
        order = Slice(
            film=run.experiment.film,
            config=config,
            shard=config.shards[part.index],
            first=part.next_frame,
        )
        try:
            frames = await asyncio.wrap_future(worker.submit(order))
        except BrokenExecutor:
            worker.replace()
            part.crashes += 1
            lost = part.owner
            for other in self._turns:
                if other.owner == lost:
                    other.owner = None  # its film went with the process: any worker may remake it
            if part.crashes >= CRASHES:
                run.fail(f"The training process died {CRASHES} times in a row; the run is over.")
        except Exception as error:
            logging.getLogger(__name__).exception("A run failed: %s", run.key)
            run.fail(f"The run failed: {type(error).__name__}: {error}")
        else:
            part.crashes = 0
            run.take(part, frames, asyncio.get_running_loop().time())
