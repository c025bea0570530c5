"""What the page on skip-thoughts says: read off its recording, and trained at small scale."""

import numpy as np
import pytest

from ln_core.paper.skip_thoughts.config import TASKS
from ln_core.paper.skip_thoughts.text import (
    ahead,
    is_at_chance,
    luck,
    read,
    skip_results,
    spans,
    verdict,
)
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.recorded.loader import about, recorded_frames


def recorded():
    return recorded_frames("skip_thoughts")


def test_the_lesson_says_what_the_recording_holds():
    config, frames = RECORDINGS["skip_thoughts"].config, recorded()
    results = skip_results(frames, config)
    assert about("skip_thoughts")["results"] == results
    for name, title in TASKS.items():
        values = read(frames, f"score_{name}")
        assert (title in results["at_chance"]) == is_at_chance(name, values[-1], config.cases)
        assert (title in results["apart"]) == (verdict(values[-1]) != "seeds overlap")
        (low, _), _ = spans(values[-1])
        assert f"{100 * low:.1f}" in results["scores"]


def test_training_adds_to_what_random_weights_give():
    frames = recorded()
    for name in ("kind", "era", "next"):
        values = read(frames, f"score_{name}")
        assert (values[-1] > values[0] + 0.05).all(), name


def test_layer_norms_vectors_find_the_next_sentence_better_in_the_end_with_every_seed():
    frames = recorded()
    assert verdict(read(frames, "score_next")[-1]) == "LN-GRU better"
    for name in ("kind", "era"):
        assert verdict(read(frames, f"score_{name}")[-1]) == "seeds overlap"


def test_luck_puts_all_seeds_of_one_kind_first_as_often_as_shuffled_scores_do():
    shuffled = np.random.default_rng(0).permuted(np.tile(np.arange(6), (40_000, 5, 1)), axis=2)
    first = (shuffled[..., :3].min(2) > shuffled[..., 3:].max(2)).any(1)
    assert luck(seeds=3, tasks=5) == pytest.approx(first.mean(), abs=0.01)


def test_layer_norms_loss_is_lower_if_a_little():
    losses = read(recorded(), "unseen_loss")
    times, of = ahead(-losses)
    assert times > 0.9 * of
    none, layer = losses[-1].mean(1)
    assert 0.95 * none < layer < none
