"""What the benchmarks of training share: rows of a table, and how one is measured."""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

Work = Callable[[], None]  # trains a fixed number of steps


@dataclass(frozen=True)
class Row:
    """One line of the table: a candidate against what it is measured by."""

    name: str
    base: Callable[[], Work]
    candidate: Callable[[], Work]
    steps: int  # in one piece of work
    target: float | None


@dataclass(frozen=True)
class Effort:
    """How long a row is measured."""

    rounds: int
    warm_up: int  # rounds before those, which do not count
    seconds: float  # that a candidate runs for at least in a round


FULL, QUICK, SMOKE = Effort(9, 1, 0.15), Effort(3, 1, 0.15), Effort(1, 0, 0.0)


def measure(row: Row, effort: Effort) -> str:
    """Run both candidates in turns and write the row; a ratio is taken within each turn."""
    works = [row.base(), row.candidate()]
    seconds: list[list[float]] = [[], []]
    for turn in range(effort.warm_up + effort.rounds):
        for which in (0, 1) if turn % 2 else (1, 0):
            seconds[which].append(time_of(works[which], effort.seconds) / row.steps)
    counted = [times[effort.warm_up :] for times in seconds]
    pairs = [base / own for base, own in zip(*counted, strict=True)]
    low, middle, high = np.quantile(pairs, (0.2, 0.5, 0.8))
    base, own = (1e6 * statistics.median(times) for times in counted)
    line = f"{row.name:24}{base:12.0f}{own:12.0f}{middle:9.2f}  {low:7.2f} {high:7.2f}"
    if row.target is not None:
        line += f"{row.target:8.1f} {'ok' if middle >= row.target else 'NO'}"
    return line


def time_of(work: Work, seconds: float) -> float:
    """Repeat a piece of work for at least so long; give the CPU time of one."""
    start, repeats, took = time.process_time(), 0, 0.0
    while repeats == 0 or took < seconds:
        work()
        repeats += 1
        took = time.process_time() - start
    return took / repeats


def run(make_rows: Callable[..., Sequence[Row]], heading: str, description: str | None) -> None:
    """Measure the rows that the command line names; make_rows(smoke=True) gives short ones."""
    as_is = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(description=description, formatter_class=as_is)
    parser.add_argument("rows", nargs="*", help="the rows whose names begin so")
    parser.add_argument("--quick", action="store_true", help="3 rounds instead of 9")
    parser.add_argument("--smoke", action="store_true", help="a moment a row: does it run at all?")
    options = parser.parse_args()
    torch.set_num_threads(1)
    effort = SMOKE if options.smoke else QUICK if options.quick else FULL
    print(f"{heading:24} base us/step own us/step    ratio     20 %    80 %  target")
    for row in make_rows(smoke=options.smoke):
        if not options.rows or row.name.startswith(tuple(options.rows)):
            print(measure(row, effort), flush=True)
