"""Recordings: what is in `assets/recorded/` is what the app would train now."""

import re
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from ln_core.paper.mnist.config import MNIST, MnistConfig
from ln_core.paper.skip_thoughts.config import SkipConfig
from ln_core.paper.skip_thoughts.trainer import SkipTrainer
from ln_core.recorded import loader
from ln_core.recorded import record as command
from ln_core.recorded.catalogue import RECORDINGS, Recording
from ln_core.recorded.loader import RECORDED
from ln_core.recorded.record import (
    Progress,
    ShardCheckpoint,
    checkpoint_of,
    final_states,
    frames,
    record,
    record_shard,
)
from ln_core.runs.config import to_query
from ln_core.runs.experiment import load_function
from ln_core.runs.film_file import read_facts, read_film
from ln_core.runs.frame import join, unpack

# Frames of a recording that are trained again, a second survey among them, and their steps at most.
COMPARED, COMPARED_STEPS = 21, 250
# Large networks, and those that are another recording's but for the size of their filters.
ONE_SEED = {"skip_thoughts", "mnist_128", "mnist_4", "mnist_4_own", "convnet_unequal"}
FEW_FRAMES = {"transformer_rates": 5}  # a step of this sweep is one of all its races
ROUNDING = 1e-4  # relative gap that different rounding makes within two steps
# And what a gap below that may have grown to in the next frame, which may be far away.
GROWN = 0.02
# The second frame at batch size 4, one seed: kinds of processors gave gaps of 0.09 to 0.13.
MNIST_4_STEPS, GROWN_IN_MNIST_4 = 3437, 0.3
MOST_BYTES = 700_000


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_is_whole_and_says_what_it_is(name):
    recording = RECORDINGS[name]
    about = loader.about(name)
    assert about["config"] == to_query(recording.config)
    assert about.get("own", {}) == {",".join(at): own for at, own in recording.own.items()}
    assert {"date", "core_seconds", "versions", "machine", "results"} <= about.keys()
    recorded = loader.recorded_frames(name)
    assert len(recorded) == recording.config.frames
    assert recorded[-1].step == recording.config.steps
    assert about["results"] == recording.results(recorded, recording.config)
    assert (RECORDED / f"{name}.film").stat().st_size < MOST_BYTES
    assert (RECORDED / f"{name}.npz").exists() == (recording.weights is not None)


@pytest.mark.slow
@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recordings_first_frames_are_those_of_a_live_run(name):
    recording = RECORDINGS[name]
    recorded = loader.recorded_frames(name)
    steps, grown = (
        (MNIST_4_STEPS, GROWN_IN_MNIST_4)
        if name in ("mnist_4", "mnist_4_own")
        else (COMPARED_STEPS, GROWN)
    )
    count = sum(frame.step <= steps for frame in recorded[:COMPARED])
    count = FEW_FRAMES.get(name, count)
    if name in ONE_SEED:
        recording = replace(recording, config=replace(recording.config, seeds=1))
    shards = [islice(frames(recording, shard), count) for shard in recording.config.shards]
    for then, now in zip(recorded, map(join, zip(*shards, strict=True)), strict=False):
        assert then.step == now.step
        assert then.arrays.keys() == now.arrays.keys()
        told = {name: now.notes[name] for name in then.notes}  # later ones tell more
        assert then.notes == told
        off = {array: relative_gap(then.arrays[array], now.arrays[array]) for array in now.arrays}
        furthest = max(off.values(), default=0.0)
        assert furthest <= (ROUNDING if now.step <= 2 else grown), (now.step, off)
        if furthest > ROUNDING:
            break  # another kind of machine rounds differently: from here on that only grows


def relative_gap(then, now):
    """How far two arrays are apart; of the recorded one, the seeds that are there now count."""
    then = then[:, : now.shape[1]].astype(float) if now.ndim > 1 else then.astype(float)
    now = now.astype(float)
    np.testing.assert_array_equal(np.isfinite(then), np.isfinite(now))
    return np.nansum(np.abs(then - now)) / max(1.0, np.nansum(np.abs(now)))


@pytest.mark.slow
def test_recording_is_repeatable_to_the_byte_on_one_machine(tmp_path):
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        record("home", folder)
    one, two = (read_film(tmp_path / half / "home") for half in ("one", "two"))
    assert one == two
    assert read_facts(tmp_path / "one" / "home").keys() >= loader.about("home").keys()


def tiny_figure(config):
    """Draw two of the arrays."""
    return {"sections": [{"array": "test_nll"}, {"array": "train_error"}]}


