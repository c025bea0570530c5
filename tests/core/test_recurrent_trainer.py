"""The films of the RNN lab: which frames come when, with which arrays, to the same bits."""

import dataclasses
import json
import math

import numpy as np
import pytest
import torch

from ln_core.data.sequences import load_sequences
from ln_core.data.text import shared_moby_dick
from ln_core.recurrent.config import EXTRA_STEPS, TASKS, TEXT_SIZE, RnnConfig
from ln_core.recurrent.diagnosis import RecurrentVitals, diagnose
from ln_core.recurrent.trainer import RnnTrainer, film
from ln_core.runs.frame import join, pack, unpack

TINY = RnnConfig(width=8, batch_size=100, cases=512, steps=30, length=6)
EVERY = {"loss", "gradient_norm", "hidden_norm", "gradient_hidden_norm"} | {
    "summed_mean",
    "summed_std",
}
GATES = {"gate_shut", "gate_open"}
SURVEY = {"test_loss", "test_error"}


def frames(config, variants=None, first=0):
    made = film(config, variants or config.taking_part, first=first)
    return [frame for frame in made if frame is not None]


def same_bits(one, other):
    return [pack(frame) for frame in one] == [pack(frame) for frame in other]


CONFIGS = [
    dataclasses.replace(TINY, task=task, cell=cell, seeds=1 + (cell == "rnn"))
    for task, cell in zip((*TASKS, "adding"), ("rnn", "rnn", "gru", "lstm", "gru"), strict=True)
]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: f"{config.task}-{config.cell}")
def test_film_holds_the_arrays_of_its_contract(config):
    made = frames(config)
    V, S, T, G = len(config.taking_part), config.seeds, config.T, len(config.gates)
    assert [frame.step for frame in made] == [config.step_of(i) for i in range(config.frames)]
    for index, frame in enumerate(made):
        survey = config.is_survey(index)
        expected = EVERY | (GATES if G else set()) | (SURVEY if survey else set())
        expected |= {"longer", "aligned"} if config.is_longer_survey(index) else set()
        assert survey or not config.is_longer_survey(index)
        assert set(frame.arrays) == expected
        shapes = {name: array.shape for name, array in frame.arrays.items()}
        K = frame.step - config.step_of(index - 1) if index else 0
        for name, shape in {
            "loss": (V, S, K),
            "gradient_norm": (V, S, K),
            "hidden_norm": (V, T),
            "gradient_hidden_norm": (V, T),
            "summed_mean": (V, T),
            "summed_std": (V, T),
            "gate_shut": (V, G, T),
            "gate_open": (V, G, T),
            "test_loss": (V, S),
            "test_error": (V, S),
            "longer": (V, len(EXTRA_STEPS)),
            "aligned": (V, len(EXTRA_STEPS)),
        }.items():
            assert shapes.get(name, shape) == shape
        assert all(array.dtype == np.float32 for array in frame.arrays.values())
        assert all(np.isfinite(array).all() for array in frame.arrays.values())
        notes = {"cards"} | ({"facts"} if index == 0 else set())
        notes |= {"texts"} if survey and config.task == "text" else set()
        notes |= {"measured_values"} if survey else set()
        assert set(frame.notes) == notes
        json.dumps(frame.notes, allow_nan=False)
        assert unpack(pack(frame))[0].step == frame.step


@pytest.mark.slow
@pytest.mark.parametrize("config", CONFIGS[:4], ids=lambda config: config.task)
def test_same_config_gives_the_same_bits_and_a_fast_forward_gives_the_rest_of_them(config):
    made = frames(config)
    assert same_bits(made, frames(config))
    assert same_bits(made[11:], frames(config, first=11))
    parts = [frames(config, shard) for shard in config.shards]
    joined = [join(frame) for frame in zip(*parts, strict=True)]
    assert same_bits(made, joined)


def test_other_seeds_give_other_weights_and_batches_and_variants_share_theirs():
    facts = {}
    for seed in (0, 1):
        first = frames(dataclasses.replace(TINY, seed=seed))[0]
        for fact in first.notes["facts"]:
            facts.setdefault((seed, fact["label"]), set()).add(fact["value"])
    assert all(len(values) == 1 for values in facts.values())
    assert len(set.union(*facts.values())) == 4


