"""Paths: what a stop must have, and that every stop of every path can be shown and answered."""

import re
from dataclasses import replace

import numpy as np
import pytest

from ln_core.experiments import PAGES
from ln_core.paths import FIRST, PATHS, read_path, stops_at
from ln_core.runs.config import from_query, to_query
from ln_core.serve import ASSETS

STOPS = [stop for path in PATHS.values() for stop in path.stops]
every_stop = pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.id)
SHORT = 10  # steps of a training, whose last frame measures all that a long one's does

GOOD = """# A path

What it is about.

## Who learns?
page: mlp
preset: online
query: seed=3
view: at=100&shown=batch,layer&choose=layer.2
veils: gradient_norm, boundary
lights: test_error
picture: stop_4.jpeg Errors

One example
at a time?

- [ ] One
- [x] **Two**

### What happened

It gets {{batch_error}} wrong.

### Takeaway

So it is.
"""
GOOD = GOOD.replace("boundary", "answers")


def read(tmp_path, text):
    file = tmp_path / "some.md"
    file.write_text(text, encoding="utf-8")
    return read_path(file)


def test_a_stop_is_read_with_all_that_it_says(tmp_path):
    path = read(tmp_path, GOOD)
    assert (path.name, path.title, path.line) == ("some", "A path", "What it is about.")
    (stop,) = path.stops
    assert (stop.id, stop.name, stop.link) == ("some.1", "Who learns?", "mlp?stop=some.1")
    assert stop.config == replace(PAGES["mlp"].presets["online"].config, seed=3)
    assert stop.view.query == {"at": "100", "shown": "batch,layer", "choose": "layer.2"}
    assert stop.veils == ("gradient_norm", "answers")
    assert stop.lights == "test_error"
    assert stop.image == ("stop_4.jpeg", "Errors")
    assert (stop.asked, stop.options, stop.right) == (
        "One example\nat a time?",
        ("One", "**Two**"),
        1,
    )
    assert (stop.happened, stop.takeaway) == ("It gets {{batch_error}} wrong.", "So it is.")


