"""Permutation-invariant MNIST: the paper's race, and sweeps over one of its settings."""

import functools
import itertools
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from ln_core.data.tasks import Task, load_task
from ln_core.paper.mnist.config import ALL_IMAGES, EXAM_CASES, MnistConfig, SweepConfig
from ln_core.race.model import Race, batches
from ln_core.race.parameters import DATA_SEED, LAYER_SEEDS
from ln_core.race.probes import Exam, Floats
from ln_core.runs.frame import Array, Frame
from ln_core.training.trainer import Checkpoint, State, Trainer, film_of

TEST_CASES = 10_000
EXAM_ARRAYS = {"nll": "test_loss", "error": "test_error"}  # our names, and the exam's


def film(
    config: MnistConfig,
    variants: tuple[str, ...],
    *,
    first: int = 0,
    checkpoint: Checkpoint | None = None,
) -> Iterator[Frame | None]:
    """Train the paper's race, epoch by epoch."""
    return film_of(MnistTrainer, config, variants, first=first, checkpoint=checkpoint)


def sweep(
    config: SweepConfig,
    variants: tuple[str, ...],
    *,
    first: int = 0,
    checkpoint: Checkpoint | None = None,
) -> Iterator[Frame | None]:
    """Train one race after the other."""
    return film_of(SweepTrainer, config, variants, first=first, checkpoint=checkpoint)


@functools.lru_cache(maxsize=1)
def load_images(seed: int) -> Task:
    """Draw all training images in an order of the seed's; the first ones are trained on.

    It is done once for all variants in a worker; nothing writes to them.
    """
    return load_task("mnist", ALL_IMAGES, LAYER_SEEDS * seed + DATA_SEED, test_cases=TEST_CASES)


class MnistTrainer(Trainer):
    """One variant of the race, tested on all test images and on a part of the training set."""

    watched = "test_nll"

    @torch.inference_mode()
    def __init__(self, config: MnistConfig, variants: tuple[str, ...]) -> None:
        task, cases = load_images(config.seed), config.training_cases
        x, y = task.x_train[:cases], task.y_train[:cases]
        self.settings = config.race(variants)
        self.race = Race(self.settings, variants, x, y)
        self.order = batches(self.settings)
        self.exams = {
            "train": Exam(self.race, x[:EXAM_CASES], y[:EXAM_CASES]),
            "test": Exam(self.race, task.x_test, task.y_test),
        }

    @torch.inference_mode()
    def train(self) -> None:
        """Take one training step."""
        self.race.step(next(self.order))
        self.step += 1

    @torch.inference_mode()
    def take(self, index: int) -> Frame:
        """Test the networks: negative log-likelihood and error, (V, S)."""
        arrays: dict[str, Array] = {}
        for name, exam in self.exams.items():
            read = exam.read()
            arrays |= {f"{name}_{ours}": read[theirs] for ours, theirs in EXAM_ARRAYS.items()}
        return Frame(step=self.step, arrays=arrays)

    def state(self) -> State:
        """Give the race's state and how many steps it has taken."""
        return {"step": self.step, "race": self.race.state()}

    @torch.inference_mode()
    def restore(self, state: State) -> None:
        """Take up a state; the order of batches is drawn again up to there."""
        self.step = state["step"]
        self.race.restore(state["race"])
        self.order = itertools.islice(batches(self.settings), self.step, None)


class SweepTrainer(Trainer):
    """One variant, trained from its first weights at each value of the changed setting in turn."""

    @torch.inference_mode()
    def __init__(self, config: SweepConfig, variants: tuple[str, ...]) -> None:
        self.config, self.variants = config, variants
        self.task = load_images(config.seed)
        self.race, self.order = self._begin(0)
        shape = (len(variants), config.seeds, len(config.values))
        names = [f"{part}_{ours}" for part in ("valid", "test") for ours in EXAM_ARRAYS]
        self.found: dict[str, Floats] = {name: np.full(shape, np.nan, np.float32) for name in names}

    def _begin(self, place: int) -> tuple[Race, Iterator[Tensor]]:
        """Start the race at one of the values."""
        task, cases = self.task, self.config.training_cases
        settings = self.config.race_at(place, self.variants)
        race = Race(settings, self.variants, task.x_train[:cases], task.y_train[:cases])
        return race, batches(settings)

    @torch.inference_mode()
    def train(self) -> None:
        """Take one training step; the networks are tested after their last, and the next begin."""
        ends = self.config.ends
        if self.step in ends:
            self.race, self.order = self._begin(ends.index(self.step) + 1)
        self.race.step(next(self.order))
        self.step += 1
        if self.step in ends:
            task, held_out = self.task, slice(ALL_IMAGES - EXAM_CASES, None)
            place = ends.index(self.step)
            self._note("valid", task.x_train[held_out], task.y_train[held_out], place)
            self._note("test", task.x_test, task.y_test, place)

    def take(self, index: int) -> Frame:
        """Give what the networks of all races so far have reached, (V, 3, K)."""
        spans = {name: span_over_seeds(reached) for name, reached in self.found.items()}
        return Frame(step=self.step, arrays=spans)

    def _note(self, part: str, x: Tensor, y: Tensor, place: int) -> None:
        read = Exam(self.race, x, y).read()
        for ours, theirs in EXAM_ARRAYS.items():
            self.found[f"{part}_{ours}"][:, :, place] = read[theirs]

    def state(self) -> State:
        """Give the results so far: a frame is the end of a race, so nothing else goes on."""
        found = {name: torch.from_numpy(values) for name, values in self.found.items()}
        return {"step": self.step, "found": found}

    def restore(self, state: State) -> None:
        """Take up the results."""
        self.step = state["step"]
        self.found = {name: values.numpy() for name, values in state["found"].items()}


def span_over_seeds(values: Floats) -> Floats:
    """Give the lowest, the mean and the highest over the seeds: (V, S, K) -> (V, 3, K)."""
    return np.stack([values.min(1), values.mean(1), values.max(1)], 1)
