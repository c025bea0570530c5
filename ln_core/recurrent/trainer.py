"""The film of a race of recurrent nets: its frames, made of what the steps leave behind."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

from ln_core.data.sequences import SequenceTask, blank_in_front, load_sequences
from ln_core.data.text import shared_moby_dick
from ln_core.race.parameters import LAYER_SEEDS
from ln_core.race.probes import Floats, as_floats
from ln_core.race.trainer import short_hash
from ln_core.recurrent import probes
from ln_core.recurrent.config import EXTRA_STEPS, TEST_CASES, RnnConfig
from ln_core.recurrent.diagnosis import Vitals, diagnose
from ln_core.recurrent.evaluation import Exam, by_time
from ln_core.recurrent.network import Learner, Network, Unrolling
from ln_core.recurrent.parameters import Architecture
from ln_core.recurrent.writing import Writer
from ln_core.runs.frame import Array, Frame

LONGER_CASES = 100  # test cases for sequences longer than trained, at each of their lengths


def film(config: RnnConfig, variants: tuple[str, ...], *, first: int = 0) -> Iterator[Frame | None]:
    """Train one shard of a race, and yield after each step None, or the frame that became due.

    Frames before `first` are trained through and not yielded; those after it hold the same bits.
    """
    torch.set_num_threads(1)  # one of several workers; threads of one race slow each other
    with torch.inference_mode():
        camera = Camera(config, variants)
    order = batches(config)
    for index in range(config.frames):
        while camera.step < config.step_of(index):
            with torch.inference_mode():
                camera.train(next(order))
            yield None
        with torch.inference_mode():
            if index == 0:
                camera.look(next(batches(config)))
            camera.keep_watch()
        if index >= first:
            if config.is_survey(index):
                for examine in camera.examinations(
                    longer=config.is_longer_survey(index)
                ):  # one after the other: none takes long
                    with torch.inference_mode():
                        examine()
                    yield None
            with torch.inference_mode():
                frame = camera.take()
            yield frame


def epoch_orders(config: RnnConfig) -> Iterator[Tensor]:
    """Draw the order of the training cases, epoch by epoch, for ever."""
    generator = Generator().manual_seed(LAYER_SEEDS * config.seed + LAYER_SEEDS - 1)
    while True:
        yield torch.randperm(config.training_cases, generator=generator)


def batches(config: RnnConfig) -> Iterator[Tensor]:
    """Cut every epoch into batches of indices; the last one of an epoch may be smaller."""
    for order in epoch_orders(config):
        yield from torch.split(order, config.batch_size)


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
        self.network = network
        n, N = config.training_cases, config.batch_size
        sizes = {min(n, N), n % N} - {0}
        self.workspaces = {size: network.workspace(size, training=True) for size in sizes}
        self.workspace = self.workspaces[max(sizes)]
        self.learner = Learner(
            network,
            config.optimizer,
            config.learning_rate,
            clip=config.clip,
            momentum=config.bn_momentum,
        )

    def look(self, x: Tensor, y: Tensor) -> None:
        """Go forward and backward without learning."""
        self.workspace = self.workspaces[x.shape[1]]
        self.workspace.forward(x, y)
        self.workspace.backward(y)

    def train(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Take one step; give the loss and the gradient's norm from before the clip."""
        self.workspace = self.workspaces[x.shape[1]]
        return self.learner.step(self.workspace, x, y)


