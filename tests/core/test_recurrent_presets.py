"""What the RNN lab and its presets say of trained nets, over several seeds: a test a sentence."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from ln_core.recurrent import microscope
from ln_core.recurrent.config import RnnConfig
from ln_core.recurrent.presets import MICROSCOPE_PRESETS, RNN_PRESETS
from ln_core.recurrent.trainer import film

SEEDS = (0, 1, 2)
pytestmark = pytest.mark.parametrize("seed", SEEDS)


def race(name, variant, seed):
    """Give the race of one variant of a preset with another seed."""
    assert variant in RNN_PRESETS[name].config.taking_part
    return replace(RNN_PRESETS[name].config, seed=seed, variants=(variant,))


@cache
def first_frame(config):
    return next(frame for frame in film(config, config.taking_part) if frame)


@cache
def last_frame(config):
    """Train a race to its end; frames that nobody looks at need not be made."""
    made = film(config, config.taking_part, first=config.frames - 1)
    (last,) = (frame for frame in made if frame)
    return last


def final(name, variant, seed, array):
    return last_frame(race(name, variant, seed)).arrays[array][0]


def accuracy(variant, **knobs):
    last = last_frame(RnnConfig(variants=(variant,), **knobs))
    return 1 - last.arrays["test_error"][0, 0].item()


@cache
def snapshot(name, seed):
    config = replace(MICROSCOPE_PRESETS[name].config, seed=seed)
    frame = microscope.compute(config)
    rows = {variant: index for index, variant in enumerate(config.variants)}
    return config, {
        variant: {array: values[row] for array, values in frame.arrays.items()}
        for variant, row in rows.items()
    }


@pytest.mark.slow
def test_with_recurrent_weights_too_large_the_plain_net_learns_little_and_layer_norm_learns(
    seed,
):
    assert final("large", "none", seed, "test_error") > 0.7
    assert final("large", "layer", seed, "test_error") < 0.45
    assert final("large", "rms", seed, "test_error") < 0.45


@pytest.mark.slow
def test_from_well_chosen_weights_the_plain_net_makes_fewer_errors_than_with_layer_norm(seed):
    plain = final("plain", "none", seed, "test_error")
    assert plain < final("plain", "layer", seed, "test_error")


@pytest.mark.slow
def test_with_a_small_initial_gain_layer_norms_gradient_fades_whatever_the_recurrent_weights(seed):
    def ratio(name):
        frame = first_frame(race(name, "layer", seed))
        gradient = frame.arrays["gradient_hidden_norm"][0]
        return gradient[0] / gradient[-1]  # of the first step to the last, before training

    assert ratio("gain") < 0.05
    assert ratio("large") > 0.5  # the same weights with gain 1


@pytest.mark.slow
def test_at_a_high_learning_rate_layer_norm_makes_under_two_thirds_of_the_lstms_errors(seed):
    plain = final("rate", "none", seed, "test_error")
    assert final("rate", "layer", seed, "test_error") < 2 / 3 * plain


@pytest.mark.slow
def test_with_blank_rows_in_front_batch_norm_loses_its_way_and_layer_norm_carries_on(seed):
    batch = final("longer", "batch", seed, "longer")
    layer = final("longer", "layer", seed, "longer")
    assert batch[-1] < 0.65 * batch[0]
    assert layer[-1] > 0.9 * layer[0]


@pytest.mark.slow
def test_the_lstm_with_layer_norm_copies_below_the_loss_of_guessing_and_of_the_lstm_without(seed):
    layer = final("copy", "layer", seed, "test_loss")
    assert layer < 0.8 * RNN_PRESETS["copy"].config.baseline
    assert layer < final("copy", "none", seed, "test_loss")


@pytest.mark.slow
def test_both_lstms_get_below_the_loss_of_letter_frequencies_and_write_words(seed):
    for variant in ("none", "layer"):
        assert final("text", variant, seed, "test_loss") < RNN_PRESETS["text"].config.baseline - 0.5
        config = race("text", variant, seed)
        frames = (first_frame(config), last_frame(config))
        first, last = (frame.notes["texts"][0]["value"] for frame in frames)
        common = {"the", "and", "of", "a", "to", "in", "he", "his", "that", "it", "I"}
        assert len(common & set(last.split())) > len(common & set(first.split()))


@pytest.mark.slow
def test_layer_norm_wins_clearly_where_the_recurrent_weights_are_large(seed):
    # FACTS 7d at rho = 4: 17 % without, 63 % with.
    knobs = {"radius": 4.0, "steps": 300, "seed": seed}
    assert accuracy("layer", **knobs) > accuracy("none", **knobs) + 0.2


@pytest.mark.slow
def test_a_well_initialized_tanh_rnn_learns_no_slower_than_with_layer_norm(seed):
    # FACTS 7d at rho = 1: 62 % without, 52 % with.
    knobs = {"radius": 1.0, "steps": 300, "seed": seed}
    assert accuracy("none", **knobs) > accuracy("layer", **knobs)


@pytest.mark.slow
def test_batch_norm_fails_on_sequences_longer_than_trained_and_layer_norm_carries_on(seed):
    # FACTS 7e: with 16 blank rows in front, Batch Norm falls from 77 % to 34 %.
    config = RnnConfig(steps=500, batch_size=64, seed=seed)
    batch, layer = (
        last_frame(replace(config, variants=(variant,))).arrays["longer"][0]
        for variant in ("batch", "layer")
    )
    assert batch[-1] < batch[0] - 0.2
    assert layer[-1] > layer[0] - 0.1


@pytest.mark.slow
def test_batch_norm_of_lone_cases_learns_nothing(seed):
    knobs = {"steps": 300, "batch_size": 1, "seed": seed}
    assert accuracy("batch", **knobs) < 0.25


def test_without_a_norm_the_state_grows_by_the_spectral_radius_and_layer_norm_keeps_it_level(seed):
    config, measured = snapshot("explode", seed)
    assert measured["none"]["per_step_factor"] == pytest.approx([config.radius] * 2, rel=0.05)
    state, gradient = measured["layer"]["per_step_factor"]
    assert state == pytest.approx(1, abs=0.01)
    assert gradient == pytest.approx(1, abs=0.1)


def test_without_a_norm_signal_and_gradient_fade_and_layer_norms_factor_is_that_of_large_weights(
    seed,
):
    _, small = snapshot("fade", seed)
    _, large = snapshot("explode", seed)
    assert np.all(small["none"]["per_step_factor"] < 0.6)
    assert small["layer"]["per_step_factor"] == pytest.approx(
        large["layer"]["per_step_factor"], rel=1e-3
    )


def test_with_inputs_layer_norm_keeps_the_state_level_yet_its_gradient_fades(seed):
    _, measured = snapshot("inputs", seed)
    state, gradient = measured["layer"]["per_step_factor"]
    assert state == pytest.approx(1, abs=0.02)
    assert gradient < 0.9


def test_a_gain_of_about_two_lets_layer_norms_gradient_pass_whatever_the_weights_scale(seed):
    config, measured = snapshot("gain", seed)
    assert config.gain == 2
    assert measured["layer"]["per_step_factor"][1] == pytest.approx(1, abs=0.05)
    other = replace(config, radius=0.5, seed=seed)
    frame = microscope.compute(other)
    at_half = frame.arrays["per_step_factor"][other.variants.index("layer"), 1]
    assert at_half == pytest.approx(measured["layer"]["per_step_factor"][1], rel=1e-2)
