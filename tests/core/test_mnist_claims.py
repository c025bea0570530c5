"""What the pages on the MNIST experiment say: trained at small scale, and read off records."""

import json
from dataclasses import replace
from functools import cache
from itertools import islice

import numpy as np
import pytest

from ln_core.paper.mnist.presets import MNIST_PRESETS, SWEEP_PRESETS
from ln_core.paper.mnist.text import mnist_results, sweep_results
from ln_core.paper.mnist.trainer import film, sweep
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.recorded.loader import RECORDED
from ln_core.runs.frame import unpack

SEEDS = (0, 1, 2)
LAST = 4  # frames: the last epoch, or the second half of it


def begun(name, variant, seed, first=0):
    """Film one variant of a preset from its frame `first`; only those are tested."""
    config = replace(MNIST_PRESETS[name].config, seed=seed)
    assert variant in config.variants
    return (frame for frame in film(config, (variant,), first=first) if frame is not None)


@cache
def end(name, variant, seed):
    """Give the end of the curves of test error and loss: their means over the last frames."""
    first = MNIST_PRESETS[name].config.frames - LAST
    made = [frame.arrays for frame in begun(name, variant, seed, first)]
    assert len(made) == LAST
    return {array: np.mean([arrays[array] for arrays in made]) for array in made[0]}


@cache
def swept(name, seed):
    """Give the error at every value of a sweep, by variant."""
    config = replace(SWEEP_PRESETS[name].config, seed=seed)
    part = "test_error" if config.over == "batch_size" else "valid_error"
    found = {}
    for shard in config.shards:
        *_, last = [frame for frame in sweep(config, shard) if frame is not None]
        found[shard[0]] = dict(zip(config.values, last.arrays[part][0, 1], strict=True))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_batch_norm_has_the_fewest_errors_and_the_highest_loss_at_batch_size_128(seed):
    batch = end("large", "batch", seed)
    for other in ("none", "layer"):
        assert batch["test_error"] < end("large", other, seed)["test_error"]
        assert batch["test_nll"] > 1.3 * end("large", other, seed)["test_nll"]


@pytest.mark.slow
def test_layer_norm_is_no_faster_than_no_normalization_at_batch_size_128():
    def early(variant, seed):
        frames = islice(begun("large", variant, seed, first=1), 8)  # two epochs, four frames each
        return np.mean([frame.arrays["test_error"] for frame in frames])

    gains = [early("none", seed) / early("layer", seed) for seed in SEEDS]
    assert np.mean(gains) < 1.05


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_batch_norm_makes_the_most_errors_at_batch_size_4(seed):
    for other in ("none", "layer"):
        batch = end("small", "batch", seed)
        assert batch["test_error"] > end("small", other, seed)["test_error"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_batch_norm_on_hidden_layers_only_has_not_the_highest_loss(seed):
    hidden = end("hidden", "batch", seed)["test_nll"]
    assert hidden < end("hidden", "none", seed)["test_nll"]
    assert end("large", "batch", seed)["test_nll"] > 1.3 * hidden


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_no_normalization_gets_worse_than_the_others_with_a_tenfold_rate(seed):
    none = end("fast", "none", seed)
    for variant in ("batch", "layer"):
        other = end("fast", variant, seed)
        assert none["test_error"] > 1.1 * other["test_error"]
        assert none["test_nll"] > other["test_nll"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_batch_norms_error_climbs_below_8_and_ends_at_guessing_while_others_stay_level(seed):
    found = swept("sizes", seed)
    batch = found.pop("batch")
    assert batch[8] < batch[4] < batch[2]
    assert batch[1] > 0.85
    for error in found.values():
        small = [error[size] for size in (8, 4, 2, 1)]
        assert max(small) < 1.35 * min(small)
        assert max(small) < 0.2 < batch[2]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_batch_norm_makes_the_fewest_errors_at_the_largest_rate(seed):
    found = swept("rates", seed)
    for variant in ("none", "layer", "rms", "group"):
        assert found["batch"][0.01] < found[variant][0.01]


@pytest.mark.slow
def test_layer_norm_gains_little_over_no_normalization_at_the_largest_rate():
    none, layer, batch = (
        np.mean([swept("rates", seed)[variant][0.01] for seed in SEEDS])
        for variant in ("none", "layer", "batch")
    )
    assert none - layer < 0.5 * (none - batch)


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


def test_batch_norm_alone_would_have_chosen_a_larger_rate():
    frames, config = recorded("mnist_rates")
    loss = frames[-1].arrays["valid_nll"][config.variants.index("batch"), 1]
    assert config.values[int(loss.argmin())] > RECORDINGS["mnist_128"].config.learning_rate


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
