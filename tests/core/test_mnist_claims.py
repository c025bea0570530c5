"""What the pages on the MNIST experiment say of their recordings."""

import numpy as np
import pytest

from ln_core.paper.mnist.text import mnist_results, sweep_results
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.recorded.loader import about, recorded_frames


def recorded(name):
    return recorded_frames(name), RECORDINGS[name].config


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


def swept_at_4(array):
    """Give what each variant reaches in the sweep at batch size 4: at 0.001 and at its own rate."""
    frames, config = recorded("mnist_rates_4")
    own = frames[-1].arrays["valid_nll"][:, 1].argmin(1)
    common = config.values.index(RECORDINGS["mnist_4"].config.learning_rate)
    values = zip(config.variants, frames[-1].arrays[array][:, 1], own, strict=True)
    return {variant: (reached[common], reached[place]) for variant, reached, place in values}


def test_the_rates_chosen_at_batch_size_4_have_smaller_and_larger_ones_beside_them():
    frames, config = recorded("mnist_rates_4")
    assert config.batch_size == 4
    for losses in frames[-1].arrays["valid_nll"][:, 1]:
        assert 0 < losses.argmin() < len(config.values) - 1


@pytest.mark.parametrize("array", ["valid_error", "valid_nll"])
def test_a_part_of_layer_norms_lead_at_batch_size_4_is_the_learning_rate(array):
    reached = swept_at_4(array)
    common, own = np.subtract(reached["none"], reached["layer"])
    assert 0 < own < common
    told = sweep_at_4_results()
    name = array.removeprefix("valid_")
    assert float(told[f"rates_share_{name}"]) == pytest.approx(100 * (1 - own / common), abs=0.5)
    scale = 100 if name == "error" else 1
    for variant, values in reached.items():
        for at, value in zip(("common", "own"), values, strict=True):
            shown = float(told[f"rates_{variant}_{name}_{at}"])
            assert shown == pytest.approx(scale * value, rel=5e-3)


def sweep_at_4_results():
    frames, config = recorded("mnist_rates_4")
    return RECORDINGS["mnist_rates_4"].results(frames, config)


@pytest.mark.parametrize("array", ["valid_error", "valid_nll"])
def test_layer_norms_lead_over_batch_norm_at_batch_size_4_stays_with_own_rates(array):
    reached = swept_at_4(array)
    for layer, batch in zip(reached["layer"], reached["batch"], strict=True):
        assert layer < 0.7 * batch


def test_own_rates_are_those_that_the_sweep_at_batch_size_4_chose():
    frames, config = recorded("mnist_rates_4")
    own = RECORDINGS["mnist_4_own"]
    chosen = frames[-1].arrays["valid_nll"][:, 1].argmin(1)
    for variant, place in zip(config.variants, chosen, strict=True):
        assert own.config_of((variant,)).learning_rate == config.values[place]
    assert own.config.batch_size == config.batch_size == 4
    assert own.config.cases == config.examples
    assert own.config.steps == RECORDINGS["mnist_128"].config.steps


def test_with_own_rates_batch_norm_makes_the_most_errors_at_batch_size_4():
    error = final("mnist_4_own", "test_error")
    for other in ("none", "layer"):
        assert error["batch"].min() > error[other].max()


def test_with_own_rates_layer_norm_has_no_lead_over_no_normalization_at_batch_size_4():
    for part in ("test_error", "test_nll"):
        none, layer = (final("mnist_4_own", part)[variant] for variant in ("none", "layer"))
        assert abs(none.mean() - layer.mean()) < max(np.ptp(none), np.ptp(layer))


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
    assert about(name)["results"] == told
