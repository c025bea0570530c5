"""The pages on the paper's experiments: the record plays, a small run trains beside it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ln_core.paper.convnet.config import ConvConfig
from ln_core.paper.mnist.config import MnistConfig, SweepConfig
from ln_core.paper.skip_thoughts.config import SkipConfig
from ln_core.paper.transformer.config import TransformerConfig
from ln_core.runs.config import to_query
from tests.browser.conftest import DESK, PHONE

# Live runs that are over soon; those of a bare address train for longer than a test looks.
QUICK = {
    "convnet": ConvConfig(channels=4, steps=20, test_cases=100),
    "mnist": MnistConfig(width=16, cases=512, epochs=2),
    "sizes": SweepConfig(width=16, examples=512),
    "skip_thoughts": SkipConfig(width=8, embedding=8, words=200, cases=100, steps=20, freezes=2),
    "transformer": TransformerConfig(depth=2, width=16, steps=20),
}
PAGES = sorted(
    path.stem
    for path in (Path(__file__).parents[2] / "pages" / "paper").glob("*.py")
    if path.stem != "others"
)


def paper(tab, name, **query):
    """Open a page by deep link and wait for its recorded film and for the live one's beginning."""
    tab.open(f"/{name}", wait=False, **query)
    players = tab.page.locator(".lnl-player")
    expect(players.first).to_have_attribute("data-state", "done", timeout=30_000)
    live = tab.page.locator(".lnl-player:has(.lnl-side)")  # recordings have no settings
    expect(live).to_be_visible(timeout=30_000)
    live.scroll_into_view_if_needed()  # charts are drawn only where they are seen
    expect(live).to_have_attribute("data-state", re.compile("training|done"), timeout=60_000)
    expect(live).to_have_attribute("data-frame", re.compile("[1-9]"), timeout=60_000)
    return players


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_by_deep_link_on_a_fresh_server_and_says_what_is_recorded(
    fresh_server, open_tab, name
):
    tab = open_tab(fresh_server)
    players = paper(tab, name)
    expect(players.first.locator(".lnl-badge")).to_contain_text("Recorded on")
    expect(players.last.locator(".lnl-badge")).to_be_empty()
    prose = tab.page.locator("[data-testid=stMain]").inner_text()
    assert "{{" not in prose
    assert "a recorded run, not a live one" in prose.lower()
    unfilled = tab.page.locator("[data-slot]").all_inner_texts()
    assert not [text for text in unfilled if text in ("", "?", "…")]


def test_a_setting_that_does_nothing_is_not_shown(tab):
    live = paper(tab, "sizes", **to_query(QUICK["sizes"])).last
    size, rate = (live.locator(f"[data-knob={name}]") for name in ("batch_size", "learning_rate"))
    expect(size).to_be_hidden()
    expect(rate).to_be_visible()
    live.get_by_role("radio", name="Learning rate", exact=True).click()
    expect(size).to_be_visible()
    expect(rate).to_be_hidden()


def test_a_preset_brings_the_live_run_below_the_recording_into_the_window(tab):
    live = paper(tab, "convnet", **to_query(QUICK["convnet"])).last
    tab.page.get_by_test_id("stMain").evaluate("(node) => node.scrollTo(0, 0)")
    top = "(node) => node.getBoundingClientRect().top"
    assert live.evaluate(top) > DESK["height"] / 2
    preset = live.get_by_role("button", name="Filters of unequal scale", exact=True)
    preset.evaluate("(one) => one.click()")  # where it is: Playwright would scroll to it
    live.get_by_text("others stay small after the division").wait_for()
    handle = live.element_handle()
    tab.page.wait_for_function(f"(node) => Math.abs(({top})(node) - 64) < 30", arg=handle)


def test_the_preset_of_the_border_fills_the_window_with_its_map_and_keeps_its_sentence(tab):
    live = paper(tab, "convnet", **to_query(QUICK["convnet"])).last
    live.get_by_role("button", name="The border, before training").click()
    expect(live).to_have_attribute("data-frame", "0")
    maps = live.locator("[data-chart=spread_map] .lnl-panel:visible")
    expect(maps).to_have_count(3)
    expect(live.locator(".lnl-chart:visible")).to_have_count(1)
    expect(live.get_by_text("image far less at the border")).to_be_in_viewport(ratio=1)
    for at in range(3):
        expect(maps.nth(at)).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("name", PAGES)
def test_the_record_is_played_and_scrubbed_without_touching_the_live_run(tab, name):
    players = paper(tab, name, **to_query(QUICK[name]))
    record = players.first
    frame = int(record.get_attribute("data-frame"))
    assert frame == int(record.get_attribute("data-buffered")) - 1  # it opens at its end
    record.get_by_role("button", name="Back to start").click()
    expect(record).to_have_attribute("data-frame", "0")
    tab.page.keyboard.press("ArrowRight")
    expect(record).to_have_attribute("data-frame", "1")
    live = players.last
    assert live.get_attribute("data-playing") == "true" or live.get_attribute("data-frame") != "1"


@pytest.mark.parametrize("name", [*PAGES, "others"])
def test_nothing_sticks_out_sideways_on_a_phone_nor_when_the_window_is_widened(tab, name):
    tab.page.set_viewport_size(PHONE)
    if name == "others":
        tab.open("/others", wait=False)
        tab.page.get_by_role("heading", name="Handwriting").wait_for()
    else:
        paper(tab, name, **to_query(QUICK[name]))
    assert tab.fits()
    tab.page.set_viewport_size(DESK)
    tab.page.wait_for_timeout(300)
    assert tab.fits()
