"""What the ConvNet page and its presets say, on the recorded runs."""

import functools

import numpy as np

from ln_core.paper.convnet.text import early_losses
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.recorded.loader import recorded_frames


@functools.cache
def recorded(name):
    return recorded_frames(name)


def by_variant(name, values):
    return dict(zip(RECORDINGS[name].config.variants, values, strict=True))


def errors(name):
    return by_variant(name, recorded(name)[-1].arrays["test_error"])


def test_in_the_ordinary_net_batch_norm_and_layer_norm_are_no_further_apart_than_seeds():
    batch, layer = (errors("convnet")[variant] for variant in ("batch", "layer"))
    assert abs(batch.mean() - layer.mean()) <= max(np.ptp(batch), np.ptp(layer))


def test_in_the_ordinary_net_both_learn_in_fewer_steps_than_without_normalization():
    losses = by_variant("convnet", early_losses(recorded("convnet")))
    assert losses["batch"].max() < losses["none"].min() / 2
    assert losses["layer"].max() < losses["none"].min() / 2


def test_with_unequal_filters_layer_norm_ends_with_more_errors_than_batch_norm():
    unequal = errors("convnet_unequal")
    assert (unequal["layer"] > 1.2 * unequal["batch"]).all()
    assert unequal["batch"].mean() < errors("convnet")["batch"].mean() + 0.03


def test_at_the_border_units_are_on_about_as_often_but_seldom_differ_between_images():
    name = "convnet"
    first = recorded(name)[0].arrays
    maps = by_variant(name, first["active_map"] / 255)["none"][0]
    edge = np.r_[maps[0], maps[-1], maps[1:-1, 0], maps[1:-1, -1]].mean()
    assert 0.7 < edge / maps[8:20, 8:20].mean() < 1.5
    switch = by_variant(name, first["border_switch"])["none"][0]
    assert switch[0] < switch[-1] / 4