def test_first_frame_shows_the_networks_before_training():
    first, second = frames(TINY)[:2]
    # The first step sees the same batch with the same weights.
    for name in ("hidden_norm", "gradient_hidden_norm", "summed_mean", "summed_std"):
        assert np.array_equal(first.arrays[name], second.arrays[name])
    with torch.inference_mode():
        trainer = RnnTrainer(TINY, ("batch",))
        trainer.make_frame(0)
        running = trainer.runners[0].network.running["g"]
        assert (running.mean == 0).all()
        assert (running.variance == 1).all()


def test_frames_are_made_of_what_the_steps_saw():
    config = dataclasses.replace(TINY, seeds=2, clip=0.01)
    made = frames(config, ("layer",))
    with torch.inference_mode():
        trainer = RnnTrainer(config, ("layer",))
        for frame in made[1:]:
            trainer.train()
            loss, gradient_norm = trainer.values.read()
            assert np.array_equal(frame.arrays["loss"], loss)
            assert np.array_equal(frame.arrays["gradient_norm"], gradient_norm)
            cell = trainer.runners[0].workspace.cell
            h = cell.states[1:].double()
            norm = h.square().sum(2).sqrt().mean(1)
            np.testing.assert_allclose(frame.arrays["hidden_norm"][0], norm, rtol=1e-5)
            a = cell.summed().double()
            sigma = a.var(2, correction=0).mean(1).sqrt()
            np.testing.assert_allclose(frame.arrays["summed_std"][0], sigma, rtol=1e-4)
            np.testing.assert_allclose(frame.arrays["summed_mean"][0], a.mean((1, 2)), atol=1e-5)
            dh = cell.gradients[1:].double().square().sum((1, 2)).sqrt()
            np.testing.assert_allclose(frame.arrays["gradient_hidden_norm"][0], dh, rtol=1e-5)
    assert (made[-1].arrays["gradient_norm"] > config.clip).all()  # before the clip


def test_gates_that_are_saturated_are_counted():
    config = dataclasses.replace(TINY, cell="lstm", radius=8.0, task="adding")
    with torch.inference_mode():
        trainer = RnnTrainer(config, ("none",))
        arrays = trainer.make_frame(0).arrays
        gates = torch.stack(
            [torch.stack(list(four[:3])) for four in trainer.runners[0].workspace.cell.fiog]
        )
    for name, count in (("gate_shut", gates < 0.1), ("gate_open", gates > 0.9)):
        np.testing.assert_allclose(arrays[name][0], count.double().mean((2, 3)).T, rtol=1e-5)
    assert arrays["gate_open"].max() > 0


def test_a_diverged_net_gets_a_card_and_its_film_goes_on():
    config = dataclasses.replace(
        TINY, activation="identity", optimizer="sgd", learning_rate=0.01, radius=8.0, clip=0.0
    )
    made = frames(config, ("none", "layer"))
    assert len(made) == config.frames
    titles = [{(c["variant"], c["title"]) for c in frame.notes["cards"]} for frame in made]
    assert ("none", "Exploding gradient") in titles[0]
    assert ("none", "Exploding state") in titles[0]
    assert ("none", "Diverged") in titles[-1]
    assert ("layer", "Diverged") not in titles[-1]
    text = next(c["text"] for c in made[-1].notes["cards"] if c["title"] == "Diverged")
    step = int(text.split("step ")[1].split()[0])
    losses = np.concatenate([frame.arrays["loss"] for frame in made], axis=2)[0, 0]
    assert np.isfinite(losses[: step - 1]).all()
    assert not np.isfinite(losses[step - 1])


