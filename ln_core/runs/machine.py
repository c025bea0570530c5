"""How much memory the app may use, and who gets how much of it."""

import contextlib
import ctypes
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MB = 1 << 20
# What each takes beside runs, with all data read; what they share is counted once.
SERVER, WORKER = 260 * MB, 280 * MB
# At least and at most: the largest run; in each worker all open films, beside a quarter as much of
# those put aside; and all logs that nobody watches.
LARGEST, FILMS = (48 * MB, 1024 * MB), (40 * MB, 128 * MB)
LOGS = (24 * MB, 96 * MB)
STATES = 512 * MB  # of the disk, in each worker: how trainings stood, for forks


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Bytes that runs may take."""

    largest: int = LARGEST[1]  # one open film, beside which all others are put aside
    films: int = FILMS[1]  # open films, in each worker
    logs: int = LOGS[1]  # frames that are kept in the server though nobody watches


def budget(memory: int, workers: int) -> Budget:
    """Share out what server and workers leave of a machine's memory, a fifth of it kept free."""
    spare = 0.8 * (memory - SERVER - workers * WORKER)
    films = 0.75 * spare / workers
    return Budget(
        largest=_within(films, *LARGEST),
        films=_within(films, *FILMS),
        logs=_within(0.25 * spare, *LOGS),
    )


def give_back_what_is_freed() -> None:
    """Have large blocks of this process go back to the system when they are freed.

    glibc keeps them otherwise, in pieces among small ones that live on: 50 to 100 MB of a worker
    that has opened and closed many films. Other allocators are left as they are.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, MB)


_M_MMAP_THRESHOLD = -3  # in glibc's malloc.h


def _within(size: float, least: int, most: int) -> int:
    return int(min(max(size, least), most))


def memory_limit(root: Path = Path("/")) -> int:
    """Give the bytes of the machine's memory, or those that its container is limited to."""
    found = [4096 * MB]  # where the system does not tell
    with contextlib.suppress(AttributeError, ValueError, OSError):
        found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    return min([*found, *_container_limits(root)])


def _container_limits(root: Path) -> Iterator[int]:
    """Read the limits of this process' control group, and of those around it, of both versions."""
    with contextlib.suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers not in ("", "memory"):
                continue
            top = root / "sys/fs/cgroup" / controllers
            name = "memory.limit_in_bytes" if controllers else "memory.max"
            for group in (PurePosixPath(path), *PurePosixPath(path).parents):
                with contextlib.suppress(OSError, ValueError):  # none there, or "max"
                    yield int((top / str(group).lstrip("/") / name).read_text())
