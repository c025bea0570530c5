"""What the Transformer page claims: on its recordings, which presets begin."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from ln_core.paper.transformer.network import Transformer, initialize, split
from ln_core.paper.transformer.presets import PRESETS
from ln_core.paper.transformer.text import LEARNT
from ln_core.paper.transformer.trainer import film
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.recorded.loader import RECORDED, about, recorded_frames
from ln_core.runs.config import to_query

RECORDS = ("transformer", "transformer_warmup", "transformer_rates", "transformer_recall")
# The recording that a preset's run is the beginning of.
BEGUN = {
    "no_warmup": "transformer",
    "warmup": "transformer_warmup",
    "placements": "transformer",
    "memory": "transformer_recall",
}
LESSON = Path(__file__).parents[2] / "assets" / "lessons" / "paper_transformer.md"


@cache
def frames_of(name):
    return recorded_frames(name)


def of(name, variant, array, step=None):
    """An array of one variant, at the last frame that has it, up to a step."""
    config = RECORDINGS[name].config
    frames = [f for f in frames_of(name) if array in f.arrays and f.step <= (step or config.steps)]
    return frames[-1].arrays[array][config.variants.index(variant)]


def end_of(preset, variant, array="test_error"):
    """An array as it is at the end of a preset's run, for every recorded seed."""
    return of(BEGUN[preset], variant, array, PRESETS[preset].config.steps)


# --- the recordings ---


@pytest.mark.parametrize("preset", BEGUN)
def test_the_run_of_a_preset_is_the_beginning_of_its_recordings_first_networks(preset):
    config, recorded = PRESETS[preset].config, RECORDINGS[BEGUN[preset]].config
    assert set(config.variants) <= set(recorded.variants)
    assert config.steps <= recorded.steps
    own = {"steps": recorded.steps, "seeds": recorded.seeds, "variants": recorded.variants}
    assert replace(config, **own) == recorded


@pytest.mark.parametrize("name", RECORDS)
def test_a_recording_is_what_it_says(name):
    recording, frames = RECORDINGS[name], frames_of(name)
    assert about(name)["config"] == to_query(recording.config)
    assert len(frames) == recording.config.frames
    assert frames[-1].step == recording.config.steps
    assert about(name)["results"] == recording.results(frames, recording.config)
    assert (RECORDED / f"{name}.film").stat().st_size < 500_000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "variant"), [("transformer", "post"), ("transformer_recall", "pre")]
)
def test_a_live_run_makes_the_recordings_first_frames(name, variant):
    recording = RECORDINGS[name]
    at = recording.config.variants.index(variant)
    live = film(recording.config, (variant,))
    for recorded in frames_of(name)[:3]:
        frame = next(frame for frame in live if frame is not None)
        for array, values in recorded.arrays.items():
            # To the same bits on the machine that recorded; another one may sum in another order.
            np.testing.assert_allclose(frame.arrays[array][0], values[at], rtol=1e-3, atol=1e-5)


def test_the_lesson_has_no_slot_that_no_recording_fills_and_no_number_of_its_own():
    text = LESSON.read_text(encoding="utf-8")
    filled = {slot for name in RECORDS for slot in about(name)["results"]}
    assert set(re.findall(r"{{(\w+)}}", text)) <= filled
    measured = text[text.index("## What we measured") :]
    assert not re.findall(r"\d+\.\d+|\d+ ?%", measured)


def test_recordings_agree_where_they_fill_the_same_slot():
    found = {}
    for name in RECORDS:
        for slot, text in about(name)["results"].items():
            assert found.setdefault(slot, text) == text


# --- the sweep of rates ---


def worst(variant, *, warmup):
    """The highest error over the seeds at the end of the sweep, by rate."""
    config = RECORDINGS["transformer_rates"].config
    errors = of("transformer_rates", variant, "swept_error")[int(warmup), 2]
    return dict(zip(config.swept_rates, errors, strict=True))


def test_the_sweep_holds_the_recorded_race_at_the_rate_that_was_chosen():
    config, recorded = (RECORDINGS[name].config for name in ("transformer_rates", "transformer"))
    (chosen,) = (race for race in config.swept[0] if race.learning_rate == recorded.learning_rate)
    own = {"seeds": recorded.seeds, "variants": recorded.variants}
    assert replace(chosen, **own) == recorded
    place = config.swept_rates.index(recorded.learning_rate)
    for variant in config.variants:
        alone = of("transformer", variant, "test_error")[: config.seeds]
        low, _, high = of("transformer_rates", variant, "swept_error")[0, :, place]
        assert [low, high] == pytest.approx([alone.min(), alone.max()], abs=0.02)


