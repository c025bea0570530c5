"""Record runs into `assets/recorded/`: `python -m ln_core.recorded NAME`.

A recording is a film's frames, one packed frame after the other, with the arrays that its page
draws, and beside it a JSON file that says what it is: config, results, versions, date, cost and
checksum; and where the recording asks for it, final weights.

The shards of a run are trained by several processes. Until all are done, their frames and states
lie in a folder of the recording's own: after an interruption the same command goes on from the
last frame of each shard, to the same bits.
"""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import numpy as np

from ln_core.recorded.catalogue import RECORDINGS, Recording
from ln_core.recorded.loader import RECORDED, with_origin
from ln_core.runs.config import to_query
from ln_core.runs.experiment import load_film, load_function
from ln_core.runs.film_file import write_film
from ln_core.runs.frame import Frame, join, pack, unpack
from ln_core.runs.worker import SPAWN, spawn_pool

Report = Callable[[int], object]  # is told of the steps taken whenever there is a frame


@dataclass(slots=True)
class ShardCheckpoint:
    """What there is of one shard of a recording: packed frames, and the state after the last."""

    path: Path  # of the frames; the state lies beside it
    key: str  # names the run: what another config left is not taken up
    before: float = 0.0  # seconds of processor time that earlier goes took
    begun: float = field(default_factory=time.process_time)

    @property
    def seconds(self) -> float:
        """Processor time that the shard has taken so far."""
        return self.before + time.process_time() - self.begun

    def load(self) -> tuple[int, dict[str, Any]] | None:
        """Give how many frames were made and the state after them, if they are of this run."""
        import torch  # only where something is trained: the pages import what is recorded

        state = self.path.with_suffix(".state")
        if not state.exists():
            return None
        kept: dict[str, Any] = torch.load(state, weights_only=True)
        if kept["key"] != self.key:
            return None
        os.truncate(self.path, kept["bytes"])  # a frame may be there without its state
        self.before = kept["seconds"]
        return kept["frames"], kept["state"]

    def append(self, frame: Frame) -> None:
        """Write one frame down."""
        with self.path.open("ab") as file:
            file.write(pack(frame))

    def save(self, frames: int, state: dict[str, Any]) -> None:
        """Keep the state after so many frames; at every moment there is a whole one."""
        import torch

        kept = {"key": self.key, "frames": frames, "state": state, "seconds": self.seconds}
        new = self.path.with_suffix(".new")
        torch.save({**kept, "bytes": self.path.stat().st_size}, new)
        new.replace(self.path.with_suffix(".state"))


def frames(
    recording: Recording, shard: tuple[str, ...], checkpoint: ShardCheckpoint | None = None
) -> Iterator[Frame]:
    """Train one shard of a run; give its frames with the arrays that are recorded alone."""
    film, kept = load_film(recording.experiment.film), recording.kept
    for frame in film(recording.config_of(shard), shard, checkpoint=checkpoint):
        if frame is not None:
            arrays = {name: at for name, at in frame.arrays.items() if name in kept}
            yield replace(frame, arrays=arrays)


def checkpoint_of(recording: Recording, shard: int, folder: Path) -> ShardCheckpoint:
    """Say where a shard's frames and state lie in a folder, and of which run they must be."""
    config = recording.config_of(recording.config.shards[shard])
    return ShardCheckpoint(folder / f"{shard}.frames", recording.experiment.key(config))


def record_shard(name: str, shard: int, folder: Path, report: Report) -> float:
    """Train one shard to its end, from where it was left; give the processor time it took."""
    recording = RECORDINGS[name]
    checkpoint = checkpoint_of(recording, shard, folder)
    if checkpoint.load() is None:
        checkpoint.path.write_bytes(b"")
    for frame in frames(recording, recording.config.shards[shard], checkpoint):
        checkpoint.append(frame)
        report(frame.step)
    return checkpoint.seconds


class Progress:
    """One line on the terminal: how far the shards are, and how long it will take."""

    def __init__(self, name: str, total: int) -> None:
        self.name, self.total, self.begun = name, total, time.monotonic()
        self.steps: dict[int, int] = {}
        self.gained = 0  # steps taken since the begin: those of earlier goes say nothing of speed

    def note(self, shard: int, step: int) -> None:
        """Take in a report and print."""
        self.gained += step - self.steps.get(shard, step)
        self.steps[shard] = step
        done = sum(self.steps.values())
        rate = self.gained / (time.monotonic() - self.begun + 1e-9)
        left = f"{(self.total - done) / rate / 60:.1f} min left" if rate > 0 else "starting"
        print(f"\r{self.name}: {done / self.total:6.1%}, {left}    ", end="", file=sys.stderr)


def record_shards(name: str, folder: Path, processes: int, progress: Progress) -> list[float]:
    """Train all shards, `processes` at a time."""
    shards = range(len(RECORDINGS[name].config.shards))
    with SPAWN.Manager() as manager, spawn_pool(processes) as pool:
        reports: Queue[tuple[int, int]] = manager.Queue()
        at_work = [pool.submit(_record_shard, name, shard, folder, reports) for shard in shards]
        while not all(shard.done() for shard in at_work) or not reports.empty():
            try:
                progress.note(*reports.get(timeout=1))
            except Empty:
                continue
        return [shard.result() for shard in at_work]


def _record_shard(name: str, shard: int, folder: Path, reports: Any) -> float:  # noqa: ANN401
    return record_shard(name, shard, folder, lambda step: reports.put((shard, step)))


def final_states(name: str, folder: Path) -> list[dict[str, Any]]:
    """Read the states after the last frame, one for each shard."""
    recording = RECORDINGS[name]
    shards = range(len(recording.config.shards))
    kept = [checkpoint_of(recording, shard, folder).load() for shard in shards]
    missing = [shard for shard, found in enumerate(kept) if found is None]
    if missing:
        raise ValueError(
            f"each shard of {name} must have a state in {folder}, got none of {missing}"
        )
    return [found[1] for found in kept if found is not None]


def record(name: str, folder: Path = RECORDED, *, processes: int = 1) -> None:
    """Write one recording and what it is."""
    recording = RECORDINGS[name]
    config = recording.config
    shards = range(len(config.shards))
    unfinished = folder / f".{name}.partial"
    unfinished.mkdir(exist_ok=True)
    progress = Progress(name, config.steps * len(shards))
    seconds = record_shards(name, unfinished, processes, progress)
    print(file=sys.stderr)
    films = [unpack((unfinished / f"{shard}.frames").read_bytes()) for shard in shards]
    whole = [join(pieces) for pieces in zip(*films, strict=True)]
    if recording.weights:
        weights = load_function(recording.weights)(config, final_states(name, unfinished))
        np.savez_compressed(folder / f"{name}.npz", **weights)
    facts = {
        "experiment": recording.experiment.name,
        "config": to_query(config),
        "own": {",".join(shard): dict(changes) for shard, changes in recording.own.items()},
        "results": recording.results(whole, config),
    }
    write_film(folder / name, [*map(pack, whole)], with_origin(facts, sum(seconds)))
    shutil.rmtree(unfinished)


def main() -> None:
    """Record what the command line names."""
    parser = argparse.ArgumentParser(description="Record runs into assets/recorded/.")
    listed = ", ".join(RECORDINGS)
    parser.add_argument("names", nargs="+", choices=RECORDINGS, metavar="NAME", help=listed)
    parser.add_argument("--processes", type=int, default=2, help="shards to train at a time")
    order = parser.parse_args()
    for name in order.names:
        record(name, processes=order.processes)
