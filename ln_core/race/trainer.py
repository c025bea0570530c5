"""The MLP race in training, and the frames of its film, made of what the steps leave behind."""

import math
from collections.abc import Iterator
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ln_core.data.tasks import Task, shared_task
from ln_core.race import probes
from ln_core.race.config import SURVEY_EVERY, TEST_CASES, MlpConfig
from ln_core.race.diagnosis import RaceVitals, diagnose
from ln_core.race.evaluation import Evaluation
from ln_core.race.model import Race
from ln_core.race.text import measure_values
from ln_core.runs.changes import place_of
from ln_core.runs.experiment import State
from ln_core.runs.frame import Array, Floats, Frame
from ln_core.runs.snapshot import card, told
from ln_core.training.arrays import as_floats, short_hash
from ln_core.training.batches import ByBatchSize, batches, order_hash
from ln_core.training.seeds import DATA_SEED, part_seed
from ln_core.training.step_values import StepValues
from ln_core.training.trainer import Trainer, film_of

POINTS = 200  # training points drawn over the decision boundary


class Probes:
    """What reads a race as it is arranged now; what is costly to make, once it is asked for."""

    def __init__(self, race: Race, task: Task) -> None:
        self._race, self._task = race, task
        self.first, spaces = race.stack.first_seed(), race.workspaces
        # The probes of buffers are made for each batch size: the usual one and an epoch's last.
        self.distributions = ByBatchSize(lambda N: probes.Distributions(spaces[N]))
        self.modes = ByBatchSize(lambda N: probes.ModeLosses(spaces[N]))

    @cached_property
    def evaluation(self) -> Evaluation:
        """The networks on the test set."""
        return Evaluation(self._race, self._task.x_test, self._task.y_test)

    @cached_property
    def answers(self) -> probes.Boundary | probes.Answers:
        """What the first seed's networks answer: over the plane, or to a few digits."""
        if self._task.is_plane:
            return probes.Boundary(self.first)
        return probes.Answers(self.first, self._task.x_test, self._task.y_test)


