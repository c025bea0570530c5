"""Trainers: a film that is put down and taken up again is the same film."""

import io
import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from ln_core.paper.convnet import trainer as convnet
from ln_core.paper.convnet.config import ConvConfig
from ln_core.paper.mnist.config import SWEPT, MnistConfig, SweepConfig
from ln_core.paper.mnist.trainer import film, load_held_out, load_test, load_training, sweep
from ln_core.paper.skip_thoughts import trainer as skip_thoughts
from ln_core.paper.skip_thoughts.config import SkipConfig
from ln_core.paper.transformer import trainer as transformer
from ln_core.paper.transformer.config import TransformerConfig
from ln_core.race import trainer as race_trainer
from ln_core.race.config import VARIANTS, MlpConfig
from ln_core.race.evaluation import Evaluation
from ln_core.race.model import Race
from ln_core.recurrent import trainer as recurrent_trainer
from ln_core.recurrent.config import RnnConfig
from ln_core.runs.experiment import MEMORY_LIMIT
from ln_core.runs.frame import pack
from ln_core.runs.machine import LARGEST
from ln_core.runs.worker import memory_of
from ln_core.training.arrays import span_over_seeds
from ln_core.training.batches import batches
from ln_core.training.step_values import StepValues, diverged_notes

MNIST = MnistConfig(width=16, cases=512, epochs=3, per_epoch=2, batch_size=100, seeds=2)
SWEEP = SweepConfig(width=8, examples=512, over="learning_rate", batch_size=64, seeds=2)
CONV = ConvConfig(channels=4, batch_size=4, steps=10, test_cases=100, seeds=2)
ALL = tuple(VARIANTS)
# Cards tell of dead units, which surveys found, and of the step at which a loss was not finite.
RACE = MlpConfig(
    depth=2,
    width=8,
    batch_size=100,
    cases=512,
    steps=30,
    seeds=2,
    weight_gain=0.01,
    learning_rate=1.0,
    optimizer="momentum",
)
DIVERGED = replace(RACE, optimizer="sgd", weight_gain=100.0, activation="identity", seeds=1)
RNN = RnnConfig(width=8, batch_size=100, cases=512, steps=20, length=6, seeds=2, cell="gru")
RNN_DIVERGED = replace(
    RNN,
    cell="rnn",
    activation="identity",
    optimizer="sgd",
    learning_rate=0.01,
    radius=8.0,
    clip=0.0,
)
TEXT = replace(RNN, task="text", cell="lstm", optimizer="momentum", seeds=1)
BLOCKS = TransformerConfig(depth=2, width=16, steps=10, seeds=2)
SENTENCES = SkipConfig(
    width=8, embedding=8, words=200, cases=100, steps=10, freezes=3, batch_size=4
)
FILMS = [
    (race_trainer.film, RACE, ALL),
    (race_trainer.film, DIVERGED, ("none", "batch")),
    (recurrent_trainer.film, RNN, ("layer",)),
    (recurrent_trainer.film, replace(RNN, cell="rnn"), ("batch",)),
    (recurrent_trainer.film, RNN_DIVERGED, ("none",)),
    (recurrent_trainer.film, TEXT, ("layer",)),
    (transformer.film, BLOCKS, ("post",)),
    (transformer.sweep, replace(BLOCKS, warmup=4), ("post",)),
    (skip_thoughts.film, SENTENCES, ("layer",)),
    (film, MNIST, ("batch",)),
    (film, MNIST, ("layer",)),
    (sweep, SWEEP, ("layer",)),
    (convnet.film, CONV, ("batch",)),
    (convnet.film, CONV, ("none",)),
]


class StoppedError(Exception):
    pass


class Memory:
    """A checkpoint that keeps its state as bytes, as a file does, and stops what it watches."""

    def __init__(self, each):
        self.each, self.kept = each, None

    def load(self):
        if self.kept is None:
            return None
        frames, data = self.kept
        return frames, torch.load(io.BytesIO(data), weights_only=True)

    def save(self, frames, state):
        data = io.BytesIO()
        torch.save(state, data)
        self.kept = (frames, data.getvalue())
        if frames % self.each == 0:
            raise StoppedError


def made(frames):
    return [frame for frame in frames if frame is not None]


def assert_same_frames(ones, others):
    assert [frame.step for frame in ones] == [frame.step for frame in others]
    for one, other in zip(ones, others, strict=True):
        assert one.notes == other.notes
        for name, array in one.arrays.items():
            np.testing.assert_array_equal(array, other.arrays[name], name)
        assert pack(one) == pack(other)


@pytest.mark.slow
@pytest.mark.parametrize("each", [1, 2, 3])
@pytest.mark.parametrize(("make", "config", "shard"), FILMS)
def test_resuming_equals_not_stopping(make, config, shard, each):
    whole = made(make(config, shard))
    assert [frame.step for frame in whole] == [config.step_of(at) for at in range(config.frames)]
    memory, taken, stops = Memory(each), [], 0
    while len(taken) < config.frames:
        try:
            for frame in make(config, shard, checkpoint=memory):
                if frame is not None:
                    taken.append(frame)
        except StoppedError:
            stops += 1
    assert stops == config.frames // each
    assert_same_frames(whole, taken)


