"""What the presets and the lesson of the RNN lab and the time microscope say."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from ln_core.recurrent.config import MICROSCOPE, RNN
from ln_core.recurrent.presets import MICROSCOPE_PRESETS, RNN_PRESETS
from tests.claims.table import Film, Found, claim

of_rnn, of_microscope = partial(claim, "rnn"), partial(claim, "time")


def run(preset: str, seed: int, **knobs) -> Film:
    of = Film.of(RNN, RNN_PRESETS[preset], seed)
    return Film(RNN, replace(of.config, **knobs))


def final(preset: str, seed: int, array: str, *variants: str) -> dict[str, float]:
    of = run(preset, seed)
    return {v: of.end(v, array).item() for v in variants}


@of_rnn("exploding")
def the_plain_nets_state_grows_over_a_thousand_times_and_layer_norms_stays_level(seed) -> Found:
    of = run("exploding", seed)
    states = {variant: of.end(variant, "hidden_norm") for variant in ("none", "layer")}
    growth = {variant: float(state[-1] / state[0]) for variant, state in states.items()}
    loss = {variant: float(of.end(variant, "loss").mean()) for variant in states}
    level = max(states["layer"]) < 2 * min(states["layer"])
    exploded = growth["none"] > 1000 and loss["none"] > 1000 * loss["layer"]
    return exploded and level, {"growth": growth, "loss": loss}


@of_rnn("large")
def with_recurrent_weights_too_large_the_plain_net_learns_little_and_normed_ones_learn(
    seed,
) -> Found:
    error = final("large", seed, "test_error", "none", "layer", "rms")
    return error["none"] > 0.7 and max(error["layer"], error["rms"]) < 0.45, error


@of_rnn("plain")
def from_well_chosen_weights_the_plain_net_does_as_well_as_with_layer_norm(seed) -> Found:
    error = final("plain", seed, "test_error", "none", "layer")
    return error["none"] < error["layer"] + 0.02, error


@of_rnn("gain")
def with_a_small_gain_layer_norms_gradient_fades_and_that_without_a_norm_grows(seed) -> Found:
    of = run("gain", seed)
    ends = {v: of.end(v, "gradient_hidden_norm") for v in of.config.variants}
    passed = {v: float(norm[0] / norm[-1]) for v, norm in ends.items()}
    return passed["layer"] < 0.1 and passed["none"] > 10, passed


@of_rnn("gain")
def with_a_small_gain_layer_norms_gradient_fades_whatever_the_recurrent_weights(seed) -> Found:
    def passed(**knobs) -> float:
        """Give the share of the last step's gradient that reaches the first, before training."""
        gradient = run("gain", seed, **knobs).start("layer", "gradient_hidden_norm")
        return float(gradient[0] / gradient[-1])

    by_radius = {radius: passed(radius=radius) for radius in (1.0, 4.0, 8.0)}
    by_gain = {gain: passed(gain=gain) for gain in (0.25, 2.0)}
    alike = max(by_radius.values()) < 1.1 * min(by_radius.values())
    return alike and by_gain[0.25] < 0.05 and by_gain[2.0] > 0.1, {
        "radius": by_radius,
        "gain": by_gain,
    }


@of_rnn("rate")
def at_a_high_learning_rate_layer_norm_makes_under_two_thirds_of_the_lstms_errors(seed) -> Found:
    error = final("rate", seed, "test_error", "none", "layer")
    return error["layer"] < 2 / 3 * error["none"], error


@of_rnn("longer")
def with_blank_rows_in_front_batch_norm_loses_its_way_and_layer_norm_carries_on(seed) -> Found:
    of = run("longer", seed)
    right = {v: of.end(v, "longer") for v in ("batch", "layer")}
    share = {v: of[-1] / of[0] for v, of in right.items()}
    return share["batch"] < 0.65 and share["layer"] > 0.9, right


@of_rnn()
def with_blank_rows_in_front_batch_norm_loses_most_of_its_right_answers(seed) -> Found:
    of = run("longer", seed)  # the path's first.7
    right = {v: of.end(v, "longer") for v in ("none", "batch", "layer")}
    share = {v: of[-1] / of[0] for v, of in right.items()}
    return share["batch"] < min(share["none"], share["layer"]), right


@of_rnn("longer")
def the_same_statistics_moved_along_with_the_rows_serve_batch_norm_again(seed) -> Found:
    aligned = run("longer", seed).end("batch", "aligned")
    return min(aligned) > 0.9 * aligned[0], {"aligned": aligned}