class MlpTrainer(Trainer):
    """The race of a shard's variants, and the probes that read what its steps leave behind."""

    @torch.inference_mode()
    def __init__(self, config: MlpConfig, variants: tuple[str, ...]) -> None:
        self.config, self.variants = config, variants
        seed = part_seed(config.seed, DATA_SEED)
        self.task = shared_task(config.data, config.cases, seed, test_cases=TEST_CASES)
        self.race = Race(config, variants, self.task.x_train, self.task.y_train)
        self.order = order_hash(batches(config.cases, config.batch_size, config.seed))
        self.batches = self._batches(0)
        self.probes = Probes(self.race, self.task)
        self.values = StepValues(config, variants, config.seeds)
        self.survey_steps = frozenset(
            config.step_of(index) for index in range(config.frames) if config.is_survey(index)
        )
        self.mode_loss: Floats = np.zeros((len(variants), 2), np.float32)
        self.dead: Floats = np.zeros((len(variants), config.depth), np.float32)

    def _batches(self, first: int) -> Iterator[Tensor]:
        """Give the indices of every batch from batch `first` on."""
        config = self.config
        return batches(config.cases, config.batch_sizes, config.seed, first=first)

    @torch.inference_mode()
    def train(self) -> None:
        """Take one step; where a survey follows, compare the modes before the weights change."""
        if self.config.changes_at(self.step):
            self.race.change(self.config.setting_for(self.step + 1))
            self.probes = Probes(self.race, self.task)
        self.race.load(next(self.batches))
        loss = self.race.forward()
        self.step += 1
        self.values.append(self.step, loss)
        self.race.update_running()
        if self.step in self.survey_steps:
            self.mode_loss = self.probes.modes[self.race.workspace.N].read()
        self.race.learn()

    def forward_backward(self) -> None:
        """Compute what the first step will see, without learning from it."""
        self.race.load(next(self._batches(0)))
        self.race.forward()
        self.race.workspace.backward()
        self.mode_loss = self.probes.modes[self.race.workspace.N].read()

    def needed_from(self, index: int) -> int:
        """Give the latest survey: the frames after it tell of its dead units."""
        return index - index % SURVEY_EVERY

    @torch.inference_mode()
    def make_frame(self, index: int) -> Frame:
        """Make the frame of this moment, in a survey with the costly probes."""
        if index == 0:
            self.forward_backward()
        workspace = self.race.workspace
        arrays: dict[str, Array] = {
            "loss": self.values.read()[0],
            **self.probes.distributions[workspace.N].read(),
            **probes.weight_sizes(self.probes.first),
        }
        if self.config.is_survey(index):
            arrays |= self._survey()
        notes: dict[str, list[Any]] = {"cards": self._cards(arrays["gradient_norm"])}
        if "test_error" in arrays:
            notes |= told(measure_values(self.variants, arrays))
        if index == 0:
            notes["facts"] = self._facts()
            shown = self._points() if self.task.is_plane else probes.picture(self.task.x_test)
            name = "points" if self.task.is_plane else "digits"
            arrays[name] = shown[None].repeat(len(self.variants), axis=0)
        return Frame(step=self.step, arrays=arrays, notes=notes)

    @torch.inference_mode()
    def score(self) -> dict[str, Floats]:
        """Test the networks: `test_loss` and `test_error` (V, S), and `dead` (V, L)."""
        return self.probes.evaluation.score()

    def _survey(self) -> dict[str, Array]:
        """Evaluate the networks, and read what takes longer."""
        workspace, scores = self.race.workspace, self.score()
        self.dead = scores["dead"]
        return {
            **scores,
            **probes.unit_and_case_statistics(workspace),
            "block": probes.block(workspace),
            "mode_loss": self.mode_loss,
            "running_gap": probes.running_gap(workspace),
            "boundary" if self.task.is_plane else "answers": self.probes.answers.read(),
        }

    def _cards(self, gradient_norm: Array) -> list[dict[str, str]]:
        """Diagnose every variant."""
        return [
            card(variant, *found)
            for at, variant in enumerate(self.variants)
            for found in diagnose(self._vitals(at, variant, gradient_norm[at].tolist()))
        ]

    def _vitals(self, at: int, variant: str, gradient_norm: list[float]) -> RaceVitals:
        """Say what the probes found of one variant."""
        config, size = self.config, self.race.setting.batch_size
        lost = self.values.diverged.get(variant)
        return RaceVitals(
            variant=variant,
            batch_size=size,
            last_batch=config.cases % size if self._ends_an_epoch(size) else 0,
            fixed=variant in self.race.stack.fixed,
            activation=config.activation,
            epsilon=config.epsilon,
            diverged=lost,
            divided=lost is not None and config.setting_for(lost).measures(variant),
            seeds=config.seeds,
            gradient_norm=gradient_norm,
            dead=self.dead[at].tolist(),
        )

    def _ends_an_epoch(self, size: int) -> bool:
        """Whether an epoch of batches of the present size alone ends before the next size."""
        cases, now = self.config.cases, max(self.step, 1)
        changed = [step for step, _ in self.config.batch_sizes]
        begun = max(step for step in changed if step < now)
        ends = min((step for step in changed if step >= now), default=self.config.steps)
        place = place_of(cases, self.config.batch_sizes, begun)[1]
        rest = math.ceil((cases - place) / size) if place else 0  # of an epoch that began otherwise
        return ends - begun >= rest + math.ceil(cases / size)

    def _facts(self) -> list[dict[str, str]]:
        """Prove that all variants begin alike: hashes of initial weights and of batch order."""
        weights = self.race.parameters.weights.chunk(len(self.variants))
        return [
            {"variant": variant, "label": label, "value": value}
            for variant, W in zip(self.variants, weights, strict=True)
            for label, value in (("Initial weights", short_hash(W)), ("Batch order", self.order))
        ]

    def _points(self) -> Array:
        """Give some training points (x, y, class)."""
        x, y = self.task.x_train[:POINTS], self.task.y_train[:POINTS, None]
        return as_floats(torch.cat([x, y], 1))

    def state(self) -> State:
        """Give the race's state, and what the cards of later frames tell of earlier ones."""
        return {
            "step": self.step,
            "race": self.race.state(),
            "diverged": self.values.diverged,
            "dead": torch.from_numpy(self.dead),
        }

    @torch.inference_mode()
    def restore(self, state: State) -> None:
        """Take up a state; the order of batches is drawn again up to there."""
        self.step = state["step"]
        self.race.arrange(self.config.setting_for(max(self.step, 1)))
        self.probes = Probes(self.race, self.task)
        self.race.restore(state["race"])
        self.values.diverged = dict(state["diverged"])
        self.dead = state["dead"].numpy()
        self.batches = self._batches(self.step)


film = partial(film_of, MlpTrainer)