@pytest.mark.parametrize(("make", "config", "shard"), FILMS)
def test_frames_before_the_first_one_asked_for_are_trained_through(make, config, shard):
    assert_same_frames(made(make(config, shard))[2:], made(make(config, shard, first=2)))


def test_the_race_is_the_papers_with_batch_norm_on_all_layers():
    race = MNIST.race(MNIST.variants)
    assert race.sizes == (784, 16, 16, 10)
    assert (race.activation, race.optimizer, race.bn_output) == ("relu", "adam", True)
    assert MnistConfig(width=1000, cases=55_000, epochs=60).steps == 60 * math.ceil(55_000 / 128)


def test_a_sweep_is_the_same_race_from_its_first_weights_at_every_value():
    frames = made(sweep(SWEEP, ("layer",)))
    x, y = load_training(SWEEP.seed, 512)
    for place, rate in enumerate(SWEPT["learning_rate"]):
        config = SWEEP.race(("layer",), learning_rate=rate)
        with torch.inference_mode():
            race = Race(config, ("layer",), x, y)
            order = batches(config.cases, config.batch_size, config.seed)
            for _ in range(8):
                race.step(next(order))
            error = Evaluation(race, *load_test()).score()["test_error"]
        reached = frames[place + 1].arrays["test_error"]
        np.testing.assert_array_equal(
            reached[..., place], span_over_seeds(error[..., None])[..., 0]
        )
        assert np.isnan(reached[..., place + 1 :]).all()


def test_held_out_images_are_never_trained_on():
    x, y = load_training(SWEEP.seed, 60_000)
    held_out, labels = load_held_out(SWEEP.seed)
    assert torch.equal(held_out, x[55_000:])
    assert torch.equal(labels, y[55_000:])
    assert torch.equal(load_training(SWEEP.seed, 55_000)[0], x[:55_000])
    assert SweepConfig(examples=500_000).training_cases == 55_000


def test_a_sweep_shows_every_network_the_same_number_of_images():
    config = SweepConfig(examples=1024)
    steps = np.diff([0, *config.ends])
    for size, taken in zip(config.values, steps, strict=True):
        assert taken * size == 1024


def test_no_setting_of_the_mnist_pages_is_too_large_for_a_workers_memory():
    largest = MnistConfig(width=1024, seeds=4, cases=55_000, batch_size=512, variants=ALL)
    assert memory_of(largest, ALL[:1]) < LARGEST[1]
    for variant in ALL:
        assert largest.race((variant,)).memory < MEMORY_LIMIT


def test_a_variant_whose_loss_is_not_finite_any_more_is_said_to_have_diverged():
    losses = np.array([[1.0, 2.0], [1.0, math.nan], [math.inf, 1.0]], np.float32)
    cards = diverged_notes(("none", "batch", "layer"), losses)["cards"]
    assert [card["variant"] for card in cards] == ["batch", "layer"]
    assert diverged_notes(("none",), losses[:1]) == {}


def test_step_values_are_those_since_the_last_frame_whether_it_was_made_or_not():
    config = replace(RACE, steps=500)  # a frame every 5 steps
    values = StepValues(config, ("none", "layer"), 2, kinds=2)
    assert values.read().shape == (2, 2, 2, 0)
    for step in range(1, 13):
        loss = torch.full((4,), float(step))
        if step in (4, 9):  # no frame is made between the two
            loss[2 if step == 4 else 0] = math.nan
        values.append(step, loss, -loss)
    assert values.read().shape == (2, 2, 2, 2)
    np.testing.assert_array_equal(values.read()[0, 1, 1], [11.0, 12.0])
    np.testing.assert_array_equal(values.read()[1, 0, 0], [-11.0, -12.0])
    assert values.diverged == {"layer": 4, "none": 9}


@pytest.mark.parametrize(("cases", "size"), [(10, 3), (10, 5), (4, 8)])
def test_batches_from_any_place_are_those_of_the_whole_order(cases, size):
    whole = list(itertools.islice(batches(cases, size, seed=7), 12))
    epoch = torch.cat(whole[: math.ceil(cases / size)])
    assert sorted(epoch.tolist()) == list(range(cases))
    for first in range(12):
        rest = itertools.islice(batches(cases, size, seed=7, first=first), 12 - first)
        for one, other in zip(rest, whole[first:], strict=True):
            assert torch.equal(one, other)


def test_a_convnet_that_diverges_is_a_lesson_and_no_crash(monkeypatch):
    broken = convnet.ConvNet.gradient

    def gradient(net, images, labels):
        return tuple(value * math.nan for value in broken(net, images, labels))

    monkeypatch.setattr(convnet.ConvNet, "gradient", gradient)
    first, *others = made(convnet.film(CONV, ("layer",)))
    assert "cards" not in first.notes
    assert all(frame.notes["cards"][0]["variant"] == "layer" for frame in others)