def test_a_stop_of_a_film_that_names_no_moment_is_at_its_end(tmp_path):
    (stop,) = read(tmp_path, re.sub(r"preset.*\n|view.*\n|veils.*\n", "", GOOD)).stops
    assert stop.view.at == stop.config.steps


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("page: mlp", "page: lab", "page must be one of shared_statistics, .*, got 'lab'"),
        ("page: mlp\n", "", "page must be one of .*, got ''"),
        ("preset: online", "preset: off", "preset must be one of spirals, .*, got 'off'"),
        ("query: seed=3", "query: seed=x", "query must be settings of mlp .*, got 'seed=x'"),
        ("query: seed=3", "query: sed=3", "query must be settings of mlp .*, got 'sed=3'"),
        ("query:", "querry:", "a field must be one of page, .*, got 'querry'"),
        ("at=100", "at=3001", "at must be a whole step from 0 to 3000, got '3001'"),
        ("at=100", "at=end", "at must be a whole step from 0 to 3000, got 'end'"),
        ("batch,layer", "batch,mean", "shown must be of none, .*, got 'batch,mean'"),
        ("layer.2", "layer.9", "choose must be of .*layer.2, .*, got 'layer.9'"),
        ("at=100", "stop=a.1", "a field of the view must be one of at, .*, got 'stop'"),
        ("gradient_norm", "gradients", "veils must be of .*, got 'gradients, answers'"),
        ("lights: test_error", "lights: error", "lights must be of .*, got 'error'"),
        ("- [ ] One\n", "", "options must be 2 to 4 of a list, got '1'"),
        ("- [ ] One\n", "- [ ] One\n" * 4, "options must be 2 to 4 of a list, got '5'"),
        ("[ ]", "[x]", "right options must be one, ticked as .x., got '2'"),
        ("One example\nat a time?", "", "question must be a text above the options, got ''"),
        ("It gets {{batch_error}} wrong.", "", "What happened must be a text below its heading"),
        ("So it is.", "", "Takeaway must be a text below its heading"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_its_place(tmp_path, old, new, said):
    assert old in GOOD
    with pytest.raises(ValueError, match=rf"^some\.md, stop 1: {said}"):
        read(tmp_path, GOOD.replace(old, new))


@every_stop
def test_a_stop_has_all_that_its_page_needs_to_show_it(stop):
    config, problems = from_query(stop.experiment.config, to_query(stop.config))
    assert (config, problems) == (stop.config, ())
    described = [one for one in stops_at(stop.page.slug) if one["id"] == stop.id]
    assert len(described) == 1
    assert described[0]["href"] == f"{stop.page.slug}?stop={stop.id}"
    assert "{{" not in str(described)


@every_stop
def test_every_slot_of_a_stop_is_measured_by_the_frames_of_its_page(stop):
    slots = set(re.findall(r"\{\{(\w+)\}\}", stop.happened))
    assert "{{" not in stop.asked + stop.takeaway + "".join(stop.options)
    short = replace(stop.config, steps=SHORT) if stop.config.steps else stop.config
    *_, last = stop.experiment.frames(short)
    measured = {value["slot"] for value in last.notes["measured_values"]}
    assert slots <= measured | {"step"}


def test_no_number_is_typed_into_what_happened():
    for stop in STOPS:
        typed = re.findall(r"\d+(?:\.\d+)?", re.sub(r"\{\{\w+\}\}|\$[^$]+\$", "", stop.happened))
        assert not typed, (stop.id, typed)


@pytest.mark.parametrize(
    ("stop", "found"),
    [
        (1, {"cases": "1", "batch_output": "0"}),
        (2, {"running_state": "after 10 updates the running mean has come 65 % .*"}),
        (3, {"running_state": "after 1 update the running mean has come 99 % .*"}),
        (4, {"batch_output": "0.707"}),
        (5, {"layer_cosine": "1", "batch_cosine": r"0\.[1-8].*"}),
        (6, {"sync_cosine": "1", "batch_cosine": r"0\.[1-8].*"}),
        (7, {"batch_changed": "0 outputs", "layer_changed": "24 outputs", "rms_changed": "24 .*"}),
        (8, {"batch_changed": "4 outputs"}),
        (9, {"rms_wrong": "4 outputs"}),
        (10, {"layer_zeros": "6 outputs"}),
        (
            12,
            {"group_numbers": "54 numbers", "layer_numbers": "54 numbers", "pixel_numbers": "6 .*"},
        ),
        (13, {"layer_padding": "0", "batch_padding": r"1\..*"}),
        (14, {"layer_changed": "0 outputs", "rms_changed": "6 outputs", "batch_changed": "24 .*"}),
    ],
)
def test_the_questions_are_answered_by_what_their_pages_show(stop, found):
    asked = PATHS["questions"].stops[stop - 1]
    (frame,) = asked.experiment.frames(asked.config)
    values = {value["slot"]: value["text"] for value in frame.notes["measured_values"]}
    for slot, text in found.items():
        assert re.fullmatch(text, values[slot]), (slot, values[slot])


def test_in_half_precision_the_formula_spoils_the_rows_that_the_question_says():
    asked = PATHS["questions"].stops[8]
    (frame,) = asked.experiment.frames(asked.config)
    rms, layer = (asked.config.variants.index(name) for name in ("rms", "layer"))
    naive = frame.arrays["naive"]
    assert (naive[rms, 0] == 0).all()
    assert np.isnan(naive[layer, -1]).all()
    np.testing.assert_allclose(frame.arrays["h"], frame.arrays["exact"], rtol=2e-3, atol=2e-3)


def test_two_paths_lead_through_several_pages():
    led = [path for path in PATHS.values() if not path.own]
    assert [path.name for path in led] == ["first", "questions"]
    assert len(PATHS["questions"].stops) == 14  # as its title says
    for stop in PATHS["questions"].stops:
        assert "{{" in stop.happened, "it is told with the run's own numbers"
        assert stop.lights


def test_the_first_path_has_its_pictures_and_takes_a_lesson():
    assert 7 <= len(FIRST.stops) <= 9
    for stop in FIRST.stops:
        assert "{{" in stop.happened, "it is told with the run's own numbers"
        file, shows = stop.image
        assert (ASSETS / "images" / file).is_file()
        assert shows
