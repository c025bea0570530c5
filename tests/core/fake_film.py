"""A film that trains nothing: it counts, so that runs can be tested without torch."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ln_core.runs.config import Switch, Whole, knob
from ln_core.runs.experiment import Checkpoint, Experiment, FilmConfig
from ln_core.runs.frame import Frame
from ln_core.runs.meaning import Meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class CountConfig(FilmConfig):
    length: int = knob(20, Whole(1, 10_000), label="Length", help="Frames.")
    seed: int = knob(0, Whole(0, 100), label="Seed", help="Seed.")
    parts: int = knob(1, Whole(1, 3), label="Parts", help="Parts.")
    pause_ms: int = knob(0, Whole(0, 1000), label="Pause", help="Milliseconds a frame.")
    fails: bool = knob(False, Switch(), label="Fails", help="Raises at frame 5.")
    dies: int = knob(0, Whole(0, 9), label="Dies", help="Times its process ends at frame 5.")

    @property
    def frames(self) -> int:
        return self.length

    @property
    def steps(self) -> int:
        return 10 * (self.length - 1)

    @property
    def steps_per_epoch(self) -> int:
        return 1

    @property
    def shards(self) -> tuple[tuple[str, ...], ...]:
        return tuple((f"part{part}",) for part in range(self.parts))

    @property
    def memory(self) -> int:
        return 1000

    def step_of(self, frame: int) -> int:
        return 10 * frame


def film(
    config: CountConfig,
    shard: tuple[str, ...],
    *,
    first: int,
    checkpoint: Checkpoint | None = None,
) -> Iterator[Frame | None]:
    state, begin = np.float32(config.seed), 0
    if checkpoint is not None and (kept := checkpoint.load()) is not None:
        begin, state = kept[0], np.float32(kept[1]["state"])
    for index in range(begin, config.length):
        state = np.float32(np.sin(state) + index)  # depends on all that came before
        time.sleep(config.pause_ms / 1000)
        if config.fails and index == 5:
            raise ArithmeticError("five is too many")
        if config.dies and index == 5:
            die_once(config)
        if index >= first:
            values = np.full((1, 3), state + int(shard[0][-1]), np.float32)
            yield Frame(step=config.step_of(index), arrays={"count": values})
        else:
            yield None
        if checkpoint is not None:
            checkpoint.save(index + 1, {"state": float(state)})


def die_once(config: CountConfig) -> None:
    """End the process as often as the config says; the count outlives it in a file."""
    deaths = Path(os.environ["FAKE_FILM_DEATHS"])
    if deaths.stat().st_size < config.dies:
        with deaths.open("a") as file:
            file.write("x")
        os._exit(1)


def figure(config: CountConfig) -> dict[str, object]:
    """Draw nothing but what was asked for, by name."""
    return {"seed": config.seed, "drawn": {"array": "count"}}


ARRAYS = {"count": Meaning("A count", "part, place", "plain numbers")}

COUNT = Experiment(
    name="count",
    config=CountConfig,
    film="tests.core.fake_film:film",
    figure="tests.core.fake_film:figure",
    arrays="tests.core.fake_film:ARRAYS",
)


def frames_of(config: CountConfig) -> list[list[Frame]]:
    """What an undisturbed run holds, shard by shard."""
    return [
        [frame for frame in film(config, shard, first=0) if frame is not None]
        for shard in config.shards
    ]
