"""Benchmarks are run by hand; these tests keep them running. What they measure is not tested."""

import math
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks import race, recurrent

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
COLUMNS = 5  # numbers in each row: two times, a ratio and its spread


def smoke(name: str) -> list[str]:
    """Run a benchmark for a moment; give the lines that it prints."""
    command = [sys.executable, str(BENCHMARKS / name), "--smoke"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("benchmark", [race, recurrent], ids=["race", "recurrent"])
def test_a_benchmark_of_training_measures_every_row(benchmark):
    _heading, *lines = smoke(Path(benchmark.__file__).name)
    rows = benchmark.rows()
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        assert line.startswith(row.name)
        numbers = [float(word) for word in line[len(row.name) :].split()[:COLUMNS]]
        assert len(numbers) == COLUMNS
        assert all(math.isfinite(number) and number > 0 for number in numbers), line
