"""How much faster recurrent nets train and are filmed than loops one would write oneself.

    python tests/benchmarks/recurrent.py               every row, about 10 minutes
    python tests/benchmarks/recurrent.py adding/rnn    the rows whose names begin so
    python tests/benchmarks/recurrent.py --quick       fewer rounds
    python tests/benchmarks/recurrent.py --smoke       a moment a row: does it run at all?

Width 64 if not said otherwise, batch size 32, one thread. Our side of "loop" and "torch" is the
film as the app makes it: all steps and probes, a frame every 5 steps, at every eighth the test set
(and for rows, at every second of these, sequences longer than trained). "loop" is a Python loop
over the steps of nn.Linear and nn.LayerNorm cells with autograd and torch.optim.Adam; "torch" is
nn.RNN, nn.GRU or nn.LSTM, ATen's fused loops, WITHOUT any normalization. Both evaluate the same
test set at the same steps. "step" is "torch" without evaluations, against bare steps of ours.

All candidates of a row run in turns; a ratio is taken within each turn, in CPU time. It is how
many times faster ours is: 0.5 means that it takes twice as long.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ln_core.data.sequences import SequenceTask, load_sequences
from ln_core.recurrent.config import LONGER_EVERY, SURVEY_EVERY, TEST_CASES, RnnConfig
from ln_core.recurrent.trainer import RnnTrainer, film
from ln_core.training.batches import batches
from tests.benchmarks.rows import Row, Work, run

TARGETS = {("rnn", "torch"): 1 / 1.1, ("gru", "torch"): 1 / 1.1, ("lstm", "torch"): 1 / 2.0}
LOOP_TARGET = 1.6  # at T = 50


def config_of(task: str, cell: str, variant: str, width: int, *, smoke: bool) -> RnnConfig:
    config = RnnConfig(task=task, cell=cell, variants=(variant,), width=width, length=50)
    return replace(config, steps=100, length=5) if smoke else config  # each step has its frame


def steps_of(config: RnnConfig) -> int:
    """Steps in a piece of work: from one survey with longer sequences to the next."""
    return LONGER_EVERY * config.frame_every


class RnnCell(nn.Module):
    """Eq. (4)."""

    def __init__(self, D: int, H: int) -> None:
        super().__init__()
        self.x, self.h = nn.Linear(D, H, bias=False), nn.Linear(H, H, bias=False)
        self.norm = nn.LayerNorm(H)

    def forward(self, x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return (torch.tanh(self.norm(self.x(x) + self.h(state[0]))),)


class LstmCell(nn.Module):
    """Eqs. (20) to (22)."""

    def __init__(self, D: int, H: int) -> None:
        super().__init__()
        self.x, self.h = nn.Linear(D, 4 * H, bias=False), nn.Linear(H, 4 * H, bias=False)
        self.norm_x, self.norm_h = nn.LayerNorm(4 * H), nn.LayerNorm(4 * H, bias=False)
        self.norm_c = nn.LayerNorm(H)

    def forward(self, x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        h, c = state
        f, i, o, g = (self.norm_h(self.h(h)) + self.norm_x(self.x(x))).chunk(4, -1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(self.norm_c(c)), c


class GruCell(nn.Module):
    """Eqs. (26) to (28)."""

    def __init__(self, D: int, H: int) -> None:
        super().__init__()
        self.x, self.h = nn.Linear(D, 2 * H, bias=False), nn.Linear(H, 2 * H, bias=False)
        self.W, self.U = nn.Linear(D, H, bias=False), nn.Linear(H, H, bias=False)
        self.norm_x, self.norm_h = nn.LayerNorm(2 * H), nn.LayerNorm(2 * H, bias=False)
        self.norm_W, self.norm_U = nn.LayerNorm(H), nn.LayerNorm(H)

    def forward(self, x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        (h,) = state
        z, r = torch.sigmoid(self.norm_h(self.h(h)) + self.norm_x(self.x(x))).chunk(2, -1)
        candidate = torch.tanh(self.norm_W(self.W(x)) + r * self.norm_U(self.U(h)))
        return ((1 - z) * h + z * candidate,)


class Loop(nn.Module):
    """A cell of modules, one step after the other."""

    def __init__(self, cell: nn.Module, H: int, states: int) -> None:
        super().__init__()
        self.cell, self.H, self.states = cell, H, states

    def forward(self, x: Tensor) -> tuple[Tensor, None]:
        state = (x.new_zeros(x.shape[1], self.H),) * self.states
        outputs = []
        for x_t in x.unbind(0):  # not x[t]: an index's gradient is as long as the sequence
            state = self.cell(x_t, state)
            outputs.append(state[0])
        return torch.stack(outputs), None


class Plain:
    """A recurrent net as a tutorial trains it."""

    def __init__(self, config: RnnConfig, kind: str) -> None:
        self.config, self.task, D, H = config, load(config), load(config).inputs, config.width
        if kind == "loop":
            cells = {"rnn": RnnCell, "gru": GruCell, "lstm": LstmCell}
            self.net: nn.Module = Loop(cells[config.cell](D, H), H, 1 + (config.cell == "lstm"))
        else:
            self.net = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[config.cell](D, H)
        self.head = nn.Linear(H, self.task.outputs)
        self.parameters = [*self.net.parameters(), *self.head.parameters()]
        self.optimizer = torch.optim.Adam(self.parameters, lr=config.learning_rate)
        self.order = self.draw()

    def draw(self) -> Iterator[Tensor]:
        config = self.config
        return batches(config.training_cases, config.batch_size, config.seed)

    def outputs(self, x: Tensor) -> Tensor:
        if self.task.is_coded:
            x = functional.one_hot(x, self.task.inputs).float()
        h, _ = self.net(x.transpose(0, 1))
        read: Tensor = self.head(h[-self.task.loss_steps :])
        return read

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        outputs, y = self.outputs(x), y.transpose(0, 1)
        if self.task.loss == "squared":
            return functional.mse_loss(outputs, y)
        return functional.cross_entropy(outputs.flatten(0, 1), y.flatten())

    def step(self) -> None:
        chosen = next(self.order)
        self.optimizer.zero_grad()
        self.loss(self.task.x_train[chosen], self.task.y_train[chosen]).backward()
        nn.utils.clip_grad_norm_(self.parameters, self.config.clip)
        self.optimizer.step()

    def survey(self) -> float:
        with torch.no_grad():
            return self.loss(self.task.x_test, self.task.y_test).item()


def load(config: RnnConfig) -> SequenceTask:
    length = config.T if config.task == "rows" else config.length
    return load_sequences(
        config.task, config.training_cases, config.seed, length=length, test_cases=TEST_CASES
    )


def plain_work(config: RnnConfig, kind: str) -> Work:
    plain = Plain(config, kind)

    def work() -> None:
        for _ in range(LONGER_EVERY // SURVEY_EVERY):
            for _ in range(SURVEY_EVERY * config.frame_every):
                plain.step()
            if kind != "step":
                plain.survey()

    return work


def film_work(config: RnnConfig) -> Work:
    """Film on and on."""

    def endless() -> Iterator[object]:
        while True:
            made = (frame for frame in film(config, config.taking_part) if frame is not None)
            next(made)  # frame 0
            yield from made

    frames = endless()

    def work() -> None:
        for _ in range(LONGER_EVERY):
            next(frames)

    return work


def step_work(config: RnnConfig) -> Work:
    """Take bare steps: no frames."""
    trainer = RnnTrainer(config, config.taking_part)

    def work() -> None:
        for _ in range(steps_of(config)):
            trainer.train()

    return work


def rows(*, smoke: bool = False) -> list[Row]:
    sizes = (("rows", 64), ("adding", 64), ("text", 64), ("adding", 128), ("adding", 256))
    found = []
    for task, width in sizes:
        for cell in ("rnn", "gru", "lstm"):
            kinds = [("layer", "loop"), ("layer", "torch"), ("layer", "step")]
            if (task, width) == ("adding", 64):
                kinds += [("none", "step"), ("rms", "step")]
                kinds += [("batch", "step")] if cell == "rnn" else []
            for variant, kind in kinds:
                config = config_of(task, cell, variant, width, smoke=smoke)
                found.append(row_of(config, kind))
    return found


def row_of(config: RnnConfig, kind: str) -> Row:
    (variant,), task, cell = config.variants, config.task, config.cell
    target = TARGETS.get((cell, kind)) if variant == "layer" else None
    if (task, config.width, kind) == ("adding", 64, "loop"):
        target = LOOP_TARGET
    return Row(
        f"{task}/{cell}/{config.width}/{variant} {kind}",
        partial(plain_work, config, kind),
        partial(step_work if kind == "step" else film_work, config),
        steps_of(config),
        target,
    )


if __name__ == "__main__":
    run(rows, "task/cell/H/norm against", __doc__)
