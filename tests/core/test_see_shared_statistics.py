"""Which numbers share a mean: the sets against the textbook functions, and every sentence."""

import itertools
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ln_core.norms import batch_norm, group_norm, instance_norm, layer_norm, rms_norm
from ln_core.runs.config import from_query, knobs, to_query
from ln_core.see.shared_statistics.compute import compute, label_sets
from ln_core.see.shared_statistics.config import VARIANTS, SharedStatisticsConfig

configs = st.builds(
    SharedStatisticsConfig,
    **{
        name: st.integers(declared.kind.low, declared.kind.high)
        for name, declared in knobs(SharedStatisticsConfig).items()
    },
)


def frame_of(config):
    return compute(config)


def masks(config):
    mask = frame_of(config).arrays["mask"].reshape(-1, *config.shape)
    return dict(zip(config.variants, mask, strict=True))


def normalize(variant, a, config):
    """The textbook function behind a variant, on a (N, C, height, width)."""
    N, C, side, _ = a.shape
    last = a.movedim(1, -1)  # channels last, as `ln_core.norms` has them
    g, b = torch.ones(C, dtype=a.dtype), torch.zeros(C, dtype=a.dtype)
    whole = torch.ones(C * side * side, dtype=a.dtype)
    flat = last.reshape(N, -1)
    found = {
        "batch": lambda: batch_norm(last.reshape(-1, C), g, b),
        "layer": lambda: layer_norm(flat, whole, torch.zeros_like(whole)),
        "instance": lambda: instance_norm(last, g, b),
        "group": lambda: group_norm(last, g, b, config.group_count),
        "pixel": lambda: layer_norm(last, g, b),
        "rms": lambda: rms_norm(flat, whole),
    }[variant]()
    return found.reshape(last.shape).movedim(-1, 1)


@settings(max_examples=60, deadline=None)
@given(config=configs, seed=st.integers(0, 2**20))
def test_the_lit_set_is_what_the_output_depends_on(config, seed):
    a = torch.randn(config.shape, generator=torch.Generator().manual_seed(seed)).double()
    a.requires_grad_()
    for variant, mask in masks(config).items():
        (gradient,) = torch.autograd.grad(normalize(variant, a, config)[config.entry], a)
        reached = (gradient != 0).numpy()
        # A number that is its own mean leaves no trace in the output; it is its own pool.
        reached[config.entry] = True
        np.testing.assert_array_equal(mask.astype(bool), reached, err_msg=variant)


@settings(max_examples=60, deadline=None)
@given(config=configs)
def test_a_card_counts_the_means_and_the_numbers_that_share_one(config):
    frame = frame_of(config)
    lit = masks(config)
    for card in frame.notes["cards"]:
        means, numbers = map(int, re.findall(r"\d+", card["title"]))
        assert numbers == lit[card["variant"]].sum()
        assert means * numbers == np.prod(config.shape)  # the pools are equally large and disjoint
    assert [card["variant"] for card in frame.notes["cards"]] == list(VARIANTS)


@settings(max_examples=60, deadline=None)
@given(config=configs)
def test_every_entry_has_exactly_one_pool(config):
    for variant in VARIANTS:
        labels = label_sets(variant, config)
        assert labels.shape == config.shape
        sizes = np.unique(labels, return_counts=True)[1]
        assert len(set(sizes)) == 1


every_shape = pytest.mark.parametrize(
    ("cases", "channels", "side"), [*itertools.product((1, 2, 5), (1, 4, 6), (1, 3))]
)


@every_shape
def test_group_norm_with_one_group_is_layer_norm(cases, channels, side):
    lit = masks(SharedStatisticsConfig(cases=cases, channels=channels, side=side, groups=1))
    np.testing.assert_array_equal(lit["group"], lit["layer"])


@every_shape
def test_group_norm_with_as_many_groups_as_channels_is_instance_norm(cases, channels, side):
    lit = masks(SharedStatisticsConfig(cases=cases, channels=channels, side=side, groups=channels))
    np.testing.assert_array_equal(lit["group"], lit["instance"])


@every_shape
def test_only_batch_norms_sets_reach_across_cases(cases, channels, side):
    config = SharedStatisticsConfig(cases=cases, channels=channels, side=side)
    for variant, mask in masks(config).items():
        assert mask.any(axis=(1, 2, 3)).sum() == (cases if variant == "batch" else 1)


@pytest.mark.parametrize("channels", [1, 4, 6])
def test_with_one_case_batch_norms_sets_and_instance_norms_are_the_same(channels):
    lit = masks(SharedStatisticsConfig(cases=1, channels=channels))
    np.testing.assert_array_equal(lit["batch"], lit["instance"])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_batch_norm_with_one_case_is_instance_norm(seed):
    config = SharedStatisticsConfig(cases=1)
    a = torch.randn(config.shape, generator=torch.Generator().manual_seed(seed)).double()
    torch.testing.assert_close(normalize("batch", a, config), normalize("instance", a, config))


