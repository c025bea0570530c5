"""The matrix of a layer: against torch, by hand, on hostile input, and as sentences."""

import dataclasses
import math
import re
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from ln_core.formatting import percent
from ln_core.runs.config import ConfigError, from_query, knobs, to_query
from ln_core.runs.matrix_text import to_rows
from ln_core.see.matrix.compute import compute
from ln_core.see.matrix.config import (
    MOST,
    READY,
    VARIANTS,
    MatrixConfig,
    random_rows,
    replace_cell,
)
from ln_core.see.matrix.figure import matrix_figure
from ln_core.see.matrix.presets import PRESETS

SEEDS = (0, 1, 2)
every_seed = pytest.mark.parametrize("seed", SEEDS)
CLOSE: dict[str, Any] = {"rtol": 1e-5, "atol": 1e-6}  # frames hold float32


def frame_of(config):
    return compute(config)


def arrays_of(config):
    """Each variant's arrays by name: arrays_of(config)["layer"]["h"]."""
    arrays = frame_of(config).arrays
    return {
        variant: {name: array[at] for name, array in arrays.items()}
        for at, variant in enumerate(VARIANTS)
    }


def a_of(config):
    return torch.tensor(config.matrix, dtype=torch.float64)


def shaped(N, H, seed=0, **fields):
    return MatrixConfig(matrix=random_rows(N, H, seed), **fields)


finite = st.floats(-6e4, 6e4, allow_nan=False)
matrices = st.tuples(st.integers(1, MOST), st.integers(1, MOST)).flatmap(
    lambda shape: st.lists(
        st.lists(finite, min_size=shape[1], max_size=shape[1]).map(tuple),
        min_size=shape[0],
        max_size=shape[0],
    ).map(tuple)
)


# --- the matrix as text ---


@given(matrix=matrices)
def test_a_matrix_survives_its_url(matrix):
    config = MatrixConfig(matrix=matrix)
    assert from_query(MatrixConfig, to_query(config)) == (config, ())


def test_a_matrix_in_a_url_is_compact():
    assert to_query(MatrixConfig(matrix=((1.0, -2.5), (0.0, 3.0))))["matrix"] == "1,-2.5_0,3"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1,2_3",
        "x",
        "1,,2",
        "nan",
        "1,inf",
        "1e9",
        "_",
        "1_",
        ",".join(9 * "1"),
        "_".join(9 * "1"),
    ],
)
def test_a_refused_matrix_gives_way_to_the_default_and_says_what_is_allowed(text):
    config, problems = from_query(MatrixConfig, {"matrix": text})
    assert config == MatrixConfig()
    assert len(problems) == 1
    assert "rows of equal length" in problems[0].allowed
    assert repr(text) in problems[0].received


@pytest.mark.parametrize(
    "value", [(), ((),), ((1,),), [[1.0]], ((math.nan,),), ([1.0],), "1", None]
)
def test_what_is_no_matrix_is_refused(value):
    with pytest.raises(ConfigError, match="matrix"):
        MatrixConfig(matrix=value)


def test_numbers_of_a_live_run_are_rounded_to_fit():
    assert to_rows([[1.23456, -0.0], [1e-9, -98765.4]]) == ((1.23, 0.0), (1e-9, -98800.0))
    with pytest.raises(ValueError, match="finite"):
        to_rows([[math.nan]])


def test_a_cell_can_be_replaced_and_must_exist():
    assert replace_cell(((1.0, 2.0),), 0, 1, 5) == ((1.0, 5.0),)
    with pytest.raises(ValueError, match="row 1, column 0"):
        replace_cell(((1.0, 2.0),), 1, 0, 5)


def test_a_browser_has_other_numbers_ready_in_the_largest_size_each_once():
    control = knobs(MatrixConfig)["matrix"].kind.control()
    assert len(set(control["ready"])) == len(control["ready"]) == READY
    for text in control["ready"]:
        config, problems = from_query(MatrixConfig, {"matrix": text})
        assert not problems
        assert config.shape == (MOST, MOST)
        assert to_query(config)["matrix"] == text


