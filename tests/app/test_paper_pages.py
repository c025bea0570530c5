"""The pages on the paper's experiments, without a browser: records, live run, words."""

import re
from pathlib import Path

import pytest

from ln_core import experiments
from ln_core.lessons import parts, sections
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.recorded.loader import about, values
from tests.app.test_pages import open_page, players, run_of

PAGES = sorted(
    path.stem
    for path in (Path(__file__).parents[2] / "pages" / "paper").glob("*.py")
    if path.stem != "others"
)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_shows_its_records_and_a_live_run(name):
    app = open_page(f"paper/{name}.py")
    assert not app.exception
    films = [data for data in players(app) if "film" in data]
    assert films
    for data in films:
        recording = Path(data["film"]).stem
        assert data["total"]["frames"] == RECORDINGS[recording].config.frames
        assert data["label"] == f"Recorded on {about(recording)['date']}"
    assert not run_of(app)["run"]["at_once"]


@pytest.mark.parametrize("name", PAGES)
def test_every_number_of_the_record_in_a_lesson_is_filled_in_from_it(name):
    app = open_page(f"paper/{name}.py")
    shown = "\n".join(part.value for part in app.markdown)
    assert "{{" not in shown
    lesson = sections(f"paper_{name}")
    told = lesson["What we measured"] + lesson["Finding"]
    slots = set(re.findall(r"\{\{(\w+)\}\}", told))
    assert slots
    assert not [slot for slot in slots if f'data-slot="{slot}"' in shown]


@pytest.mark.parametrize("name", PAGES)
def test_every_recorded_run_has_a_finding_of_its_own(name):
    found = parts(sections(f"paper_{name}")["Finding"])
    assert list(found) == [RECORDINGS[one].title for one in experiments.PAGES[name].recordings]
    assert all("{{" in text for text in found.values()), "its numbers are measured"


def test_the_findings_compare_the_recorded_numbers_rightly():
    found = values(RECORDINGS)

    def measured(slot):
        return float(found[slot].split()[0])

    def errors(of):
        return {of_one: measured(f"{of}_{of_one}_error") for of_one in ("none", "batch", "layer")}

    assert min(errors("128"), key=errors("128").get) == "batch"
    assert min(errors("4"), key=errors("4").get) == "layer"
    assert max(errors("own"), key=errors("own").get) == "batch"
    for variant in ("none", "batch", "layer", "rms", "group"):
        assert measured(f"sizes_{variant}_512") > measured(f"sizes_{variant}_128")
    assert measured("warm_post_error") < 1
    for placement in ("none", "post", "pre", "rms", "dyt"):
        assert measured(f"recall_{placement}_error") < 1
    assert measured("unequal_layer_error") > 2 * measured("unequal_batch_error")


def test_the_other_tasks_are_told_with_the_papers_numbers():
    app = open_page("paper/others.py")
    assert not app.exception
    shown = "\n".join(part.value for part in app.markdown)
    assert "none is ours" in shown
    for number in ("48.5", "82.09", "12,179"):
        assert number in shown
