"""What the pages on the MNIST experiment say of their recordings."""

import json

import numpy as np
import pytest

from ln_core.paper.mnist.text import mnist_results, sweep_results
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.recorded.loader import RECORDED
from ln_core.runs.frame import unpack


def recorded(name):
    return unpack((RECORDED / f"{name}.film").read_bytes()), RECORDINGS[name].config


def final(name, array):
    frames, config = recorded(name)
    return dict(zip(config.variants, frames[-1].arrays[array], strict=True))


def epochs_until(variant, error):
    """Give the epoch at which a recorded mean test error first reaches a level."""
    frames, config = recorded("mnist_128")
    at = config.variants.index(variant)
    curve = np.array([frame.arrays["test_error"][at].mean() for frame in frames])
    return frames[int(np.argmax(curve <= error))].step / config.steps_per_epoch


def test_recorded_batch_norm_is_the_fastest_and_ends_lowest_at_batch_size_128():
    error, loss = final("mnist_128", "test_error"), final("mnist_128", "test_nll")
    for other in ("none", "layer"):
        assert epochs_until("batch", 0.02) < epochs_until(other, 0.02)
        assert error["batch"].mean() < error[other].mean()
        assert loss["batch"].mean() < loss[other].mean()


def test_recorded_layer_norm_is_ahead_of_no_normalization_at_batch_size_128():
    error, loss = final("mnist_128", "test_error"), final("mnist_128", "test_nll")
    assert epochs_until("layer", 0.02) < epochs_until("none", 0.02)
    assert error["layer"].mean() < error["none"].mean()
    assert loss["layer"].mean() < loss["none"].mean()


def test_the_recorded_gain_of_batch_norms_output_grows_and_its_loss_is_no_longer_the_highest():
    frames, config = recorded("mnist_128")
    at = config.variants.index("batch")
    half_an_epoch = frames[1].arrays["test_nll"].mean(1)
    assert half_an_epoch[at] == half_an_epoch.max()
    assert frames[-1].arrays["test_nll"].mean(1)[at] < frames[1].arrays["test_nll"].mean(1)[at]


def test_recorded_batch_norm_has_lost_its_lead_at_batch_size_4_and_layer_norm_ends_lowest():
    for array in ("test_error", "test_nll"):
        reached = final("mnist_4", array)
        for other in ("none", "batch"):
            assert reached["layer"].mean() < 0.8 * reached[other].mean()


def test_the_recorded_rate_is_the_one_with_the_fewest_errors_on_held_out_images():
    frames, config = recorded("mnist_rates")
    results = sweep_results(frames, config)
    for name in ("mnist_128", "mnist_4"):
        assert results["best_rate"] == f"{RECORDINGS[name].config.learning_rate:g}"


@pytest.mark.parametrize(("array", "slot"), [("valid_error", "rate"), ("valid_nll", "loss_rate")])
def test_the_rate_that_a_variant_alone_would_choose_has_its_fewest_errors_or_lowest_loss(
    array, slot
):
    frames, config = recorded("mnist_rates")
    told = sweep_results(frames, config)
    for at, variant in enumerate(config.variants):
        reached = frames[-1].arrays[array][at, 1]
        rate = float(told[f"{variant}_{slot}"])
        assert reached[config.values.index(rate)] == reached.min()


def test_recorded_layer_norms_losses_are_below_batch_norms_in_the_first_epochs_only():
    frames, config = recorded("mnist_128")
    layer, batch = (config.variants.index(variant) for variant in ("layer", "batch"))
    ahead = float(mnist_results(frames, config)["128_layer_ahead"])
    assert 2 < ahead < config.epochs / 4
    for frame in frames:
        epoch = frame.step / config.steps_per_epoch
        gaps = [
            frame.arrays[name][batch] - frame.arrays[name][layer]
            for name in ("train_nll", "test_nll")
        ]
        assert epoch > ahead or min(gap.min() for gap in gaps) > 0
        assert epoch != ahead + 1 / config.per_epoch or min(gap.min() for gap in gaps) <= 0


def test_recorded_batch_norm_falls_off_a_cliff_and_no_normalization_is_only_a_little_behind():
    frames, config = recorded("mnist_sizes")
    error = dict(zip(config.variants, frames[-1].arrays["test_error"][:, 1], strict=True))
    at = {value: place for place, value in enumerate(config.values)}
    assert error["batch"][at[1]] > 0.85
    assert error["batch"][at[2]] > 3 * error["layer"][at[2]]
    for size in (1, 2, 4):
        assert error["none"][at[size]] < 1.25 * error["layer"][at[size]]


@pytest.mark.parametrize("name", ["mnist_128", "mnist_4"])
def test_results_are_read_off_the_frames(name):
    frames, config = recorded(name)
    told = mnist_results(frames, config)
    error = 100 * final(name, "test_error")["layer"].mean()
    assert float(told[f"{config.batch_size}_layer_error"]) == pytest.approx(error, rel=5e-3)
    about = json.loads((RECORDED / f"{name}.json").read_text())
    assert about["results"] == told
