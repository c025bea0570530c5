"""Benchmarks are run by hand; these tests keep them running. What they measure is not tested."""

import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks import fork, gestures, race, recurrent, store
from tests.browser.conftest import BROWSERS, find_browser

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
COLUMNS = 5  # numbers in each row: two times, a ratio and its spread


def smoke(name: str) -> list[str]:
    """Run a benchmark for a moment; give the lines that it prints."""
    command = [sys.executable, str(BENCHMARKS / name), "--smoke"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("benchmark", [race, recurrent, store], ids=["race", "recurrent", "store"])
def test_a_benchmark_of_training_measures_every_row(benchmark):
    _heading, *lines = smoke(Path(benchmark.__file__).name)
    rows = benchmark.rows()
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        assert line.startswith(row.name)
        numbers = [float(word) for word in line[len(row.name) :].split()[:COLUMNS]]
        assert len(numbers) == COLUMNS
        assert all(math.isfinite(number) and number > 0 for number in numbers), line


@pytest.mark.slow
def test_the_benchmark_of_forks_measures_every_run():
    _heading, *lines = smoke("fork.py")
    for line, name in zip(lines, fork.ROWS, strict=True):
        assert re.fullmatch(rf"{name} [\d.]+ [\d.]+ \(0\.5\) [\d.]+", " ".join(line.split())), line


@pytest.mark.slow
def test_the_benchmark_of_sweeps_measures_both():
    first, median = smoke("sweep.py")
    assert re.fullmatch(r"sweep +[\d.]+ s +plain +[\d.]+ s +ratio +[\d.]+", first)
    assert re.fullmatch(r"median ratio [\d.]+ \(8\)", median)


RACE = """\
  chart updates drawn a second #
  frames streamed a second #
  longest main-thread task, ms # (# over 50 ms)
  charts created / on the page # / #
  server CPU a frame, ms #
  bytes a frame #
"""
PAGE = f"""
(d) cold start: seconds to the first page, to the first drawn chart
  / # #
  /mlp # #
(e) the time microscope
  microscope followed, ms: median #, p95 #
(b) a race while it is trained
{RACE}(b) the same beside a pinned run
{RACE}  slider answered, ms: median #, max #
(c) a watched run against one that nobody watches
  speed watched / unwatched: median # of # pairs
"""


def need_browser() -> None:
    """Skip a test where there is no Chromium; fail in CI."""
    if find_browser() is None:
        skip = pytest.fail if os.environ.get("CI") else pytest.skip
        skip(f"needs Chromium: none of {', '.join(BROWSERS)} was found")


CLASS = """
6 sessions, mixed, 0.3 minutes
  at # s: server # MB, workers #, # MB, together # MB
  at # s: server # MB, workers #, # MB, together # MB
  a worker is killed
  at # s: server # MB, workers #.* MB, together # MB
  frames a second #; least served #
  page answers, ms: median, p95, max: #, #, # of #
  first frames, s: median, p95, max: #, #, # of #
  gaps between updates, s: median, p95, max: #, #, # of #
  server: # % of a core
  refused 0, errors 0
"""


@pytest.mark.slow
def test_the_benchmark_of_a_class_measures_all_that_it_names():
    printed = smoke("classroom.py")
    for line, expected in zip(printed, CLASS.split("\n")[1:-1], strict=True):
        words = re.escape(" ".join(expected.split()))
        words = words.replace(r"\#", r"\d+(\.\d+)?").replace(r"\.\*", ".*")
        assert re.fullmatch(words, " ".join(line.split())), (line, expected)


@pytest.mark.slow
def test_the_benchmark_of_the_cluster_compares_it_with_local_processes():
    pytest.importorskip("distributed", reason="needs requirements-cluster.txt")
    *large, runs, sweep = smoke("cluster.py")
    number = r"\d+\.\d\d"
    counted = r"[\d.]+ s, \d+ tasks, [\d.]+ a second, [\d.]+ MB of frames"
    for line, workers in zip(large, (1, 2), strict=True):
        assert re.fullmatch(rf"54 networks on {workers}: {counted}", line)
    told = rf"local {number} s, cluster {number} s, ratio {number}, target 0\.9 (ok|NO)"
    for line, name in ((runs, "runs"), (sweep, "sweep")):
        assert re.fullmatch(rf"{name}: {told}", line)


@pytest.mark.slow
@pytest.mark.browser
def test_the_benchmark_of_gestures_measures_every_gesture():
    need_browser()
    lines = smoke("gestures.py")
    for line, gesture in zip(lines, gestures.GESTURES, strict=True):
        words = re.escape(" ".join([gesture.page, *gesture.name.split()]))
        assert re.fullmatch(rf"{words} median \d+, p95 \d+", " ".join(line.split())), line


@pytest.mark.slow
@pytest.mark.browser
def test_the_benchmark_of_the_page_measures_all_that_it_names():
    need_browser()
    printed = smoke("page.py")
    for line, expected in zip(printed, PAGE.split("\n")[1:-1], strict=True):
        words = re.escape(" ".join(expected.split())).replace(r"\#", r"\d+(\.\d+)?")
        assert re.fullmatch(words, " ".join(line.split())), (line, expected)