@of_rnn("copy")
def the_lstm_with_layer_norm_copies_further_below_guessing_than_the_lstm_without(seed) -> Found:
    loss = final("copy", seed, "test_loss", "none", "layer")
    guessing = RNN_PRESETS["copy"].config.baseline
    return loss["layer"] < 0.97 * guessing and loss["layer"] < loss["none"], loss


@of_rnn("taken_out")
def layer_norm_can_be_taken_out_of_a_net_that_would_not_have_learned_without_it(seed) -> Found:
    of = run("taken_out", seed)
    pinned = Film(RNN, replace(RNN_PRESETS["taken_out"].pin, seed=seed))
    none, out = (of.end(v, "test_error").item() for v in ("none", "layer"))
    held = pinned.end("layer", "test_error").item()
    loss = {
        name: np.concatenate([np.ravel(part) for part in one.curve("layer", "loss")])[-100:].mean()
        for name, one in (("out", of), ("held", pinned))
    }
    goes_on = out < held + 0.06 and loss["out"] < 1.1 * loss["held"]
    return none > 0.7 and goes_on, {"none": none, "out": out, "held": held, "loss": loss}


COMMON = {"the", "and", "of", "a", "to", "in", "he", "his", "that", "it", "I"}


@of_rnn("text")
def both_lstms_get_below_the_loss_of_letter_frequencies_and_write_words(seed) -> Found:
    of, found = run("text", seed), {}
    for variant in ("none", "layer"):
        frames = of.frames(variant)
        first, last = (set(at.notes["texts"][0]["value"].split()) for at in (frames[0], frames[-1]))
        found[variant] = of.end(variant, "test_loss").item()
        found[f"{variant}, words"] = len(COMMON & last) - len(COMMON & first)
    below = RNN_PRESETS["text"].config.baseline - 0.5
    learned = max(found["none"], found["layer"]) < below
    return learned and min(found["none, words"], found["layer, words"]) > 0, found


@of_rnn()
def batch_norm_of_lone_cases_learns_nothing(seed) -> Found:
    error = run("plain", seed, batch_size=1).end("batch", "test_error").item()
    return error > 0.75, {"batch": error}


def factors(preset: str, seed: int, variant: str, **knobs) -> Any:
    """Give the factors per step of state and gradient."""
    of = Film.of(MICROSCOPE, MICROSCOPE_PRESETS[preset], seed)
    return Film(MICROSCOPE, replace(of.config, **knobs)).end(variant, "per_step_factor")


@of_microscope("explode")
def without_a_norm_the_state_grows_by_the_radius_and_layer_norm_keeps_it_level(seed) -> Found:
    none, layer = (factors("explode", seed, v) for v in ("none", "layer"))
    radius = MICROSCOPE_PRESETS["explode"].config.radius
    grows = none == pytest.approx([radius] * 2, rel=0.05)
    level = abs(layer[0] - 1) < 0.01 and abs(layer[1] - 1) < 0.1
    return grows and level, {"none": none, "layer": layer}


@of_microscope("fade")
def without_a_norm_both_fade_and_layer_norms_factors_are_those_of_large_weights(seed) -> Found:
    none, small = (factors("fade", seed, v) for v in ("none", "layer"))
    large = factors("explode", seed, "layer")
    same = small == pytest.approx(large, rel=1e-3)
    return same and max(none) < 0.6, {"none": none, "small": small}


@of_microscope("inputs")
def with_inputs_layer_norm_keeps_the_state_level_yet_its_gradient_fades(seed) -> Found:
    state, gradient = factors("inputs", seed, "layer")
    return abs(state - 1) < 0.02 and gradient < 0.9, {"state": state, "gradient": gradient}


@of_microscope("placements")
def the_norm_of_the_sum_heeds_the_recurrent_weights_scale_and_that_of_the_parts_does_not(
    seed,
) -> Found:
    by_sum, by_parts = (
        [factors("placements", seed, "layer", placement=of, radius=r)[1] for r in (0.5, 4.0)]
        for of in ("sum", "parts")
    )
    heeds = by_sum[0] < min(0.8, by_sum[1] - 0.1)
    passes = abs(by_parts[0] - 1) < 0.05 and by_parts[1] == pytest.approx(by_parts[0], rel=0.01)
    return heeds and passes, {"sum": by_sum, "parts": by_parts}


@of_microscope("gain")
def a_gain_of_about_two_lets_layer_norms_gradient_pass_whatever_the_weights_scale(seed) -> Found:
    shown = factors("gain", seed, "layer")[1]
    half = factors("gain", seed, "layer", radius=0.5)[1]
    holds = abs(shown - 1) < 0.05 and abs(half / shown - 1) < 0.01
    return holds, {"shown": shown, "radius 0.5": half}
