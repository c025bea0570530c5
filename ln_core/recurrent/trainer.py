"""A race of recurrent nets in training, and the frames of its film."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ln_core.data.sequences import SequenceTask, blank_in_front, load_sequences
from ln_core.data.text import shared_moby_dick
from ln_core.recurrent import probes
from ln_core.recurrent.config import EXTRA_STEPS, TEST_CASES, RnnConfig
from ln_core.recurrent.diagnosis import RecurrentVitals, diagnose
from ln_core.recurrent.evaluation import Evaluation, by_time
from ln_core.recurrent.network import Learner, Network, Unrolling
from ln_core.recurrent.parameters import Architecture
from ln_core.recurrent.text import measure_values
from ln_core.recurrent.writing import Writer
from ln_core.runs.changes import OUT, Setting
from ln_core.runs.experiment import State
from ln_core.runs.frame import Array, Floats, Frame
from ln_core.runs.snapshot import card, told
from ln_core.training.arrays import as_floats, short_hash
from ln_core.training.batches import ByBatchSize, batches, measuring_batches, order_hash
from ln_core.training.normalization import Running, average, mean_statistics
from ln_core.training.step_values import StepValues
from ln_core.training.trainer import Trainer, copy_into, film_of

LONGER_CASES = 100  # test cases for sequences longer than trained, at each of their lengths


def make_network(
    config: RnnConfig, variant: str, seed: int, task: SequenceTask, dtype: torch.dtype
) -> Network:
    """Build one network of a race, and draw its weights."""
    architecture = Architecture(
        inputs=task.inputs,
        width=config.width,
        outputs=task.outputs,
        cell=config.cell,
        variant=variant,
        placement=config.placement,
        activation=config.activation,
        epsilon=config.epsilon,
    )
    unrolling = Unrolling(T=config.T, loss=task.loss, loss_steps=task.loss_steps)
    network = Network(architecture, unrolling, dtype=dtype)
    network.parameters.initialize(seed, radius=config.radius, gain=config.gain)
    return network


class Runner:
    """One network of a race in training, with the buffers for batches of each size."""

    def __init__(self, config: RnnConfig, network: Network) -> None:
        self.config, self.network = config, network
        self.learner = Learner(
            network,
            config.optimizer,
            config.learning_rate,
            clip=config.clip,
            momentum=config.bn_momentum,
        )
        self.arrange(config.setting_for(1))

    def arrange(self, setting: Setting) -> None:
        """Prepare to train with a setting; constants are to be filled in, unless 0 and 1."""
        self.setting, network, learner = setting, self.network, self.learner
        learner.momentum = setting.bn_momentum
        learner.optimizer.rate = setting.learning_rate
        learner.optimizer.momentum = setting.momentum
        if network.running and setting.keeps_running:
            network.fixed = network.running
        else:
            network.fixed = network.no_statistics() if setting.normalization in OUT else {}
        self.workspaces = ByBatchSize(lambda N: network.workspace(N, training=True))
        self.workspace = self.workspaces[min(setting.batch_size, self.config.training_cases)]

    def change(self, setting: Setting, cases: Iterable[tuple[Tensor, Tensor]]) -> None:
        """Go on with another setting, from the same weights and what the optimizer gathered.

        Statistics that are taken out are measured on full batches of cases.
        """
        was_out = self.setting.normalization in OUT
        takes_out = not was_out and setting.normalization == "out" and not self.network.running
        constants = self._mean_statistics(cases) if takes_out else {}
        self.arrange(setting)
        for gain, measured in constants.items():
            self.network.fixed[gain].take(measured)
        if was_out and setting.normalization == "in-fresh":
            for running in self.network.running.values():
                running.take(running.fresh())

    def _mean_statistics(self, cases: Iterable[tuple[Tensor, Tensor]]) -> dict[str, Running]:
        """Measure by which constants each case's own statistics can be replaced, step by step."""
        found: dict[str, list[Running]] = {}
        variant = self.network.architecture.variant
        for x, y in cases:
            self.workspaces[x.shape[1]].forward(x, y)
            for gain, a in self.workspaces[x.shape[1]].cell.space.norm_inputs.items():
                found.setdefault(gain, []).append(mean_statistics(variant, a))
        return {gain: average(batches) for gain, batches in found.items()}

    def forward_backward(self, x: Tensor, y: Tensor) -> None:
        """Compute loss and gradients without learning from them."""
        self.workspace = self.workspaces[x.shape[1]]
        self.workspace.forward(x, y)
        self.workspace.backward(y)

    def train(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Take one step; give the loss and the gradient's norm from before the clip."""
        self.workspace = self.workspaces[x.shape[1]]
        return self.learner.step(self.workspace, x, y)

    def state(self) -> State:
        """Give what the steps to come depend on: the very tensors, not copies."""
        return {
            "theta": self.network.parameters.theta,
            "running": {gain: own._asdict() for gain, own in self.network.running.items()},
            "fixed": {gain: own._asdict() for gain, own in self.network.fixed.items()},
            "optimizer": self.learner.optimizer.state(),
        }


class RnnTrainer(Trainer):
    """The networks of a shard's variants and seeds, and what is measured of them."""

    @torch.inference_mode()
    def __init__(self, config: RnnConfig, variants: tuple[str, ...]) -> None:
        self.config, self.variants = config, variants
        self.task = task = load_sequences(
            config.task,
            config.training_cases,
            config.seed,
            length=config.T if config.task == "rows" else config.length,
            test_cases=TEST_CASES,
        )
        self.order = order_hash(batches(config.training_cases, config.batch_size, config.seed))
        self.batches = self._batches(0)
        seeds = range(config.seed, config.seed + config.seeds)
        networks = [
            make_network(config, variant, seed, task, torch.float32)
            for variant in variants
            for seed in seeds
        ]
        self.runners = [Runner(config, network) for network in networks]
        self.first = self.runners[:: config.seeds]  # of every variant, the first seed's
        self._prepare_evaluations()
        # Of every step: loss and norm of the gradient.
        self.values = StepValues(config, variants, config.seeds, kinds=2)
        self.scores: dict[str, Floats] = {}  # for the next frame
        self.texts: list[dict[str, str]] = []  # likewise
        self.facts = self._facts()

    def _prepare_evaluations(self) -> None:
        """Make what tests the networks as they are now."""
        task = self.task
        self.evaluations = [
            Evaluation(runner.network, task, task.x_test, task.y_test) for runner in self.runners
        ]
        self.longer = [self._longer_evaluations(runner.network) for runner in self.first]
        self.writers = [
            Writer(runner.network, shared_moby_dick())
            for runner in self.first
            if self.config.task == "text"
        ]

    def _batches(self, first: int) -> Iterator[Tensor]:
        """Give the indices of every batch from batch `first` on."""
        config = self.config
        return batches(config.training_cases, config.batch_sizes, config.seed, first=first)

    def _load(self, chosen: Tensor) -> tuple[Tensor, Tensor]:
        """Fetch the cases of a batch and their targets, time first."""
        return by_time(self.task.x_train[chosen]), by_time(self.task.y_train[chosen])

    @torch.inference_mode()
    def train(self) -> None:
        """Let every network take one step on the same batch."""
        if self.config.changes_at(self.step):
            self._change()
        x, y = self._load(next(self.batches))
        losses, norms = zip(*(runner.train(x, y) for runner in self.runners), strict=True)
        self.step += 1
        self.values.append(self.step, torch.stack(losses), torch.stack(norms))

    def _change(self) -> None:
        """Go on with what changes at this step."""
        n, size = self.config.training_cases, self.runners[0].setting.batch_size
        cases = [self._load(chosen) for chosen in measuring_batches(n, size)]
        for runner in self.runners:
            runner.change(self.config.setting_for(self.step + 1), cases)
        self._prepare_evaluations()

    def forward_backward(self) -> None:
        """Compute what the first step will see, without learning from it."""
        x, y = self._load(next(self._batches(0)))
        for runner in self.runners:
            runner.forward_backward(x, y)

    @torch.inference_mode()
    def evaluate(self, index: int) -> Iterator[None]:
        """Test the networks where the frame is a survey; none of the tests takes long."""
        if not self.config.is_survey(index):
            return
        yield from self._test()
        if self.config.is_longer_survey(index):
            right, aligned = np.zeros((2, len(self.variants), len(EXTRA_STEPS)), np.float32)
            self.scores |= {"longer": right, "aligned": aligned}
            for at, pairs in enumerate(self.longer):
                for setting, (plain, moved) in enumerate(pairs):
                    right[at, setting] = aligned[at, setting] = 1 - plain.score().error
                    yield
                    if moved is not plain:
                        aligned[at, setting] = 1 - moved.score().error
                        yield
        for variant, writer in zip(self.variants, self.writers, strict=False):
            self.texts.append({"variant": variant, "label": "Writes", "value": writer.write()})
            yield

    def _test(self) -> Iterator[None]:
        """Test one network after the other: `test_loss` and `test_error` (V, S)."""
        V, S = len(self.variants), self.config.seeds
        self.scores = {name: np.zeros((V, S), np.float32) for name in ("test_loss", "test_error")}
        for at, evaluation in enumerate(self.evaluations):
            place = divmod(at, S)
            self.scores["test_loss"][place], self.scores["test_error"][place] = evaluation.score()
            yield

    @torch.inference_mode()
    def score(self) -> dict[str, Floats]:
        """Test all networks at once: `test_loss` and `test_error` (V, S)."""
        for _ in self._test():
            pass
        return self.scores

    @torch.inference_mode()
    def make_frame(self, index: int) -> Frame:
        """Make the frame of this moment, with what `evaluate` has measured for it."""
        if index == 0:
            self.forward_backward()
        cells = [probes.through_time(runner.workspace.cell) for runner in self.first]
        loss, gradient_norm = self.values.read()
        arrays: dict[str, Array] = {"loss": loss, "gradient_norm": gradient_norm}
        arrays |= {name: np.stack([as_floats(of[name]) for of in cells]) for name in cells[0]}
        notes: dict[str, list[Any]] = {"cards": self._cards(arrays)}
        arrays |= self.scores
        if self.scores:
            notes |= told(measure_values(self.variants, arrays))
        if self.texts:
            notes["texts"] = self.texts
        if index == 0:
            notes["facts"] = self.facts
        self.scores, self.texts = {}, []
        return Frame(step=self.step, arrays=arrays, notes=notes)

    def _longer_evaluations(self, network: Network) -> list[tuple[Evaluation, Evaluation]]:
        """Put blank rows in front of some test images, and have the statistics move along or not.

        Where there are no statistics of each step, or nothing moves, the two are the same.
        """
        if self.config.task != "rows":
            return []
        x, y, pairs = self.task.x_test[:LONGER_CASES], self.task.y_test[:LONGER_CASES], []
        for k in EXTRA_STEPS:
            longer = blank_in_front(x, k)
            plain = Evaluation(network, self.task, longer, y)
            moves = k and (network.running or network.fixed)
            moved = Evaluation(network, self.task, longer, y, delay=k) if moves else plain
            pairs.append((plain, moved))
        return pairs

    def _cards(self, arrays: dict[str, Array]) -> list[dict[str, str]]:
        """Diagnose every variant."""
        return [
            card(variant, *found)
            for at, variant in enumerate(self.variants)
            for found in diagnose(self._vitals(at, arrays))
        ]

    def _vitals(self, at: int, arrays: dict[str, Array]) -> RecurrentVitals:
        """Gather what the diagnoses of one variant need."""
        config, cell = self.config, self.first[at].workspace.cell
        is_tanh = config.cell == "rnn" and config.activation == "tanh"
        gradient = self.first[at].network.parameters.grad
        norms = arrays["gradient_norm"][at, 0]  # empty before training
        return RecurrentVitals(
            variant=self.variants[at],
            batch_size=self.first[at].setting.batch_size,
            fixed=bool(self.first[at].network.fixed),
            clip=config.clip,
            diverged=self.values.diverged.get(self.variants[at]),
            seeds=config.seeds,
            gradient_norm=float(norms[-1] if len(norms) else torch.linalg.vector_norm(gradient)),
            hidden_norm=arrays["hidden_norm"][at].tolist(),
            gradient_hidden_norm=arrays["gradient_hidden_norm"][at].tolist(),
            answers_at_end=self.task.loss_steps == 1,
            saturated=probes.saturated_share(cell) if is_tanh else None,
        )

    def _facts(self) -> list[dict[str, str]]:
        """Show that all variants begin alike: hashes of initial weights and of batch order."""
        seeds = self.config.seeds
        found = []
        for at, variant in enumerate(self.variants):
            mine = self.runners[at * seeds : (at + 1) * seeds]
            weights = torch.cat([runner.network.parameters.weights for runner in mine])
            found += [
                {"variant": variant, "label": "Initial weights", "value": short_hash(weights)},
                {"variant": variant, "label": "Batch order", "value": self.order},
            ]
        return found

    def state(self) -> State:
        """Give the networks' states, and since when a variant has diverged."""
        return {
            "step": self.step,
            "networks": [runner.state() for runner in self.runners],
            "diverged": self.values.diverged,
        }

    @torch.inference_mode()
    def restore(self, state: State) -> None:
        """Take up a state; the order of batches is drawn again up to there."""
        self.step, self.values.diverged = state["step"], dict(state["diverged"])
        for runner, kept in zip(self.runners, state["networks"], strict=True):
            runner.arrange(self.config.setting_for(max(self.step, 1)))
            copy_into(runner.state(), kept)
        self._prepare_evaluations()
        self.batches = self._batches(self.step)


film = partial(film_of, RnnTrainer)