def test_at_the_rate_that_was_chosen_post_ln_needs_the_warm_up():
    rate = RECORDINGS["transformer"].config.learning_rate
    assert worst("post", warmup=False)[rate] > 0.85
    assert worst("post", warmup=True)[rate] < LEARNT


def test_warm_up_does_not_decide_at_smaller_rates_and_larger_ones_do_not_teach_without_it():
    chosen = RECORDINGS["transformer"].config.learning_rate
    without = worst("post", warmup=False)
    learnt = [rate for rate, error in without.items() if error < LEARNT]
    assert len(learnt) >= 2
    assert max(learnt) < chosen
    for rate, error in without.items():
        assert error < LEARNT if rate <= max(learnt) else error > 0.8


def test_post_ln_learns_at_every_rate_with_warm_up_and_pre_ln_with_and_without():
    for variant, warmup in (("post", True), ("pre", True), ("pre", False)):
        assert max(worst(variant, warmup=warmup).values()) < LEARNT


# --- the presets' sentences ---


def test_without_warm_up_post_ln_hardly_gets_away_from_guessing_and_pre_ln_learns():
    assert np.all(end_of("no_warmup", "post") > 0.85)
    assert np.all(end_of("no_warmup", "pre") < 0.02)


def test_with_warm_up_post_ln_learns_the_task_as_well_as_pre_ln():
    for variant in ("post", "pre"):
        assert np.all(end_of("warmup", variant) < 0.05)


def test_rmsnorm_does_what_layer_norm_does_dyt_learns_as_well_post_ln_guesses_and_no_norm_errs():
    for variant in ("pre", "rms", "dyt"):
        assert np.all(end_of("placements", variant) < 0.05)
    assert np.all(end_of("placements", "post") > 0.85)
    assert np.all(end_of("placements", "none") > 0.25)
    frames = [f.arrays for f in frames_of("transformer") if "test_error" in f.arrays]
    order = RECORDINGS["transformer"].config.variants
    errors = {
        variant: np.array([frame["test_error"][order.index(variant)].mean() for frame in frames])
        for variant in ("pre", "rms")
    }
    assert abs(errors["pre"] - errors["rms"]).mean() < 0.03


def test_the_size_of_the_memory_stays_level_beyond_the_segments_trained_on_as_well():
    config = RECORDINGS["transformer_recall"].config
    for variant in PRESETS["memory"].config.variants:
        sizes = end_of("memory", variant, "memory_size")
        assert len(sizes) > config.segments
        assert sizes.max() / sizes.min() < 1.3


@pytest.mark.parametrize("variant", PRESETS["forgetful"].config.variants)
def test_without_the_memory_no_variant_has_seen_what_is_asked_for(variant):
    config = PRESETS["forgetful"].config
    network = Transformer(config, variant, torch.float32)
    weights = split(config, initialize(config, 0, torch.float32))
    generator = torch.Generator().manual_seed(0)
    one, other = torch.randint(config.vocabulary, (2, 4, config.T), generator=generator)
    other[:, -config.length :] = one[:, -config.length :]  # the last segment alone is the same
    said = (network.read(weights, tokens)[-1].logits for tokens in (one, other))
    assert torch.equal(*said)


# --- the lesson's sentences ---


def test_before_training_post_lns_gradient_at_the_last_layer_is_larger_than_pre_lns():
    post, pre = (of("transformer", variant, "gradient_start") for variant in ("post", "pre"))
    assert post[-1] > 2 * pre[-1]


def test_before_training_post_lns_gradients_do_not_fall_steeply_towards_the_lower_layers():
    gradients = of("transformer", "post", "gradient_start")
    assert 1 / 3 < gradients[0] / gradients[-1] < 3


def test_post_lns_gradients_fall_steeply_once_it_is_stuck():
    gradients = of("transformer", "post", "gradient_by_layer")
    assert gradients[-1] > 100 * gradients[0]


def test_in_pre_ln_the_first_layer_has_the_larger_gradient():
    gradients = of("transformer", "pre", "gradient_start")
    assert gradients[0] > gradients[-1]


def test_post_lns_stream_has_one_size_and_pre_lns_grows_from_layer_to_layer():
    post, pre = (of("transformer", variant, "stream_size", 1) for variant in ("post", "pre"))
    assert post[1:] == pytest.approx(1, abs=0.01)
    assert np.all(np.diff(pre) > 0)


def test_without_a_norm_the_stream_grows_with_every_layer_and_six_layers_do_not_bear_it():
    assert np.all(np.diff(of("transformer", "none", "stream_size", 1)) > 0)
    assert np.all(of("transformer", "none", "test_error") > 0.2)


def test_recalling_the_previous_segment_is_learnt_with_every_placement_and_without_a_norm():
    for variant in RECORDINGS["transformer_recall"].config.variants:
        assert np.all(of("transformer_recall", variant, "test_error") < 0.02)
