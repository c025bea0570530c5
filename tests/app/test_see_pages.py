"""The pages that compute at once, without a browser: what they hand on; the URL as the state."""

import json
from dataclasses import replace

import pytest
import streamlit as st
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.testing.v1 import AppTest

from app import reruns_fragment
from ln_core.experiments import EXPERIMENTS
from ln_core.paper.skip_thoughts.nearest.config import SentenceText
from ln_core.recurrent.presets import MICROSCOPE_PRESETS
from ln_core.runs.config import from_query, knobs, to_query, to_text
from ln_core.runs.matrix_text import MatrixText
from ln_core.see.matrix.config import MatrixConfig, replace_cell
from ln_core.see.matrix.presets import PRESETS
from pages.ui.lesson import questions, sections
from tests.app.test_pages import open_page, player_data, query_of, run_of

SNAPSHOTS = [one for one in EXPERIMENTS.values() if one.compute and one.name != "time"]
every_snapshot = pytest.mark.parametrize("experiment", SNAPSHOTS, ids=lambda one: one.name)


def still(experiment, **query):
    return open_page(f"see/{experiment.name}.py", **query)


@every_snapshot
def test_every_page_opens_on_its_question_and_completes_the_url(experiment):
    app = still(experiment)
    assert not app.exception
    assert not app.warning
    assert sections(f"see_{experiment.name}")["Question"] in app.markdown[0].value
    assert run_of(app) == to_text(experiment.config())
    assert query_of(app) == to_query(experiment.config())
    assert player_data(app)["total"]["frames"] == 1


@pytest.mark.parametrize(
    ("page", "presets"), [("see/matrix.py", PRESETS), ("train/time.py", MICROSCOPE_PRESETS)]
)
def test_a_page_of_pictures_says_where_presets_and_a_new_seed_lead(page, presets):
    leads = player_data(app := open_page(page))["widgets"]["leads"]
    wanted = {preset.label: to_query(preset.config) for preset in presets.values()}
    assert leads["preset"] == wanted
    assert bool(leads["new_seed"]) == any(button.label == "New seed" for button in app.button)


@every_snapshot
def test_nonsense_in_the_url_is_named_and_the_default_takes_its_place(experiment):
    for field, declared in knobs(experiment.config).items():
        app = still(experiment, **{field: "---"})
        assert not app.exception
        (warning,) = app.warning
        assert declared.label in warning.proto.title
        assert "'---'" in warning.value
        assert declared.kind.allowed in warning.value
        assert run_of(app) == to_text(experiment.config())


def ends_of_every_control():
    for experiment in SNAPSHOTS:
        for name, declared in knobs(experiment.config).items():
            kind = declared.kind
            if stops := getattr(kind, "stops", ()):
                yield from (
                    (experiment, name, "select_slider", end) for end in (stops[0], stops[-1])
                )
            elif hasattr(kind, "low"):
                widget = "slider" if kind.high - kind.low < 20 else "number_input"
                yield from ((experiment, name, widget, end) for end in (kind.low, kind.high))
            elif options := getattr(kind, "options", None):
                widget = "radio" if len(options) <= 3 else "selectbox"
                yield from ((experiment, name, widget, end) for end in (*options,))
            elif not isinstance(kind, MatrixText | SentenceText):
                yield from ((experiment, name, "toggle", end) for end in (True, False))


def another(experiment):
    """A field of the URL that changes what a page shows."""
    default = to_query(experiment.config())
    for owner, name, _, end in ends_of_every_control():
        text = knobs(owner.config)[name].kind.format(end)
        problems = from_query(owner.config, {name: text})[1]
        if owner is experiment and text != default[name] and not problems:
            return {name: text}
    raise AssertionError("nothing can be changed")


@every_snapshot
def test_each_thing_that_a_page_asks_for_is_a_turn_and_the_same_again_is_none(experiment):
    app = still(experiment)
    asked = [player_data(app)["source"]]
    app.run()
    asked.append(player_data(app)["source"])
    app.query_params.update(another(experiment))
    app.run()
    asked.append(player_data(app)["source"])
    assert [source["turn"] for source in asked] == [1, 1, 2]
    assert asked[0] == asked[1]
    assert asked[2]["query"] != asked[1]["query"]


