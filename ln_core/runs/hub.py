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
from ln_core.runs.worker import (
    OPEN_BYTES,
    OPEN_FILMS,
    MakeExecutor,
    Slice,
    Worker,
    memory_of,
)

LEASE_SECONDS = 15.0  # a run trains on this long after it was last asked for
WATCHED_RUNS = 64  # at a time; whoever asks for one more is told that the lab is full
KEPT_RUNS = 1000  # with or without a watcher
LOG_BYTES = 256 << 20  # of all logs together; the least recently watched go first
CRASHES = 3  # in a row, after which a run is given up
RATE_SECONDS = 2.0  # span over which training steps a second are measured


class HubFullError(RuntimeError):
    """No further run can be begun now."""


@dataclass(eq=False, slots=True)
class Shard:
    """One shard of a run: what is trained together, by the worker that holds it."""

    run: "Run"
    index: int
    owner: int | None = None
    busy: bool = False
    crashes: int = 0

    @property
    def next_frame(self) -> int:
        return self.run.log.next_of(self.index)

    @property
    def unfinished(self) -> bool:
        return self.run.error is None and self.next_frame < self.run.log.total

    @property
    def memory(self) -> int:
        """Bytes that its open film takes: its share of the race."""
        return memory_of(self.run.config, self.run.config.shards[self.index])


class Run:
    """A config being filmed: its log, its shards, and who watches."""

    def __init__(self, key: str, experiment: Experiment, config: FilmConfig) -> None:
        self.key, self.experiment, self.config = key, experiment, config
        self.log = Log(shards=len(config.shards), total=config.frames)
        self.shards = [Shard(self, index) for index in range(len(config.shards))]
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

    def append(self, shard: Shard, frames: list[bytes], now: float) -> None:
        """Append the frames of a finished slice and note the speed."""
        self.log.append(shard.index, frames)
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
        self._turns: deque[Shard] = deque()
        self._idle: set[int] = set()  # workers that wait for a shard
        self._last: dict[str, int] = {}  # by experiment, the worker that was at it last
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
        """Give the run of a config, begun if it is new, and keep it training for a while.

        Raises: HubFullError if it is new and there is no room for it.
        """
        key = experiment.key(config)
        now = asyncio.get_running_loop().time()
        run = self._runs.get(key)
        if run is None or (run.error is not None and now > run.watched_until):
            run = self._begin(key, experiment, config, now)
        run.watched_until = now + LEASE_SECONDS
        async with self._wake:
            self._wake.notify_all()
        return run

    def _begin(self, key: str, experiment: Experiment, config: FilmConfig, now: float) -> Run:
        self._forget(now)
        watched = [run for run in self._runs.values() if now <= run.watched_until]
        unfinished = [run for run in watched if not run.log.done]
        if (
            len(unfinished) >= WATCHED_RUNS
            or sum(run.log.size for run in watched) >= self._log_bytes
        ):
            raise HubFullError(f"The lab is full: {len(watched)} runs are being watched.")
        run = self._runs[key] = Run(key, experiment, config)
        self._turns = deque(shard for shard in self._turns if shard.run.key != key)
        if config.frames == 1:
            self._turns.extendleft(run.shards)  # it takes no longer than a slice of the others
        else:
            self._turns.extend(run.shards)
        return run

    def _forget(self, now: float) -> None:
        """Drop runs that nobody watches: empty and failed ones, then the oldest beyond bounds."""
        size, count = sum(run.log.size for run in self._runs.values()), len(self._runs)
        for key, run in sorted(self._runs.items(), key=lambda item: item[1].watched_until):
            if now <= run.watched_until:
                break  # so are all that follow
            wanted = run.log.frames and run.error is None
            if not wanted or size > self._log_bytes or count > KEPT_RUNS:
                size, count = size - run.log.size, count - 1
                del self._runs[key]
        kept = set(self._runs.values())
        self._turns = deque(shard for shard in self._turns if shard.run in kept)

    def _next_shard(self, worker: int) -> Shard | None:
        """Choose the shard whose turn it is, and put it last in the row; None if there is none."""
        now = asyncio.get_running_loop().time()
        ready = [
            shard for shard in self._turns if shard.unfinished and now <= shard.run.watched_until
        ]
        held = [shard for shard in ready if shard.owner == worker]
        room = OPEN_BYTES - sum(shard.memory for shard in held)
        for shard in ready:
            # A film is made by the worker that has it open; another one goes to whoever has room
            # for it, so that no film is closed while somebody watches it.
            if shard.busy or shard.owner not in (None, worker):
                continue
            # Whoever was at the same experiment last remembers what it has worked out for it.
            last = self._last.get(shard.run.experiment.name)
            if shard.owner is None and last != worker and last in self._idle:
                self._wake.notify_all()  # it may not know that the shard is free
                continue
            full = shard.memory > room or len(held) >= OPEN_FILMS
            if shard.owner is None and held and full:
                continue
            self._turns.remove(shard)
            self._turns.append(shard)
            return shard
        return None

    def _release(self) -> None:
        """Let go of the shards of unwatched runs: when watched again, any worker may take them."""
        now = asyncio.get_running_loop().time()
        for shard in self._turns:
            if not shard.busy and now > shard.run.watched_until:
                shard.owner = None

    async def _serve(self, index: int, worker: Worker) -> None:
        while True:
            async with self._wake:
                while (shard := self._next_shard(index)) is None:
                    self._idle.add(index)
                    await self._wake.wait()
                self._last[shard.run.experiment.name] = index
                if index in self._idle:
                    self._idle.remove(index)
                    self._wake.notify_all()  # what else was left to it is another's now
            self._release()
            shard.owner, shard.busy = index, True
            try:
                await self._train(shard, worker)
            except Exception as error:
                # Whatever goes wrong ends this run, and no other.
                logging.getLogger(__name__).exception("A run failed: %s", shard.run.key)
                shard.run.fail(f"The run failed: {type(error).__name__}: {error}")
            finally:
                shard.busy = False

    async def _train(self, shard: Shard, worker: Worker) -> None:
        """Have one slice of a shard trained."""
        run = shard.run
        order = Slice(
            experiment=run.experiment,
            config=run.config,
            shard=run.config.shards[shard.index],
            first=shard.next_frame,
        )
        try:
            slice_of_work = worker.submit(order)
        except BrokenExecutor:  # it died while idle: nobody's fault
            await asyncio.to_thread(worker.replace)
            return
        try:
            frames = await asyncio.wrap_future(slice_of_work)
        except BrokenExecutor:
            shard.crashes += 1
            lost = shard.owner
            for other in self._turns:
                if other.owner == lost:
                    other.owner = None  # its film went with the process: any worker may remake it
            await asyncio.to_thread(worker.replace)
            if shard.crashes >= CRASHES:
                run.fail(f"The training process died {CRASHES} times in a row; the run is over.")
        else:
            shard.crashes = 0
            run.append(shard, frames, asyncio.get_running_loop().time())