class Camera:
    """A race in training, and the probes that are pointed at it."""

    def __init__(self, config: RnnConfig, variants: tuple[str, ...]) -> None:
        self.config, self.variants, self.step = config, variants, 0
        self.task = task = load_sequences(
            config.task,
            config.training_cases,
            config.seed,
            length=config.T if config.task == "rows" else config.length,
            test_cases=TEST_CASES,
        )
        seeds = range(config.seed, config.seed + config.seeds)
        networks = [
            make_network(config, variant, seed, task, torch.float32)
            for variant in variants
            for seed in seeds
        ]
        self.runners = [Runner(config, network) for network in networks]
        self.exams = [Exam(network, task, task.x_test, task.y_test) for network in networks]
        self.first = self.runners[:: config.seeds]  # of every variant, the first seed's
        self.longer = [self._longer_exams(runner.network) for runner in self.first]
        self.writers = [
            Writer(runner.network, shared_moby_dick())
            for runner in self.first
            if config.task == "text"
        ]
        # Of every step since the previous frame: loss and norm of the gradient.
        self.measured = torch.zeros(config.frame_every, 2, len(networks))
        self.kept = 0
        self.diverged: dict[str, int] = {}  # since which step
        self.marks: dict[str, Floats] = {}  # of the survey that is under way
        self.texts: list[dict[str, str]] = []
        self.facts = self._facts()

    def look(self, chosen: Tensor) -> None:
        """See a batch without learning from it."""
        x, y = by_time(self.task.x_train[chosen]), by_time(self.task.y_train[chosen])
        for runner in self.runners:
            runner.look(x, y)

    def train(self, chosen: Tensor) -> None:
        """Let every network take one step."""
        x, y = by_time(self.task.x_train[chosen]), by_time(self.task.y_train[chosen])
        for at, runner in enumerate(self.runners):
            loss, norm = runner.train(x, y)
            self.measured[self.kept, 0, at], self.measured[self.kept, 1, at] = loss, norm
        self.step += 1
        self.kept += 1

    def keep_watch(self) -> None:
        """Collect the steps since the previous frame, and note who has diverged."""
        V, S, K = len(self.variants), self.config.seeds, self.kept
        measured = as_floats(self.measured[:K].permute(1, 2, 0).reshape(2, V, S, K))
        self.loss, self.gradient_norm = measured
        self.kept = 0
        failed = ~np.isfinite(self.loss).all(axis=1)
        for variant, steps in zip(self.variants, failed, strict=True):
            if steps.any():
                self.diverged.setdefault(variant, self.step - K + 1 + int(steps.argmax()))

    def examinations(self, *, longer: bool) -> Iterator[Callable[[], None]]:
        """List what a survey consists of; `take` puts what was found into the frame."""
        V, S = len(self.variants), self.config.seeds
        self.marks = {name: np.zeros((V, S), np.float32) for name in ("test_loss", "test_error")}
        for at, exam in enumerate(self.exams):
            yield partial(self._examine, exam, divmod(at, S))
        if longer:
            self.marks["longer"] = np.zeros((V, len(EXTRA_STEPS)), np.float32)
        for at, exams in enumerate(self.longer if longer else []):
            for setting, exam in enumerate(exams):
                yield partial(self._examine_longer, exam, (at, setting))
        for variant, writer in zip(self.variants, self.writers, strict=False):
            yield partial(self._let_write, variant, writer)

    def _examine(self, exam: Exam, place: tuple[int, int]) -> None:
        """Put a network to the test."""
        self.marks["test_loss"][place], self.marks["test_error"][place] = exam.mark()

    def _examine_longer(self, exam: Exam, place: tuple[int, int]) -> None:
        """Put a network to the test with sequences longer than those of training."""
        self.marks["longer"][place] = 1 - exam.mark().error

    def _let_write(self, variant: str, writer: Writer) -> None:
        """Let a network write."""
        self.texts.append({"track": variant, "label": "Writes", "value": writer.write()})

    def take(self) -> Frame:
        """Make the frame of this moment, with the survey if there was one."""
        seen = [probes.through_time(runner.workspace.cell) for runner in self.first]
        arrays: dict[str, Array] = {"loss": self.loss, "gradient_norm": self.gradient_norm}
        arrays |= {name: np.stack([as_floats(of[name]) for of in seen]) for name in seen[0]}
        notes: dict[str, list[Any]] = {"cards": self._cards(arrays)}
        arrays |= self.marks
        if self.texts:
            notes["texts"] = self.texts
        if self.step == 0:
            notes["facts"] = self.facts
        self.marks, self.texts = {}, []
        return Frame(step=self.step, arrays=arrays, notes=notes)

    def _longer_exams(self, network: Network) -> list[Exam]:
        """Put blank rows in front of some test images."""
        if self.config.task != "rows":
            return []
        x, y = self.task.x_test[:LONGER_CASES], self.task.y_test[:LONGER_CASES]
        return [Exam(network, self.task, blank_in_front(x, k), y) for k in EXTRA_STEPS]

    def _cards(self, arrays: dict[str, Array]) -> list[dict[str, str]]:
        """Diagnose every variant."""
        return [
            {"track": variant, "title": card.title, "text": card.text}
            for at, variant in enumerate(self.variants)
            for card in diagnose(self._vitals(at, arrays))
        ]

    def _vitals(self, at: int, arrays: dict[str, Array]) -> Vitals:
        """Gather what the diagnoses of one variant need."""
        config, cell = self.config, self.first[at].workspace.cell
        bends = config.cell == "rnn" and config.activation == "tanh"
        gradient = self.first[at].network.parameters.grad
        norms = arrays["gradient_norm"][at, 0]  # empty before training
        return Vitals(
            variant=self.variants[at],
            batch_size=config.batch_size,
            clip=config.clip,
            diverged=self.diverged.get(self.variants[at]),
            gradient_norm=float(norms[-1] if len(norms) else torch.linalg.vector_norm(gradient)),
            hidden_norm=arrays["hidden_norm"][at].tolist(),
            gradient_hidden_norm=arrays["gradient_hidden_norm"][at].tolist(),
            answers_at_end=self.task.loss_steps == 1,
            saturated=probes.saturated_share(cell) if bends else None,
        )

    def _facts(self) -> list[dict[str, str]]:
        """Show that all variants begin alike: hashes of initial weights and of batch order."""
        order = short_hash(next(epoch_orders(self.config)))
        seeds = self.config.seeds
        found = []
        for at, variant in enumerate(self.variants):
            mine = self.runners[at * seeds : (at + 1) * seeds]
            weights = torch.cat([runner.network.parameters.weights for runner in mine])
            found += [
                {"track": variant, "label": "Initial weights", "value": short_hash(weights)},
                {"track": variant, "label": "Batch order", "value": order},
            ]
        return found
