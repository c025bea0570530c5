"""A worker: one process that trains slices of many films in turn.

`Worker` is the server's side; `run_slice` and `prepare` run in the process.
"""

import contextlib
import importlib
import multiprocessing
import os
import signal
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import wait

from ln_core.runs.experiment import Experiment, FilmConfig
from ln_core.runs.frame import Frame, pack

MakeExecutor = Callable[[], Executor]
SLICE_SECONDS = 0.07  # short enough that many runs take turns smoothly, long against its overhead
OPEN_BYTES = 2 << 30  # films kept open between slices; the least recently used is closed first
OPEN_FILMS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """An order for a bounded piece of work: train on, from the frame `first`."""

    experiment: Experiment
    config: FilmConfig
    shard: tuple[str, ...]
    first: int
    seconds: float = SLICE_SECONDS


@dataclass(slots=True)
class _Open:
    frames: Iterator[Frame | None]
    next_frame: int
    memory: int


# A worker's films outlive one slice; the process is single-threaded and belongs to the worker.
_open_films: OrderedDict[tuple[Experiment, FilmConfig, tuple[str, ...]], _Open] = OrderedDict()


def memory_of(config: FilmConfig, shard: tuple[str, ...]) -> int:
    """Give the bytes that the open film of a shard takes: its share of the whole run's."""
    return config.memory * len(shard) // sum(map(len, config.shards))


def run_slice(order: Slice) -> list[bytes]:
    """Train for the ordered time and return the packed frames that became due."""
    key = (order.experiment, order.config, order.shard)
    film = _open_films.pop(key, None)
    if film is None or film.next_frame != order.first:
        film = _open(order)
    made: list[bytes] = []
    end = time.perf_counter() + order.seconds
    for frame in film.frames:
        if frame is not None:
            made.append(pack(frame))
        if time.perf_counter() >= end:
            break
    film.next_frame += len(made)
    if film.next_frame < order.config.frames:
        _open_films[key] = film
        _close_old()
    return made


def _open(order: Slice) -> _Open:
    frames = order.experiment.begin(order.config, order.shard, first=order.first)
    return _Open(frames, order.first, memory_of(order.config, order.shard))


def _close_old() -> None:
    while len(_open_films) > 1 and (
        len(_open_films) > OPEN_FILMS
        or sum(film.memory for film in _open_films.values()) > OPEN_BYTES
    ):
        _open_films.popitem(last=False)


def prepare(warm: tuple[str, ...] = ()) -> None:
    """Make a spawned process a good one: it gives way to the page and ends with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's: it ends the workers
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(OSError):
        os.nice(5)  # the page answers before training goes on
    for module in warm:
        importlib.import_module(module)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)  # a server that was killed leaves no worker behind


def _nothing() -> None:
    pass


SPAWN = multiprocessing.get_context("spawn")  # fork and torch's threads do not mix


def spawn_pool(processes: int, warm: tuple[str, ...] = ()) -> ProcessPoolExecutor:
    """Make a pool of spawned processes, which import the modules `warm` at once."""
    return ProcessPoolExecutor(processes, mp_context=SPAWN, initializer=prepare, initargs=(warm,))


def spawn_executor(warm: tuple[str, ...] = ()) -> Executor:
    """Start an executor of one spawned process, which imports the modules `warm` at once."""
    executor = spawn_pool(1, warm)
    executor.submit(_nothing)  # a pool starts its process with its first task
    return executor


class Worker:
    """An executor that is replaced when its process dies."""

    def __init__(self, make_executor: MakeExecutor) -> None:
        self._make_executor = make_executor
        self._executor = make_executor()

    def submit(self, order: Slice) -> Future[list[bytes]]:
        """Start a slice; the future fails with BrokenExecutor if the process dies."""
        return self._executor.submit(run_slice, order)

    def replace(self) -> None:
        """Start a new process in place of one that died."""
        self.close()
        self._executor = self._make_executor()

    def close(self) -> None:
        """End the process, after the slice that it is at."""
        self._executor.shutdown(cancel_futures=True)
