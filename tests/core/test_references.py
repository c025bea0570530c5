"""What texts name: every link leads to a page, a preset or a stop that there is."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from ln_core.experiments import PAGES
from ln_core.lessons import fill, sections
from ln_core.paths import FIRST, PATHS
from ln_core.references import slots
from ln_core.runs.config import from_query

TEXT = sections("for_teachers")["Plans"]
SLOTS = slots(lambda reference: reference.address)
NAMED = sorted(set(re.findall(r"\{\{(.+?)\}\}", TEXT)))
STOPS = {stop.id: stop for path in PATHS.values() for stop in path.stops}


def test_a_name_becomes_a_link_and_what_is_to_be_noticed():
    preset = PAGES["mlp"].presets["online"]
    address = re.fullmatch(r"\[MLP lab: Batch size 1\]\((.+)\)", SLOTS["mlp.online"])[1]
    assert dict(parse_qsl(urlsplit(address).query)) == preset.query
    assert SLOTS["mlp.online.says"] == preset.notice
    assert SLOTS["first.3"] == f"[Stop 3: {FIRST.stops[2].name}](batch_mates?stop=first.3)"
    assert SLOTS["first.3.says"] == FIRST.stops[2].takeaway
    assert SLOTS["geometry"] == f"[{PAGES['geometry'].title}](geometry)"
    assert slots(lambda reference: "")["geometry"] == PAGES["geometry"].title


@pytest.mark.parametrize("name", NAMED)
def test_what_the_page_for_teachers_names_can_be_shown(name):
    assert name in SLOTS, "no such page, preset or stop"
    if name.endswith(".says"):
        return
    found = urlsplit(re.fullmatch(r"\[.+\]\((.+)\)", SLOTS[name])[1])
    page, query = PAGES[found.path], dict(parse_qsl(found.query))
    if "stop" in query:
        assert STOPS[query["stop"]].page is page
    elif query:
        settings = {key: query[key] for key in query if hasattr(page.default, key)}
        preset = page.presets[name.partition(".")[2]]
        assert from_query(page.experiment.config, settings) == (preset.config, ())
        assert {key: query[key] for key in preset.seen} == preset.seen


def test_the_page_for_teachers_types_no_link_and_fills_all_slots():
    assert "](" not in TEXT
    assert "http" not in TEXT
    filled = fill(TEXT, SLOTS)
    assert "{{" not in filled
    assert "data-slot" not in filled


def test_every_stop_of_the_first_path_is_in_both_plans():
    plans = re.findall(r"### A lesson of (\d+) minutes(.+?)(?=\n### )", TEXT, re.DOTALL)
    assert [minutes for minutes, _ in plans] == ["20", "45"]
    for minutes, plan in plans:
        assert {stop.id for stop in FIRST.stops} <= set(re.findall(r"\{\{(.+?)\}\}", plan))
        spans = re.findall(r"^\| (\d+) to (\d+) \|", plan, re.MULTILINE)
        ends = [end for _, end in spans]
        assert [start for start, _ in spans] == ["0", *ends[:-1]]
        assert ends[-1] == minutes


def test_every_misconception_has_a_link_that_shows_it():
    told = TEXT.partition("### Common misconceptions")[2].partition("### Homework")[0]
    misconceptions = re.findall(r'^\*\*"(?:.|\n)+?(?=\n\n)', told, re.MULTILINE)
    assert len(misconceptions) >= 14
    for one in misconceptions:
        assert re.search(r"See\s\{\{[\w.]+\}\}", one), one


def test_every_question_of_the_second_path_is_offered_to_who_is_asked_it():
    told = TEXT.partition("### When a student asks")[2].partition("### Homework")[0]
    assert PATHS["questions"].title in told
    assert re.findall(r"\{\{(.+?)\}\}", told) == [stop.id for stop in PATHS["questions"].stops]
