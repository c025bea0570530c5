"""The textbook functions: against torch, by hand, on hostile input, and as sentences."""

import inspect
import math
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from ln_core import norms
from ln_core.norms import (
    batch_norm,
    batch_norm_inference,
    group_norm,
    instance_norm,
    layer_norm,
    rms_norm,
    update_running,
    weight_norm,
)

SEEDS = (0, 1, 2)
EXACT: dict[str, Any] = {
    "rtol": 1e-10,
    "atol": 1e-10,
}  # float64 against float64, a different order of additions

every_seed = pytest.mark.parametrize("seed", SEEDS)


def draw(*shape: int, seed: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def plain(H: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    """Gain 1 and bias 0: what a fresh layer has."""
    return torch.ones(H, dtype=dtype), torch.zeros(H, dtype=dtype)


def rms(values: Tensor) -> float:
    return float(values.square().mean().sqrt())


# --- against torch, in float64 ---


@every_seed
@pytest.mark.parametrize("shape", [(2, 3), (7, 64), (32, 5)])
def test_batch_norm_agrees_with_torch(seed, shape):
    a, g, b = draw(*shape, seed=seed), draw(shape[-1], seed=10), draw(shape[-1], seed=11)
    expected = functional.batch_norm(a, None, None, g, b, training=True, eps=1e-5)
    torch.testing.assert_close(batch_norm(a, g, b), expected, **EXACT)


@every_seed
def test_batch_norm_inference_agrees_with_torch(seed):
    a, mu, variance = draw(7, 5, seed=seed), draw(5, seed=20), draw(5, seed=21).square()
    g, b = draw(5, seed=10), draw(5, seed=11)
    expected = functional.batch_norm(a, mu, variance, g, b, training=False, eps=1e-3)
    found = batch_norm_inference(a, mu, variance, g, b, eps=1e-3)
    torch.testing.assert_close(found, expected, **EXACT)


@every_seed
@pytest.mark.parametrize("momentum", [0.0, 0.1, 1.0])
def test_update_running_agrees_with_torch(seed, momentum):
    a, mean, variance = draw(7, 5, seed=seed), draw(5, seed=20), draw(5, seed=21).square()
    expected = mean.clone(), variance.clone()
    functional.batch_norm(a, *expected, training=True, momentum=momentum)
    found = update_running(mean, variance, a, momentum)
    torch.testing.assert_close(found, expected, **EXACT)


@every_seed
@pytest.mark.parametrize("shape", [(64,), (7, 64), (3, 4, 5)])
def test_layer_norm_agrees_with_torch(seed, shape):
    a, g, b = draw(*shape, seed=seed), draw(shape[-1], seed=10), draw(shape[-1], seed=11)
    expected = functional.layer_norm(a, shape[-1:], g, b, eps=1e-5)
    torch.testing.assert_close(layer_norm(a, g, b), expected, **EXACT)


@every_seed
@pytest.mark.parametrize("shape", [(64,), (7, 64), (3, 4, 5)])
def test_rms_norm_agrees_with_torch(seed, shape):
    a, g = draw(*shape, seed=seed), draw(shape[-1], seed=10)
    expected = functional.rms_norm(a, shape[-1:], g, eps=1e-5)
    torch.testing.assert_close(rms_norm(a, g), expected, **EXACT)


@every_seed
@pytest.mark.parametrize("shape", [(5, 12), (5, 9, 12), (5, 4, 3, 12)])
@pytest.mark.parametrize("groups", [1, 3, 4, 6])
def test_group_norm_agrees_with_torch(seed, shape, groups):
    a, g, b = draw(*shape, seed=seed), draw(12, seed=10), draw(12, seed=11)
    expected = functional.group_norm(a.movedim(-1, 1), groups, g, b).movedim(
        1, -1
    )  # torch: channels first
    torch.testing.assert_close(group_norm(a, g, b, groups), expected, **EXACT)


@every_seed
@pytest.mark.parametrize("shape", [(5, 9, 3), (5, 4, 6, 3)])
def test_instance_norm_agrees_with_torch(seed, shape):
    a, g, b = draw(*shape, seed=seed), draw(3, seed=10), draw(3, seed=11)
    expected = functional.instance_norm(a.movedim(-1, 1), weight=g, bias=b).movedim(1, -1)
    torch.testing.assert_close(instance_norm(a, g, b), expected, **EXACT)


@every_seed
def test_weight_norm_agrees_with_torch(seed):
    v, g = draw(4, 6, seed=seed), draw(4, seed=10)
    expected = g[:, None] * functional.normalize(v, dim=1)
    torch.testing.assert_close(weight_norm(v, g), expected, **EXACT)


# --- by hand, on tiny arrays ---


def test_layer_norm_by_hand():
    a = torch.tensor([[0.0, 2.0, 4.0, 6.0]], dtype=torch.float64)  # mean 3, biased variance 5
    g = torch.tensor([1.0, 2.0, 1.0, 1.0], dtype=torch.float64)
    b = torch.tensor([0.0, 0.0, 0.0, 10.0], dtype=torch.float64)
    expected = torch.tensor([[-3.0, -2.0, 1.0, 3.0 + 10 * 5**0.5]], dtype=torch.float64) / 5**0.5
    torch.testing.assert_close(layer_norm(a, g, b, eps=0.0), expected, **EXACT)


def test_batch_norm_by_hand():
    a = torch.tensor([[0.0, 1.0], [2.0, 1.0], [4.0, 7.0], [6.0, 7.0]], dtype=torch.float64)
    g = torch.tensor([5.0, 1.0], dtype=torch.float64).sqrt()  # the first unit's own sigma
    b = torch.tensor([0.0, 2.0], dtype=torch.float64)
    expected = torch.tensor([[-3.0, 1.0], [-1.0, 1.0], [1.0, 3.0], [3.0, 3.0]]).double()
    torch.testing.assert_close(batch_norm(a, g, b, eps=0.0), expected, **EXACT)


def test_rms_norm_by_hand():
    a = torch.tensor([1.0, 7.0], dtype=torch.float64)  # mean square 25
    found = rms_norm(a, torch.tensor([1.0, 10.0], dtype=torch.float64), eps=0.0)
    torch.testing.assert_close(found, torch.tensor([0.2, 14.0], dtype=torch.float64), **EXACT)


def test_group_norm_by_hand():
    a = torch.tensor([[1.0, 3.0, 10.0, 30.0]], dtype=torch.float64)
    found = group_norm(a, *plain(4), groups=2, eps=0.0)
    torch.testing.assert_close(found, torch.tensor([[-1.0, 1.0, -1.0, 1.0]]).double(), **EXACT)


def test_instance_norm_by_hand():
    a = torch.tensor([[[1.0, 10.0], [3.0, 30.0]]], dtype=torch.float64)  # two places, two channels
    found = instance_norm(a, *plain(2), eps=0.0)
    expected = torch.tensor([[[-1.0, -1.0], [1.0, 1.0]]], dtype=torch.float64)
    torch.testing.assert_close(found, expected, **EXACT)


def test_weight_norm_by_hand():
    v, g = torch.tensor([[3.0, 4.0], [0.0, -2.0]]), torch.tensor([10.0, 0.5])
    torch.testing.assert_close(weight_norm(v, g), torch.tensor([[6.0, 8.0], [0.0, -0.5]]))


def test_training_divides_by_n_and_stores_the_variance_divided_by_n_minus_one():
    a = torch.tensor([[0.0], [2.0], [4.0], [6.0]], dtype=torch.float64)
    h = batch_norm(a, *plain(1), eps=0.0)
    torch.testing.assert_close(h[3, 0], torch.tensor(3 / 5**0.5).double(), rtol=1e-6, atol=0.0)
    mean, variance = update_running(torch.zeros(1).double(), torch.ones(1).double(), a, 0.1)
    assert mean.item() == pytest.approx(0.3, rel=1e-12)
    assert variance.item() == pytest.approx(0.9 + 0.1 * 20 / 3, rel=1e-12)


# --- gradients ---


@every_seed
@pytest.mark.parametrize(
    ("function", "shape"),
    [
        (batch_norm, (4, 3)),
        (layer_norm, (2, 2, 5)),
        (lambda a, g, b: rms_norm(a, g) + b, (2, 5)),
        (lambda a, g, b: group_norm(a, g, b, 2), (3, 2, 4)),
        (instance_norm, (2, 3, 2)),
        (lambda v, g, b: weight_norm(v.mT, g) + b[:, None], (4, 3)),
        (lambda a, g, b: batch_norm_inference(a, b, g.square(), g, b), (4, 3)),
    ],
)
def test_gradients_match_finite_differences(function, shape, seed):
    inputs = [draw(*shape, seed=seed), draw(shape[-1], seed=10), draw(shape[-1], seed=11)]
    assert torch.autograd.gradcheck(function, [x.requires_grad_() for x in inputs], atol=1e-6)


def test_the_slope_of_layer_norm_at_equal_inputs_is_one_over_root_epsilon():
    a, (g, b) = torch.zeros(100, dtype=torch.float64), plain(100)
    jacobian = torch.autograd.functional.jacobian(lambda x: layer_norm(x, g, b), a)
    assert torch.linalg.matrix_norm(jacobian, 2).item() == pytest.approx(1e-5**-0.5, rel=1e-9)


# --- hostile inputs ---


@every_seed
@pytest.mark.parametrize("norm", [layer_norm, batch_norm, lambda a, g, b: group_norm(a, g, b, 4)])
def test_a_large_offset_in_float32_does_no_harm(norm, seed):
    a = draw(64, 64, seed=seed, dtype=torch.float32) + 1e4
    exact = norm(a.double(), *plain(64))
    found = norm(a, *plain(64, torch.float32)).double()
    # Float32 numbers near 1e4 are spaced 1e-3, the mean among them, and sigma can be as low as 0.4.
    torch.testing.assert_close(found, exact, rtol=0.0, atol=4e-3)
    cancelled = a.square().mean(dim=-1) - a.mean(dim=-1).square()
    assert (cancelled - 1).abs().max() > 4  # the formula that squares first


@pytest.mark.parametrize("value", [0.0, 0.1, -3.0])
def test_entries_that_are_all_equal_give_the_bias(value):
    g, b = draw(12, seed=10, dtype=torch.float32), draw(12, seed=11, dtype=torch.float32)
    a = torch.full((7, 5, 12), value)
    for h in (
        layer_norm(a, g, b),
        group_norm(a, g, b, 3),
        instance_norm(a, g, b),
        batch_norm(a[0], g, b),
    ):
        assert torch.equal(h, b.expand_as(h))


# Of these the mean rounds to another number: without care its distance from them is normalized.
EQUAL = [
    (6, 0.1),
    (6, 2.3),
    (3, 0.7),
    (3, 5.9),
    (6, 2.0),
    (7, 3333.33),
    (6, 54321.1),
    (1000, 54321.1),
]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("count", "value"), EQUAL)
def test_equal_entries_give_zero_with_epsilon_and_zero_over_zero_without(count, value, dtype):
    a = torch.full((count, count if count < 10 else 2), value, dtype=dtype)
    g, b = plain(a.shape[1], dtype)
    for norm, batch in ((batch_norm, a), (layer_norm, a.mT.contiguous())):
        ones, zeros = (g, b) if norm is batch_norm else plain(batch.shape[1], dtype)
        assert torch.equal(norm(batch, ones, zeros), torch.zeros_like(batch))
        assert norm(batch, ones, zeros, eps=0.0).isnan().all()
    _, variance = update_running(b, g, a, 1.0)
    assert torch.equal(variance, torch.zeros_like(b))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@every_seed
def test_half_precision_is_float32_rounded_once(dtype, seed):
    a = draw(6, 5, 8, seed=seed).mul(300).to(dtype)  # squares beyond 65504, float16's largest
    g, b = draw(8, seed=10).to(dtype), draw(8, seed=11).to(dtype)
    for function in (
        layer_norm,
        instance_norm,
        lambda a, g, b: batch_norm(a[0], g, b),
        lambda a, g, b: group_norm(a, g, b, 2),
        lambda a, g, b: rms_norm(a, g),
        lambda a, g, b: batch_norm_inference(a, b, g.abs(), g, b),
        lambda a, g, b: weight_norm(a[0].mT, g),
    ):
        found = function(a, g, b)
        assert found.dtype == dtype
        assert torch.equal(found, function(a.float(), g.float(), b.float()).to(dtype))


def test_float16_keeps_what_a_computation_in_float16_loses():
    a, g = torch.full((1, 8), 300.0, dtype=torch.float16), torch.ones(8, dtype=torch.float16)
    assert a.square().isinf().all()
    assert torch.equal(rms_norm(a, g), torch.ones_like(a))
    tiny_eps = layer_norm(a, g, 0 * g, eps=1e-8)  # 1e-8 is 0 in float16, and 0/0 is NaN
    assert torch.equal(tiny_eps, torch.zeros_like(a))


def test_update_running_keeps_the_type_of_the_stored_statistics():
    mean, variance = update_running(
        torch.zeros(3), torch.ones(3), draw(4, 3, seed=0, dtype=torch.bfloat16), 0.1
    )
    assert mean.dtype == variance.dtype == torch.float32


def test_a_case_of_nan_spoils_the_batch_for_batch_norm_and_only_itself_for_layer_norm():
    a = draw(4, 8, seed=0)
    a[0, 0] = math.nan
    assert batch_norm(a, *plain(8))[:, 0].isnan().all()
    assert layer_norm(a, *plain(8)).isnan().any(dim=1).tolist() == [True, False, False, False]


# --- invariances, and where they fail ---

IN, OUT, CASES = 7, 6, 5


def rescale_weights(W: Tensor, x: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    return 3.0 * W, x


def recentre_weights(W: Tensor, x: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    return W + draw(IN, seed=seed + 100), x  # the same vector on every row


def rescale_one_row(W: Tensor, x: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    factors = torch.ones(OUT, 1, dtype=torch.float64)
    factors[2] = 3.0
    return factors * W, x


def rescale_data(W: Tensor, x: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    return W, 3.0 * x


def recentre_data(W: Tensor, x: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    return W, x + draw(IN, seed=seed + 100)


def rescale_one_case(W: Tensor, x: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    factors = torch.ones(CASES, 1, dtype=torch.float64)
    factors[2] = 3.0
    return W, factors * x


CHANGES = (
    rescale_weights,
    recentre_weights,
    rescale_one_row,
    rescale_data,
    recentre_data,
    rescale_one_case,
)
# Ba, Kiros, Hinton 2016, Table 1 (its first three rows), for a fully connected layer, eps = 0.
INVARIANT = {
    "batch": (True, False, True, True, True, False),
    "weight": (True, False, True, False, False, False),
    "layer": (True, True, False, True, False, True),
    "rms": (True, False, False, True, False, True),
    "group": (True, True, False, True, False, True),
}
LAYERS = {
    "batch": lambda W, x: batch_norm(x @ W.T, *plain(OUT), eps=0.0),
    "weight": lambda W, x: x @ weight_norm(W, plain(OUT)[0]).T,
    "layer": lambda W, x: layer_norm(x @ W.T, *plain(OUT), eps=0.0),
    "rms": lambda W, x: rms_norm(x @ W.T, plain(OUT)[0], eps=0.0),
    "group": lambda W, x: group_norm(x @ W.T, *plain(OUT), groups=2, eps=0.0),
}


@every_seed
@pytest.mark.parametrize("name", INVARIANT)
@pytest.mark.parametrize("column", range(6), ids=[change.__name__ for change in CHANGES])
def test_the_table_of_invariances_holds_cell_by_cell(name, column, seed):
    W, x = draw(OUT, IN, seed=seed), draw(CASES, IN, seed=seed + 50)
    before = LAYERS[name](W, x)
    change = (LAYERS[name](*CHANGES[column](W, x, seed)) - before).abs().max().item()
    if INVARIANT[name][column]:
        assert change < 1e-10
    else:
        assert change > 1e-2


@every_seed
def test_layer_norm_flips_sign_under_negative_scale(seed):
    a = draw(4, 8, seed=seed)
    torch.testing.assert_close(layer_norm(-a, *plain(8)), -layer_norm(a, *plain(8)), **EXACT)


@pytest.mark.parametrize("scale", [1.0, 1e-2, 1e-3, 1e-4])
def test_epsilon_dominates_when_the_inputs_are_small(scale):
    a = draw(1, 1000, seed=0)
    a = scale * (a - a.mean()) / a.std(correction=0)
    expected = scale / math.sqrt(scale**2 + 1e-5)  # 1, 0.95, 0.30, 0.03
    assert rms(layer_norm(a, *plain(1000))) == pytest.approx(expected, rel=1e-9)


@every_seed
def test_layer_norm_is_batch_norm_of_the_transpose(seed):
    a = draw(6, 9, seed=seed)
    transposed = batch_norm(a.T, *plain(6)).T
    torch.testing.assert_close(layer_norm(a, *plain(9)), transposed, **EXACT)


@every_seed
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_batch_norm_at_batch_size_one_returns_the_bias(seed, dtype):
    a, g, b = (draw(*s, seed=seed, dtype=dtype) for s in ((1, 8), (8,), (8,)))
    assert torch.equal(batch_norm(1e3 * a, g, b), b.unsqueeze(0))


def test_pytorch_refuses_batch_norm_at_batch_size_one():
    with pytest.raises(ValueError, match="Expected more than 1 value per channel"):
        functional.batch_norm(torch.ones(1, 8), None, None, training=True)


def test_the_running_variance_after_one_case_moves_towards_zero():
    mean, variance = update_running(torch.zeros(3), torch.ones(3), torch.full((1, 3), 2.0), 0.1)
    torch.testing.assert_close(mean, torch.full((3,), 0.2))
    torch.testing.assert_close(variance, torch.full((3,), 0.9))


@every_seed
def test_batch_norm_at_batch_size_two_gives_plus_and_minus_one(seed):
    a = draw(2, 50, seed=seed)
    h = batch_norm(a, *plain(50), eps=0.0)
    torch.testing.assert_close(h, torch.stack([(a[0] - a[1]).sign(), (a[1] - a[0]).sign()]))


@every_seed
def test_layer_norm_of_one_unit_is_the_bias_and_of_two_plus_and_minus_one(seed):
    b = draw(1, seed=seed)
    assert torch.equal(layer_norm(draw(5, 1, seed=seed), b, b), b.expand(5, 1))
    h = layer_norm(draw(5, 2, seed=seed), *plain(2), eps=0.0)
    torch.testing.assert_close(h.abs(), torch.ones(5, 2).double(), **EXACT)


@every_seed
@pytest.mark.parametrize("name", ["layer", "rms", "group"])
def test_these_norms_do_not_depend_on_other_cases(name, seed):
    W, x = draw(OUT, IN, seed=seed), draw(CASES, IN, seed=seed + 50)
    others = torch.cat([x[:1], draw(CASES, IN, seed=seed + 60)])
    torch.testing.assert_close(LAYERS[name](W, x)[0], LAYERS[name](W, others)[0], **EXACT)


@every_seed
def test_layer_norm_does_not_depend_on_other_cases(seed):
    a = draw(5, 8, seed=seed).requires_grad_()
    layer_norm(a, *plain(8))[1].square().sum().backward()
    assert torch.equal(a.grad[[0, 2, 3, 4]], torch.zeros(4, 8).double())


@every_seed
def test_batch_norm_depends_on_other_cases(seed):
    a = draw(5, 8, seed=seed).requires_grad_()
    batch_norm(a, *plain(8))[1].pow(3).sum().backward()
    assert (a.grad[[0, 2, 3, 4]].abs().amax(dim=1) > 1e-3).all()


@every_seed
def test_batch_norm_absorbs_a_bias_before_it_and_layer_norm_only_an_equal_one(seed):
    a, bias = draw(16, 8, seed=seed), draw(8, seed=seed + 1)
    torch.testing.assert_close(batch_norm(a + bias, *plain(8)), batch_norm(a, *plain(8)), **EXACT)
    torch.testing.assert_close(layer_norm(a + 2.0, *plain(8)), layer_norm(a, *plain(8)), **EXACT)
    assert (layer_norm(a + bias, *plain(8)) - layer_norm(a, *plain(8))).abs().max() > 0.1


@every_seed
def test_rms_norm_is_layer_norm_only_where_the_mean_is_zero(seed):
    a = draw(4, 8, seed=seed)
    g, b = plain(8)
    assert (rms_norm(a, g) - layer_norm(a, g, b)).abs().max() > 1e-2
    centred = a - a.mean(dim=-1, keepdim=True)
    torch.testing.assert_close(rms_norm(centred, g), layer_norm(a, g, b), **EXACT)


@every_seed
def test_group_norm_goes_from_layer_norm_to_instance_norm(seed):
    a, g, b = draw(4, 6, 8, seed=seed), draw(8, seed=10), draw(8, seed=11)
    torch.testing.assert_close(group_norm(a[:, 0], g, b, 1), layer_norm(a[:, 0], g, b), **EXACT)
    torch.testing.assert_close(group_norm(a, g, b, 8), instance_norm(a, g, b), **EXACT)


@every_seed
def test_instance_norm_is_batch_norm_over_the_places_of_one_image(seed):
    a, g, b = draw(1, 4, 6, 3, seed=seed), draw(3, seed=10), draw(3, seed=11)
    places = batch_norm(a.reshape(24, 3), g, b).reshape(1, 4, 6, 3)
    torch.testing.assert_close(instance_norm(a, g, b), places, **EXACT)


@every_seed
def test_instance_norm_without_space_returns_the_bias(seed):
    a, g, b = draw(4, 8, seed=seed), draw(8, seed=10), draw(8, seed=11)
    assert torch.equal(instance_norm(a[:, None, :], g, b)[:, 0], b.expand(4, 8))


@every_seed
def test_after_k_steps_the_running_mean_still_misses_by_the_kth_power(seed):
    a = draw(16, 4, seed=seed) + 5.0
    mean, variance = torch.zeros(4).double(), torch.ones(4).double()
    for _ in range(10):
        mean, variance = update_running(mean, variance, a, 0.1)
    torch.testing.assert_close(mean, (1 - 0.9**10) * a.mean(dim=0), **EXACT)


@every_seed
def test_at_two_cases_inference_shrinks_outputs_by_the_root_of_one_half(seed):
    a, (g, b) = draw(2, 4, seed=seed), plain(4)
    mean, variance = update_running(torch.zeros(4).double(), torch.ones(4).double(), a, 1.0)
    h = batch_norm_inference(a, mean, variance, g, b, eps=0.0)
    torch.testing.assert_close(h, batch_norm(a, g, b, eps=0.0) / 2**0.5, **EXACT)


@every_seed
def test_batch_norm_inference_lets_no_case_see_another(seed):
    a, (g, b) = draw(5, 4, seed=seed), plain(4)
    mu, variance = a.mean(dim=0), a.var(dim=0)
    alone = [batch_norm_inference(case, mu, variance, g, b) for case in a]
    torch.testing.assert_close(
        batch_norm_inference(a, mu, variance, g, b), torch.stack(alone), **EXACT
    )


def test_statistics_of_a_diverged_run_stay_visible_as_nan():
    unknown = torch.full((2,), math.nan)
    h = batch_norm_inference(torch.ones(3, 2), unknown, unknown, *plain(2, torch.float32))
    assert h.isnan().all()


@every_seed
def test_padding_moves_batch_norm_and_not_layer_norm(seed):
    a = draw(10, 8, seed=seed) + 2.0
    padded = torch.cat([a, torch.zeros_like(a)])
    g, b = plain(8)
    assert torch.equal(layer_norm(padded, g, b)[:10], layer_norm(a, g, b))
    assert rms(batch_norm(padded, g, b)[:10] - batch_norm(a, g, b)) > 0.5


@every_seed
def test_one_large_unit_squashes_the_others_under_layer_norm(seed):
    a = draw(100, seed=seed)
    a[0] = 1e4
    h = layer_norm(a, *plain(100))
    assert h[0].item() == pytest.approx(math.sqrt(99), rel=1e-3)
    assert h[1:].std().item() < 0.01


@every_seed
def test_layer_norm_on_ten_logits_caps_the_confidence(seed):
    cap = math.exp(3) / (math.exp(3) + 9 * math.exp(-1 / 3))  # 0.757
    logits = torch.cat([100 * draw(200, 10, seed=seed), 1e3 * torch.eye(10).double()])
    confidence = layer_norm(logits, *plain(10)).softmax(dim=-1).amax()
    assert confidence.item() == pytest.approx(cap, abs=1e-6)


@every_seed
def test_weight_norm_sets_the_length_of_each_row(seed):
    g = draw(4, seed=10)
    torch.testing.assert_close(weight_norm(draw(4, 6, seed=seed), g).norm(dim=1), g.abs(), **EXACT)


@pytest.mark.parametrize("size", [1e-40, 1e-30, 1e30])
def test_weight_norm_takes_rows_whose_square_does_not_fit(size):
    v = torch.tensor([[3.0, -4.0]]) * size
    W = weight_norm(v, torch.tensor([5.0]))
    torch.testing.assert_close(W, torch.tensor([[3.0, -4.0]]), rtol=1e-4, atol=0.0)


# --- errors ---

A, G = torch.ones(4, 6), torch.ones(6)


@pytest.mark.parametrize("eps", [math.nan, math.inf, -math.inf, -1e-5])
@pytest.mark.parametrize(
    "call",
    [
        lambda eps: batch_norm(A, G, G, eps=eps),
        lambda eps: batch_norm_inference(A, G, G, G, G, eps=eps),
        lambda eps: layer_norm(A, G, G, eps=eps),
        lambda eps: rms_norm(A, G, eps=eps),
        lambda eps: group_norm(A, G, G, 2, eps=eps),
        lambda eps: instance_norm(A[:, None], G, G, eps=eps),
    ],
)
def test_a_bad_epsilon_is_refused(call, eps):
    with pytest.raises(ValueError, match=f"eps must be finite and at least 0, got {eps}"):
        call(eps)


WRONG = torch.ones(5)
NEEDS_FLOAT = r"a must hold floating-point numbers, got torch\.int64"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: batch_norm(A, WRONG, G), r"g must have shape \(6,\), got \(5,\)"),
        (lambda: layer_norm(A, G, WRONG), r"b must have shape \(6,\), got \(5,\)"),
        (lambda: layer_norm(A, torch.tensor(1.0), G), r"g must have shape \(6,\), got \(\)"),
        (lambda: rms_norm(A, WRONG), r"g must have shape \(6,\), got \(5,\)"),
        (lambda: group_norm(A, WRONG, G, 2), r"g must have shape \(6,\), got \(5,\)"),
        (lambda: instance_norm(A, WRONG, G), r"g must have shape \(6,\), got \(5,\)"),
        (lambda: batch_norm_inference(A, WRONG, G, G, G), r"mu must have shape \(6,\)"),
        (lambda: batch_norm_inference(A, G, WRONG, G, G), r"variance must have shape \(6,\)"),
        (lambda: batch_norm_inference(A, G, G - 3, G, G), r"variance must be at least 0, got -2"),
        (lambda: batch_norm(A[None], G, G), r"a must have shape \(N, H\), got \(1, 4, 6\)"),
        (lambda: layer_norm(torch.tensor(1.0), G, G), r"a must have shape \(\.\.\., H\)"),
        (lambda: layer_norm(A.long(), G, G), NEEDS_FLOAT),
        (lambda: group_norm(A.long(), G, G, 2), NEEDS_FLOAT),
        (lambda: group_norm(A[0], G, G, 2), r"a must have shape \(N, \.\.\., H\), got \(6,\)"),
        (lambda: group_norm(A, G, G, 4), "groups must be a whole number that divides 6 units"),
        (lambda: group_norm(A, G, G, 0), "divides 6 units, got 0"),
        (lambda: group_norm(A, G, G, math.nan), "divides 6 units, got nan"),
        (lambda: instance_norm(A, G, G), r"an axis of space between, got \(4, 6\)"),
        (lambda: weight_norm(A[0], G), r"v must have shape \(out, in\), got \(6,\)"),
        (lambda: weight_norm(A, G), r"g must have shape \(4,\), got \(6,\)"),
        (lambda: weight_norm(A.long(), G), "v must hold floating-point numbers"),
        (lambda: weight_norm(torch.eye(3)[:, :2], torch.ones(3)), "only zeros in row 2"),
        (lambda: update_running(WRONG, G, A, 0.1), r"running_mean must have shape \(6,\)"),
        (lambda: update_running(G, WRONG, A, 0.1), r"running_variance must have shape \(6,\)"),
        (lambda: update_running(G, G, A[:0], 0.1), r"at least one case, got shape \(0, 6\)"),
        (lambda: update_running(G, G, A[0], 0.1), r"a must have shape \(N, H\), got \(6,\)"),
        (lambda: update_running(G, G, A, 1.5), r"momentum must be a number in \[0, 1\], got 1\.5"),
        (lambda: update_running(G, G, A, math.nan), r"a number in \[0, 1\], got nan"),
        (lambda: update_running(G, G, A, "0.1"), r"a number in \[0, 1\], got '0\.1'"),
        (lambda: update_running(G, G, A, True), r"a number in \[0, 1\], got True"),
        (lambda: update_running(G.long(), G, A, 0.1), "running_mean must hold floating-point"),
        (lambda: update_running(G, G.long(), A, 0.1), "running_variance must hold floating-point"),
        (lambda: batch_norm_inference(A, G.long(), G, G, G), "mu must hold floating-point"),
        (lambda: layer_norm(A, G.to(torch.complex64), G), "g must hold .* got torch.complex64"),
        (lambda: rms_norm(A, G.bool()), "g must hold floating-point numbers, got torch.bool"),
        (lambda: weight_norm(A, G[:4].long()), "g must hold floating-point numbers"),
        (lambda: group_norm(A, G, G, True), "divides 6 units, got True"),
        (lambda: group_norm(A, G, G, "2"), "divides 6 units, got '2'"),
        (
            lambda: layer_norm([[1.0, 2.0]], G, G),
            r"a must be a tensor .*, got list \[\[1\.0, 2\.0\]\]",
        ),
        (lambda: batch_norm("a" * 500, G, G), r"a must be a tensor .*, got str 'a{59}…$"),
        (lambda: layer_norm(A, None, G), "g must be a tensor of .*, got NoneType None"),
        (lambda: instance_norm(A, G, 0.0), "b must be a tensor of .*, got float 0.0"),
        (lambda: layer_norm(A, G, G, eps="1e-5"), "eps must be finite and at least 0, got '1e-5'"),
        (lambda: layer_norm(A, G, G, eps=None), "eps must be finite and at least 0, got None"),
    ],
)
def test_bad_input_is_refused_with_the_rule_and_the_value(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_functions_leave_their_arguments_alone():
    a, g, b = draw(4, 6, seed=0), draw(6, seed=1), draw(6, seed=2).square()
    kept = a.clone(), g.clone(), b.clone()
    update_running(g, b, a, 0.5)
    batch_norm(a, g, b)
    batch_norm_inference(a, g, b, g, b)
    layer_norm(a, g, b)
    assert all(torch.equal(x, y) for x, y in zip((a, g, b), kept, strict=True))


def test_public_names_are_listed():
    functions = inspect.getmembers(norms, inspect.isfunction)
    public = [
        name
        for name, function in functions
        if function.__module__ == norms.__name__ and not name.startswith("_")
    ]
    assert sorted(norms.__all__) == sorted(public)
