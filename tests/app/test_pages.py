"""Pages without a browser: what they hand to the player, and that the URL is the state."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ln_core.race.config import EXPERIMENT as MLP
from ln_core.race.config import MlpConfig
from ln_core.race.presets import PRESETS
from ln_core.recurrent.config import MICROSCOPE, RNN
from ln_core.recurrent.presets import MICROSCOPE_PRESETS, RNN_PRESETS
from ln_core.runs.config import knobs, to_query, to_text
from pages.ui.lab import next_seed

ROUTER = str(Path(__file__).parents[2] / "pages" / "router.py")


def open_page(path=None, **query):
    app = AppTest.from_file(ROUTER, default_timeout=30)
    if path:
        app.run()
        app.switch_page(path)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def lab(**query):
    return open_page("train/mlp.py", **query)


LABS = {
    "mlp": (MLP.config, PRESETS),
    "rnn": (RNN.config, RNN_PRESETS),
    "time": (MICROSCOPE.config, MICROSCOPE_PRESETS),
}


def player_data(app):
    (component,) = app.get("bidi_component")
    return json.loads(component.proto.json)


def run_of(app):
    source = player_data(app)["source"]
    return source["query"] if "still" in source else source["live"].partition("?")[2]


def query_of(app):
    texts = app.query_params.items()
    return {name: text if isinstance(text, str) else text[0] for name, text in texts}


def test_home_shows_a_recorded_race_and_says_so():
    app = open_page()
    assert not app.exception
    data = player_data(app)
    assert data["source"] == {"film": "/assets/recorded/home.film"}
    assert data["finished"]
    assert data["label"].startswith("Recorded on ")


def test_the_lab_opens_on_the_default_race_and_completes_the_url():
    app = lab()
    assert not app.exception
    assert run_of(app) == to_text(MlpConfig())
    assert query_of(app) == to_query(MlpConfig())


def test_the_url_decides_the_run():
    app = lab(batch_size="2", data="xor", seed="11")
    assert run_of(app) == to_text(MlpConfig(batch_size=2, data="xor", seed=11))
    assert not app.warning


def test_a_slider_offers_a_value_that_came_by_the_url():
    app = lab(batch_size="37")
    assert app.select_slider(key="mlp.batch_size").value == 37


@pytest.mark.parametrize(
    ("field", "text"), [("batch_size", "0"), ("learning_rate", "nan"), ("depth", "lots")]
)
def test_nonsense_in_the_url_is_named_with_value_and_range_and_the_default_takes_its_place(
    field, text
):
    app = lab(**{field: text, "seed": "5"})
    assert not app.exception
    (warning,) = app.warning
    assert knobs(MlpConfig)[field].label in warning.proto.title
    assert field in warning.proto.title
    assert repr(text) in warning.value
    assert knobs(MlpConfig)[field].kind.allowed in warning.value
    assert run_of(app) == to_text(MlpConfig(seed=5))


def test_a_setting_that_the_page_does_not_know_is_named_and_ignored():
    app = lab(utm_source="mail", seed="5")
    (warning,) = app.warning
    assert "`utm_source`" in warning.value
    assert "default" not in warning.value
    assert run_of(app) == to_text(MlpConfig(seed=5))


def test_what_a_link_says_is_shown_as_code_and_never_as_markup():
    app = lab(seed="![](https://elsewhere.example/a.png)`" + 100 * "x")
    (warning,) = app.warning
    assert warning.value.count("`") == 2
    assert "`'![](https://elsewhere.example/a.png)'" in warning.value
    assert 100 * "x" not in warning.value


def test_a_warning_goes_with_the_link_that_it_is_about():
    app = lab(batch_size="0")
    assert app.warning
    app.query_params["batch_size"] = "8"
    app.run()
    assert not app.warning


def ends_of_every_control():
    for slug, (config, _) in LABS.items():
        for name, declared in knobs(config).items():
            kind = declared.kind
            if stops := getattr(kind, "stops", ()):
                yield from ((slug, name, "select_slider", stop) for stop in (stops[0], stops[-1]))
            elif hasattr(kind, "low"):
                widget = "slider" if kind.high - kind.low < 20 else "number_input"
                yield from ((slug, name, widget, end) for end in (kind.low, kind.high))


@pytest.mark.parametrize(("slug", "name", "widget", "end"), list(ends_of_every_control()))
def test_every_control_reaches_both_its_ends(slug, name, widget, end):
    app = open_page(f"train/{slug}.py")
    getattr(app, widget)(key=f"{slug}.{name}").set_value(end).run()
    assert not app.exception
    assert not app.error
    written = knobs(LABS[slug][0])[name].kind.format(end)
    assert query_of(app)[name] == written
    assert f"{name}={written}" in run_of(app)


def test_a_combination_that_cannot_run_is_refused_in_words_and_nothing_is_lost():
    app = lab(width="1000", depth="10", variants="batch")
    before = run_of(app)
    app.slider(key="mlp.seeds").set_value(8).run()
    assert not app.exception
    assert "GiB" in app.error[0].value
    assert run_of(app) == before
    app.slider(key="mlp.seeds").set_value(2).run()
    assert not app.error
    assert "seeds=2" in run_of(app)


@pytest.mark.parametrize(
    ("slug", "name"), [(slug, name) for slug, (_, presets) in LABS.items() for name in presets]
)
def test_every_preset_opens_with_its_sentence(slug, name):
    app = open_page(f"train/{slug}.py")
    preset = LABS[slug][1][name]
    app.get("button_group")[0].set_value(name).run()
    assert not app.exception
    assert run_of(app) == to_text(preset.config)
    assert preset.notice in [element.value for element in app.markdown]


def test_variants_can_be_left_out_but_not_all():
    app = lab()
    app.multiselect(key="mlp.variants").set_value(["layer", "none"]).run()
    assert "variants=none,layer" in run_of(app)
    app.multiselect(key="mlp.variants").set_value([]).run()
    assert not app.exception
    assert "variants" in app.error[0].value
    assert "variants=none,layer" in run_of(app)


def test_a_new_seed_changes_the_seed_alone():
    app = lab(batch_size="4")
    app.button(key="mlp.new_seed").click().run()
    query = query_of(app)
    assert {**query, "seed": "0"} == to_query(MlpConfig(batch_size=4))
    assert query["seed"] != "0"


def test_new_seeds_all_come_once_before_any_comes_again():
    seed, seen = 0, set()
    while seed not in seen:
        seen.add(seed)
        seed = next_seed(seed)
    assert seen == set(range(1_000_000))
