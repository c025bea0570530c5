"""Every sentence of the RNN lab's presets, over several seeds: one test a sentence."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from ln_core.recurrent import microscope
from ln_core.recurrent.presets import MICROSCOPE_PRESETS, PRESETS
from ln_core.recurrent.trainer import film

SEEDS = (0, 1, 2)
pytestmark = pytest.mark.parametrize("seed", SEEDS)


@cache
def race(name, variant, seed):
    """Film one variant of a preset's own race with another seed."""
    config = replace(PRESETS[name].config, seed=seed)
    assert variant in config.taking_part
    return [frame for frame in film(config, (variant,), first=0) if frame]


def final(name, variant, seed, array):
    return race(name, variant, seed)[-1].arrays[array][0]


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
        gradient = race(name, "layer", seed)[0].arrays["gradient_hidden_norm"][0]
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
    assert layer < 0.8 * PRESETS["copy"].config.baseline
    assert layer < final("copy", "none", seed, "test_loss")


@pytest.mark.slow
def test_both_lstms_get_below_the_loss_of_letter_frequencies_and_write_words(seed):
    for variant in ("none", "layer"):
        assert final("text", variant, seed, "test_loss") < PRESETS["text"].config.baseline - 0.5
        frames = race("text", variant, seed)
        first, last = (frame.notes["texts"][0]["value"] for frame in (frames[0], frames[-1]))
        common = {"the", "and", "of", "a", "to", "in", "he", "his", "that", "it", "I"}
        assert len(common & set(last.split())) > len(common & set(first.split()))


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
