"""The geometry of section 5: Fisher blocks, right angles, growing weights, and as sentences."""

from functools import cache

import numpy as np
import pytest
import torch
from torch.nn import functional

from ln_core.formatting import number, percent
from ln_core.runs.config import from_query, knobs, to_query
from ln_core.see.geometry.compute import (
    CLASSES,
    FISHER_CASES,
    D,
    N,
    compute,
    draw_layer,
    fisher_blocks,
    normalize,
)
from ln_core.see.geometry.config import (
    FACTORS,
    PAPER_CURVATURE,
    VARIANTS,
    GeometryConfig,
)
from ln_core.see.geometry.layers import Gradients

SEEDS = (0, 1, 2)
every_seed = pytest.mark.parametrize("seed", SEEDS)
NORMALIZED = ("batch", "weight", "layer", "rms")
ROW_WISE = ("batch", "weight")


@cache
def frame_of(config):
    return compute(config)


def found_in(config):
    return {
        variant: {name: array[at] for name, array in frame_of(config).arrays.items()}
        for at, variant in enumerate(VARIANTS)
    }


# --- numeric ---


@every_seed
@pytest.mark.parametrize("variant", VARIANTS)
def test_loss_and_gradients_are_those_of_the_textbooks_normalization(seed, variant):
    layer = draw_layer(seed)
    W = torch.stack([layer.W, 3 * layer.W]).requires_grad_()
    V = torch.stack([layer.V, layer.V.flip(0)]).requires_grad_()
    logits = normalize(variant, layer.x, W, layer.g).relu() @ V.mT
    loss = functional.cross_entropy(logits.movedim(2, 1), layer.y.expand(2, N), reduction="none")
    by_W, by_V = torch.autograd.grad(loss.mean(1).sum(), (W, V))
    gradients = Gradients((variant,), layer, copies=2)
    for _ in range(2):  # nothing of the first pass is left in the second
        found = gradients.forward_backward(W.detach()[None], V.detach()[None])
        for ours, expected in zip(found, (loss.mean(1), by_W, by_V), strict=True):
            torch.testing.assert_close(ours[0], expected)


@every_seed
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_gradient_is_the_losss_slope(seed, variant):
    layer = draw_layer(seed)
    direction = torch.randn(layer.W.shape, generator=torch.Generator().manual_seed(9)).double()
    small = 1e-6
    W = torch.stack([layer.W + sign * small * direction for sign in (1, 0, -1)])
    V = layer.V.expand(3, *layer.V.shape)
    loss, gradient, _ = Gradients((variant,), layer, copies=3).forward_backward(W[None], V[None])
    ahead, _, behind = loss[0]
    slope = float((gradient[0, 1] * direction).sum())
    assert float((ahead - behind) / (2 * small)) == pytest.approx(slope, rel=1e-5)


def two_of(layer):
    """A stack in which the layer's own weights come second."""
    return torch.stack([3 * layer.W.flip(0), layer.W])


@every_seed
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_fisher_matrix_is_the_metric_of_the_kl_divergence(seed, variant):
    """Eqs. (8) and (9): KL(p(theta) || p(theta + delta)) is about delta^T F delta / 2."""
    layer = draw_layer(seed)
    W, g = layer.W[:CLASSES], layer.g[:CLASSES]
    generator = torch.Generator().manual_seed(9)
    small = 1e-4
    dW = small * torch.randn(W.shape, generator=generator).double()
    dg = small * torch.randn(g.shape, generator=generator).double()
    x = layer.x[:FISHER_CASES]
    log_p = normalize(variant, x, W[None], g)[0].log_softmax(1)
    log_q = normalize(variant, x, (W + dW)[None], g + dg)[0].log_softmax(1)
    divergence = float((log_p.exp() * (log_p - log_q)).sum(1).mean())
    ww, wg, gg = (block[1] for block in fisher_blocks(variant, layer, two_of(layer)))
    delta = dW.flatten()
    metric = 0.5 * float(delta @ ww @ delta + 2 * delta @ wg @ dg + dg @ gg @ dg)
    assert divergence == pytest.approx(metric, rel=1e-2)


