"""The pages on the paper's experiments, without a browser: records, live run, words."""

import json
import re
from pathlib import Path

import pytest

from ln_core.paper.mnist.config import MNIST
from ln_core.paper.mnist.presets import MNIST_PRESETS
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.recorded.loader import about
from ln_core.runs.config import knobs, to_query, to_text
from pages.ui.lesson import sections
from tests.app.test_pages import open_page, query_of

PAGES = sorted(
    path.stem
    for path in (Path(__file__).parents[2] / "pages" / "paper").glob("*.py")
    if path.stem != "others"
)


def sources(app):
    return [json.loads(player.proto.json) for player in app.get("bidi_component")]


def live(app):
    (run,) = [data for data in sources(app) if "live" in data["source"]]
    return run


@pytest.mark.parametrize("name", PAGES)
def test_every_page_shows_its_records_and_a_live_run(name):
    app = open_page(f"paper/{name}.py")
    assert not app.exception
    assert not app.warning
    films = [data for data in sources(app) if "film" in data["source"]]
    assert films
    for data in films:
        recording = Path(data["source"]["film"]).stem
        assert data["total"]["frames"] == RECORDINGS[recording].config.frames
        assert data["label"] == f"Recorded on {about(recording)['date']}"
    assert live(app)["autoplay"]


@pytest.mark.parametrize("name", PAGES)
def test_every_number_of_the_record_in_a_lesson_is_filled_in_from_it(name):
    app = open_page(f"paper/{name}.py")
    shown = "\n".join(part.value for part in app.markdown)
    assert "{{" not in shown
    lesson = sections(f"paper_{name}")
    slots = set(re.findall(r"\{\{(\w+)\}\}", lesson["What we measured"]))
    assert slots
    assert not [slot for slot in slots if f'data-slot="{slot}"' in shown]


def test_the_url_decides_the_live_run_and_leaves_the_records_alone():
    app = open_page("paper/mnist.py", batch_size="4", seed="3")
    assert query_of(app)["batch_size"] == "4"
    assert "batch_size=4&" in live(app)["source"]["live"]
    assert RECORDINGS["mnist_128"].config.batch_size == 128


def test_nonsense_in_the_url_is_named_and_the_default_takes_its_place():
    for field, declared in knobs(MNIST.config).items():
        app = open_page("paper/mnist.py", **{field: "lots_of"})
        assert not app.exception
        (warning,) = app.warning
        assert declared.label in warning.proto.title
        assert declared.kind.allowed in warning.value
        default = MNIST_PRESETS["large"].config
        assert live(app)["source"]["live"].partition("?")[2] == to_text(default)
        assert query_of(app) == to_query(default)


def test_the_other_tasks_are_told_with_the_papers_numbers():
    app = open_page("paper/others.py")
    assert not app.exception
    shown = "\n".join(part.value for part in app.markdown)
    assert "none are ours" in shown
    for number in ("48.5", "82.09", "12 179"):
        assert number in shown