@pytest.fixture
def tiny(monkeypatch):
    """A recording that takes a second."""
    config = MnistConfig(width=8, cases=512, epochs=2, per_epoch=2, variants=("none", "layer"))
    experiment = replace(MNIST, figure="tests.core.test_record:tiny_figure")
    recording = Recording(experiment=experiment, config=config)
    monkeypatch.setitem(RECORDINGS, "tiny", recording)
    return recording


def test_a_shard_that_was_stopped_anywhere_goes_on_to_the_same_bytes(tiny, tmp_path):
    """Stop after every number of frames, with and without a frame whose state is missing."""
    (tmp_path / "whole").mkdir()
    record_shard("tiny", 0, tmp_path / "whole", lambda step: None)
    whole = (tmp_path / "whole" / "0.frames").read_bytes()
    assert len(unpack(whole)) == tiny.config.frames

    class StoppedError(Exception):
        pass

    for stop in range(1, tiny.config.frames):
        folder = tmp_path / str(stop)
        folder.mkdir()
        told = []

        def stop_here(step, told=told, stop=stop):
            told.append(step)
            if len(told) == stop:
                raise StoppedError

        with pytest.raises(StoppedError):
            record_shard("tiny", 0, folder, stop_here)
        half_written = folder / "0.frames"
        half_written.write_bytes(half_written.read_bytes()[:-3])
        told_after = []
        record_shard("tiny", 0, folder, told_after.append)
        assert half_written.read_bytes() == whole
        assert len(told_after) <= tiny.config.frames - stop + 1  # no frame but the last is lost


def test_the_weights_beside_a_recording_are_those_after_its_last_step(monkeypatch, tmp_path):
    config = SkipConfig(
        width=8, embedding=8, words=200, cases=100, steps=10, freezes=2, seeds=2, batch_size=4
    )
    recording = replace(RECORDINGS["skip_thoughts"], config=config)
    monkeypatch.setitem(RECORDINGS, "tiny", recording)
    for shard in range(2):
        record_shard("tiny", shard, tmp_path, lambda step: None)
    weights = load_function(recording.weights)(config, final_states("tiny", tmp_path))
    for variant in config.variants:
        trainer = SkipTrainer(config, (variant,))
        while trainer.step < config.steps:
            trainer.train()
        for name, value in trainer.networks[0].named().items():  # of the first seed
            if name == "words" or name.startswith("encoder."):
                kept = weights.pop(f"{variant}.{name}")
                np.testing.assert_array_equal(kept, value.detach().half().numpy())
    assert not weights


def test_what_another_config_left_is_not_taken_up(tiny, tmp_path):
    record_shard("tiny", 0, tmp_path, lambda step: None)
    assert checkpoint_of(tiny, 0, tmp_path).load() is not None
    assert ShardCheckpoint(tmp_path / "0.frames", "another run").load() is None


def test_a_shard_may_have_a_rate_of_its_own(tiny):
    own = replace(tiny, own={("layer",): {"learning_rate": 0.03}})
    faster = replace(tiny, config=replace(tiny.config, learning_rate=0.03))

    def ends(variant):
        films = (list(frames(recording, (variant,))) for recording in (own, tiny, faster))
        return [film[-1].arrays["test_nll"] for film in films]

    changed, plain, fast = ends("layer")
    assert changed == fast != plain
    changed, plain, fast = ends("none")
    assert changed == plain != fast


def test_what_was_left_at_another_rate_of_a_shards_own_is_not_taken_up(tiny, tmp_path):
    record_shard("tiny", 1, tmp_path, lambda step: None)
    changed = replace(tiny, own={("layer",): {"learning_rate": 0.03}})
    assert checkpoint_of(tiny, 1, tmp_path).load() is not None
    assert checkpoint_of(changed, 1, tmp_path).load() is None


def test_only_the_arrays_that_the_figure_draws_are_recorded(tiny):
    (first, *_) = frames(tiny, ("layer",))
    assert first.arrays.keys() == {"test_nll", "train_error"}


def test_progress_tells_how_much_time_is_left(capsys, monkeypatch):
    clock = iter([0.0, 60.0, 120.0])
    monkeypatch.setattr(command.time, "monotonic", lambda: next(clock))
    progress = Progress("tiny", 1000)
    progress.note(0, 400)  # was there already: says nothing of the speed
    progress.note(0, 600)
    assert re.search(r"60\.0%, 4\.0 min left", capsys.readouterr().err)