@pytest.mark.parametrize(
    ("experiment", "name", "widget", "end"),
    list(ends_of_every_control()),
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_every_control_reaches_its_ends_or_is_refused_in_words(experiment, name, widget, end):
    app = still(experiment)
    getattr(app, widget)(key=f"{experiment.name}.{name}").set_value(end).run()
    assert not app.exception
    text = knobs(experiment.config)[name].kind.format(end)
    _, problems = from_query(experiment.config, {name: text})
    if problems:  # such as padding without a convolution
        assert name in app.error[0].value
        assert run_of(app) == to_text(experiment.config())
    else:
        assert not app.error
        assert query_of(app)[name] == text
        assert f"{name}={text}" in run_of(app)


@every_snapshot
def test_an_answer_is_judged_and_only_then_revealed_and_shown(experiment):
    asked = questions(sections(f"see_{experiment.name}")["Predict"])
    assert 2 <= len(asked) <= 3
    for place, question in enumerate(asked):
        wrong = next(option for option in question.options if option != question.right)
        app = still(experiment)
        assert not [text for text in app.markdown if text.value.startswith(("**Right", "**Not"))]
        choice = app.radio(key=f"{experiment.name}.predict.{place}")
        assert choice.value is None
        choice.set_value(wrong).run()
        (said,) = [text.value for text in app.markdown if text.value.startswith("**Not so.")]
        assert question.right in said
        app.radio(key=f"{experiment.name}.predict.{place}").set_value(question.right).run()
        assert [text for text in app.markdown if text.value.startswith("**Right.**")]
        app.button(key=f"{experiment.name}.show.{place}").click().run()
        assert not app.exception
        _, problems = from_query(experiment.config, query_of(app))
        assert not problems
        assert app.radio(key=f"{experiment.name}.predict.{place}").value == question.right


@every_snapshot
def test_slots_of_the_prose_are_left_to_the_player(experiment):
    app = still(experiment)
    for text in app.markdown:
        assert "{{" not in text.value
    assert any('<span data-slot="' in text.value for text in app.markdown)


# What a browser says of its URL may be older than what it was last told.


@every_snapshot
def test_an_answer_keeps_what_an_earlier_gesture_chose_whatever_url_comes_with_it(experiment):
    app = still(experiment)
    for place, change in enumerate((another(experiment), {})):
        app.query_params.update(change)
        app.run()
        chosen = query_of(app)
        app.query_params.clear()
        answers = app.radio(key=f"{experiment.name}.predict.{place}")
        answers.set_value(answers.options[0]).run()
        assert query_of(app) == chosen
        assert run_of(app) == to_text(from_query(experiment.config, chosen)[0])


def test_a_widget_builds_on_the_gesture_before_whatever_url_comes_with_it():
    app = still(MATRIX)
    late = query_of(app)
    gestures = (
        (app.select_slider(key="matrix.gain"), 5.0),
        (app.radio(key="matrix.mode"), "evaluation"),
        (app.slider(key="matrix.N"), 2),
        (app.text_area(key="matrix.matrix"), "one"),  # which is refused
        (app.select_slider(key="matrix.move"), 3.0),
    )
    for widget, value in gestures:
        app.query_params.clear()
        app.query_params.update(late)
        widget.set_value(value).run()
    config, _ = from_query(MatrixConfig, query_of(app))
    assert run_of(app) == to_text(config)
    assert (config.gain, config.mode, config.move) == (5.0, "evaluation", 3.0)
    assert config.shape == (2, 6)


def test_a_browser_is_told_the_url_that_it_had_before_it_heard_of_another(monkeypatch):
    app = still(MATRIX)
    first, told = query_of(app), []
    of_page = type(st.query_params)
    tell = of_page.from_dict
    monkeypatch.setattr(
        of_page, "from_dict", lambda it, query: (told.append(query), tell(it, query))
    )
    for value in (3.0, 1.0):
        app.query_params.update(first)
        app.select_slider(key="matrix.move").set_value(value).run()
    assert [query["move"] for query in told] == ["3", "1"]
    app.run()
    assert len(told) == 2


def test_a_widget_that_has_not_been_drawn_again_does_not_undo_what_another_gesture_chose():
    app = still(MATRIX)
    text = app.text_area(key="matrix.matrix").value
    app.get("button_group")[0].set_value("two_cases").run()
    preset = PRESETS["two_cases"].config
    assert run_of(app) == to_text(preset)
    # What the browser still shows:
    app.slider(key="matrix.N").set_value(4)
    app.slider(key="matrix.H").set_value(6)
    app.text_area(key="matrix.matrix").set_value(text)
    app.select_slider(key="matrix.gain").set_value(5.0).run()
    assert run_of(app) == to_text(replace(preset, gain=5.0))
    assert app.get("button_group")[0].value is None
    app.get("button_group")[0].set_value("two_cases")
    app.slider(key="matrix.N").set_value(4)  # two gestures behind
    app.select_slider(key="matrix.move").set_value(3.0).run()
    assert run_of(app) == to_text(replace(preset, gain=5.0, move=3.0))
    app.toggle(key="matrix.half").set_value(True).run()
    app.toggle(key="matrix.half").set_value(False)  # by the answer to the gesture before that
    app.select_slider(key="matrix.gain").set_value(2.0).run()
    assert run_of(app) == to_text(replace(preset, gain=2.0, move=3.0, half=True))
    # But once it is drawn again, it may go back to where it was.
    app.slider(key="matrix.N").set_value(4).run()
    config, _ = from_query(MatrixConfig, query_of(app))
    assert config.shape == (4, 6)


def test_a_link_takes_away_what_was_said_of_the_one_before():
    app = still(MATRIX, gain="foo")
    assert app.warning
    app.text_area(key="matrix.matrix").set_value("one").run()
    assert app.error
    assert app.warning  # the link's config is still there
    app.query_params.clear()
    app.run()
    assert not app.error
    assert not app.warning


def page_of_gestures():
    """A page that shows one field, as the whole page or as its fragment alone."""
    from dataclasses import replace

    import streamlit as st

    from ln_core.see.matrix.config import MatrixConfig
    from pages.ui.gestures import carry_out, choose, visit

    if st.session_state.get("pressed"):
        choose("page", lambda config: replace(config, move=3.0))
    for slug in st.session_state.get("whole", ()):
        visit(slug)
    st.text(carry_out("page", MatrixConfig())[0].move)


def test_a_part_of_a_page_that_runs_without_a_gesture_goes_by_no_url():
    app = AppTest.from_function(page_of_gestures)
    for whole, move, shown in ((["page"], "3", "3.0"), ([], "1", "3.0"), (["page"], "1", "1.0")):
        app.session_state["whole"] = whole
        app.query_params["move"] = move
        assert app.run().text[0].value == shown


def test_a_gesture_that_another_page_came_before_is_forgotten():
    app = AppTest.from_function(page_of_gestures)
    app.session_state["whole"] = ["page"]
    app.run()
    for whole, shown in ((["other", "page"], "1.0"), (["page"], "3.0")):
        app.session_state["pressed"] = True
        app.session_state["whole"] = whole
        assert app.run().text[0].value == shown


# --- the matrix ---

MATRIX = EXPERIMENTS["matrix"]


def test_an_edited_matrix_reaches_the_url():
    app = still(MATRIX)
    before = MatrixConfig().matrix
    lines = [", ".join(map(str, row)) for row in replace_cell(before, 1, 2, 7.5)]
    app.text_area(key="matrix.matrix").set_value("\n".join(lines)).run()
    assert not app.exception
    config, problems = from_query(MatrixConfig, query_of(app))
    assert not problems
    assert config.matrix == replace_cell(before, 1, 2, 7.5)
    assert run_of(app) == to_text(config)


def test_a_matrix_pasted_from_a_spreadsheet_is_read():
    app = still(MATRIX)
    app.text_area(key="matrix.matrix").set_value("1\t2\t3\n\n4\t5\t6\n").run()
    assert query_of(app)["matrix"] == "1,2,3_4,5,6"


@pytest.mark.parametrize("text", ["", "1, 2\n3", "one", "1e9", "1, nan", "\n".join("123456789")])
def test_a_matrix_that_cannot_be_is_refused_in_words_and_the_old_one_stays(text):
    app = still(MATRIX)
    app.text_area(key="matrix.matrix").set_value(text).run()
    assert not app.exception
    assert "rows of equal length" in app.error[0].value
    assert run_of(app) == to_text(MatrixConfig())


def test_cases_and_units_keep_what_stays_in_the_matrix():
    app = still(MATRIX)
    app.slider(key="matrix.N").set_value(2).run()
    app.slider(key="matrix.H").set_value(8).run()
    config, _ = from_query(MatrixConfig, query_of(app))
    assert config.shape == (2, 8)
    assert [row[:6] for row in config.matrix] == list(MatrixConfig().matrix[:2])
    for name, end in (("N", 1), ("H", 1), ("N", 8)):
        app.slider(key=f"matrix.{name}").set_value(end).run()
        assert not app.exception


def test_new_numbers_keep_the_shape():
    app = still(MATRIX, matrix="1,2_3,4_5,6")
    app.button(key="matrix.new_numbers").click().run()
    config, _ = from_query(MatrixConfig, query_of(app))
    assert config.shape == (3, 2)
    assert config.matrix != ((1.0, 2.0), (3.0, 4.0), (5.0, 6.0))


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_of_the_matrix_opens_with_its_sentence(name):
    app = still(MATRIX)
    app.get("button_group")[0].set_value(name).run()
    assert not app.exception
    assert run_of(app) == to_text(PRESETS[name].config)
    assert PRESETS[name].notice in [element.value for element in app.markdown]


# --- the server ---


def test_a_message_that_asks_for_a_part_of_a_page_is_a_gesture():
    rerun = BackMsg()
    rerun.rerun_script.fragment_id = "run"
    assert reruns_fragment(rerun.SerializeToString())
    rerun.rerun_script.fragment_id = ""  # the whole page, as another page of the app
    rerun.rerun_script.query_string = "seed=1"
    for message in (
        rerun.SerializeToString(),
        BackMsg(stop_script=True).SerializeToString(),
        b"\xff",
    ):
        assert not reruns_fragment(message)


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
    assert json.dumps(MATRIX.draw(MATRIX.config())).count('"edit":') == 1
