"""A crew of Dask workers, on this and other machines: `LN_LAB_SCHEDULER=tcp://...`.

`Cluster` is the server's side; `greet` and `train` run in the workers' processes.
"""

import asyncio
import functools
import importlib.util
import logging
import os
import pkgutil
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from ln_core.runs.crew import Crew, DisconnectedError, Processes, Worker
from ln_core.runs.fingerprint import Fingerprint, differences, fingerprint
from ln_core.runs.machine import LARGEST, Budget
from ln_core.runs.open_films import Moved
from ln_core.runs.worker import MUCH, Slice, run_slice, spawn_executor
from ln_core.runs.worker import hand_over as hand_over_film

if TYPE_CHECKING:
    from distributed import Client

A = TypeVar("A")
R = TypeVar("R")
VARIABLE = "LN_LAB_SCHEDULER"  # of the environment: the address of a scheduler
ADDRESS = re.compile(r"(tcp|tls)://\S+:\d+")
LOOK_SECONDS = 0.5  # from one look at who is there to the next
ANSWER_SECONDS = 5.0  # in which a scheduler that is well answers
GREET_SECONDS = 120.0  # in which a worker has imported what trains
COST_SHARE = 0.04  # of a slice, that a round trip may cost at most ...
LONGEST_SLICE = 0.5  # ... unless the slice would be longer than these seconds


def crew_of_environment(modules: tuple[str, ...], workers: int = 2, memory: Budget = MUCH) -> Crew:
    """Give the crew that the environment names; `modules` are those that train.

    Where it names none, these are so many workers of this machine, with so much memory.

    Raises: ValueError if it is no address; ModuleNotFoundError without `distributed`.
    """
    address = os.environ.get(VARIABLE, "")
    if address:
        if not ADDRESS.fullmatch(address):
            raise ValueError(f"{VARIABLE} must be like tcp://HOST:8786, got {address!r}")
        if importlib.util.find_spec("distributed") is None:
            raise ModuleNotFoundError(f"{VARIABLE} needs what requirements-cluster.txt lists")
        return Cluster(address, modules)
    # Any worker may get any page's run, and the first one must not wait for imports.
    make = functools.partial(spawn_executor, modules, memory)
    return Processes(make, workers, memory.largest)


class ClusterWorker:
    """One Dask worker, for as long as the scheduler knows of it."""

    def __init__(self, client: "Client", address: str) -> None:
        self._client, self.address = client, address
        self._cost = 0.0  # seconds of a round trip, without the work
        self._lost: asyncio.Future[BrokenExecutor] = asyncio.get_running_loop().create_future()

    def lose(self, error: BrokenExecutor) -> None:
        """Note that it cannot be reached any more, and why."""
        if not self._lost.done():
            self._lost.set_result(error)

    async def train(self, order: Slice) -> list[bytes]:
        """Train a slice there; where a round trip costs much, a longer one than was ordered."""
        if self._lost.done():  # while it was idle: nobody's fault
            raise DisconnectedError(str(self._lost.result()))
        seconds = min(max(order.seconds, self._cost / COST_SHARE), LONGEST_SLICE)
        begun = time.perf_counter()
        took, made = await self._result(train, replace(order, seconds=seconds))
        self._cost += (time.perf_counter() - begun - took - self._cost) / 4
        if isinstance(made, Exception):
            raise made
        return made

    async def hand_over(self, order: Slice) -> Moved:
        """Have it give a film up to another worker."""
        return await self._result(hand_over, order)

    async def greet(self, modules: Sequence[str]) -> Fingerprint:
        """Have it import what trains; give its fingerprint."""
        async with asyncio.timeout(GREET_SECONDS):
            # Without our code it could not even read an order of ours, and would end.
            await self._result(pkgutil.resolve_name, f"{__name__}:VARIABLE")
            return await self._result(greet, modules)

    async def _result(self, function: Callable[[A], R], argument: A) -> R:
        """Call a function there.

        Raises: BrokenExecutor if the worker is lost.
        """
        future = self._client.submit(
            function, argument, workers=[self.address], pure=False, retries=0
        )
        waiting: Any = future.result()  # of an asynchronous client: to be awaited
        result: asyncio.Future[R] = asyncio.ensure_future(waiting)
        ends: list[asyncio.Future[Any]] = [result, self._lost]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if self._lost.done():
                raise self._lost.result()
            if result.cancelled():
                raise DisconnectedError(f"the scheduler no longer knows what {self.address} does")
            return result.result()
        # Of the connection: what is trained there returns its errors.
        except (OSError, CancelledError) as error:
            raise DisconnectedError(str(error)) from error
        finally:
            result.cancel()
            future.release()  # type: ignore[no-untyped-call]