@every_shape
def test_removing_cases_changes_only_batch_norms_sets(cases, channels, side):
    more = frame_of(SharedStatisticsConfig(cases=cases + 1, channels=channels, side=side))
    fewer = frame_of(SharedStatisticsConfig(cases=cases, channels=channels, side=side))
    numbers = [
        {card["variant"]: card["title"].split("over")[1] for card in frame.notes["cards"]}
        for frame in (more, fewer)
    ]
    assert {variant for variant in VARIANTS if numbers[0][variant] != numbers[1][variant]} == {
        "batch"
    }


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_at_one_position_instance_norms_output_is_just_the_bias(seed):
    config = SharedStatisticsConfig(side=1)
    a = torch.randn(config.shape, generator=torch.Generator().manual_seed(seed)).double()
    assert (normalize("instance", a, config) == 0).all()
    lit = masks(config)
    assert lit["instance"].sum() == 1
    np.testing.assert_array_equal(lit["layer"], lit["pixel"])
    cards = {card["variant"]: card["text"] for card in frame_of(config).notes["cards"]}
    assert "only the bias" in cards["instance"]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_rms_norm_takes_layer_norms_set_but_subtracts_no_mean(seed):
    config = SharedStatisticsConfig(cases=1, channels=8, side=1)
    lit = masks(config)
    np.testing.assert_array_equal(lit["rms"], lit["layer"])
    a = torch.randn(config.shape, generator=torch.Generator().manual_seed(seed)).double() + 3
    assert abs(normalize("layer", a, config).mean()) < 1e-9
    assert normalize("rms", a, config).mean() > 0.5


def test_groups_that_do_not_divide_give_way_to_the_next_lower_number_and_say_so():
    config = SharedStatisticsConfig(channels=6, groups=4)
    assert config.group_count == 3
    cards = {card["variant"]: card["text"] for card in frame_of(config).notes["cards"]}
    assert cards["group"].endswith("here 3, instead of 4.")


def test_an_entry_beyond_the_block_gives_way_to_the_last_one_within():
    assert SharedStatisticsConfig(cases=2, case=5, side=1, row=3, column=1).entry == (1, 0, 0, 0)


@settings(max_examples=30, deadline=None)
@given(config=configs)
def test_what_shares_a_mean_fills_a_box_of_channels_cases_and_positions(config):
    N, C, side, _ = config.shape
    for lit in frame_of(config).arrays["mask"].astype(bool).reshape(6, N, C, side * side):
        box = np.ix_(*(np.unique(places) for places in lit.nonzero()))
        assert lit[box].all()
        assert lit[box].sum() == lit.sum()
        for places in lit.nonzero():
            assert len(np.unique(places)) == places.max() - places.min() + 1


@settings(max_examples=30, deadline=None)
@given(config=configs)
def test_the_share_of_a_feature_map_is_counted_from_the_mask(config):
    arrays = frame_of(config).arrays
    share = arrays["mask"].reshape(6, *config.shape).mean(axis=(3, 4))
    np.testing.assert_allclose(arrays["share"], share, rtol=1e-6)


@given(config=configs)
def test_a_config_survives_its_url(config):
    assert from_query(SharedStatisticsConfig, to_query(config)) == (config, ())


@every_shape
def test_group_norm_has_a_gain_for_each_channel_and_layer_norm_one_for_each_entry(
    cases, channels, side
):
    frame = frame_of(SharedStatisticsConfig(cases=cases, channels=channels, side=side))
    slots = {value["slot"]: value["text"] for value in frame.notes["measured_values"]}
    gains = {slot: int(slots[f"{slot}_gains"].split()[0]) for slot in ("channel", "entry")}
    assert gains["channel"] == torch.nn.GroupNorm(1, channels).weight.numel()
    assert gains["entry"] == torch.nn.LayerNorm([channels, side, side]).weight.numel()


def test_one_mean_is_not_said_to_be_each_of_several():
    frame = frame_of(SharedStatisticsConfig(cases=1, channels=1))
    titles = {card["variant"]: card["title"] for card in frame.notes["cards"]}
    assert titles["batch"] == "1 mean, over 9 numbers"
    slots = {value["slot"]: value["text"] for value in frame.notes["measured_values"]}
    assert slots["batch_over"] == "over 9 numbers"


def test_groups_that_do_not_divide_the_channels_are_told_also_of_single_numbers():
    frame = frame_of(SharedStatisticsConfig(channels=6, side=1, groups=8))
    texts = {card["variant"]: card["text"] for card in frame.notes["cards"]}
    assert texts["group"].endswith("Groups must divide the channels: here 6, instead of 8.")


def test_making_the_sets_needs_no_torch():
    import subprocess
    import sys

    code = (
        "import sys, ln_core.see.shared_statistics.config, ln_core.see.shared_statistics.compute;"
        "import ln_core.see.shared_statistics.figure; sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