def test_a_cell_beyond_the_matrix_gives_way_to_the_last_one_within():
    assert MatrixConfig(matrix=((1.0, 2.0),), row=5, column=7).cell == (0, 1)


# --- against torch ---


@every_seed
@pytest.mark.parametrize(("N", "H"), [(4, 6), (8, 8), (3, 2)])
@pytest.mark.parametrize("affine_on", ["all", "chosen"])
def test_outputs_agree_with_torch(seed, N, H, affine_on):
    config = shaped(N, H, seed, gain=1.7, bias=-0.4, affine_on=affine_on, column=1, epsilon=1e-3)
    a, found = a_of(config), arrays_of(config)
    g, b = torch.full((H,), 1.7).double(), torch.full((H,), -0.4).double()
    if affine_on == "chosen":
        rest = torch.arange(H) != 1
        g[rest], b[rest] = 1, 0
    expected = {
        "batch": functional.batch_norm(a, None, None, g, b, training=True, eps=1e-3),
        "layer": functional.layer_norm(a, (H,), g, b, eps=1e-3),
        "rms": functional.rms_norm(a, (H,), g, eps=1e-3),
    }
    for variant, values in expected.items():
        np.testing.assert_allclose(found[variant]["h"], values, **CLOSE)
        np.testing.assert_array_equal(found[variant]["h"], found[variant]["exact"])


@every_seed
@pytest.mark.parametrize("steps", [0, 1, 10])
@pytest.mark.parametrize("momentum", [0.1, 1.0])
def test_running_averages_agree_with_torch(seed, steps, momentum):
    config = shaped(
        4, 6, seed, running_steps=steps, momentum=momentum, mode="evaluation", epsilon=1e-5
    )
    module = torch.nn.BatchNorm1d(6, momentum=momentum, affine=False).double()
    for _ in range(steps):
        module(a_of(config))
    found = arrays_of(config)["batch"]
    np.testing.assert_allclose(found["column_stats"][2], module.running_mean, **CLOSE)
    np.testing.assert_allclose(found["column_stats"][3], module.running_var.sqrt(), **CLOSE)
    np.testing.assert_allclose(found["h"], module.eval()(a_of(config)), **CLOSE)


@every_seed
def test_the_jacobian_row_is_what_small_moves_do(seed):
    config = shaped(4, 6, seed, row=2, column=3)
    small = 1e-4
    for n, k in product(range(4), range(6)):
        ahead, behind = (
            arrays_of(
                dataclasses.replace(
                    config,
                    matrix=replace_cell(config.matrix, n, k, config.matrix[n][k] + sign * small),
                )
            )
            for sign in (1, -1)
        )
        for variant, arrays in arrays_of(config).items():
            slope = (ahead[variant]["h"][2, 3] - behind[variant]["h"][2, 3]) / (2 * small)
            assert abs(slope - arrays["jacobian"][2, 3, n, k]) < 0.01


@every_seed
def test_an_output_depends_on_its_column_under_batch_norm_and_on_its_row_under_layer_norm(seed):
    arrays = arrays_of(shaped(4, 6, seed))
    row, column = np.indices((4, 6))
    for n, k in product(range(4), range(6)):
        reach = {variant: arrays[variant]["jacobian"][n, k] != 0 for variant in arrays}
        np.testing.assert_array_equal(reach["batch"], column == k)
        np.testing.assert_array_equal(reach["layer"], row == n)
        np.testing.assert_array_equal(reach["rms"], row == n)


def test_a_cell_beyond_a_smaller_matrix_gives_way_to_the_last_one_in_the_frames_too():
    config = MatrixConfig(matrix=((1.0, 2.0), (3.0, 5.0)), row=3, column=5)
    pointing = matrix_figure(config)["pointing"]
    assert (pointing["row"], pointing["column"]) == config.cell == (1, 1)