@every_seed
def test_fisher_blocks_are_symmetric_and_have_no_negative_eigenvalue(seed):
    layer = draw_layer(seed)
    for variant in VARIANTS:
        ww, wg, gg = (block[1] for block in fisher_blocks(variant, layer, two_of(layer)))
        assert ww.shape == (CLASSES * D, CLASSES * D)
        whole = torch.cat([torch.cat([ww, wg], 1), torch.cat([wg.T, gg], 1)])
        torch.testing.assert_close(whole, whole.T)
        assert torch.linalg.eigvalsh(whole).min() > -1e-12


@every_seed
def test_the_data_are_those_of_the_seed(seed):
    first, again = (draw_layer(seed) for _ in range(2))
    torch.testing.assert_close(first.x, again.x, rtol=0, atol=0)
    assert first.x.shape == (N, D)
    assert len(first.y.unique()) > 1


# --- the sentences ---


@every_seed
def test_scaling_the_whole_matrix_leaves_the_output_and_divides_the_gradient(seed):
    found = found_in(GeometryConfig(seed=seed))
    for variant in NORMALIZED:
        assert found[variant]["output_change"].max() < 1e-9
        np.testing.assert_allclose(
            found[variant]["gradient_ratio"], 1 / np.array(FACTORS), rtol=1e-5
        )
    assert found["none"]["output_change"][FACTORS.index(4.0)] == pytest.approx(3)


@every_seed
def test_the_same_learning_rate_turns_long_weights_less(seed):
    found = found_in(GeometryConfig(seed=seed))
    for variant in NORMALIZED:
        turn = found[variant]["turn"]
        assert (np.diff(turn) < 0).all()
        # For small angles one over the square of the factor.
        assert turn[-2] / turn[-1] == pytest.approx(4, rel=0.01)


@every_seed
def test_the_gradient_is_at_right_angles_to_the_weights_so_they_only_grow(seed):
    found = found_in(GeometryConfig(seed=seed))
    for variant in NORMALIZED:
        assert found[variant]["radial"][0] < 1e-9
        length = found[variant]["weight_length"]
        assert (np.diff(length) >= 0).all()
        assert length[-1] > length[0]
        np.testing.assert_allclose(length, found[variant]["predicted_length"], rtol=1e-5)
    assert found["none"]["radial"][0] > 1e-3
    with_and_without = found["none"]["weight_length"] - found["none"]["predicted_length"]
    assert np.abs(with_and_without).max() > 1e-3


@every_seed
def test_the_right_angle_holds_row_by_row_for_batch_norm_and_weight_norm_alone(seed):
    found = found_in(GeometryConfig(seed=seed))
    for variant in VARIANTS:
        assert (found[variant]["radial"][1] < 1e-9) == (variant in ROW_WISE)


@every_seed
def test_only_layer_norms_gradient_has_columns_that_add_to_zero(seed):
    # With gains of 1, and here with any: the columns of g dn/da add to zero.
    found = found_in(GeometryConfig(seed=seed))
    for variant in VARIANTS:
        assert (found[variant]["radial"][2] < 1e-9) == (variant == "layer")


@every_seed
def test_the_effective_learning_rate_decays_by_itself(seed):
    config = GeometryConfig(seed=seed)
    for variant in NORMALIZED:
        rate = found_in(config)[variant]["effective_rate"]
        length = found_in(config)[variant]["weight_length"]
        np.testing.assert_allclose(rate, config.learning_rate / length**2, rtol=1e-5)
        assert (np.diff(rate) <= 0).all()
        assert rate[-1] < rate[0]


