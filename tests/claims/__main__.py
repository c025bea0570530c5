"""Train every claim on a range of seeds: `python -m tests.claims --seeds 100-107 [--only WORD]`."""

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported: one thread a process

from tests.claims.all import CLAIMS, Row, check

ENOUGH = 0.95


def check_all(names: list[str], seeds: range, processes: int) -> list[Row]:
    """Check claims on all seeds, a page and a seed at a time, and say how far it is."""
    pages = defaultdict(list)
    for name in names:
        pages[CLAIMS[name].page].append(name)
    rows: list[Row] = []
    start = time.monotonic()
    with ProcessPoolExecutor(processes) as pool:
        work = {pool.submit(check, of, seed): page for seed in seeds for page, of in pages.items()}
        for done, future in enumerate(as_completed(work), 1):
            rows += future.result()
            minutes = (time.monotonic() - start) / 60
            print(f"{done} of {len(work)}, {minutes:.1f} min: {work[future]}", file=sys.stderr)
    return rows


def table(rows: list[Row]) -> Iterable[str]:
    """Write the share of seeds on which each claim holds, and what was measured where it fell."""
    for name in dict.fromkeys(row[0] for row in rows):
        of = sorted(row[1:] for row in rows if row[0] == name)
        share = sum(holds for _, holds, _ in of) / len(of)
        mark = " " if share >= ENOUGH else "*"
        yield f"{mark} {100 * share:4.0f} %  {CLAIMS[name].page:12} {name.replace('_', ' ')}"
        yield from (f"          {seed}: {measured}" for seed, holds, measured in of if not holds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="100-107", help="first and last, as 100-107")
    parser.add_argument("--only", default="", help="claims whose page or name has this word")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    first, _, last = asked.seeds.partition("-")
    names = [name for name, of in CLAIMS.items() if asked.only in f"{of.page}: {name}"]
    rows = check_all(names, range(int(first), int(last or first) + 1), asked.processes)
    print("\n".join(table(rows)))
    return any(line.startswith("*") for line in table(rows))


if __name__ == "__main__":
    sys.exit(main())