def test_running_averages_by_hand():
    config = MatrixConfig(matrix=((0.0,), (2.0,), (4.0,), (6.0,)), running_steps=1)
    found = arrays_of(config)["batch"]
    assert found["column_stats"][1, 0] ** 2 == pytest.approx(5.0)  # biased: divided by 4
    assert found["column_stats"][3, 0] ** 2 == pytest.approx(0.9 + 0.1 * 20 / 3)  # unbiased: by 3
    found = arrays_of(dataclasses.replace(config, stored="biased"))["batch"]
    assert found["column_stats"][3, 0] ** 2 == pytest.approx(0.9 + 0.1 * 5)
    assert found["column_stats"][2, 0] == pytest.approx(0.3)


# --- the sentences ---


@every_seed
def test_moving_one_cell_changes_its_column_under_batch_norm_and_its_row_under_layer_norm(seed):
    config = shaped(5, 7, seed, row=3, column=2)
    changed = {variant: arrays["moved"] != 0 for variant, arrays in arrays_of(config).items()}
    column, row = np.zeros((5, 7), bool), np.zeros((5, 7), bool)
    column[:, 2] = row[3] = True
    np.testing.assert_array_equal(changed["batch"], column)
    np.testing.assert_array_equal(changed["layer"], row)
    np.testing.assert_array_equal(changed["rms"], row)


@every_seed
@pytest.mark.parametrize("matrix", [4, 8])
def test_a_bias_before_the_norm_changes_nothing_under_batch_norm_and_all_under_the_others(
    seed, matrix
):
    config = shaped(matrix, 7, seed, column=2, moving="column", move=3.0)
    arrays = arrays_of(config)
    assert (arrays["batch"]["moved"] == 0).all()
    assert (arrays["layer"]["moved"] != 0).all()
    rms = arrays["rms"]
    assert ((rms["moved"] != 0) | (rms["a"] == 0)).all()  # a zero stays zero, divided by anything


@every_seed
def test_layer_norm_cancels_the_shift_of_an_example_and_rms_norm_does_not(seed):
    arrays = arrays_of(shaped(5, 7, seed, row=3, moving="row", move=3.0))
    assert (arrays["layer"]["moved"] == 0).all()
    moved = arrays["rms"]["moved"] != 0
    assert moved[3].all()
    assert moved.sum() == 7


@every_seed
@pytest.mark.parametrize("epsilon", [0.0, 0.1])
def test_gain_and_bias_can_give_back_batch_norms_inputs_but_not_its_independence(seed, epsilon):
    config = shaped(5, 7, seed, row=3, column=2, affine_on="undo", epsilon=epsilon)
    arrays = arrays_of(config)
    np.testing.assert_allclose(arrays["batch"]["h"], arrays["batch"]["a"], **CLOSE)
    assert (arrays["batch"]["moved"][:, 2] != 0).all()
    assert np.abs(arrays["layer"]["h"] - arrays["layer"]["a"]).max() > 0.1
    formula = frame_of(config).notes["formulas"][0]["latex"]
    assert float(formula.rsplit("=", 1)[1]) == pytest.approx(config.matrix[3][2], abs=0.01)


@every_seed
def test_in_evaluation_mode_no_case_sees_another_under_batch_norm(seed):
    config = shaped(5, 7, seed, row=3, column=2, mode="evaluation", running_steps=10)
    moved = arrays_of(config)["batch"]["moved"]
    assert (moved != 0).sum() == 1
    assert moved[3, 2] != 0


@every_seed
@pytest.mark.parametrize(("gain", "bias"), [(1.0, 0.0), (2.0, -1.0)])
def test_layer_norm_is_batch_norm_of_the_transpose_transposed(seed, gain, bias):
    found = arrays_of(shaped(5, 7, seed, gain=gain, bias=bias))
    np.testing.assert_allclose(found["layer"]["twin"], found["layer"]["h"], **CLOSE)
    np.testing.assert_allclose(found["batch"]["twin"], found["batch"]["h"], **CLOSE)
    assert np.isnan(found["rms"]["twin"]).all()


@every_seed
def test_a_batch_of_one_is_the_bias_whatever_the_case_is(seed):
    found = arrays_of(shaped(1, 6, seed, bias=0.5))
    assert (found["batch"]["h"] == 0.5).all()
    assert (found["batch"]["moved"] == 0).all()
    assert len(np.unique(found["layer"]["h"])) > 1
    with pytest.raises(ValueError, match="more than 1 value"):
        torch.nn.BatchNorm1d(6).double()(a_of(shaped(1, 6, seed)))  # PyTorch refuses


