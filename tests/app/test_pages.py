"""Pages without a browser: what they hand to the player."""

import json
import re
import runpy
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ln_core.experiments import PAGES
from ln_core.lessons import sections
from ln_core.paths import PATHS
from ln_core.race.config import EXPERIMENT as MLP
from ln_core.race.presets import PRESETS
from ln_core.recurrent.config import MICROSCOPE, RNN
from ln_core.recurrent.presets import MICROSCOPE_PRESETS, RNN_PRESETS
from ln_core.runs.config import to_query
from ln_core.runs.schema import describe

ROOT = Path(__file__).parents[2]
ROUTER = str(ROOT / "pages" / "router.py")


def open_page(path=None, **query):
    app = AppTest.from_file(ROUTER, default_timeout=30)
    if path:
        app.run()
        app.switch_page(path)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def test_a_process_that_replaces_a_worker_imports_the_router_and_shows_nothing():
    runpy.run_path(ROUTER, run_name="__mp_main__")


LABS = {
    "mlp": (MLP, PRESETS),
    "rnn": (RNN, RNN_PRESETS),
    "time": (MICROSCOPE, MICROSCOPE_PRESETS),
}


def players(app):
    return [json.loads(player.proto.json) for player in app.get("bidi_component")]


def run_of(app):
    """What the one player of a page that can run something is given."""
    (data,) = [data for data in players(app) if "run" in data]
    return data


def test_home_shows_a_recorded_race_and_says_so():
    app = open_page()
    assert not app.exception
    (data,) = [data for data in players(app) if "film" in data]
    assert data["film"] == "assets/recorded/home.film"
    assert data["label"].startswith("Recorded on ")


def test_home_offers_each_path_that_leads_through_several_pages():
    app = open_page()
    links = {(one.proto.label, one.proto.query_string) for one in app.get("page_link")}
    marks = "".join(one.proto.body for one in app.get("html"))
    for path in (PATHS["first"], PATHS["questions"]):
        assert any(path.title in text.value for text in app.markdown)
        for place, stop in enumerate(path.stops, 1):
            assert (f"{place}. {stop.name}", f"stop={stop.id}") in links
            assert f'data-answered="{stop.id}"' in marks


@pytest.mark.parametrize("slug", LABS)
def test_a_lab_hands_over_its_settings(slug):
    app = open_page(f"train/{slug}.py")
    assert not app.exception
    data, (experiment, presets) = run_of(app), LABS[slug]
    assert data["path"] == slug
    assert data["line"] == sections(slug)["Line"]
    run = data["run"]
    assert run["experiment"] == experiment.name
    assert run["at_once"] == (experiment is MICROSCOPE)
    assert run["knobs"] == describe(experiment.config)
    assert run["query"] == to_query(next(iter(presets.values())).config)
    told = [(one["label"], one["notice"], one["query"]) for one in run["presets"]]
    assert told == [(one.label, one.notice, to_query(one.config)) for one in presets.values()]


def test_what_a_page_is_does_not_depend_on_its_query():
    """The browser owns it: nothing is drawn again for another one."""
    assert players(open_page("train/mlp.py", batch_size="2", seed="x")) == players(
        open_page("train/mlp.py")
    )


def test_no_address_that_a_page_hands_over_is_of_the_root():
    for path in (None, "train/mlp.py", "paper/mnist.py"):
        for data in players(open_page(path)):
            for name in ("plotly", "katex", "film"):
                assert not data.get(name, "x").startswith(("/", "http"))


def test_the_words_that_a_player_writes_are_plain_text():
    """It does not read Markdown."""
    for page in sorted((ROOT / "pages").glob("*/*.py")):
        if page.parent.name == "ui" or not PAGES[page.stem].experiment:
            continue
        data = run_of(open_page(f"{page.parent.name}/{page.name}"))
        texts = [data["line"], data["note"]]
        texts += [one["notice"] for one in data["run"]["presets"]]
        texts += [one["help"] for one in data["run"]["knobs"]]
        for text in texts:
            assert text.strip()
            assert not re.search(r"[*`$\[\]<>{}\\]", text), text
        assert data["path"] == page.stem, "the address is the page's own"


def test_the_table_of_pages_names_every_page():
    files = {f"{file.parent.name}/{file.name}" for file in (ROOT / "pages").glob("*/*.py")}
    assert {page.file for page in PAGES.values()} == {f for f in files if not f.startswith("ui/")}


def test_no_rule_asks_the_whole_page_what_it_holds():
    """Such a rule has the browser style every element anew whenever a chart adds one.

    With one of them each chart's drawing cost 15 ms more on the page of a lab.
    """
    styles = [*(ROOT / "assets" / "player").glob("*.css"), *(ROOT / "pages").rglob("*.py")]
    assert len(styles) > 2
    asks = re.compile(r"(?::root|\bhtml|\bbody|\.stApp)\b[^\s,{]*:has\(")
    assert not [path for path in styles if asks.search(path.read_text())]