class Cluster:
    """The workers of a Dask cluster, as they come and go.

    All must have the server's code and versions, so that frames are those of any other, and one
    kind of processor: the kind of the first.
    """

    film_bytes = LARGEST[1]

    def __init__(self, address: str, modules: Sequence[str]) -> None:
        self._address, self._modules = address, modules
        self._silence = f"The scheduler {address} does not answer."
        self._found = f"The scheduler {address} was not asked yet."
        self._known: dict[str, ClusterWorker] = {}  # by address
        self._refused: dict[str, str] = {}  # by address, why
        self._joined: asyncio.Queue[Worker]
        self._processor: asyncio.Future[str]
        self._following: asyncio.Task[None]

    @property
    def problem(self) -> str:
        """Why there may be no worker: none is there, or what is wrong with one."""
        return next(iter(self._refused.values()), self._found)

    def open(self) -> None:
        """Begin to look for workers."""
        self._joined = asyncio.Queue()
        self._processor = asyncio.get_running_loop().create_future()
        self._following = asyncio.create_task(self._follow())

    async def join(self) -> Worker:
        """Wait for a worker that may be used."""
        return await self._joined.get()

    async def leave(self, worker: Worker) -> None:
        """Forget it: if it is still there, it is met as a new one."""
        self._known = {name: one for name, one in self._known.items() if one is not worker}

    async def processor(self) -> str:
        """Name the workers' kind of processor; wait until there has been one."""
        return await asyncio.shield(self._processor)

    async def close(self) -> None:
        """Leave the cluster."""
        self._following.cancel()
        await asyncio.gather(self._following, return_exceptions=True)

    async def _follow(self) -> None:
        """Keep a connection to the scheduler, a new one whenever it is lost."""
        distributed = await asyncio.to_thread(importlib.import_module, "distributed")
        own = await asyncio.to_thread(fingerprint, *self._modules, __name__)
        options = {"asynchronous": True, "set_as_default": False, "timeout": ANSWER_SECONDS}
        while True:
            try:
                client = distributed.Client(self._address, **options)
                try:
                    # Its own time is not up where something listens that is no scheduler.
                    async with asyncio.timeout(2 * ANSWER_SECONDS):
                        await client
                    await self._look(client, own)
                finally:
                    await client.close(ANSWER_SECONDS)
            except OSError as error:
                _log().warning("The scheduler %s does not answer: %s", self._address, error)
                self._found = self._silence
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self, client: "Client", own: Fingerprint) -> None:
        """Follow who is there, for as long as the connection holds."""
        scheduler: Any = client.scheduler  # an object that passes calls on
        greetings: set[asyncio.Task[None]] = set()
        try:
            while client.status == "running":
                async with asyncio.timeout(ANSWER_SECONDS):
                    told = await scheduler.identity(n_workers=-1)
                there = told["workers"]
                for address in self._known.keys() - there.keys():
                    self._known.pop(address).lose(BrokenExecutor(f"the worker {address} is gone"))
                    self._refused.pop(address, None)
                for address in there.keys() - self._known.keys():
                    worker = self._known[address] = ClusterWorker(client, address)
                    greetings.add(asyncio.create_task(self._greet(worker, own)))
                self._found = f"The cluster at {self._address} has no worker that is ready."
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self._found = self._silence
            self._refused.clear()
            for worker in self._known.values():
                worker.lose(DisconnectedError(f"the scheduler {self._address} is gone"))
            self._known = {}
            for greeting in greetings:
                greeting.cancel()

    async def _greet(self, worker: ClusterWorker, own: Fingerprint) -> None:
        """Let a new worker join, if it is one that makes the same frames."""
        try:
            told = await worker.greet(self._modules)
        except BrokenExecutor:
            return  # gone again
        except Exception as error:  # whatever old code may raise
            self._refuse(worker, f"{type(error).__name__}: {error}")
            return
        kind = self._processor.result() if self._processor.done() else told["processor"]
        if wrong := differences({**own, "processor": kind}, told):
            self._refuse(worker, wrong)
            return
        if not self._processor.done():
            self._processor.set_result(kind)
        self._joined.put_nowait(worker)

    def _refuse(self, worker: ClusterWorker, reason: str) -> None:
        said = f"The worker {worker.address} cannot be used: {reason}."
        self._refused[worker.address] = said
        _log().warning(said)


def greet(modules: Sequence[str]) -> Fingerprint:
    """Import what trains, in a worker; give the fingerprint of this machine."""
    for module in modules:
        importlib.import_module(module)
    return fingerprint(*modules, __name__)


def train(order: Slice) -> tuple[float, list[bytes] | Exception]:
    """Train a slice, in a worker; give the seconds it took, and its frames or what went wrong."""
    return _one_thread().submit(_train, order).result()


def hand_over(order: Slice) -> Moved:
    """Give a film up, in a worker, in the thread that has it."""
    return _one_thread().submit(hand_over_film, order).result()


def _train(order: Slice) -> tuple[float, list[bytes] | Exception]:
    begun = time.perf_counter()
    made: list[bytes] | Exception
    try:
        made = run_slice(order)
    except Exception as error:  # for the server, to which it belongs
        made = error
    return time.perf_counter() - begun, made


@functools.cache
def _one_thread() -> ThreadPoolExecutor:
    """Keep one thread for all slices: what torch is told of threads holds for one alone."""
    return ThreadPoolExecutor(max_workers=1)


def _log() -> logging.Logger:
    return logging.getLogger(__name__)
