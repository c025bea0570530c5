"""The film of a race: its frames, one after the other, made of what the steps leave behind."""

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ln_core.data.tasks import load_task
from ln_core.race import probes
from ln_core.race.config import SURVEY_EVERY, TEST_CASES, MlpConfig
from ln_core.race.diagnosis import Vitals, diagnose
from ln_core.race.model import Race, batches, epoch_orders
from ln_core.race.parameters import DATA_SEED, LAYER_SEEDS
from ln_core.runs.frame import Array, Frame

POINTS = 200  # training points drawn over the decision boundary


def film(config: MlpConfig, variants: tuple[str, ...], *, first: int = 0) -> Iterator[Frame | None]:
    """Train one shard of a race, and yield after each step None, or the frame that became due.

    Frames before `first` are trained through and not yielded; those after it hold the same bits.
    """
    torch.set_num_threads(1)  # one of several workers; threads of one race slow each other
    with torch.inference_mode():
        camera = Camera(config, variants)
    order = batches(config)
    recent = (first - 1) // SURVEY_EVERY * SURVEY_EVERY  # the survey that frame `first` refers to
    for index in range(config.frames):
        survey = config.is_survey(index) and (index >= first or index == recent)
        while camera.step < config.step_of(index):
            with torch.inference_mode():
                is_last = camera.step + 1 == config.step_of(index)
                camera.train(next(order), survey=survey and is_last)
            yield None
        with torch.inference_mode():
            if index == 0:
                camera.look(next(batches(config)))
            frame = camera.take(survey=survey, whole=index >= first)
        if frame is not None:
            yield frame


class Camera:
    """A race in training, and the probes that are pointed at it."""

    def __init__(self, config: MlpConfig, variants: tuple[str, ...]) -> None:
        self.config, self.variants, self.step = config, variants, 0
        seed = LAYER_SEEDS * config.seed + DATA_SEED
        self.task = load_task(config.data, config.cases, seed, test_cases=TEST_CASES)
        self.race = Race(config, variants, self.task.x_train, self.task.y_train)
        self.first = self.race.stack.first_seed()
        # The probes of buffers are made for each batch size: the usual one and an epoch's last.
        spaces = self.race.workspaces
        self.distributions = {N: probes.Distributions(spaces[N]) for N in spaces}
        self.modes = {N: probes.ModeLosses(spaces[N]) for N in spaces}
        self.exam = probes.Exam(self.race, self.task.x_test, self.task.y_test)
        self.boundary = probes.Boundary(self.first) if self.task.is_plane else None
        self.losses = torch.zeros(config.frame_every, self.race.stack.networks)
        self.loss_rows = self.losses.unbind()
        self.unseen = 0  # losses since the previous frame
        self.diverged: dict[str, int] = {}  # since which step
        self.survey: dict[str, Array] = {}  # the latest one
        self.mode_loss: Array = np.zeros(0, np.float32)

    def look(self, chosen: Tensor) -> None:
        """See a batch without learning from it."""
        self.race.load(chosen)
        self.race.forward()
        self.race.workspace.backward()
        self.mode_loss = self.modes[len(chosen)].read()

    def train(self, chosen: Tensor, *, survey: bool) -> None:
        """Take one step; in a survey, compare the modes before the weights change."""
        self.race.load(chosen)
        self.loss_rows[self.unseen].copy_(self.race.forward())
        self.race.track()
        if survey:
            self.mode_loss = self.modes[len(chosen)].read()
        self.race.learn()
        self.step += 1
        self.unseen += 1

    def take(self, *, survey: bool, whole: bool) -> Frame | None:
        """Make the frame of this moment; without `whole`, only what later frames refer to."""
        loss = self._fetch_losses()
        if survey:
            self.survey = self.exam.read()
        if not whole:
            return None
        workspace = self.race.workspace
        arrays: dict[str, Array] = {
            "loss": loss,
            **self.distributions[workspace.N].read(),
            **probes.weight_sizes(self.first),
        }
        if survey:
            arrays |= self.survey
            arrays |= probes.unit_and_case_statistics(workspace)
            arrays |= {
                "block": probes.block(workspace),
                "mode_loss": self.mode_loss,
                "running_gap": probes.running_gap(workspace),
            }
            if self.boundary is not None:
                arrays["boundary"] = self.boundary.read()
        notes: dict[str, list[Any]] = {"cards": self._cards(arrays["gradient_norm"])}
        if self.step == 0:
            notes["facts"] = self._facts()
            if self.task.is_plane:
                arrays["points"] = self._points()
        return Frame(step=self.step, arrays=arrays, notes=notes)

    def _fetch_losses(self) -> Array:
        """Give the losses since the previous frame, (V, S, K), and watch for divergence."""
        V, S, K = len(self.variants), self.config.seeds, self.unseen
        loss = probes.as_floats(self.losses[:K].T.reshape(V, S, K))
        self.unseen = 0
        for variant, at in zip(*np.nonzero(~np.isfinite(loss).all(axis=1)), strict=True):
            self.diverged.setdefault(self.variants[variant], self.step - K + 1 + int(at))
        return loss

    def _cards(self, gradient_norm: Array) -> list[dict[str, str]]:
        """Diagnose every variant."""
        return [
            {"track": variant, "title": card.title, "text": card.text}
            for at, variant in enumerate(self.variants)
            for card in diagnose(
                Vitals(
                    variant=variant,
                    batch_size=self.config.batch_size,
                    last_batch=self.config.cases % self.config.batch_size,
                    activation=self.config.activation,
                    diverged=self.diverged.get(variant),
                    gradient_norm=gradient_norm[at].tolist(),
                    dead=self.survey["dead"][at].tolist(),
                )
            )
        ]

    def _facts(self) -> list[dict[str, str]]:
        """Prove that all variants begin alike: hashes of initial weights and of batch order."""
        weights = self.race.parameters.weights.chunk(len(self.variants))
        order = next(epoch_orders(self.config))
        return [
            {"track": variant, "label": label, "value": short_hash(tensor)}
            for variant, W in zip(self.variants, weights, strict=True)
            for label, tensor in (("Initial weights", W), ("Batch order", order))
        ]

    def _points(self) -> Array:
        """Give some training points (x, y, class), the same for every variant."""
        x, y = self.task.x_train[:POINTS], self.task.y_train[:POINTS, None]
        points = probes.as_floats(torch.cat([x, y], 1))
        return np.repeat(points[None], len(self.variants), axis=0)


def short_hash(tensor: Tensor) -> str:
    """Give the first 8 hexadecimal digits of the SHA-256 of a tensor's bytes."""
    return hashlib.sha256(tensor.contiguous().numpy().tobytes()).hexdigest()[:8]
