"""The pages that compute at once, without a browser: what they hand on, and their questions."""

import json
from urllib.parse import parse_qsl

import pytest

from ln_core.experiments import EXPERIMENTS
from ln_core.lessons import questions, sections
from ln_core.runs.config import from_query, to_query
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
def test_an_answer_is_judged_and_only_then_revealed_and_shown(experiment):
    asked = questions(sections(f"see_{experiment.name}")["Predict"])
    assert 2 <= len(asked) <= 3
    for place, question in enumerate(asked):
        wrong = next(option for option in question.options if option != question.right)
        app = snapshot(experiment)
        assert not [text for text in app.markdown if text.value.startswith(("**Right", "**Not"))]
        assert not links(app)
        choice = app.radio(key=f"{experiment.name}.predict.{place}")
        assert choice.value is None
        choice.set_value(wrong).run()
        (said,) = [text.value for text in app.markdown if text.value.startswith("**Not so.")]
        assert question.right in said
        app.radio(key=f"{experiment.name}.predict.{place}").set_value(question.right).run()
        assert [text for text in app.markdown if text.value.startswith("**Right.**")]
        assert not app.exception
        (link,) = links(app)
        assert f'data-show="{experiment.name}"' in link
        query = dict(
            parse_qsl(link.partition('href="?')[2].partition('"')[0].replace("&amp;", "&"))
        )
        config, problems = from_query(experiment.config, query)
        assert not problems
        assert to_query(config) == query


def links(app):
    """The links that show something in the player."""
    return [html.proto.body for html in app.get("html") if "data-show" in html.proto.body]


@every_snapshot
def test_slots_of_the_prose_are_left_to_the_player(experiment):
    app = snapshot(experiment)
    for text in app.markdown:
        assert "{{" not in text.value
    assert any('<span data-slot="' in text.value for text in app.markdown)


# --- lessons ---


def test_a_question_needs_exactly_one_right_option():
    text = "### Is it?\n\n- [x] Yes\n- [ ] No\n\nIt is.\nTruly."
    (question,) = questions(text)
    assert (question.asked, question.options, question.right) == ("Is it?", ("Yes", "No"), "Yes")
    assert question.answer == "It is.\nTruly."
    for broken in (text.replace("[x]", "[ ]"), text.replace("[ ]", "[x]")):
        with pytest.raises(ValueError, match="one option"):
            questions(broken)


def test_one_chart_of_the_matrix_is_typed_into():
    matrix = EXPERIMENTS["matrix"]
    assert json.dumps(matrix.draw(matrix.config())).count('"edit":') == 1
