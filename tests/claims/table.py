"""The table of claims, and the films that they look at: trained as the pages train them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from ln_core.runs.experiment import Experiment, FilmConfig
from ln_core.runs.frame import Frame
from ln_core.runs.preset import Preset

Found = tuple[bool, Mapping[Any, Any]]  # whether the claim holds, and what was measured
Check = Callable[[int], Found]


@dataclass(frozen=True)
class Claim:
    """A sentence of a page, as a function of the seed; the presets whose `notice` says it."""

    name: str
    page: str
    presets: tuple[str, ...]
    recorded: bool  # its tests look at a recording that trained the same networks
    check: Check


CLAIMS: dict[str, Claim] = {}


def claim(page: str, *presets: str, recorded: bool = False) -> Callable[[Check], Check]:
    """Enter a function in the table, under its own name."""

    def enter(check: Check) -> Check:
        CLAIMS[check.__name__] = Claim(check.__name__, page, presets, recorded, check)
        return check

    return enter


class Film:
    """The run of a config, a shard at a time, and one variant's part of its arrays."""

    def __init__(self, experiment: Experiment, config: FilmConfig) -> None:
        self.experiment, self.config = experiment, config

    @classmethod
    def of(cls, experiment: Experiment, preset: Preset[Any], seed: int) -> "Film":
        """Take a preset's run, with another seed than the one shown."""
        assert preset.config.seed == 0
        return cls(experiment, replace(preset.config, seed=seed))

    def shard(self, variant: str) -> tuple[str, ...]:
        """Give the variants that the page trains together with this one."""
        return next(shard for shard in self.config.shards if variant in shard)

    def frames(self, variant: str, first: int = 0, last: int | None = None) -> tuple[Frame, ...]:
        """Train what the page trains with a variant; make only the frames that are asked for."""
        shard = self.shard(variant)
        # Who else trains in other workers does not matter, but some change is none without them.
        alone = self.config.steps and not getattr(self.config, "changes", ())
        config = replace(self.config, variants=shard) if alone else self.config
        return film(self.experiment, config, shard, first, last)

    def curve(self, variant: str, array: str, first: int = 0) -> list[Any]:
        """Give a variant's part of an array in all frames that hold it."""
        at = self.shard(variant).index(variant)
        frames = self.frames(variant, first)
        return [frame.arrays[array][at] for frame in frames if array in frame.arrays]

    def start(self, variant: str, array: str) -> Any:
        """Give a variant's part of an array before training."""
        (frame,) = self.frames(variant, last=0)
        return frame.arrays[array][self.shard(variant).index(variant)]

    def end(self, variant: str, array: str) -> Any:
        """Give a variant's part of an array in the last frame."""
        return self.curve(variant, array, self.config.frames - 1)[0]


@lru_cache(maxsize=32)  # more than one page's claims look at, on one seed
def film(
    experiment: Experiment,
    config: FilmConfig,
    shard: tuple[str, ...],
    first: int,
    last: int | None,
) -> tuple[Frame, ...]:
    """Make the frames from `first` to `last`, once for all claims that look at them."""
    count = (config.frames if last is None else last + 1) - first
    made = (frame for frame in experiment.begin(config, shard, first=first) if frame is not None)
    return tuple(frame for frame, _ in zip(made, range(count), strict=False))