@every_seed
@pytest.mark.parametrize("gap", [0.5, 30.0])
def test_in_a_batch_of_two_every_unit_is_plus_one_and_minus_one(seed, gap):
    rows = random_rows(1, 6, seed)
    config = MatrixConfig(matrix=(*rows, tuple(x + gap for x in rows[0])), epsilon=0.0)
    h = arrays_of(config)["batch"]["h"]
    np.testing.assert_allclose(h, np.array([[-1.0] * 6, [1.0] * 6]), rtol=1e-6)


@every_seed
def test_layer_norm_mirrors_it_with_two_units_and_with_one(seed):
    two, one = shaped(6, 2, seed, epsilon=0.0), shaped(6, 1, seed, bias=0.5)
    np.testing.assert_allclose(np.abs(arrays_of(two)["layer"]["h"]), 1, rtol=1e-6)
    assert (arrays_of(one)["layer"]["h"] == 0.5).all()
    np.testing.assert_allclose(np.abs(arrays_of(two)["layer"]["h"].sum(axis=1)), 0, atol=1e-6)


@every_seed
@pytest.mark.parametrize("factor", [10.0, -10.0])
def test_multiplying_the_matrix_changes_nothing_but_its_sign(seed, factor):
    config = shaped(4, 6, seed, epsilon=0.0)
    larger = tuple(tuple(factor * x for x in row) for row in config.matrix)
    after = arrays_of(dataclasses.replace(config, matrix=larger))
    for variant, arrays in arrays_of(config).items():
        np.testing.assert_allclose(after[variant]["h"], np.sign(factor) * arrays["h"], **CLOSE)


@every_seed
def test_one_large_unit_squashes_the_others_of_its_case_under_layer_norm(seed):
    rows = random_rows(4, 8, seed)
    config = MatrixConfig(matrix=replace_cell(rows, 1, 2, 100.0), row=1, column=2)
    before = arrays_of(MatrixConfig(matrix=rows))
    after = arrays_of(config)
    others = np.arange(8) != 2
    spread = {
        name: np.std(found["layer"]["h"][1, others])
        for name, found in (("before", before), ("after", after))
    }
    assert spread["after"] < 0.2 * spread["before"]
    # At most sqrt(H - 1), however large it is.
    assert 0.95 * math.sqrt(7) < after["layer"]["h"][1, 2] < math.sqrt(7)
    rest = np.arange(4) != 1
    assert np.std(after["batch"]["h"][rest, 2]) < 0.2 * np.std(before["batch"]["h"][rest, 2])
    assert 0.95 * math.sqrt(3) < after["batch"]["h"][1, 2] < math.sqrt(3)


@every_seed
def test_the_formula_with_the_current_numbers_gives_the_output(seed):
    fields = {"gain": -1.5, "bias": 0.25, "epsilon": 1e-3}
    for config in (
        shaped(4, 6, seed, **fields),
        shaped(4, 6, seed, **fields, mode="evaluation", running_steps=3),
        shaped(4, 6, seed, epsilon=0.0),
    ):
        frame = frame_of(config)
        assert [formula["variant"] for formula in frame.notes["formulas"]] == list(VARIANTS)
        for at, formula in enumerate(frame.notes["formulas"]):
            left, right = to_python(formula["latex"].partition("=")[2]).rsplit("=", 1)
            assert eval(left) == pytest.approx(float(right), abs=2e-3)
            assert float(right) == pytest.approx(float(frame.arrays["h"][at, 0, 0]), rel=1e-3)


def to_python(latex):
    latex = re.sub(r"10\^\{(-?\d+)\}", r"10**(\1)", latex).replace(r"\cdot", "*")
    latex = re.sub(r"\\sqrt\{((?:[^{}])*)\}", r"(\1)**0.5", latex)
    return re.sub(r"\\frac\{([^{}]*)\}\{(.*)\}(?= |$)", r"(\1)/(\2)", latex)


