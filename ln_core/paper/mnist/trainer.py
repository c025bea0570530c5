"""Permutation-invariant MNIST: the paper's race, and sweeps over one of its settings."""

import functools
from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from torch import Tensor

from ln_core.data.tasks import draw_images, draw_test_images
from ln_core.paper.mnist.config import ALL_IMAGES, SCORED_CASES, MnistConfig, SweepConfig
from ln_core.race.config import MlpConfig
from ln_core.race.evaluation import Evaluation
from ln_core.race.model import Race
from ln_core.runs.experiment import State
from ln_core.runs.frame import Array, Floats, Frame
from ln_core.training.arrays import span_over_seeds
from ln_core.training.batches import batches
from ln_core.training.seeds import DATA_SEED, part_seed
from ln_core.training.step_values import diverged_notes
from ln_core.training.trainer import Trainer, film_of

TEST_CASES = 10_000
Cases = tuple[Tensor, Tensor]  # images (n, 784) and their labels (n,)
SCORES = {"nll": "test_loss", "error": "test_error"}  # our names, and the evaluation's


@functools.lru_cache(maxsize=1)
def load_training(seed: int, cases: int) -> Cases:
    """Draw what is trained on, once for all variants in a worker; nothing writes to it."""
    images, y = draw_images(cases, part_seed(seed, DATA_SEED))
    return images[:].flatten(1), y


@functools.lru_cache(maxsize=1)
def load_held_out(seed: int) -> Cases:
    """Draw training images that are never trained on: the last ones in the seed's order."""
    images, y = draw_images(ALL_IMAGES, part_seed(seed, DATA_SEED))
    return images[-SCORED_CASES:].flatten(1), y[-SCORED_CASES:]


@functools.lru_cache(maxsize=1)
def load_test() -> Cases:
    """Draw all test images, the same for all runs in a worker; nothing writes to them."""
    images, y = draw_test_images(TEST_CASES)
    return images[:].flatten(1), y


def batches_of(race: MlpConfig, first: int = 0) -> Iterator[Tensor]:
    """Give the indices of every batch of a race, from batch `first` on."""
    return batches(race.cases, race.batch_size, race.seed, first=first)


class MnistTrainer(Trainer):
    """One variant of the race, tested on all test images and on a part of the training set."""

    @torch.inference_mode()
    def __init__(self, config: MnistConfig, variants: tuple[str, ...]) -> None:
        x, y = load_training(config.seed, config.training_cases)
        self.variants, self.settings = variants, config.race(variants)
        self.race = Race(self.settings, variants, x, y)
        self.batches = batches_of(self.settings)
        self.evaluations = {
            "train": Evaluation(self.race, x[:SCORED_CASES], y[:SCORED_CASES]),
            "test": Evaluation(self.race, *load_test()),
        }

    @torch.inference_mode()
    def train(self) -> None:
        """Take one training step."""
        self.race.step(next(self.batches))
        self.step += 1

    @torch.inference_mode()
    def make_frame(self, index: int) -> Frame:
        """Test the networks: negative log-likelihood and error, (V, S)."""
        arrays: dict[str, Array] = {}
        for name, evaluation in self.evaluations.items():
            scores = evaluation.score()
            arrays |= {f"{name}_{ours}": scores[theirs] for ours, theirs in SCORES.items()}
        notes = diverged_notes(self.variants, arrays["test_nll"])
        return Frame(step=self.step, arrays=arrays, notes=notes)

    def state(self) -> State:
        """Give the race's state and how many steps it has taken."""
        return {"step": self.step, "race": self.race.state()}

    @torch.inference_mode()
    def restore(self, state: State) -> None:
        """Take up a state; the order of batches is drawn again up to there."""
        self.step = state["step"]
        self.race.restore(state["race"])
        self.batches = batches_of(self.settings, self.step)


class SweepTrainer(Trainer):
    """One variant, trained from its first weights at each value of the changed setting in turn."""

    @torch.inference_mode()
    def __init__(self, config: SweepConfig, variants: tuple[str, ...]) -> None:
        self.config, self.variants = config, variants
        self.race, self.batches = self._begin(0)
        shape = (len(variants), config.seeds, len(config.values))
        names = [f"{part}_{ours}" for part in ("valid", "test") for ours in SCORES]
        self.found: dict[str, Floats] = {name: np.full(shape, np.nan, np.float32) for name in names}

    def _begin(self, place: int) -> tuple[Race, Iterator[Tensor]]:
        """Start the race at one of the values."""
        x, y = load_training(self.config.seed, self.config.training_cases)
        settings = self.config.race_at(place, self.variants)
        race = Race(settings, self.variants, x, y)
        return race, batches_of(settings)

    @torch.inference_mode()
    def train(self) -> None:
        """Take one training step; the networks are tested after their last, and the next begin."""
        ends = self.config.ends
        if self.step in ends:
            self.race, self.batches = self._begin(ends.index(self.step) + 1)
        self.race.step(next(self.batches))
        self.step += 1
        if self.step in ends:
            place = ends.index(self.step)
            self._evaluate("valid", *load_held_out(self.config.seed), place)
            self._evaluate("test", *load_test(), place)

    def make_frame(self, index: int) -> Frame:
        """Give what the networks of all races so far have reached, (V, 3, K)."""
        spans = {name: span_over_seeds(reached) for name, reached in self.found.items()}
        return Frame(step=self.step, arrays=spans)

    def _evaluate(self, part: str, x: Tensor, y: Tensor, place: int) -> None:
        scores = Evaluation(self.race, x, y).score()
        for ours, theirs in SCORES.items():
            self.found[f"{part}_{ours}"][:, :, place] = scores[theirs]

    def state(self) -> State:
        """Give the results so far: a frame is the end of a race, so nothing else goes on."""
        found = {name: torch.from_numpy(values) for name, values in self.found.items()}
        return {"step": self.step, "found": found}

    def restore(self, state: State) -> None:
        """Take up the results."""
        self.step = state["step"]
        self.found = {name: values.numpy() for name, values in state["found"].items()}


film = partial(film_of, MnistTrainer)
sweep = partial(film_of, SweepTrainer)
