"""Diagnoses: what is said, when, and with which numbers."""

import dataclasses
import math

import pytest

from ln_core.race.diagnosis import RaceVitals, diagnose

HEALTHY = RaceVitals(
    variant="layer",
    batch_size=32,
    last_batch=16,
    activation="relu",
    epsilon=1e-5,
    diverged=None,
    gradient_norm=(0.3, 0.2, 0.5),
    dead=(0.1, 0.4),
)


def cards(**changes):
    return diagnose(dataclasses.replace(HEALTHY, **changes))


def titles(**changes):
    return [card.title for card in cards(**changes)]


def test_healthy_network_gets_no_card():
    assert cards() == []


def test_batch_norm_of_one_case_is_explained():
    (card,) = cards(variant="batch", batch_size=1, gradient_norm=(0.0, 0.0, 0.5), dead=(1.0, 1.0))
    assert card.title == "Nothing left to normalize"
    assert "sigma = 0" in card.text
    assert "PyTorch refuses" in card.text


@pytest.mark.parametrize("variant", ["none", "layer", "rms", "group"])
def test_batch_size_one_concerns_batch_norm_alone(variant):
    assert titles(variant=variant, batch_size=1) == []


def test_divergence_names_its_first_step_and_silences_the_rest():
    (card,) = cards(diverged=17, gradient_norm=(math.nan,) * 3, dead=(1.0, 1.0))
    assert card.title == "Diverged"
    assert "step 17" in card.text


@pytest.mark.parametrize(("share", "expected"), [(0.5, []), (0.51, ["Dead units"])])
def test_dead_units_are_named_from_half_of_a_layer_on(share, expected):
    assert titles(dead=(0.1, share)) == expected


def test_worst_layer_is_named_with_its_share():
    assert "hidden layer 2, 87 % of the units" in cards(dead=(0.6, 0.87))[0].text


@pytest.mark.parametrize(("share", "expected"), [(0.9, []), (0.91, ["Saturated units"])])
def test_saturated_units_are_named_from_nine_tenths_of_a_layer_on(share, expected):
    assert titles(activation="tanh", dead=(share, 0.1)) == expected


def test_linear_units_are_never_dead():
    assert titles(activation="identity", dead=(1.0, 1.0)) == []


@pytest.mark.parametrize(("size", "expected"), [(1000.0, []), (1001.0, ["Exploding gradient"])])
def test_large_gradient_is_named(size, expected):
    assert titles(gradient_norm=(size, 1.0, 1.0)) == expected


def test_exploding_gradient_shows_both_ends():
    text = cards(gradient_norm=(2.53e5, 3.0, 0.5))[0].text
    assert "2.5 × 10⁵" in text
    assert "0.5." in text


def test_vanishing_gradient_is_a_ratio():
    assert titles(gradient_norm=(1e-6, 1.0, 1.0)) == []
    assert "9.9 × 10⁻⁷" in cards(gradient_norm=(9.9e-7, 1.0, 1.0))[0].text
    assert titles(gradient_norm=(0.0, 0.0, 0.0)) == []


@pytest.mark.parametrize(("first", "fate"), [(1e-9, "it fades on"), (0.0, "none of it reaches")])
def test_a_gradient_that_is_cut_off_is_not_said_to_fade(first, fate):
    (card,) = cards(gradient_norm=(first, 0.0, 1.3))
    assert card.title == "Vanishing gradient"
    assert fate in card.text


def test_values_that_are_no_numbers_are_no_evidence():
    assert titles(gradient_norm=(math.nan,) * 3, dead=(math.nan, math.nan)) == []


def test_gradient_that_overflowed_is_named_too():
    assert "length over 10¹⁹;" in cards(gradient_norm=(math.inf, 1.0, 0.0))[0].text


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_units_of_batch_norm_are_dead_where_it_is_tested(activation):
    (card,) = cards(variant="batch", activation=activation, dead=(1.0, 0.0))
    assert card.text.endswith("in evaluation mode, by its running statistics.")
    (card,) = cards(variant="layer", activation=activation, dead=(1.0, 0.0))
    assert "evaluation" not in card.text


def test_a_loss_that_is_no_number_from_the_start_is_not_blamed_on_the_learning_rate():
    (card,) = cards(diverged=1)
    assert "initial weights" in card.text
    assert "too large" not in card.text


def test_a_last_batch_of_one_case_is_said_of_batch_norm_alone():
    assert titles(variant="batch", last_batch=1) == ["A batch of one at the end"]
    assert titles(variant="layer", last_batch=1) == []


def test_a_loss_lost_at_epsilon_zero_is_put_down_to_zero_over_zero():
    (card,) = cards(diverged=40, epsilon=0.0, divided=True)
    assert "step 40" in card.text
    assert "0 / 0" in card.text
    (later,) = cards(diverged=40, epsilon=0.0, divided=True, fixed=True)  # taken out since
    assert later == card
    (constant,) = cards(diverged=40, epsilon=0.0)  # nothing is divided by a deviation
    assert "0 / 0" not in constant.text
    (usual,) = cards(diverged=40, divided=True)
    assert "0 / 0" not in usual.text


def test_of_several_seeds_one_that_diverged_leaves_the_first_ones_cards():
    vitals = dataclasses.replace(HEALTHY, diverged=9, seeds=4, gradient_norm=[2e3, 1.0, 1.0])
    assert [card.title for card in diagnose(vitals)] == ["Diverged", "Exploding gradient"]
    assert "the loss of at least one of 4 seeds was not" in diagnose(vitals)[0].text
    (card,) = diagnose(dataclasses.replace(vitals, seeds=1))
    assert card.text.startswith("In step 9 the loss was not a finite number")


def test_a_gradient_that_is_larger_where_it_comes_from_is_not_said_to_explode():
    (card,) = diagnose(dataclasses.replace(HEALTHY, gradient_norm=(2.1e3, 9e3, 1.6e6)))
    assert card.title == "Very large gradients"


@pytest.mark.parametrize(
    ("variant", "activation", "cause"),
    [("layer", "relu", True), ("layer", "tanh", False), ("batch", "relu", False)],
)
def test_zeros_of_relu_are_named_only_where_they_can_be_the_cause(variant, activation, cause):
    vitals = dataclasses.replace(
        HEALTHY, variant=variant, activation=activation, epsilon=0.0, diverged=5, divided=True
    )
    (card,) = diagnose(vitals)
    assert ("as where ReLU" in card.text) == cause