def test_a_gradient_beyond_all_numbers_is_not_said_to_keep_its_direction():
    made = {
        "variant": "none",
        "batch_size": 32,
        "diverged": None,
        "clip": 1.0,
        "hidden_norm": [1.0, math.inf],
        "gradient_hidden_norm": [math.inf, 1.0],
        "saturated": None,
    }

    def texts(norm, at_end):
        vitals = RecurrentVitals(**made, gradient_norm=norm, answers_at_end=at_end)
        return {card.title: card.text for card in diagnose(vitals)}

    lost = texts(math.inf, True)
    assert lost["Exploding gradient"].endswith(
        "not a finite number: nothing can be learned from it."
    )
    assert lost["Exploding state"].endswith("at the first time step and over 10¹⁹ later.")
    made["clip"] = 0  # then it does learn, as Adam divides by the gradient's size
    assert "nothing can be learned" not in texts(math.inf, True)["Exploding gradient"]
    made["clip"] = 1.0
    assert "direction stays" in texts(2e3, True)["Exploding gradient"]
    made["gradient_hidden_norm"] = [0.0, 1e-3, 1.0]
    lost = texts(1.0, True)["Vanishing gradient"]
    assert "0 at the first, or too small for a float32. The network" in lost
    assert "per time step" not in lost
    large = texts(2e3, True)["Very large gradients"]  # it does not explode on its way back
    assert "per time step" not in large
    made["gradient_hidden_norm"] = [math.inf, 1.0]
    assert "per time step" not in texts(2e3, True)["Exploding gradient"], "nobody knows it"
    made["gradient_hidden_norm"] = [4.0, 2.0, 1.0]
    assert "changes by a factor of 2 per time step" in texts(2e3, True)["Exploding gradient"]
    assert "per time step" not in texts(2e3, False)["Exploding gradient"], "each step has its loss"
    made["gradient_hidden_norm"] = [2e-20, 0.1, 4.2e13]
    lost = texts(1.0, True)["Vanishing gradient"]
    assert "2 × 10⁻²⁰ at the first: a factor of 2.18 × 10⁻¹⁷ per time step" in lost
    made["gradient_hidden_norm"] = [1e-10, math.inf]
    lost = texts(1.0, True)["Vanishing gradient"]
    assert "has size over 10¹⁹ at the last state, 10⁻¹⁰ at the first. The" in lost.replace(
        "1 × ", ""
    )
    made["gradient_hidden_norm"] = [math.inf]  # of a sequence of one step
    assert "per time step" not in texts(2e3, True)["Very large gradients"]


def test_a_vanishing_gradient_and_a_lone_case_get_their_cards():
    config = dataclasses.replace(TINY, radius=0.25)
    cards = frames(config, ("none", "batch"))[0].notes["cards"]
    assert {(c["variant"], c["title"]) for c in cards} >= {("none", "Vanishing gradient")}
    lone = dataclasses.replace(TINY, batch_size=1, steps=10)
    cards = frames(lone, ("batch",))[-1].notes["cards"]
    assert [c["title"] for c in cards] == ["Nothing left to normalize"]
    saturated = dataclasses.replace(TINY, radius=8.0, width=64, steps=10)
    cards = frames(saturated, ("none",))[0].notes["cards"]
    assert "Saturated units" in [c["title"] for c in cards]
    cards = frames(saturated, ("layer",))[0].notes["cards"]
    assert "Saturated units" not in [c["title"] for c in cards]


def test_a_net_writes_in_its_alphabet_and_the_same_text_from_the_same_weights():
    config = dataclasses.replace(TINY, task="text", cell="gru")
    made = frames(config, ("none", "layer"))
    texts = [frame.notes["texts"] for frame in made if "texts" in frame.notes]
    alphabet = set(shared_moby_dick().alphabet)
    for notes in texts:
        assert [note["variant"] for note in notes] == ["none", "layer"]
        assert all(len(note["value"]) == 160 and set(note["value"]) <= alphabet for note in notes)
    assert texts[0] != texts[-1]
    with torch.inference_mode():
        trainer = RnnTrainer(config, ("layer",))
        writer = trainer.writers[0]
        assert writer.write() == writer.write()
        trainer.runners[0].network.parameters.value["W_y"].fill_(math.nan)
        assert writer.write() == ""


def test_longer_sequences_are_the_test_images_behind_blank_rows():
    with torch.inference_mode():
        trainer = RnnTrainer(TINY, ("batch",))
        for _ in range(20):
            trainer.train()
        shorter, *longer = (plain.chunks[0][0] for plain, _ in trainer.longer[0])
        for k, x in zip(EXTRA_STEPS[1:], longer, strict=True):
            N = min(x.shape[1], shorter.shape[1])
            assert torch.equal(x[k:, :N], shorter[:, :N])
            assert x[:k].std() < 1e-6
            assert x[0, 0, 0].item() == pytest.approx(-0.1307 / 0.3081)


def test_moving_the_statistics_along_changes_batch_norms_answers_alone():
    made = frames(TINY)[-1].arrays
    batch = TINY.taking_part.index("batch")
    for at in range(len(TINY.taking_part)):
        assert np.array_equal(made["aligned"][at], made["longer"][at]) == (at != batch)
    assert made["aligned"][batch, 0] == made["longer"][batch, 0]


@pytest.mark.parametrize("task", TASKS)
def test_the_baseline_is_the_one_of_the_data(task):
    config = dataclasses.replace(TINY, task=task, length=28)
    data = load_sequences(task, 512, 0, length=28, test_cases=10)
    assert config.baseline == pytest.approx(data.baseline, abs=1e-3)
    assert data.x_train.shape[1] == config.T
    assert len(shared_moby_dick().train) > TEXT_SIZE
