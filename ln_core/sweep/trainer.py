"""A row of a sweep in training: one run of the lab after the other, by the lab's own trainer."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from ln_core.race.trainer import MlpTrainer
from ln_core.recurrent.trainer import RnnTrainer
from ln_core.runs.changes import Forkable
from ln_core.runs.experiment import Checkpoint
from ln_core.runs.frame import Array, Floats, Frame
from ln_core.sweep.config import POINTS, SweepConfig

TRAINERS: dict[str, type[MlpTrainer] | type[RnnTrainer]] = {"mlp": MlpTrainer, "rnn": RnnTrainer}
SCORES = ("test_error", "test_loss")


def moments(cell: Forkable) -> list[int]:
    """List the steps at which a cell is tested: some of those at which the lab tests, the last too.

    Where there are fewer than POINTS, the last is repeated.
    """
    surveys = [index for index in range(cell.frames) if cell.is_survey(index)]
    places = np.linspace(0, len(surveys) - 1, POINTS).round().astype(int)
    return [cell.step_of(surveys[place]) for place in places]


class CellShard:
    """What one shard of a cell is trained by, and what was measured of it."""

    def __init__(
        self, lab: str, cell: Forkable, shard: tuple[str, ...], tested: Sequence[int]
    ) -> None:
        self.trainer = TRAINERS[lab](cell, shard)  # type: ignore[arg-type]
        self.shard, self.tested = shard, tested
        self.found: list[dict[str, Floats]] = []

    def train(self) -> Iterator[None]:
        """Train to the end; yield after each bounded piece of work."""
        trainer = self.trainer
        for step in self.tested:
            while trainer.step < step:
                trainer.train()
                yield None
            self.found.append(trainer.score())
            yield None
        trainer.values.read()

    @property
    def measured(self) -> dict[str, Floats]:
        """Give the seeds' means (V, POINTS), and since which step a loss is not finite (V,)."""
        scores = {name: np.stack([at[name].mean(1) for at in self.found], 1) for name in SCORES}
        lost = [self.trainer.values.diverged.get(variant, np.nan) for variant in self.shard]
        return {**scores, "diverged": np.array(lost, np.float32)}


def train_cell(config: SweepConfig, row: int, column: int) -> Iterator[dict[str, Array] | None]:
    """Train a cell, shard after shard as its lab does; yield None in between, then its arrays."""
    cell = config.cell(row, column)
    tested = moments(cell)
    parts: list[dict[str, Floats]] = []
    for names in cell.shards:
        shard = CellShard(config.lab, cell, names, tested)
        yield from shard.train()
        parts.append(shard.measured)
    measured = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    whole = {name: _all_variants(config, cell, array) for name, array in measured.items()}
    ends = {name.removeprefix("test_"): whole[name][:, -1] for name in SCORES}
    arrays = {**ends, **whole, "moments": np.array(tested, np.float32)}
    yield {name: array[None] for name, array in arrays.items()}


def _all_variants(config: SweepConfig, cell: Forkable, array: Floats) -> Floats:
    """Give an array of a cell's variants a row for each of the sweep's; NaN: it takes no part."""
    whole = np.full((len(config.compared), *array.shape[1:]), np.nan, array.dtype)
    names = [name for shard in cell.shards for name in shard]
    whole[[config.compared.index(name) for name in names]] = array
    return whole


def film(
    config: SweepConfig,
    shard: tuple[str, ...],
    *,
    first: int = 0,
    checkpoint: Checkpoint | None = None,
) -> Iterator[Frame | None]:
    """Train the cells of a row; see `Film`. A cell is trained alike whatever came before it."""
    torch.set_num_threads(1)  # one of several workers; threads of two runs slow each other
    kept = checkpoint.load() if checkpoint is not None else None
    for index in range(max(first, kept[0] if kept else 0), config.frames):
        if index == 0:
            yield Frame(step=0, arrays={})
        else:
            for arrays in train_cell(config, int(shard[0]), index - 1):
                yield Frame(step=config.step_of(index), arrays=arrays) if arrays else None
        if checkpoint is not None:
            checkpoint.save(index + 1, {})
