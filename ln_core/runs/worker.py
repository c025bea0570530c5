"""The process of a worker: it trains slices of many films in turn."""

import contextlib
import importlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.connection import wait

from ln_core.runs.experiment import Checkpoint, Experiment, FilmConfig
from ln_core.runs.frame import Frame
from ln_core.runs.machine import Budget, give_back_what_is_freed
from ln_core.runs.open_films import Moved, OpenFilm, OpenFilms
from ln_core.runs.states import Key, States
from ln_core.runs.turns import LONGEST

MakeExecutor = Callable[[], Executor]
MUCH = Budget()  # of a machine that has enough
OBJECTS = 1 << 20  # bytes of a film's Python objects: views of its tensors above all


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """An order for a bounded piece of work: train on, from the frame `first`."""

    experiment: Experiment
    config: FilmConfig
    shard: tuple[str, ...]
    first: int
    seconds: float = LONGEST
    moved: Moved | None = None  # by another worker that had it

    @property
    def key(self) -> Key:
        """What the film is of."""
        return self.experiment, self.config, self.shard


# A worker's films outlive one slice; the process is single-threaded and belongs to the worker.
_films = OpenFilms()
_states = States()


def memory_of(config: FilmConfig, shard: tuple[str, ...]) -> int:
    """Give the bytes that the open film of a shard takes: objects, and its share of the tensors."""
    return OBJECTS + config.memory * len(shard) // sum(map(len, config.shards))


def run_slice(order: Slice) -> list[bytes]:
    """Train for the ordered time and return the packed frames that became due."""
    if order.moved is not None:
        _states.accept(order.key, order.moved.states)
    film = _films.take(order.key, order.first)
    if film is None:
        memory = memory_of(order.config, order.shard)
        begin, apart = partial(_begin, order.key), order.config.in_background
        film = OpenFilm(begin, order.first, memory, order.moved, apart=apart)
    made = film.run(order.seconds)
    if film.next_frame < order.config.frames:
        _films.put(order.key, film)
    return made


def hand_over(order: Slice) -> Moved:
    """Give up a film that another worker goes on with, and its states."""
    film = _films.take(order.key, order.first)
    moved = Moved() if film is None else film.move()
    return replace(moved, states=_states.give(order.key, order.first))


def _begin(key: Key, *, first: int, checkpoint: Checkpoint | None = None) -> Iterator[Frame | None]:
    """Begin a film; of one that can be forked, states are kept beside its own checkpoint."""
    experiment, config, shard = key
    if config.can_fork:
        checkpoint = _states.of(key, first, checkpoint)
    return experiment.begin(config, shard, first=first, checkpoint=checkpoint)


def prepare(warm: tuple[str, ...], memory: Budget) -> None:
    """Make a spawned process a good one: it gives way to the page and ends with its parent."""
    _films.most_bytes = memory.films
    give_back_what_is_freed()
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


def spawn_pool(
    processes: int, warm: tuple[str, ...] = (), memory: Budget = MUCH
) -> ProcessPoolExecutor:
    """Make a pool of spawned processes, which import the modules `warm` at once."""
    return ProcessPoolExecutor(
        processes, mp_context=SPAWN, initializer=prepare, initargs=(warm, memory)
    )


def spawn_executor(warm: tuple[str, ...] = (), memory: Budget = MUCH) -> Executor:
    """Start an executor of one spawned process, as those of `spawn_pool`."""
    executor = spawn_pool(1, warm, memory)
    executor.submit(_nothing)  # a pool starts its process with its first task
    return executor
