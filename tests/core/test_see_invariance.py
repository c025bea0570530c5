"""What leaves the output unchanged: the paper's table by measurement, and where it fails."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

from ln_core.norms import group_norm
from ln_core.runs.config import ConfigError, from_query, to_query
from ln_core.see.invariance.compute import (
    GROUPS,
    D,
    H,
    N,
    compute,
    draw_setting,
    outputs,
    summed_inputs,
)
from ln_core.see.invariance.config import (
    CHANGES,
    CONV_VARIANTS,
    DENSE_VARIANTS,
    PRINTED,
    TEXT_SAYS,
    UNCHANGED,
    InvarianceConfig,
    printed,
)

SEEDS = (0, 1, 2)
every_seed = pytest.mark.parametrize("seed", SEEDS)


def frame_of(config):
    return compute(config)


def stays(**fields):
    """The measured table: stays(...)[variant] is the set of changes that leave it unchanged."""
    config = InvarianceConfig(**fields)
    verdict = frame_of(config).arrays["verdict"]
    return {
        variant: {change for change, cell in zip(config.changes, row, strict=True) if cell == 1}
        for variant, row in zip(config.variants, verdict, strict=True)
    }


def table(**fields):
    config = InvarianceConfig(**fields)
    rows = frame_of(config).arrays["table"]
    return {
        variant: dict(zip(config.changes, row.tolist(), strict=True))
        for variant, row in zip(config.variants, rows, strict=True)
    }


SCALES = {"weights_scale", "data_scale", "case_scale", "row_scale"}
PLAIN = {
    "batch": {"weights_scale", "row_scale", "data_scale", "data_shift"},
    "weight": {"weights_scale", "row_scale"},
    "layer": {"weights_scale", "weights_shift", "data_scale", "case_scale"},
    "rms": {"weights_scale", "data_scale", "case_scale"},
    "group": {"weights_scale", "weights_shift", "data_scale", "case_scale"},
}
CONV = {
    "batch": {"weights_scale", "row_scale", "data_scale", "data_shift"},
    "layer": {"weights_scale", "data_scale", "case_scale"},
    "weight": {"weights_scale", "row_scale"},
    "pixel": {"weights_scale", "weights_shift", "data_scale", "case_scale"},
    "rms": {"weights_scale", "data_scale", "case_scale"},
    "group": {"weights_scale", "data_scale", "case_scale"},
    "instance": {"weights_scale", "row_scale", "data_scale", "data_shift", "case_scale"},
}


# --- against torch ---


@every_seed
@pytest.mark.parametrize("change", [None, *list(CHANGES)[:6]])
def test_dense_outputs_agree_with_torch(seed, change):
    config = InvarianceConfig(seed=seed, epsilon=1e-5, bias_inside=True)
    setting = draw_setting(config, seed)
    x, W = apply_by_hand(setting, change, config.factor)
    a = x @ W.T + setting.bias
    module = torch.nn.Linear(D, H).double()
    with torch.no_grad():
        module.weight.copy_(W)
        module.bias.copy_(setting.bias)
    normed = weight_norm(module, dim=0)
    with torch.no_grad():
        normed.parametrizations.weight.original0.fill_(1)
        expected = {
            "batch": functional.batch_norm(a, None, None, training=True),
            "weight": normed(x),
            "layer": functional.layer_norm(a, (H,)),
            "rms": functional.rms_norm(a, (H,), eps=1e-5),
            "group": functional.group_norm(a, GROUPS),
        }
    at = (None, *config.changes).index(change)
    for variant in DENSE_VARIANTS:
        found = outputs(config, [draw_setting(config, seed + 9), setting], (variant,))[0, 1, at]
        torch.testing.assert_close(found, expected[variant])


@every_seed
@pytest.mark.parametrize("padding", [False, True])
def test_convolutional_outputs_agree_with_torch(seed, padding):
    config = InvarianceConfig(seed=seed, epsilon=1e-5, layer="conv", padding=padding)
    setting = draw_setting(config, seed)
    a = functional.conv2d(setting.x, setting.W, padding=int(padding))
    pixel = functional.layer_norm(a.movedim(1, -1), (H,)).movedim(-1, 1)
    direction = setting.W / setting.W.flatten(1).norm(dim=1)[:, None, None, None]
    expected = {
        "batch": functional.batch_norm(a, None, None, training=True),
        "weight": functional.conv2d(setting.x, direction, padding=int(padding)),
        "layer": functional.layer_norm(a, a.shape[1:]),
        "pixel": pixel,
        "rms": functional.rms_norm(a, a.shape[1:], eps=1e-5),
        "group": functional.group_norm(a, GROUPS),
        "instance": functional.instance_norm(a),
    }
    for variant in CONV_VARIANTS:
        found = outputs(config, [draw_setting(config, seed + 9), setting], (variant,))[0, 1, 0]
        torch.testing.assert_close(found.movedim(-1, 1), expected[variant])


def apply_by_hand(setting, change, factor):
    """The changes, written out as matrices."""
    one_row, one_case = torch.eye(H).double(), torch.eye(N).double()
    one_row[0, 0] = one_case[0, 0] = factor
    x, W = setting.x, setting.W
    ones = torch.ones(1, 1).double()
    return {
        None: (x, W),
        "weights_scale": (x, W * factor),
        "weights_shift": (x, W + factor * ones.expand(H, 1) @ setting.row[None]),
        "row_scale": (x, one_row @ W),
        "data_scale": (x * factor, W),
        "data_shift": (x + factor * ones.expand(N, 1) @ setting.vector[None], W),
        "case_scale": (one_case @ x, W),
    }[change]


# --- the tables ---


@every_seed
@pytest.mark.parametrize("factor", [0.01, 0.5, 3.0, 10.0])
def test_the_measured_table_is_the_papers_and_that_of_rms_norm_and_group_norm(seed, factor):
    assert stays(seed=seed, factor=factor) == PLAIN


def test_the_papers_table_is_the_plain_one():
    columns = list(CHANGES)
    for variant, row in PRINTED.items():
        assert {columns[at] for at, cell in enumerate(row) if cell} == PLAIN[variant]
    assert printed("rms", "row_scale") is None
    assert printed("layer", "image_shift") is None


@every_seed
def test_every_comparable_cell_agrees_in_the_plain_setting(seed):
    # The lesson speaks of the plain setting, whatever the switches say.
    frame = frame_of(InvarianceConfig(seed=seed, factor=-0.5, layer="conv", evaluation=True))
    slots = {value["slot"]: value["text"] for value in frame.notes["measured_values"]}
    assert slots["compared"] == slots["agreeing"] == "18"


@every_seed
def test_the_papers_text_and_table_disagree_on_weight_norm_and_the_table_is_right(seed):
    for (variant, change), says in TEXT_SAYS.items():
        assert says is not printed(variant, change)
        measured = table(seed=seed, factor=3.0)[variant][change]
        assert (measured <= UNCHANGED) is printed(variant, change)
        # The outputs simply grow by the factor: their change is factor - 1.
        assert measured == pytest.approx(2.0)


@every_seed
@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_the_table_of_a_convolution_without_padding(seed, factor):
    assert stays(seed=seed, factor=factor, layer="conv") == CONV


# --- where the plain statement fails ---


@every_seed
def test_a_negative_factor_flips_every_sign(seed):
    found = table(seed=seed, factor=-3.0)
    for variant in DENSE_VARIANTS:
        assert found[variant]["weights_scale"] == pytest.approx(2.0)
    config = InvarianceConfig(change="weights_scale", seed=seed, factor=-3.0)
    cards = frame_of(config).notes["cards"]
    assert all(card["text"].count("flipped its sign") == 1 for card in cards)


@every_seed
def test_epsilon_brings_the_scale_back_in(seed):
    found = table(seed=seed, factor=0.01, epsilon=1e-3)
    for variant in ("batch", "layer", "rms", "group"):
        assert found[variant]["data_scale"] > 0.05
    assert found["weight"]["weights_scale"] <= UNCHANGED  # it has no epsilon


@every_seed
def test_a_bias_inside_the_norm_does_not_scale_with_the_weights(seed):
    found = stays(seed=seed, bias_inside=True)
    for variant in ("layer", "rms", "group"):
        assert not found[variant] & SCALES
    assert found["batch"] == PLAIN["batch"]  # it subtracts the bias, one for each unit


@every_seed
def test_batch_norm_absorbs_a_bias_before_the_norm_and_layer_norm_only_an_equal_one(seed):
    without, inside = InvarianceConfig(seed=seed), InvarianceConfig(seed=seed, bias_inside=True)
    setting = draw_setting(without, seed)
    for variant, absorbs in (("batch", True), ("layer", False)):
        before, after = (
            outputs(config, [setting], (variant,))[:, :, 0] for config in (without, inside)
        )
        assert torch.allclose(before, after) == absorbs
    equal = dataclasses.replace(setting, bias=torch.full_like(setting.bias, 3.0))
    before, after = (outputs(config, [equal], ("layer",))[:, :, 0] for config in (without, inside))
    torch.testing.assert_close(before, after)


@every_seed
def test_in_evaluation_mode_batch_norm_can_undo_none_of_the_changes(seed):
    found = stays(seed=seed, evaluation=True)
    assert found["batch"] == set()
    assert {variant: found[variant] for variant in found if variant != "batch"} == {
        variant: PLAIN[variant] for variant in PLAIN if variant != "batch"
    }


@every_seed
def test_in_a_convolution_layer_norm_no_longer_absorbs_a_shift_of_the_weights(seed):
    assert "weights_shift" not in stays(seed=seed, layer="conv")["layer"]
    assert "weights_shift" in stays(seed=seed, layer="conv")["pixel"]
    agree = frame_of(InvarianceConfig(seed=seed, layer="conv")).arrays["agree"]
    assert agree[CONV_VARIANTS.index("layer"), list(CHANGES).index("weights_shift")] == 0


@every_seed
def test_with_zero_padding_batch_norm_and_instance_norm_notice_a_shift_of_the_data(seed):
    found = stays(seed=seed, layer="conv", padding=True)
    for variant in ("batch", "instance"):
        assert found[variant] == CONV[variant] - {"data_shift"}
    for variant in ("weight", "layer", "pixel", "rms", "group"):
        assert found[variant] == CONV[variant]


# --- the sentences ---


@every_seed
def test_a_factor_on_all_weights_changes_nobodys_outputs(seed):
    assert all("weights_scale" in found for found in stays(seed=seed, factor=10.0).values())


@every_seed
def test_under_batch_norm_even_the_outputs_of_the_other_cases_change(seed):
    config = InvarianceConfig(seed=seed, change="case_scale")
    difference = frame_of(config).arrays["difference"]
    batch, layer = (difference[DENSE_VARIANTS.index(variant)] for variant in ("batch", "layer"))
    assert (np.abs(batch[1:]).max(axis=1) > 1e-3).all()
    assert np.abs(layer).max() < 1e-6


@every_seed
def test_only_batch_norm_subtracts_the_same_vector_added_to_every_case(seed):
    found = stays(seed=seed)
    assert {variant for variant in found if "data_shift" in found[variant]} == {"batch"}


@every_seed
def test_group_norm_absorbs_another_shift_of_the_weights_in_every_group(seed):
    config = InvarianceConfig(seed=seed)
    setting = draw_setting(config, seed)
    ones, zeros = torch.ones(H).double(), torch.zeros(H).double()
    shifts = torch.cat([setting.row.expand(H // 2, D), -3 * setting.row.flip(0).expand(H // 2, D)])
    both = [setting, dataclasses.replace(setting, W=setting.W + shifts)]
    a = summed_inputs(config, both)[:, 0]
    before, after = (group_norm(one, ones, zeros, GROUPS, eps=0.0) for one in a)
    torch.testing.assert_close(before, after)


def test_a_card_says_what_was_measured_and_what_the_paper_prints():
    config = InvarianceConfig(change="row_scale")
    cards = {card["variant"]: card for card in frame_of(config).notes["cards"]}
    assert cards["batch"]["title"] == "Unchanged"
    assert cards["batch"]["text"].endswith("The paper's table says: unchanged.")
    assert cards["layer"]["title"].startswith("Changed by ")
    assert "paper" not in cards["rms"]["text"]
    aside = frame_of(InvarianceConfig(change="data_scale", evaluation=True)).notes["cards"][0]
    assert aside["text"].endswith("That table is for factors above 0, epsilon 0 and no switch.")
    conv = frame_of(InvarianceConfig(layer="conv")).notes["cards"]
    assert all("paper" not in card["text"] for card in conv)
    huge = frame_of(
        InvarianceConfig(change="data_shift", factor=10.0, evaluation=True, epsilon=0.0)
    )
    assert "NaN" not in str(huge.notes)


# --- the config ---


def test_zeros_and_what_only_a_convolution_has_are_refused():
    for fields in ({"factor": 0.0}, {"change": "image_shift"}):
        with pytest.raises(ConfigError, match=next(iter(fields))):
            InvarianceConfig(**fields)
    InvarianceConfig(layer="conv", change="image_shift", padding=True)


def test_a_link_to_an_image_but_without_convolution_falls_back_and_says_so_in_words():
    config, (problem,) = from_query(InvarianceConfig, {"change": "image_shift"})
    assert config == InvarianceConfig()
    assert problem.fields == ("change",)
    assert "'Data + same image'; allowed: with a fully connected" in str(problem)


def test_padding_stays_chosen_where_there_is_no_convolution_and_does_nothing():
    plain, padded = (frame_of(InvarianceConfig(padding=padding)) for padding in (False, True))
    for name, array in plain.arrays.items():
        np.testing.assert_array_equal(array, padded.arrays[name])


def test_a_factor_of_one_is_said_to_change_nothing():
    cards = {
        card["variant"]: card["text"]
        for card in frame_of(InvarianceConfig(factor=1.0)).notes["cards"]
    }
    assert cards["batch"].endswith(
        "The paper's table says: changed. A factor of 1 changes nothing."
    )
    assert cards["layer"].endswith("The paper's table says: unchanged.")
    shift = InvarianceConfig(change="data_shift", factor=1.0, evaluation=True)  # adds a vector
    (card,) = (c for c in frame_of(shift).notes["cards"] if c["variant"] == "batch")
    assert card["title"].startswith("Changed by")
    assert "changes nothing" not in card["text"]


@settings(max_examples=40, deadline=None)
@given(
    change=st.sampled_from(list(CHANGES)),
    factor=st.floats(-10, 10).filter(lambda factor: abs(factor) > 1e-3),
    layer=st.sampled_from(["dense", "conv"]),
    epsilon=st.sampled_from([0.0, 1e-5]),
    bias_inside=st.booleans(),
    evaluation=st.booleans(),
    padding=st.booleans(),
)
def test_any_setting_gives_a_finite_table(change, layer, padding, **fields):
    if layer == "dense" and change == "image_shift":
        return
    config = InvarianceConfig(change=change, layer=layer, padding=padding, seeds=1, **fields)
    assert from_query(InvarianceConfig, to_query(config)) == (config, ())
    frame = frame_of(config)
    assert np.isfinite(frame.arrays["table"]).all()
    assert all(math.isfinite(x) for x in frame.arrays["after"].flat)
