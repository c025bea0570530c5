"""Probes against plain recomputation from the same buffers, on all entries."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch
from torch.nn import functional

from ln_core.race import probes
from ln_core.race.config import EXPERIMENT, VARIANTS, MlpConfig
from ln_core.race.evaluation import Evaluation, Inference
from ln_core.race.model import Race
from ln_core.see.matrix.config import MOST
from ln_core.training.batches import batches

ALL = tuple(VARIANTS)
V = len(ALL)
# 16 cases x 32 units: a sample of 1024 entries covers them all
SMALL = MlpConfig(depth=2, width=32, batch_size=16, cases=520, seeds=2)


@pytest.fixture(autouse=True)
def inference():
    with torch.inference_mode():
        yield


def make_race(config=SMALL, variants=ALL, steps=5, dtype=torch.float32):
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(config.cases, config.inputs, generator=generator)
    y = (x[:, 0] > 0).long()
    race = Race(config, variants, x, y, dtype=dtype)
    for chosen in itertools.islice(batches(config.cases, config.batch_size, config.seed), steps):
        race.step(chosen)
    return race, x, y


def first_seed(race, tensor):
    return tensor[:, :: race.config.seeds]


def test_percentiles_equal_torch_quantile_where_the_sample_covers_everything():
    race, _, _ = make_race()
    found = probes.Distributions(race.workspace).read()
    levels = torch.tensor([0.05, 0.25, 0.5, 0.75, 0.95])
    for name, values in (("summed", race.workspace.a), ("normed", race.workspace.z)):
        expected = first_seed(race, values).flatten(2).quantile(levels, dim=2).permute(2, 1, 0)
        np.testing.assert_allclose(found[name], expected, rtol=1e-5, atol=1e-6)


def test_percentiles_of_a_sample_are_close_to_those_of_all():
    race, _, _ = make_race(dataclasses.replace(SMALL, batch_size=256, width=128))
    found = probes.Distributions(race.workspace).read()["summed"]
    a = first_seed(race, race.workspace.a).flatten(2)
    levels = torch.tensor([0.05, 0.25, 0.5, 0.75, 0.95])
    distance = np.abs(found - a.quantile(levels, dim=2).permute(2, 1, 0).numpy())
    assert (distance < 0.2 * a.std(dim=2).T[..., None].numpy()).all()


def test_histograms_equal_plain_binning_of_asinh():
    race, _, _ = make_race(dtype=torch.float64)
    found = probes.Distributions(race.workspace).read()
    for name, values in (("summed", race.workspace.a), ("normed", race.workspace.z)):
        for at, layer in itertools.product(range(V), range(2)):
            asinh = np.arcsinh(first_seed(race, values)[layer, at].flatten().numpy())
            counts, _ = np.histogram(asinh.clip(-5.29, 5.29), bins=53, range=(-5.3, 5.3))
            expected = np.round(counts * 255 / counts.max())
            assert (found[f"{name}_histogram"][at, layer] == expected).all()


def test_histogram_clamps_large_values_and_leaves_out_those_that_are_none():
    race, _, _ = make_race()
    layer = torch.full_like(race.workspace.a[0, 0], 0.0)
    layer[0, :5] = torch.tensor([1e30, -1e30, torch.inf, -torch.inf, torch.nan])
    layer[1:] = torch.nan
    race.workspace.a[0, 0] = layer
    race.workspace.a[1, 0] = torch.nan
    found = probes.Distributions(race.workspace).read()
    histogram = found["summed_histogram"][0, 0]
    assert histogram[26] == 255  # 27 zeros
    assert histogram[0] == histogram[-1] == round(255 / 27)
    assert histogram.astype(int).sum() == 255 + 2 * round(255 / 27)
    assert not found["summed_histogram"][0, 1].any()
    assert np.isnan(found["summed"][0, 1]).all()


def test_weight_sizes_are_frobenius_norms_of_the_first_seed():
    race, _, _ = make_race()
    found = probes.weight_sizes(race.stack.first_seed())
    for name, pieces in (("weight_norm", race.stack.theta), ("gradient_norm", race.stack.grad)):
        expected = torch.stack([W[::2].square().sum((1, 2)).sqrt() for W, _, _ in pieces], 1)
        np.testing.assert_allclose(found[name], expected, rtol=1e-5)


def test_unit_and_case_statistics_are_the_two_views_of_one_matrix():
    race, _, _ = make_race()
    found = probes.unit_and_case_statistics(race.workspace)
    a = first_seed(race, race.workspace.a).transpose(0, 1)
    for name, axis in (("unit", 2), ("case", 3)):
        np.testing.assert_allclose(found[f"{name}_mean"], a.mean(axis), rtol=1e-4, atol=1e-6)
        expected = a.std(axis, correction=0)
        np.testing.assert_allclose(found[f"{name}_std"], expected, rtol=1e-4, atol=1e-6)


def test_the_block_is_the_corner_of_a_that_the_matrix_page_takes():
    race, _, _ = make_race()
    a = first_seed(race, race.workspace.a).transpose(0, 1)
    assert (probes.block(race.workspace) == a[..., :MOST, :MOST].numpy()).all()


def test_deep_networks_show_statistics_of_fewer_units_and_cases():
    race, _, _ = make_race(dataclasses.replace(SMALL, depth=30, batch_size=64))
    found = probes.unit_and_case_statistics(race.workspace)
    assert found["unit_mean"].shape == (V, 30, 17)
    assert found["case_mean"].shape == (V, 30, 17)


@pytest.mark.parametrize("batch_size", [1, 16])
def test_running_gap_compares_batch_and_running_statistics(batch_size):
    race, _, _ = make_race(dataclasses.replace(SMALL, batch_size=batch_size))
    gap = probes.running_gap(race.workspace)
    batch = ALL.index("batch")
    assert np.isnan(np.delete(gap, batch, axis=0)).all()
    a = first_seed(race, race.workspace.a)[:, batch]
    mean = race.stack.running.mean[0, :64].view(2, 32)
    variance = race.stack.running.variance[0, :64].view(2, 32) + SMALL.epsilon
    distance = (a.mean(1) - mean) / variance.sqrt()
    doublings = ((a.var(1, correction=0) + SMALL.epsilon) / variance).sqrt().log2()
    expected = torch.stack([distance, doublings], 2).square().mean(1).sqrt()
    np.testing.assert_allclose(gap[batch], expected, rtol=1e-3)


def test_race_without_batch_norm_has_no_running_gap():
    race, _, _ = make_race(variants=("none", "layer"))
    assert np.isnan(probes.running_gap(race.workspace)).all()


def answers(race, x):
    """Logits in evaluation mode by the same machinery; compared with torch in test_race."""
    inference = Inference(race.stack, x)
    return torch.cat([space.logits.clone() for _, space in inference.run()], 1)


@pytest.mark.parametrize("chunk", [1 << 17, 2000])
def test_the_score_is_mean_loss_and_error_in_evaluation_mode(chunk, monkeypatch):
    monkeypatch.setattr("ln_core.race.evaluation.CHUNK", chunk)
    race, x, y = make_race()
    found = Evaluation(race, x, y).score()
    for row, logits in enumerate(answers(race, x)):
        place = divmod(row, 2)
        assert found["test_loss"][place] == pytest.approx(
            functional.cross_entropy(logits, y).item()
        )
        wrong = (logits.argmax(1) != y).float().mean().item()
        assert found["test_error"][place] == pytest.approx(wrong, abs=1e-6)


def hidden_states(race, x):
    """Every h of the first seed in evaluation mode: (L, V, n, H)."""
    chunks = [space.h.clone() for _, space in Inference(race.stack.first_seed(), x).run()]
    return torch.cat(chunks, 2)


def test_dead_units_are_zero_for_every_case():
    race, x, y = make_race()
    for layer in race.stack.theta:
        layer.b[:, 0, :7] = -1e3  # the first seven units of every layer never answer
    dead = Evaluation(race, x, y).score()["dead"]
    expected = (hidden_states(race, x) == 0).all(2).float().mean(2).T
    np.testing.assert_allclose(dead, expected)
    assert (dead >= 7 / 32).all()


def test_saturated_share_is_the_mean_over_cases_and_units():
    race, x, y = make_race(dataclasses.replace(SMALL, activation="tanh", weight_gain=3.0))
    dead = Evaluation(race, x, y).score()["dead"]
    expected = (hidden_states(race, x).abs() > 0.99).float().mean((2, 3)).T
    np.testing.assert_allclose(dead, expected, rtol=1e-5)
    assert (dead[0] > 0.1).all()


def test_linear_units_are_never_dead():
    race, x, y = make_race(dataclasses.replace(SMALL, activation="identity"))
    assert not Evaluation(race, x, y).score()["dead"].any()


def test_boundary_is_the_probability_of_class_1_row_by_row_from_below():
    race, _, _ = make_race(steps=30)
    picture = probes.Boundary(race.stack.first_seed()).read()
    assert picture.shape == (V, 32, 32)
    points = torch.tensor([[-1.5, -1.5], [1.5, -1.5], [-1.5, 1.5]])
    expected = (answers(race, points)[::2].softmax(2)[..., 1] * 255).round()
    np.testing.assert_allclose(picture[:, [0, 0, -1], [0, -1, 0]], expected, atol=1)
    assert np.ptp(picture, axis=(1, 2)).min() > 100


def test_boundary_of_a_diverged_network_is_grey():
    race, _, _ = make_race()
    race.parameters.theta[0] = torch.nan
    picture = probes.Boundary(race.stack.first_seed()).read()
    assert (picture[0] == 128).all()
    assert (picture[2] != 128).any()


def test_answers_are_the_digits_read_and_whether_they_are_wrong():
    digits = dataclasses.replace(SMALL, data="mnist")
    race, x, y = make_race(digits, steps=30)
    race.parameters.theta[0] = torch.nan
    found = probes.Answers(race.stack.first_seed(), x, y).read()
    assert found.shape == (V, 6, 2)
    assert np.isnan(found[0, :, 0]).all()
    assert found[0, :, 1].all()  # none is right
    expected = answers(race, x[:6])[::2].argmax(2).numpy()
    np.testing.assert_array_equal(found[1:, :, 0], expected[1:])
    np.testing.assert_array_equal(found[1:, :, 1], expected[1:] != y[:6].numpy())
    assert 0 < found[1:, :, 1].mean() < 1


def test_digits_are_drawn_three_a_row_with_room_for_an_answer_below():
    x = torch.rand(8, 784)
    drawn = probes.picture(x)
    assert drawn.shape == (88, 102)
    for at, (row, column) in enumerate([(0, 0), (0, 34), (0, 68), (44, 0), (44, 34), (44, 68)]):
        own = drawn[row : row + 28, column : column + 28].astype(int).reshape(784)
        assert np.corrcoef(own, x[at])[0, 1] > 0.99
    assert not drawn[28:44].any()


@pytest.mark.parametrize("chunk", [1 << 17, 1500])
def test_modes_differ_for_batch_norm_alone(chunk, monkeypatch):
    monkeypatch.setattr("ln_core.race.evaluation.CHUNK", chunk)
    race, x, y = make_race()
    modes = probes.ModeLosses(race.workspace)  # made once, read for batch after batch
    chosen = next(batches(SMALL.cases, SMALL.batch_size, SMALL.seed))
    race.load(chosen)
    race.forward()
    found = modes.read()
    for at, logits in enumerate(answers(race, x[chosen])[::2]):
        evaluation = functional.cross_entropy(logits, y[chosen]).item()
        assert found[at, 1] == pytest.approx(evaluation, rel=1e-4)
        assert (found[at, 0] != found[at, 1]) == (ALL[at] == "batch")


def test_probes_change_nothing():
    race, x, y = make_race()
    state = [race.parameters.theta, race.parameters.grad, *race.stack.running]
    space = race.workspace
    state += [space.a, space.z, space.h, space.loss, space.log_p, *space.sums]
    before = [tensor.clone() for tensor in state]
    first = race.stack.first_seed()
    probes.Distributions(space).read()
    probes.weight_sizes(first)
    probes.unit_and_case_statistics(space)
    probes.running_gap(space)
    Evaluation(race, x, y).score()
    probes.Boundary(first).read()
    probes.ModeLosses(space).read()
    assert all(torch.equal(now, then) for now, then in zip(state, before, strict=True))


def test_the_spread_is_the_standard_deviation_of_what_every_layer_puts_out():
    config = MlpConfig(batch_size=1, steps=100, width=16, variants=("batch", "layer"))
    frame = next(filter(None, EXPERIMENT.begin(config, config.variants, first=0)))
    after, before = frame.arrays["spread"].transpose(1, 0, 2)
    assert (after[0] == 0).all()  # at batch size 1 Batch Norm gives its bias, which begins at 0
    assert (after[1] > 0.5).all()
    assert (before[1] > 0.5).all()