@every_seed
@pytest.mark.parametrize("steps", [1, 10, 44])
def test_after_k_steps_the_running_mean_misses_point_nine_to_the_k(seed, steps):
    config = shaped(4, 6, seed, mode="evaluation", running_steps=steps)
    (card,) = [c for c in frame_of(config).notes["cards"] if c["title"] == "Running averages"]
    come = float(re.search(r"come ([\d.]+) %", card["text"])[1])
    assert come == pytest.approx(100 * (1 - 0.9**steps), abs=0.5)


@pytest.mark.parametrize("N", [2, 4, 8])
def test_the_stored_variance_shrinks_outputs_in_small_batches(N):
    config = shaped(N, 6, mode="evaluation", running_steps=200, epsilon=0.0)
    evaluation = arrays_of(config)["batch"]["h"]
    training = arrays_of(dataclasses.replace(config, mode="training"))["batch"]["h"]
    np.testing.assert_allclose(evaluation, training * math.sqrt((N - 1) / N), rtol=1e-3, atol=1e-4)
    biased = arrays_of(dataclasses.replace(config, stored="biased"))["batch"]["h"]
    np.testing.assert_allclose(biased, training, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("variant", VARIANTS)
def test_statistics_are_those_of_rows_and_columns(variant):
    config = shaped(4, 6)
    found, a = arrays_of(config)[variant], a_of(config).numpy()
    np.testing.assert_allclose(found["a"], a, **CLOSE)
    np.testing.assert_allclose(found["row_stats"].T, [a.mean(1), a.std(1)], **CLOSE)
    np.testing.assert_allclose(found["column_stats"], [a.mean(0), a.std(0)], **CLOSE)


@every_seed
@pytest.mark.parametrize("mode", ["training", "evaluation"])
def test_relu_stands_where_it_is_asked_to(seed, mode):
    config = shaped(5, 7, seed, mode=mode, running_steps=3, gain=2.0, bias=0.3)
    plain = arrays_of(config)
    after = arrays_of(dataclasses.replace(config, activation="after"))
    before = arrays_of(dataclasses.replace(config, activation="before"))
    cut = tuple(tuple(max(x, 0.0) for x in row) for row in config.matrix)
    by_hand = arrays_of(dataclasses.replace(config, matrix=cut))
    for variant in VARIANTS:
        for name in ("h", "twin", "naive"):
            np.testing.assert_allclose(after[variant][name], np.maximum(plain[variant][name], 0))
            np.testing.assert_allclose(before[variant][name], by_hand[variant][name])
    frame = frame_of(dataclasses.replace(config, activation="after"))
    assert all(r"\max" in formula["latex"] for formula in frame.notes["formulas"])


@every_seed
def test_the_zeros_of_a_relu_before_layer_norm_do_not_stay_zero(seed):
    after, before = (
        arrays_of(shaped(8, 8, seed, activation=where))["layer"] for where in ("after", "before")
    )
    zeros = before["inner"] == 0
    assert zeros.any()
    assert (before["h"][zeros] < 0).all()
    np.testing.assert_allclose(before["h"].mean(axis=1), 0, atol=1e-6)
    assert (after["h"] >= 0).all()
    assert (after["h"].mean(axis=1) > 0.2).all()


@every_seed
def test_padding_changes_the_real_cases_under_batch_norm_and_not_under_layer_norm(seed):
    rows = random_rows(4, 6, seed)
    alone = arrays_of(MatrixConfig(matrix=rows))
    padded = arrays_of(MatrixConfig(matrix=(*rows, *[(0.0,) * 6] * 4)))
    assert np.abs(padded["batch"]["h"][:4] - alone["batch"]["h"]).max() > 0.1
    for variant in ("layer", "rms"):
        np.testing.assert_array_equal(padded[variant]["h"][:4], alone[variant]["h"])


@pytest.mark.parametrize("H", [3, 5, 8])
def test_layer_norms_outputs_as_logits_can_never_be_sure(H):
    root = math.sqrt(H - 1)
    cap = math.exp(root) / (math.exp(root) + (H - 1) * math.exp(-1 / root))
    config = MatrixConfig(matrix=((1000.0, *((H - 1) * (1.0,))),))
    h = torch.tensor(arrays_of(config)["layer"]["h"])
    assert float(h.softmax(1).max()) == pytest.approx(cap, rel=1e-5)
    assert float(h.max()) == pytest.approx(root, rel=1e-5)
    (card,) = [
        c
        for c in frame_of(config).notes["cards"]
        if c["title"] == "Near the largest possible output"
    ]
    assert percent(cap) in card["text"]
    # With a gain or bias outputs may be any size.
    for affine in ({"gain": 2.0}, {"bias": 3.0}, {"affine_on": "undo"}):
        cards = frame_of(dataclasses.replace(config, **affine)).notes["cards"]
        assert card["title"] not in [c["title"] for c in cards]
    # No row gets beyond it, whatever its numbers are.
    a = torch.randn(10_000, H, generator=torch.Generator().manual_seed(H)).double() ** 9
    assert functional.layer_norm(a, (H,)).softmax(1).max() <= cap + 1e-9


# --- hostile input ---


def test_a_constant_row_without_epsilon_is_not_a_number_and_does_not_crash():
    config = MatrixConfig(matrix=((2.0, 2.0), (1.0, 5.0)), epsilon=0.0)
    frame = frame_of(config)
    assert np.isnan(frame.arrays["h"][1, 0]).all()
    told = {"slot": "layer_largest", "text": "not a number"}
    assert told in frame.notes["measured_values"]


def test_what_is_not_a_number_before_and_after_has_not_changed():
    frame = frame_of(MatrixConfig(matrix=((0.7, 0.7), (0.7, 0.7)), epsilon=0.0))
    batch, layer, _ = frame.arrays["moved"]
    assert (batch[:, 1] == 0).all()  # the other column
    assert (layer[1] == 0).all()  # the other row
    assert (layer[0] != 0).all()


@settings(max_examples=60, deadline=None)
@given(
    matrix=matrices,
    half=st.booleans(),
    mode=st.sampled_from(["training", "evaluation"]),
    activation=st.sampled_from(["none", "after", "before"]),
    steps=st.integers(0, 20),
    epsilon=st.sampled_from([0.0, 1e-8, 1e-5, 1.0]),
)
def test_any_matrix_gives_a_frame_that_packs(steps, **fields):
    from ln_core.runs.frame import pack

    config = MatrixConfig(running_steps=steps, **fields)
    frame = frame_of(config)
    assert pack(frame)
    assert {array.shape[0] for array in frame.arrays.values()} == {3}


# --- the presets' sentences that are not above ---


@pytest.mark.parametrize("name", PRESETS)
def test_a_presets_config_survives_its_url(name):
    config = PRESETS[name].config
    assert from_query(MatrixConfig, to_query(config)) == (config, ())


def test_a_case_without_spread_is_the_bias_and_its_gradient_is_one_over_root_epsilon():
    config = PRESETS["constant_row"].config
    found = arrays_of(config)
    assert (found["layer"]["h"][1] == 0).all()
    H = config.shape[1]
    expected = (1 - 1 / H) / math.sqrt(config.epsilon)
    cell = config.cell
    assert found["layer"]["jacobian"][cell].max() == pytest.approx(expected, rel=1e-6)
    assert found["batch"]["jacobian"][cell].max() < 10


def test_a_unit_without_spread_is_the_bias_under_batch_norm_and_nothing_special_to_layer_norm():
    config = PRESETS["constant_column"].config
    found = arrays_of(config)
    assert (found["batch"]["h"][:, 3] == 0).all()
    assert found["batch"]["jacobian"][config.cell].max() > 100
    assert found["layer"]["jacobian"][config.cell].max() < 10
    assert len(np.unique(found["layer"]["h"][:, 3])) == 4


def test_examples_of_zeros_change_the_others_under_batch_norm_alone():
    config = PRESETS["padding"].config
    assert config.real == (0, 1, 2)
    for variant, found in arrays_of(config).items():
        alone = arrays_of(dataclasses.replace(config, matrix=config.matrix[:3]))[variant]["h"]
        np.testing.assert_array_equal(found["without"], alone)
        changed = abs(found["h"][:3] - alone).max(axis=1)
        assert (changed > 0.1).all() if variant == "batch" else (changed == 0).all()


def test_only_some_rows_of_zeros_are_padding():
    zeros, row = (0.0, 0.0), (1.0, 0.0)
    assert MatrixConfig(matrix=(row, zeros)).is_padded
    assert not MatrixConfig(matrix=(row, row)).is_padded
    assert not MatrixConfig(matrix=(zeros, zeros)).is_padded


def test_stale_averages_miss_a_third_of_the_way():
    frame = frame_of(PRESETS["evaluation"].config)
    assert any("has come 65 %" in card["text"] for card in frame.notes["cards"])


def test_in_float16_rms_norm_returns_zeros_for_300_and_computed_in_float32_all_is_well():
    config = PRESETS["half"].config
    found = arrays_of(config)
    assert (found["rms"]["naive"][0] == 0).all()
    assert np.isnan(found["layer"]["naive"][2]).all()  # epsilon rounded to 0: 0 / 0
    for variant in VARIANTS:
        np.testing.assert_allclose(
            found[variant]["h"], found[variant]["exact"], rtol=2e-3, atol=1e-3
        )
    cards = {
        card["variant"]: card["text"]
        for card in frame_of(config).notes["cards"]
        if card["title"] == "The float16 trap"
    }
    assert cards["rms"].endswith("computed in float32 and then rounded, 0.")


def test_each_card_of_a_small_pool_is_said_when_it_holds_and_not_otherwise():
    def titles(config, variant):
        return [c["title"] for c in frame_of(config).notes["cards"] if c["variant"] == variant]

    assert "Nothing is left" in titles(shaped(1, 6), "batch")
    assert "Only a sign is left" in titles(shaped(2, 6), "batch")
    assert "Only a sign is left" in titles(shaped(4, 1), "rms")
    assert titles(shaped(4, 6), "batch") == []
    for shape, variant in (((2, 6), "batch"), ((6, 2), "layer"), ((4, 1), "rms")):
        assert titles(shaped(*shape, epsilon=1.0), variant) == [], "epsilon shrinks the outputs"
    assert "Nothing is left" not in titles(shaped(1, 6, mode="evaluation"), "batch")
    # Small ordinary numbers survive float16: no trap, no card.
    assert titles(shaped(4, 6, half=True), "rms") == []


@pytest.mark.parametrize("epsilon", [0.0, 1e-5])
def test_of_two_equal_numbers_no_sign_is_said_to_be_left(epsilon):
    def cards(rows, variant):
        frame = frame_of(MatrixConfig(matrix=rows, epsilon=epsilon))
        return {c["title"]: c["text"] for c in frame.notes["cards"] if c["variant"] == variant}

    left = "not a number" if epsilon == 0 else "the bias"
    equal = cards(((0.7, 0.7),), "layer")
    assert "Only a sign is left" not in equal
    assert left in equal["Nothing is left"]
    assert left in cards(((0.7, 1.0, 2.0),), "batch")["Nothing is left"]
    assert "Only a sign is left" in cards(((0.7, 0.8),), "layer")


def test_running_averages_that_were_never_updated_are_said_to_be_zero():
    frame = frame_of(MatrixConfig(mode="evaluation", running_steps=0))
    (said,) = (c["text"] for c in frame.notes["cards"] if c["title"] == "Running averages")
    assert said == "After 0 updates the running mean is still 0."


def test_one_example_and_one_unit_are_told_as_one():
    frame = frame_of(MatrixConfig(matrix=((1.0,),)))
    slots = {value["slot"]: value["text"] for value in frame.notes["measured_values"]}
    assert (slots["all_cases"], slots["all_units"]) == ("1 example", "1 unit")


def test_tables_of_outputs_write_what_is_no_finite_number():
    config = MatrixConfig(matrix=((2.0, 2.0), (2.0, 3.0)), epsilon=0.0, half=True)
    charts = [one for part in matrix_figure(config)["sections"] for one in part["charts"]]
    written = {chart["id"] for chart in charts if chart.get("not_finite")}
    assert written >= {"outputs", "moved", "jacobian", "naive", "mirror_layer", "mirror_batch"}
