"""The film: which frames come when, with which arrays, to the same bits every time."""

import dataclasses
import json
from typing import Any

import numpy as np
import pytest
import torch

from ln_core.race.config import VARIANTS, MlpConfig
from ln_core.race.model import Race
from ln_core.race.probes import ModeLosses
from ln_core.race.trainer import MlpTrainer, film
from ln_core.runs.changes import Change, Setting
from ln_core.runs.frame import join, pack, unpack
from ln_core.training.arrays import short_hash
from ln_core.training.batches import batches, order_hash

ALL = tuple(VARIANTS)
TINY = MlpConfig(depth=2, width=8, batch_size=100, cases=512, steps=30)
EVERY = {"loss", "spread", "summed", "normed", "summed_histogram", "normed_histogram"} | {
    "gradient_norm",
    "weight_norm",
}
SURVEY = {"test_loss", "test_error", "dead", "mode_loss", "running_gap", "block"} | {
    f"{view}_{what}" for view in ("unit", "case") for what in ("mean", "std")
}


def frames(config, variants=None, first=0):
    return [f for f in film(config, variants or config.variants, first=first) if f is not None]


def same_bits(one, other):
    return [pack(frame) for frame in one] == [pack(frame) for frame in other]


@pytest.mark.parametrize(
    "config",
    [
        TINY,
        dataclasses.replace(TINY, steps=250, seeds=3),  # a frame every 2 steps
        dataclasses.replace(TINY, data="mnist", activation="tanh", variants=("batch", "group")),
        dataclasses.replace(TINY, depth=30, batch_size=1, activation="identity"),
    ],
    ids=["plane", "seeds", "mnist", "deep"],
)
def test_film_holds_the_arrays_of_its_contract(config):
    made = frames(config)
    V, S, L, O = len(config.variants), config.seeds, config.depth, config.depth + 1  # noqa: E741
    assert [frame.step for frame in made] == [config.step_of(i) for i in range(config.frames)]
    for index, frame in enumerate(made):
        plane = config.data != "mnist"
        expected = EVERY | (SURVEY if config.is_survey(index) else set())
        surveyed = {"boundary" if plane else "answers"}
        expected |= surveyed if config.is_survey(index) else set()
        expected |= {"points" if plane else "digits"} if index == 0 else set()
        assert set(frame.arrays) == expected
        shapes = {name: array.shape for name, array in frame.arrays.items()}
        steps = frame.step - config.step_of(index - 1) if index else 0
        U = min(config.width, max(16, 512 // L))
        C = max(16, 512 // L)
        for name, shape in {
            "loss": (V, S, steps),
            "summed": (V, L, 5),
            "normed": (V, L, 5),
            "spread": (V, 2, L),
            "summed_histogram": (V, L, 53),
            "normed_histogram": (V, L, 53),
            "gradient_norm": (V, O),
            "weight_norm": (V, O),
            "test_loss": (V, S),
            "test_error": (V, S),
            "unit_mean": (V, L, U),
            "unit_std": (V, L, U),
            "dead": (V, L),
            "boundary": (V, 32, 32),
            "points": (V, 200, 3),
            "answers": (V, 6, 2),
            "digits": (V, 88, 102),
            "mode_loss": (V, 2),
            "running_gap": (V, L, 2),
        }.items():
            assert shapes.get(name, shape) == shape
        if "case_mean" in shapes:
            assert shapes["case_mean"] == shapes["case_std"]
            assert shapes["case_mean"][2] in {min(config.batch_size, C), 512 % config.batch_size}
        for name, array in frame.arrays.items():
            whole = name.endswith("histogram") or name in ("boundary", "digits")
            assert array.dtype == (np.uint8 if whole else np.float32)
        assert unpack(pack(frame))[0].step == frame.step


def test_frames_are_made_of_what_the_steps_saw():
    config = dataclasses.replace(TINY, seeds=2)
    made = frames(config)
    with torch.inference_mode():
        race = MlpTrainer(config, config.variants).race
        order = batches(config.cases, config.batch_size, config.seed)
        for index, frame in enumerate(made[1:], 1):
            chosen = next(order)
            race.load(chosen)
            loss = race.forward().clone().view(5, 2, 1)
            race.update_running()
            modes = ModeLosses(race.workspace).read()
            race.learn()
            assert np.array_equal(frame.arrays["loss"], loss)
            W = race.stack.theta[0].W[::2]
            weight_norm = torch.linalg.vector_norm(W, dim=(1, 2))
            assert np.array_equal(frame.arrays["weight_norm"][:, 0], weight_norm)
            if config.is_survey(index):
                assert np.array_equal(frame.arrays["mode_loss"], modes)
                assert np.array_equal(frame.arrays["mode_loss"][:, 0], loss[:, 0, 0])
    assert not np.array_equal(made[0].arrays["weight_norm"], made[1].arrays["weight_norm"])


def test_first_frame_shows_the_networks_before_training():
    first, second = frames(TINY)[:2]
    # The first step sees the same batch with the same weights, so its buffers hold the same.
    for name in ("summed", "normed", "summed_histogram", "gradient_norm"):
        assert np.array_equal(first.arrays[name], second.arrays[name])
    assert np.array_equal(first.arrays["mode_loss"][:, 0], second.arrays["loss"][:, 0, 0])
    with torch.inference_mode():
        trainer = MlpTrainer(TINY, ALL)
        trainer.make_frame(0)
        assert (trainer.race.stack.running.mean == 0).all()
        assert (trainer.race.stack.running.variance == 1).all()
        assert (trainer.race.parameters.grad != 0).any()


@pytest.mark.parametrize("seeds", [1, 2])
def test_film_has_the_same_bits_every_time(seeds):
    config = dataclasses.replace(TINY, seeds=seeds)
    assert same_bits(frames(config), frames(config))


def test_another_seed_gives_another_film():
    assert not same_bits(frames(TINY)[:1], frames(dataclasses.replace(TINY, seed=1))[:1])


@pytest.mark.parametrize("first", [1, 4, 7, 8, 9, 30])
def test_film_can_go_on_from_any_frame_with_the_same_bits(first):
    # Dead units are found by surveys and told of in between: weights this small kill layers.
    config = dataclasses.replace(TINY, weight_gain=0.01, learning_rate=1.0, optimizer="momentum")
    whole = frames(config)
    assert same_bits(whole[first:], frames(config, first=first))
    assert any(frame.notes["cards"] for frame in whole)


@pytest.mark.parametrize(("steps", "told"), [(172, True), (171, False)])
def test_a_batch_of_one_at_the_end_of_an_epoch_is_told_where_an_epoch_ends(steps, told):
    config = dataclasses.replace(TINY, cases=514, batch_size=3, steps=steps)
    titles = {card["title"] for card in frames(config, ("batch",))[0].notes["cards"]}
    assert ("A batch of one at the end" in titles) is told


@pytest.mark.parametrize(("steps", "told"), [(247, True), (246, False)])
def test_a_batch_of_one_is_told_where_an_epoch_of_the_changed_size_ends(steps, told):
    changed = (Change(3, "batch_size", 3),)  # 71 steps and a smaller one for the 214 that are left
    config = dataclasses.replace(TINY, cases=514, steps=steps, changes=changed)
    last = frames(config, ("batch",))[-1]
    titles = {card["title"] for card in last.notes["cards"]}
    assert ("A batch of one at the end" in titles) is told


def test_a_batch_of_one_is_not_told_of_a_size_that_changes_before_an_epoch_ends():
    changed = (Change(5, "batch_size", 19),)  # 513 is 27 times 19, and 1 more than 16 times 32
    config = dataclasses.replace(TINY, cases=513, batch_size=32, steps=60, changes=changed)
    assert not any(frame.notes["cards"] for frame in frames(config, ("batch",)))


def test_a_loss_lost_at_epsilon_zero_is_put_down_to_it_after_the_norm_is_taken_out_too():
    changed = (Change(10, "normalization", "out-fresh"),)
    config = dataclasses.replace(TINY, width=1, epsilon=0.0, changes=changed)
    for frame in frames(config, ("layer",))[1:]:
        assert "0 / 0" in frame.notes["cards"][0]["text"]


@pytest.mark.parametrize(
    ("setting", "measured"),
    [
        ({}, ["batch", "layer"]),
        ({"bn_frozen": True}, ["layer"]),
        ({"normalization": "out"}, []),
        ({"normalization": "in-fresh"}, ["batch", "layer"]),
    ],
)
def test_a_setting_says_whose_norm_measures(setting, measured):
    held = Setting(learning_rate=0.1, batch_size=8, **setting)
    assert [v for v in ("none", "batch", "layer") if held.measures(v)] == measured


def test_every_unit_of_work_is_one_step_or_one_frame():
    made = list(film(TINY, ALL))
    assert len(made) == TINY.steps + TINY.frames
    assert made[0] is not None
    assert made[1] is None


@pytest.mark.parametrize("watched", [True, False])
def test_watching_does_not_change_training(watched):
    config = dataclasses.replace(TINY, steps=40)
    last = frames(config, first=0 if watched else config.frames - 1)[-1]
    with torch.inference_mode():
        race = MlpTrainer(config, ALL).race
        order = batches(config.cases, config.batch_size, config.seed)
        for _ in range(config.steps):
            loss = race.step(next(order))
    assert np.array_equal(last.arrays["loss"][:, 0, -1], loss)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_network_in_company_holds_the_bits_of_one_alone(activation):
    config = dataclasses.replace(TINY, width=16, batch_size=32, activation=activation)

    def trained(variants):
        trainer = MlpTrainer(dataclasses.replace(config, variants=variants), variants)
        with torch.inference_mode():
            for _ in range(30):
                trainer.train()
        return dict(zip(variants, trainer.race.parameters.theta.chunk(len(variants)), strict=True))

    together = trained(ALL)
    for variant in ALL:
        assert torch.equal(together[variant], trained((variant,))[variant])


def test_facts_prove_the_same_start_for_all():
    config = dataclasses.replace(TINY, seeds=2)
    facts = frames(config)[0].notes["facts"]
    assert {fact["variant"] for fact in facts} == set(ALL)
    for label in ("Initial weights", "Batch order"):
        values = {fact["value"] for fact in facts if fact["label"] == label}
        assert len(values) == 1
        (value,) = values
        assert len(value) == 8
        assert int(value, 16) >= 0
    shard = frames(config, ("layer",))[0].notes["facts"]
    assert [fact["value"] for fact in shard] == [
        fact["value"] for fact in facts if fact["variant"] == "layer"
    ]


def test_frames_of_shards_join_to_those_of_the_whole_race():
    whole = frames(TINY)
    shards = [frames(TINY, (variant,)) for variant in ALL]
    for frame, *parts in zip(whole, *shards, strict=True):
        joined = join(parts)
        assert joined.notes == frame.notes
        for name, array in frame.arrays.items():
            tolerance: dict[str, Any] = {
                "rtol": 5e-3,
                "atol": 0.01 if name == "test_error" else 5e-3,
            }
            if array.dtype == np.uint8:
                # A value at the edge of a bin may fall to either side: all but a few are equal.
                off = np.abs(joined.arrays[name].astype(int) - array.astype(int))
                assert off.mean() < 1
                continue
            np.testing.assert_allclose(
                joined.arrays[name].astype(float), array.astype(float), **tolerance
            )


@pytest.mark.parametrize("batch_size", [1, 100])
@pytest.mark.parametrize("bn_output", [False, True])
def test_diverged_race_keeps_giving_valid_frames(batch_size, bn_output):
    config = dataclasses.replace(
        TINY,
        learning_rate=10.0,
        optimizer="sgd",
        weight_gain=100.0,
        activation="identity",
        batch_size=batch_size,
        bn_output=bn_output,
        depth=10,
    )
    made = frames(config)
    assert len(made) == config.frames
    assert np.isnan(made[-1].arrays["loss"][0]).all()
    for frame in made:
        json.dumps(frame.notes, allow_nan=False)
        assert unpack(pack(frame))[0].notes == frame.notes
    (card,) = [c for c in made[-1].notes["cards"] if c["variant"] == "none"]
    since = int(card["text"].split("step ")[1].split(" ")[0])
    assert np.isfinite(made[since - 1].arrays["loss"][0]).all()
    assert not np.isfinite(made[since].arrays["loss"][0]).all()


def test_lone_case_without_epsilon_is_no_accident():
    config = dataclasses.replace(TINY, batch_size=1, epsilon=0.0)
    for frame in frames(config):
        batch = ALL.index("batch")
        assert np.isfinite(frame.arrays["loss"][batch]).all()
        assert (frame.arrays["normed"][batch] == frame.arrays["normed"][batch]).all()
        assert "Nothing left to normalize" in [card["title"] for card in frame.notes["cards"]]


@pytest.mark.parametrize("width", [1, 3])
def test_narrowest_networks_are_filmed(width):
    made = frames(dataclasses.replace(TINY, width=width, depth=1))
    assert made[-1].arrays["unit_mean"].shape == (5, 1, width)


def test_film_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    frames(TINY)
    assert torch.equal(torch.get_rng_state(), before)


def test_film_does_not_leave_inference_mode_on_between_its_frames():
    for _ in zip(range(3), film(TINY, ALL), strict=False):
        assert not torch.is_inference_mode_enabled()


def test_race_in_double_precision_stays_double():
    with torch.inference_mode():
        task = MlpTrainer(TINY, ALL).task
        race = Race(TINY, ALL, task.x_train, task.y_train, dtype=torch.float64)
        assert (
            race.step(next(batches(TINY.cases, TINY.batch_size, TINY.seed))).dtype == torch.float64
        )


def test_the_hash_is_that_of_the_first_batches():
    drawn = torch.arange(400).view(200, 2)
    assert order_hash(iter(drawn)) == short_hash(torch.arange(200))  # 100 batches
