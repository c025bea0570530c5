"""How much memory the app may use, and who gets how much of it."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MB = 1 << 20
SERVER, WORKER = 260 * MB, 240 * MB  # what each takes before any run, what it shares counted once
# Of an open film, at least and at most, in each worker; and of all logs that nobody watches.
FILMS, LOGS = (48 * MB, 1024 * MB), (24 * MB, 96 * MB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Bytes that runs may take."""

    films: int  # open films, in each worker; an eighth as much comes on top for forks' states
    logs: int  # frames that are kept in the server though nobody watches


def budget(memory: int, workers: int) -> Budget:
    """Share out what server and workers leave of a machine's memory, a fifth of it kept free."""
    spare = 0.8 * (memory - SERVER - workers * WORKER)
    films, logs = 0.75 * spare / workers, 0.25 * spare
    return Budget(
        films=int(min(max(films, FILMS[0]), FILMS[1])),
        logs=int(min(max(logs, LOGS[0]), LOGS[1])),
    )


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
