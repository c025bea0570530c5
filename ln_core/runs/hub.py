"""The hub: one log for each config, filled by workers that take turns over the watched runs.

Everything here runs in the server's event loop; the work itself is in the worker processes.
"""

import asyncio
import contextlib
import itertools
import logging
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass, replace

from ln_core.runs import turns
from ln_core.runs.archive import Archive
from ln_core.runs.crew import Crew, DisconnectedError, Worker
from ln_core.runs.experiment import Experiment, FilmConfig
from ln_core.runs.log import Log
from ln_core.runs.store import Store
from ln_core.runs.worker import Slice, memory_of

LEASE_SECONDS = 15.0  # a run trains on this long after it was last asked for
WATCHED_RUNS = 200  # at a time; whoever asks for one more is told that the lab is full
KEPT_RUNS = 1000  # with or without a watcher
LOG_BYTES = 96 << 20  # of all logs; what was not watched for longest goes first
WATCHED_LOGS = 4  # times as much, if all of them are watched
CRASHES = 3  # in a row, after which a run is given up
MOVED_BYTES = 16 << 20  # of an open film that a worker takes over from another: its state is less
RATE_SECONDS = 2.0  # span over which training steps a second are measured


class HubFullError(RuntimeError):
    """No further run can be begun now."""


@dataclass(eq=False, slots=True)
class Shard:
    """One shard of a run: what is trained together, by the worker that holds it."""

    run: "Run"
    index: int
    owner: int | None = None  # the worker that was at it last, has it open and its states
    busy: bool = False
    since: float = 0.0  # when its last turn ended, or it was opened
    crashes: int = 0

    @property
    def next_frame(self) -> int:
        return self.run.log.next_of(self.index)

    @property
    def unfinished(self) -> bool:
        return self.run.error is None and self.next_frame < self.run.log.total

    @property
    def begun(self) -> bool:
        """Whether its run has a frame of its own that can be seen."""
        return len(self.run.log.frames) > self.run.inherited

    @property
    def share(self) -> float:
        """How much of its film is made, 0 to 1."""
        return self.next_frame / self.run.log.total

    @property
    def parts(self) -> tuple[str, ...]:
        """What is trained together."""
        return self.run.config.shards[self.index]

    @property
    def has_small_state(self) -> bool:
        """Whether its training can be moved as it stands."""
        return memory_of(self.run.config, self.parts) <= MOVED_BYTES

    @property
    def movable(self) -> bool:
        """Whether another worker goes on with it at little cost: moved, or made again so far."""
        return self.has_small_state or self.share < 0.5


class Staff:
    """The workers that the hub has, of a crew."""

    def __init__(self, crew: Crew) -> None:
        self.crew, self.count = crew, 0


