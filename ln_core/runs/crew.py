"""The crew: where the hub's workers come from; here processes of this machine."""

import asyncio
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor
from typing import Protocol, TypeVar

from ln_core.runs.fingerprint import processor
from ln_core.runs.machine import LARGEST
from ln_core.runs.open_films import Moved
from ln_core.runs.worker import MakeExecutor, Slice, hand_over, run_slice

R = TypeVar("R")


class Worker(Protocol):
    """Trains slices, one at a time, in a process of its own."""

    async def train(self, order: Slice) -> list[bytes]:
        """Train a slice; give the packed frames that became due.

        Raises: BrokenExecutor if the process died: its films went with it; DisconnectedError if it
        may well live, but cannot be reached.
        """

    async def hand_over(self, order: Slice) -> Moved:
        """Give up the film that another worker is to go on with, or what it knows of its beginning.

        Raises: BrokenExecutor if it is lost.
        """


class DisconnectedError(BrokenExecutor):
    """A worker was lost through no fault of what it trained."""


class Crew(Protocol):
    """Gives workers to the hub as they come, and takes lost ones back."""

    film_bytes: int  # that an open film may take in a worker

    @property
    def problem(self) -> str:
        """Why there may be no worker, in words."""

    def open(self) -> None:
        """Begin to look for workers."""

    async def join(self) -> Worker:
        """Wait for a worker that the hub does not have."""

    async def leave(self, worker: Worker) -> None:
        """Take a worker back: it is lost, or no longer needed."""

    async def processor(self) -> str:
        """Name the kind of processor that all workers have; wait until one is known."""

    async def close(self) -> None:
        """Look for workers no longer."""


class _Process:
    def __init__(self, executor: Executor) -> None:
        self.executor = executor

    async def train(self, order: Slice) -> list[bytes]:
        return await self._result(run_slice, order)

    async def hand_over(self, order: Slice) -> Moved:
        return await self._result(hand_over, order)

    async def _result(self, function: Callable[[Slice], R], order: Slice) -> R:
        try:
            work = self.executor.submit(function, order)
        except BrokenExecutor as error:  # it died while idle: nobody's fault
            raise DisconnectedError from error
        return await asyncio.wrap_future(work)


class Processes:
    """So many processes of this machine; one that dies is replaced."""

    problem = "The training processes are being started."

    def __init__(
        self, make_executor: MakeExecutor, count: int, film_bytes: int = LARGEST[1]
    ) -> None:
        self._make_executor, self._count, self.film_bytes = make_executor, count, film_bytes
        self._missing = asyncio.Semaphore(count)

    def open(self) -> None:
        """Begin anew: none is there yet."""
        self._missing = asyncio.Semaphore(self._count)

    async def join(self) -> Worker:
        """Start a process, unless all are there."""
        await self._missing.acquire()
        return _Process(self._make_executor())

    async def leave(self, worker: Worker) -> None:
        """End the process, after the slice that it is at."""
        assert isinstance(worker, _Process)
        await asyncio.to_thread(worker.executor.shutdown, cancel_futures=True)
        self._missing.release()

    async def processor(self) -> str:
        """Name this machine's."""
        return processor()

    async def close(self) -> None:
        """Do nothing: the processes end as they leave."""
