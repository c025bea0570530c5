"""The machine's memory: container limits are found, and what there is goes to films and logs."""

import ctypes
import sys
from pathlib import Path

import pytest

from ln_core.runs.machine import MB, SERVER, WORKER, budget, memory_limit
from ln_core.runs.worker import spawn_executor


def root(folder, groups, limits):
    """Make a file system of a container; give its root."""
    (folder / "proc/self").mkdir(parents=True)
    (folder / "proc/self/cgroup").write_text(groups)
    for name, text in limits.items():
        path = folder / "sys/fs/cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize(
    ("groups", "limits"),
    [
        ("0::/\n", {"memory.max": f"{300 * MB}\n"}),
        ("0::/app/lab\n", {"app/lab/memory.max": "max\n", "app/memory.max": f"{300 * MB}\n"}),
        (
            "9:cpu:/x\n4:memory:/app\n0::/\n",
            {"memory/memory.limit_in_bytes": str(2**63), "memory/app/memory.limit_in_bytes": "x"},
        ),
        ("4:memory:/app\n", {"memory/app/memory.limit_in_bytes": f"{300 * MB}"}),
    ],
    ids=["v2", "v2 around it", "v1 without", "v1"],
)
def test_the_memory_is_the_machines_or_the_containers(tmp_path, groups, limits):
    unlimited = memory_limit(tmp_path)
    assert unlimited > 300 * MB
    found = memory_limit(root(tmp_path, groups, limits))
    assert found == (300 * MB if str(300 * MB) in str(limits) else unlimited)


def test_a_class_fits_on_a_host_with_1_gb():
    few = budget(1024 * MB, workers=2)
    assert SERVER + 2 * WORKER + 2 * few.films + few.logs < 1024 * MB
    assert few.films >= 15 * 3 * MB  # of 30 students with toy runs of their own, each worker's half


@pytest.mark.parametrize("gigabytes", [1, 2, 4, 24])
def test_nothing_is_given_out_twice(gigabytes):
    memory = 1024 * MB * gigabytes
    found = budget(memory, workers=2)
    in_worker = WORKER + found.films + found.films / 4
    assert SERVER + 2 * in_worker + found.logs < memory


def test_a_large_machine_has_room_for_the_largest_run_and_keeps_no_more_logs_than_are_of_use():
    large = budget(64 * 1024 * MB, workers=8)
    assert large.largest == 1024 * MB
    runs = large.films + large.films / 4
    assert WORKER + 100 * MB + runs < 600 * MB  # of what it shares counted whole
    assert large.logs == 96 * MB


def anonymous_memory():
    """Bytes that this process has of the system, for itself."""
    (line,) = (
        line
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("RssAnon")
    )
    return 1024 * int(line.split()[1])


def take_and_free():
    """Free large blocks among small ones that live on; give what the process then has more."""
    before = anonymous_memory()
    for _ in range(3):  # glibc learns from a freed block to keep those of its size
        bytearray(2 * MB)
    large, small = [], []
    for _ in range(100):
        large.append(bytearray(2 * MB))
        small.append(bytearray(100_000))
    most = anonymous_memory() - before
    large.clear()
    return most, anonymous_memory() - before


GLIBC = sys.platform == "linux" and hasattr(ctypes.CDLL(None), "mallopt")


@pytest.mark.skipif(not GLIBC, reason="needs glibc")
def test_a_worker_gives_back_the_memory_of_films_that_it_has_closed():
    with spawn_executor() as executor:
        most, left = executor.submit(take_and_free).result()
    assert most > 200 * MB
    assert left < 40 * MB
