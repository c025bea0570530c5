"""Nearest sentences: what the recorded encoders take for alike."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from ln_core.data.sentences import documents_of, shared_documents
from ln_core.paper.skip_thoughts.config import CELL_NAMES
from ln_core.paper.skip_thoughts.nearest.compute import (
    RECORDING,
    compute,
    encoders,
    known,
    load_shelf,
    recorded,
)
from ln_core.paper.skip_thoughts.nearest.config import NearestConfig
from ln_core.paper.skip_thoughts.nearest.presets import PRESETS
from ln_core.paper.skip_thoughts.network import encode_all
from ln_core.paper.skip_thoughts.tasks import load_tasks, score
from ln_core.recorded.loader import recorded_frames
from ln_core.runs.config import ConfigError, from_query

BOTH = tuple(CELL_NAMES)


def answer(sentence, **more):
    config = NearestConfig(sentence=sentence, **more)
    return compute(config)


def texts(frame, variant):
    (found,) = (one["items"] for one in frame.notes["lists"] if one["variant"] == variant)
    return [item["text"] for item in found]


def sample(kind, count=60):
    """Sentences that no net has read."""
    rows = [text for one in documents_of("test") if one.kind == kind for text in one.sentences]
    rows = [text for text in rows if len(text) <= 300]
    return [rows[place] for place in np.random.default_rng(1).permutation(len(rows))[:count]]


def share_of_kind(kind, variant, shown=5):
    shelf = load_shelf()
    kind_of = dict(zip(shelf.texts, shelf.kinds, strict=True))
    found = [
        kind_of[text]
        for sentence in sample(kind)
        for text in texts(answer(sentence, listed=shown + 1), variant)
        if text != sentence
    ]
    return np.mean(np.array(found) == kind)


def thoughts(variant, texts):
    """Encode texts, one row each."""
    with torch.inference_mode():
        codes = torch.from_numpy(known().encode(list(texts)))
        return encode_all(encoders()[variant], codes).numpy().astype(float)


@pytest.mark.parametrize("variant", range(2), ids=BOTH)
def test_the_recorded_weights_are_those_of_the_recorded_scores(variant):
    last = recorded_frames(RECORDING)[-1]
    config = recorded()
    with torch.inference_mode():
        for name, task in load_tasks(config.words, config.cases).items():
            again = score(name, task, partial(encode_all, encoders()[variant]))
            then = float(last.arrays[f"score_{name}"][variant, 0])
            assert abs(again - then) < 0.012, name  # weights are kept with three digits


def test_any_word_that_the_nets_do_not_know_gives_the_very_same_neighbours():
    for known_part in ("The {} sailed on.", "We call on the {} to act."):
        one, other = (answer(known_part.format(word)) for word in ("zyzzyva", "astronaut"))
        assert one.notes["lists"] == other.notes["lists"]
        np.testing.assert_array_equal(one.arrays["turn"], other.arrays["turn"])


def test_a_word_that_the_nets_do_not_know_has_no_bar_and_the_others_have_one():
    turn = answer("The zyzzyva of the sea.").arrays["turn"]
    assert turn.shape == (2, 6)
    assert (turn[:, 1] < 1e-6).all()
    assert (np.delete(turn, 1, axis=1) > 1e-6).all()


def test_what_lies_beyond_the_eighteenth_word_or_mark_is_not_read():
    long = "the sea " * 9
    assert answer(long.strip()).notes["lists"] == answer(long + "and all else").notes["lists"]


def test_the_list_is_that_of_a_plain_search():
    shelf = load_shelf()
    of_shelf = [thoughts(at, shelf.texts) for at in range(len(BOTH))]
    for sentence in (*sample("novel", 3), *sample("address", 3)):
        frame = answer(sentence, listed=4)
        for at, variant in enumerate(BOTH):
            (own,), others = thoughts(at, [sentence]), of_shelf[at]
            mean = others.mean(0)
            cosines = (others - mean) @ (own - mean)
            cosines /= np.linalg.norm(others - mean, axis=1) * np.linalg.norm(own - mean)
            best = np.argsort(-cosines)[:4]
            assert texts(frame, variant) == [shelf.texts[place] for place in best]
            (found,) = (one["items"] for one in frame.notes["lists"] if one["variant"] == variant)
            for item, place in zip(found, best, strict=True):
                assert float(item["value"]) == pytest.approx(cosines[place], abs=0.006)
                assert item["source"] == shelf.sources[place]
        both = set(texts(frame, BOTH[0])) & set(texts(frame, BOTH[1]))
        for one in frame.notes["lists"]:
            assert {item["text"] for item in one["items"] if item["mark"]} == both


def test_where_one_looks_is_where_the_neighbours_are_from():
    for among in ("novel", "address"):
        kind_of = {document.title: document.kind for document in shared_documents()}
        for one in answer("The sea was calm.", among=among, listed=10).notes["lists"]:
            assert {kind_of[item["source"]] for item in one["items"]} == {among}
            assert len(one["items"]) == 10


def test_no_sentence_to_choose_from_was_read_in_training():
    trained = {text for one in documents_of("model") for text in one.sentences}
    tested = {text for one in documents_of("test") for text in one.sentences}
    assert set(load_shelf().texts) <= tested
    assert len(set(load_shelf().texts) & trained) / len(load_shelf().texts) < 0.01


@pytest.mark.parametrize("variant", BOTH)
@pytest.mark.parametrize("kind", ["address", "novel"])
def test_most_neighbours_of_a_sentence_are_from_its_own_kind_of_text(variant, kind):
    assert share_of_kind(kind, variant) > 0.7


def test_the_two_encoders_seldom_list_the_same_neighbours_most_often_none_or_one():
    shared = []
    for sentence in (*sample("novel"), *sample("address")):
        frame = answer(sentence, listed=6)
        none, layer = (set(texts(frame, variant)) - {sentence} for variant in BOTH)
        shared.append(len(none & layer))
    assert np.mean(shared) < 1  # of 5
    assert np.mean(np.array(shared) <= 1) > 0.8


def test_at_sea_both_look_in_the_novel_yet_not_for_the_same_sentences():
    frame = answer(PRESETS["sea"].config.sentence)
    kinds = dict(zip(load_shelf().texts, load_shelf().kinds, strict=True))
    none, layer = (texts(frame, variant) for variant in BOTH)
    assert all(sum(kinds[text] == "novel" for text in found) >= 3 for found in (none, layer))
    assert len(set(none) & set(layer)) <= len(none) / 2


def test_to_congress_both_look_among_the_addresses():
    frame = answer(PRESETS["nation"].config.sentence)
    kinds = dict(zip(load_shelf().texts, load_shelf().kinds, strict=True))
    for variant in BOTH:
        assert sum(kinds[text] == "address" for text in texts(frame, variant)) >= 3


def test_the_words_never_read_are_unknown_to_the_nets():
    config = PRESETS["unknown"].config
    assert len(known().unknown(config.sentence)) >= 3


@pytest.mark.parametrize(
    ("sentence", "title"),
    [
        ("Blorf quizzle, zzxy!", "No word of it is known"),
        ("The blorf quizzle.", "Where they are from"),
    ],
)
def test_neighbours_of_words_that_are_all_unknown_are_said_to_mean_nothing(sentence, title):
    assert {card["title"] for card in answer(sentence).notes["cards"]} == {title}


def test_a_sentence_without_a_word_is_refused_and_white_space_is_made_even():
    for text in ("", "  ", "---", "?!", "Привет, мир!", "x" * 301):
        with pytest.raises(ConfigError, match="with an English word or a number in it"):
            NearestConfig(sentence=text)
    config, problems = from_query(NearestConfig, {"sentence": " Call  me\tIshmael. "})
    assert (config.sentence, problems) == ("Call me Ishmael.", ())
    assert replace(config, listed=1).tokens == ("call", "me", "ishmael", ".")