class Run:
    """A config being filmed: its log, its shards, and who watches."""

    def __init__(self, key: str, experiment: Experiment, config: FilmConfig, staff: Staff) -> None:
        self.key, self.experiment, self.config, self._staff = key, experiment, config, staff
        self.log = Log(shards=len(config.shards), total=config.frames)
        self.shards = [Shard(self, index) for index in range(len(config.shards))]
        self.watched_until = 0.0
        self.inherited = 0  # frames of another run that it goes on from
        self.error: str | None = None
        self._steps: deque[tuple[float, int]] = deque()

    @property
    def state(self) -> str:
        """What the player says of the run: queued, waiting, training, done or failed."""
        if self.error is not None:
            return "failed"
        if self.log.done:
            return "done"
        if not self._staff.count:
            return "waiting"
        return "training" if self.log.frames else "queued"

    @property
    def trouble(self) -> str | None:
        """What its watchers are told where it does not go on."""
        return self._staff.crew.problem if self.state == "waiting" else self.error

    def inherit(self, frames: Sequence[bytes]) -> None:
        """Begin with the frames of another run."""
        self.log.fill(frames)
        self.inherited = len(frames)

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
        crew: Crew,
        *,
        log_bytes: int = LOG_BYTES,
        store: Store | None = None,
    ) -> None:
        self.experiments = experiments
        self._staff = Staff(crew)
        self._log_bytes = log_bytes
        self._archive = Archive(store, [one.module for one in experiments.values()], crew)
        self._runs: dict[str, Run] = {}
        self._shards: list[Shard] = []  # of all runs, but for what is done
        self._workers: dict[int, Worker] = {}
        self._idle: set[int] = set()  # workers that wait for a shard
        self._last: dict[str, int] = {}  # by experiment, the worker that was at it last
        self._wake = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Hub"]:
        """Keep the workers going for as long as the context is open."""
        self._staff.crew.open()
        self._archive.open()
        self._soon(self._hire())
        try:
            yield self
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._archive.close()
            await self._staff.crew.close()

    async def _hire(self) -> None:
        """Put workers to work as they come."""
        for index in itertools.count():
            worker = await self._staff.crew.join()
            self._soon(self._serve(index, worker))

    def _soon(self, work: Coroutine[None, None, None]) -> None:
        """Have work done beside all else, for as long as the hub is running."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def watch(self, experiment: Experiment, config: FilmConfig) -> Run:
        """Give the run of a config, begun if it is new, and keep it training for a while.

        Raises: HubFullError if it is new and there is no room for it.
        """
        key = experiment.key(config)
        now = asyncio.get_running_loop().time()
        run = self._runs.get(key)
        if run is None or (run.error is not None and now > run.watched_until):
            run = self._begin(key, experiment, config, now)
        elif run.log.done and now > run.watched_until:
            self._archive.touch(key, experiment.module)
        run.watched_until = now + LEASE_SECONDS
        await self._wake_all()
        return run

    async def _wake_all(self) -> None:
        """Have idle workers look for work."""
        async with self._wake:
            self._wake.notify_all()

    def _begin(self, key: str, experiment: Experiment, config: FilmConfig, now: float) -> Run:
        self._forget(now)
        largest = max(memory_of(config, shard) for shard in config.shards)
        most = self._staff.crew.film_bytes
        if config.frames > 1 and largest > most:  # a picture's is given back at once
            raise HubFullError(
                f"This run takes {largest >> 20} MB of memory, and the lab has "
                f"{most >> 20} MB for one run. Try smaller networks or mini-batches."
            )
        watched = [run for run in self._runs.values() if now <= run.watched_until]
        unfinished = [run for run in watched if not run.log.done]
        if (
            len(unfinished) >= WATCHED_RUNS
            or sum(run.log.size for run in watched) >= WATCHED_LOGS * self._log_bytes
        ):
            raise HubFullError(f"The lab is full: {len(watched)} runs are being watched.")
        run = self._runs[key] = Run(key, experiment, config, self._staff)
        self._shards = [shard for shard in self._shards if shard.run.key != key]
        self._inherit(run)
        if config.frames == 1 or self._archive.empty:
            self._enter(run)
        else:
            self._soon(self._recall(run))
        return run

    def _enter(self, run: Run) -> None:
        """Have a run trained from now on."""
        now = asyncio.get_running_loop().time()
        for shard in run.shards:
            shard.since = now
        self._shards += run.shards

    async def _recall(self, run: Run) -> None:
        """Give a new run the frames that are kept of it; where there are none, have it trained."""
        kept = await self._archive.read(run.key, run.experiment.module)
        if kept is not None:
            run.log.fill(kept)
            return
        if not run.log.frames:
            await self._recall_shared(run)
        if self._runs.get(run.key) is run:
            self._enter(run)
            await self._wake_all()

    def _inherit(self, run: Run) -> None:
        """Give a fork the frames that it shares with another run, and the worker that made them."""
        for config, shared in run.config.ancestors:
            parent = self._runs.get(run.experiment.key(config))
            if parent is not None and parent.log.frames:
                run.inherit(parent.log.frames[:shared])
                for shard, other in zip(run.shards, parent.shards, strict=True):
                    shard.owner = other.owner
                return

    async def _recall_shared(self, run: Run) -> None:
        """Give a fork the frames that it shares with a run that is kept."""
        for config, shared in run.config.ancestors:
            key = run.experiment.key(config)
            kept = await self._archive.read(key, run.experiment.module)
            if kept is not None:
                run.inherit(kept[:shared])
                return

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
        self._shards = [shard for shard in self._shards if shard.run in kept]

    def rest(self, experiment: Experiment, config: FilmConfig) -> None:
        """Have a run rest at once, until somebody watches it again."""
        run = self._runs.get(experiment.key(config))
        if run is not None:
            run.watched_until = asyncio.get_running_loop().time()

    def _waiting(self, now: float, *, behind: bool = False) -> list[Shard]:
        """List the shards that somebody waits for, those at work included.

        Those of runs in the background stand behind all others.
        """
        waiting = [one for one in self._shards if one.unfinished and now <= one.run.watched_until]
        return [one for one in waiting if one.run.config.in_background is behind]

    def _next_shard(self, worker: int) -> Shard | None:
        """Choose the shard whose turn it is; None if there is none."""
        now = asyncio.get_running_loop().time()
        waiting = self._waiting(now)
        # A film is made by the worker that has it open.
        own = [
            shard
            for shard in waiting
            if not shard.busy
            and (shard.owner == worker or (shard.owner is None and not self._left(shard, worker)))
        ]
        more = turns.to_take_over(waiting, worker)
        chosen = turns.choose([*own, more] if more else own, now)
        return chosen or turns.choose_behind(self._waiting(now, behind=True), worker, now)

    def _left(self, shard: Shard, worker: int) -> bool:
        """Whether a shard that nobody has is left to another worker, one that is idle.

        Whoever was at the same experiment last remembers what it has worked out for it.
        """
        last = self._last.get(shard.run.experiment.name)
        left = last != worker and last in self._idle
        if left:
            self._wake.notify_all()  # it may not know that the shard is free
        return left

    async def _serve(self, index: int, worker: Worker) -> None:
        """Have a worker train what is due, until it is lost."""
        self._workers[index] = worker
        self._count(1)
        try:
            while await self._take_turn(index, worker):
                pass
        finally:
            for shard in [shard for run in self._runs.values() for shard in run.shards]:
                if shard.owner == index:
                    shard.owner = None  # its film went too: any other may remake it
            del self._workers[index]
            self._count(-1)
            await self._staff.crew.leave(worker)

    def _count(self, joined: int) -> None:
        """Note that a worker has joined, or left; whoever watches is told of the first and last."""
        self._staff.count += joined
        if self._staff.count == max(0, joined):
            for run in self._runs.values():
                run.log.announce()

    async def _take_turn(self, index: int, worker: Worker) -> bool:
        """Have a worker train one slice, once there is one; False if it is lost."""
        async with self._wake:
            while (shard := self._next_shard(index)) is None:
                self._idle.add(index)
                await self._wake.wait()
            self._last[shard.run.experiment.name] = index
            if index in self._idle:
                self._idle.remove(index)
                self._wake.notify_all()  # what else was left to it is another's now
        had = None if shard.owner in (None, index) else self._workers[shard.owner]
        shard.owner, shard.busy = index, True
        try:
            await self._train(shard, worker, had)
        except BrokenExecutor as error:
            self._blame(shard, error)
            return False
        except Exception as error:
            # Whatever goes wrong ends this run, and no other.
            logging.getLogger(__name__).exception("A run failed: %s", shard.run.key)
            shard.run.fail(f"The run failed: {type(error).__name__}: {error}")
        finally:
            shard.busy, shard.since = False, asyncio.get_running_loop().time()
            if not shard.unfinished:
                self._shards = [one for one in self._shards if one.unfinished]
        return True

    async def _train(self, shard: Shard, worker: Worker, had: Worker | None) -> None:
        """Have one slice of a shard trained; where another worker had it, it gives it up."""
        run, now = shard.run, asyncio.get_running_loop().time()
        order = Slice(
            experiment=run.experiment,
            config=run.config,
            shard=shard.parts,
            first=shard.next_frame,
            seconds=turns.length(len(self._waiting(now)), self._staff.count),
        )
        if had is not None and shard.has_small_state:
            with contextlib.suppress(BrokenExecutor):  # whoever is lost notices it at its own turn
                order = replace(order, moved=await had.hand_over(order))
        frames = await worker.train(order)
        shard.crashes = 0
        run.append(shard, frames, asyncio.get_running_loop().time())
        if frames and run.config.in_background:
            shard.owner = None  # the next frame is anybody's
        if run.log.done and run.config.frames > 1:
            self._archive.write(run.key, run.experiment.module, run.log.frames)

    def _blame(self, shard: Shard, error: BrokenExecutor) -> None:
        """Give a run up at which one worker after the other has died."""
        if not isinstance(error, DisconnectedError):
            shard.crashes += 1
        if shard.crashes >= CRASHES:
            shard.run.fail(f"The training process died {CRASHES} times in a row; the run is over.")
