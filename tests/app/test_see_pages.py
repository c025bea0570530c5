"""The pages that compute at once, without a browser: what they hand on, and their questions."""

import html
import json
import re

import pytest

from ln_core.experiments import EXPERIMENTS, PAGES
from ln_core.lessons import sections
from ln_core.paths import questions
from ln_core.runs.config import to_query
from tests.app.test_pages import open_page, run_of

SNAPSHOTS = [one for one in EXPERIMENTS.values() if one.compute and one.name != "time"]
every_snapshot = pytest.mark.parametrize("experiment", SNAPSHOTS, ids=lambda one: one.name)


def snapshot(experiment):
    return open_page(f"see/{experiment.name}.py")


@every_snapshot
def test_every_page_opens_on_its_question_and_hands_over_its_settings(experiment):
    app = snapshot(experiment)
    assert not app.exception
    shown = run_of(app)
    assert shown["title"] == sections(f"see_{experiment.name}")["Question"]
    run = shown["run"]
    assert run["experiment"] == experiment.name
    assert run["at_once"]
    assert run["query"] == to_query(experiment.config())


@every_snapshot
def test_the_questions_are_listed_and_their_answers_are_not(experiment):
    app = snapshot(experiment)
    (listed,) = [one.proto.body for one in app.get("html") if "data-show" in one.proto.body]
    asked = questions(PAGES[experiment.name])
    assert re.findall('href="([^"]+)" data-show="([^"]+)">([^<]+)<', listed) == [
        (stop.link, experiment.name, html.escape(stop.asked)) for stop in asked
    ]
    assert re.findall('data-answered="([^"]+)"', listed) == [stop.id for stop in asked]
    assert [stop["id"] for stop in run_of(app)["stops"] if stop["own"]] == [s.id for s in asked]


@every_snapshot
def test_slots_of_the_prose_are_left_to_the_player(experiment):
    app = snapshot(experiment)
    for text in app.markdown:
        assert "{{" not in text.value
    assert any('<span data-slot="' in text.value for text in app.markdown)


def test_one_chart_of_the_matrix_is_typed_into():
    matrix = EXPERIMENTS["matrix"]
    assert json.dumps(matrix.draw(matrix.config())).count('"edit":') == 1
