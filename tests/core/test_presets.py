"""Every preset's sentence, trained over several seeds: one test a sentence."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from ln_core.race.presets import PRESETS
from ln_core.race.trainer import MlpTrainer, film

SEEDS = (0, 1, 2)
pytestmark = [pytest.mark.slow, pytest.mark.parametrize("seed", SEEDS)]


VARIANTS = ("none", "batch", "layer")


def config_of(preset, seed):
    """Give a preset's own race with another seed."""
    assert PRESETS[preset].config.seed == 0
    return replace(PRESETS[preset].config, seed=seed, variants=VARIANTS)


def frames(preset, seed, first=0):
    """Film a race from its frame `first`: what is not looked at need not be measured."""
    return (frame for frame in film(config_of(preset, seed), VARIANTS, first=first) if frame)


def before_training(preset, seed, array):
    """Give an array of frame 0, by variant."""
    return dict(zip(VARIANTS, next(frames(preset, seed)).arrays[array], strict=True))


@cache
def last(preset, seed):
    """Give the arrays of a race's last frame."""
    (frame,) = frames(preset, seed, first=config_of(preset, seed).frames - 1)
    return frame.arrays


def final_error(preset, seed):
    errors = last(preset, seed)["test_error"]
    return {variant: error.item() for variant, error in zip(VARIANTS, errors, strict=True)}


def test_every_variant_learns_the_spirals_and_normalization_gets_there_in_fewer_steps(seed):
    surveys = [frame.arrays for frame in frames("spirals", seed) if "test_error" in frame.arrays]
    errors = np.stack([survey["test_error"][:, 0] for survey in surveys])  # (frames, variants)
    assert np.all(errors[-1] < 0.05)
    steps = dict(zip(VARIANTS, np.argmax(errors < 0.1, axis=0), strict=True))
    assert steps["layer"] < steps["none"]
    assert steps["batch"] < steps["none"]


def test_without_the_constant_input_layer_norm_sees_directions_but_not_distances(seed):
    error = final_error("directions", seed)
    assert error["layer"] > 0.3
    assert error["none"] < 0.05
    assert error["batch"] < 0.05
    layer = last("directions", seed)["boundary"][2].astype(float)
    # Along a ray from the middle the answer does not change: compare points at r and at 2 r.
    middle = (len(layer) - 1) / 2
    for angle in np.linspace(0, 2 * np.pi, 24, endpoint=False):
        near, far = (
            layer[round(middle + r * np.sin(angle)), round(middle + r * np.cos(angle))]
            for r in (7, 14)
        )
        assert abs(near - far) < 60


def test_batch_norm_learns_next_to_nothing_at_batch_size_one_and_layer_norm_does_not_notice(seed):
    error = final_error("online", seed)
    assert error["batch"] > 0.8  # guessing: 0.9
    assert error["layer"] < 0.25
    # Its last hidden layer answers alike to every digit: the percentiles of what the activation
    # receives are those of the biases, frame by frame, with no spread from the input.
    config = config_of("online", seed)
    trainer = MlpTrainer(config, ("batch",))
    with torch.inference_mode():
        for _ in range(3):
            trainer.train()
        layer = trainer.race.workspace.layers[-2]
        torch.testing.assert_close(trainer.race.workspace.z[-1][0], layer.b[0], rtol=0, atol=1e-2)


def test_at_batch_size_two_batch_norm_makes_several_times_the_errors_of_layer_norm(seed):
    error = final_error("pairs", seed)
    assert error["batch"] > 2 * error["layer"]


def test_small_weights_let_the_signal_fade_without_normalization_and_nothing_is_learned(seed):
    summed = before_training("small_weights", seed, "summed")["none"]
    spread = summed[:, 3] - summed[:, 1]  # between the quartiles, layer by layer
    assert spread[-1] < 0.01 * spread[0]
    norms = before_training("small_weights", seed, "gradient_norm")
    inner = {name: norm[5:15] for name, norm in norms.items()}
    assert inner["none"].max() < 0.01 * min(inner["batch"].min(), inner["layer"].min())
    error = final_error("small_weights", seed)
    assert error["none"] > 0.8
    assert error["batch"] < 0.4
    assert error["layer"] < 0.4


def test_before_training_batch_norms_gradients_grow_on_their_way_back_and_layer_norms_change_less(
    seed,
):
    norms = before_training("deep_relu", seed, "gradient_norm")
    hidden = {name: norm[1:-1] for name, norm in norms.items()}  # equal shapes: comparable norms
    growth = {name: np.log(norm[0] / norm[-1]) for name, norm in hidden.items()}
    assert growth["batch"] > np.log(20)
    assert abs(growth["layer"]) < growth["batch"] / 2


def test_in_a_shallow_well_initialized_network_the_variants_end_close_together(seed):
    error = final_error("shallow", seed)
    assert max(error.values()) - min(error.values()) < 0.03