@every_seed
def test_doubled_weights_quarter_the_curvature_halve_the_mixed_block_and_leave_the_gains(seed):
    found = found_in(GeometryConfig(seed=seed, factor=2.0))
    for variant in NORMALIZED:
        np.testing.assert_allclose(found[variant]["fisher"], [0.25, 0.5, 1], rtol=1e-5)
    assert abs(found["none"]["fisher"][0] - 0.25) > 0.1
    # The paper's 1/2 is the mixed block's, and that of a step's length, the root of the quarter.
    assert found["layer"]["fisher"][1] == pytest.approx(PAPER_CURVATURE)
    assert np.sqrt(found["layer"]["fisher"][0]) == pytest.approx(PAPER_CURVATURE)


@every_seed
@pytest.mark.parametrize("factor", [0.5, 4.0])
def test_curvature_falls_with_the_square_of_the_factor(seed, factor):
    found = found_in(GeometryConfig(seed=seed, factor=factor))
    for variant in NORMALIZED:
        np.testing.assert_allclose(found[variant]["fisher"], [factor**-2, 1 / factor, 1], rtol=1e-5)


@every_seed
def test_a_factor_on_one_row_is_cancelled_by_batch_norm_and_weight_norm_but_not_by_layer_norm(seed):
    found = found_in(GeometryConfig(seed=seed, scope="row"))
    for variant in VARIANTS:
        stays = found[variant]["output_change"].max() < 1e-9
        assert stays == (variant in ROW_WISE)
    assert abs(found["layer"]["fisher"][0] - 0.25) > 0.05  # for it the whole matrix must double


@pytest.mark.parametrize("fields", [{}, {"factor": 4.0}, {"scope": "row"}])
def test_the_lesson_speaks_of_the_doubled_matrix_whatever_is_scaled(fields):
    frame = frame_of(GeometryConfig(**fields))
    slots = {value["slot"]: value["text"] for value in frame.notes["measured_values"]}
    assert [slots[f"layer_{block}"] for block in ("ww", "wg", "gg")] == ["0.25", "0.5", "1"]
    assert (slots["layer_output"], slots["layer_gradient"]) == ("0.0 %", "0.25")
    assert (slots["factor"], slots["paper_curvature"], slots["none_output"]) == (
        "2",
        "0.5",
        "300 %",
    )
    assert float(slots["layer_end"]) > float(slots["layer_start"])


@every_seed
@pytest.mark.parametrize("factor", [0.5, 3.0, 16.0])
def test_the_cards_speak_of_the_factor_that_is_chosen(seed, factor):
    cards = frame_of(GeometryConfig(seed=seed, factor=factor)).notes["cards"]
    said = {card["variant"]: card["text"] for card in cards}
    assert all(text.startswith(f"W × {factor:g} (whole matrix)") for text in said.values())
    assert f"outputs change by {percent(abs(factor - 1))}," in said["none"]
    for variant in NORMALIZED:
        assert f"gradient's length is × {number(1 / factor, 2)}." in said[variant]


def test_the_cards_say_whose_output_stays():
    titles = {card["variant"]: card["title"] for card in frame_of(GeometryConfig()).notes["cards"]}
    assert titles.pop("none") == "The output changes"
    assert set(titles.values()) == {"The output stays"}
    cards = frame_of(GeometryConfig(scope="row")).notes["cards"]
    assert [card["title"] for card in cards].count("The output changes") == 3
    assert all("one row" in card["text"] for card in cards)


def test_a_config_survives_its_url():
    for name, declared in knobs(GeometryConfig).items():
        for value in getattr(declared.kind, "stops", ()) or getattr(declared.kind, "options", ()):
            config = GeometryConfig(**{name: value})
            assert from_query(GeometryConfig, to_query(config)) == (config, ())


@pytest.mark.parametrize("fields", [{"learning_rate": 100.0}, {"factor": 100.0}, {"factor": 0.1}])
def test_extreme_settings_give_a_frame_that_packs(fields):
    from ln_core.runs.frame import pack

    assert pack(frame_of(GeometryConfig(**fields, training_steps=10)))
