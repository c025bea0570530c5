"""Every page of the app, as axe-core judges it: by its names, roles and contrasts."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from ln_core.experiments import PAGES
from tests.browser.conftest import DESK, PHONE

HALL = {"width": 1920, "height": 1080}  # a projector
GRAVE = ("serious", "critical")
OPTIONS = {
    "resultTypes": ["violations"],
    # Chromium and Firefox have keys reach a wide table that scrolls, which axe does not know.
    "rules": {"scrollable-region-focusable": {"enabled": False}},
}
MENU = {"exclude": ["[data-testid=stSidebar]"]}  # on phones; Streamlit's own, with lists of divs
# Streamlit has run the page, and a player, where there is one, has drawn a chart.
READY = """() => document.querySelector('[data-test-script-state=notRunning]')
  && document.querySelector('h1, h2')
  && (!document.querySelector('[class*=st-key-player-room]')
    || document.querySelector('.js-plotly-plot, .lnl-box path[d], .lnl-cells td[style]'))"""


def grave(page):
    """List what axe holds for serious or critical: the rule, and where it is broken."""
    found = Axe().run(page, MENU, OPTIONS).response
    return [
        (rule["id"], [(node["target"], node["html"][:200]) for node in rule["nodes"]])
        for rule in found["violations"]
        if rule["impact"] in GRAVE
    ]


def wait_for_theme(page, scheme):
    """Wait until players have heard of the theme, which comes to them by an event."""
    page.wait_for_function(
        "(dark) => [...document.querySelectorAll('.lnl-player')]"
        ".every((node) => node.matches('.lnl-dark') === dark)",
        arg=scheme == "dark",
    )


@pytest.mark.parametrize("path", ["/", *(f"/{slug}" for slug in PAGES)])
def test_axe_finds_nothing_serious_in_light_or_dark_at_any_size(tab, path):
    tab.page.mouse.move(0, 0)  # what appears under a pointer has no contrast at first
    for scheme in ("light", "dark"):
        tab.page.emulate_media(color_scheme=scheme)
        tab.open(path, wait=False)
        tab.page.wait_for_function(READY)
        for advanced in tab.page.get_by_text("Advanced", exact=True).all():
            advanced.click()
            tab.page.wait_for_timeout(600)  # it unfolds: half-transparent text has no contrast yet
        wait_for_theme(tab.page, scheme)
        for size in (DESK, HALL, PHONE):
            tab.page.set_viewport_size(size)
            tab.page.wait_for_timeout(100)  # what changes place is drawn
            assert not grave(tab.page), (scheme, size)
        tab.page.set_viewport_size(DESK)


@pytest.mark.parametrize("path", ["/", "/mlp", "/rnn"])
def test_tab_leaves_what_tells_of_the_run_and_reaches_the_transport(tab, path):
    tab.open(path)
    tab.wait("p.settled")
    details = tab.page.get_by_role("button", name="Details")
    details.focus()
    tab.page.keyboard.press("Enter")
    assert details.get_attribute("aria-expanded") == "true"
    tab.page.keyboard.press("Escape")
    assert details.get_attribute("aria-expanded") == "false"
    reached = []
    while "Playback speed" not in reached and len(reached) < 60:
        tab.page.keyboard.press("Tab")
        reached.append(tab.page.evaluate("document.activeElement.ariaLabel"))
    assert {"Pause", "Play"} & set(reached)
    assert "Moment of training" in reached


def test_axe_would_find_a_field_without_a_name(tab):
    tab.open("/")
    tab.page.evaluate(
        "document.querySelector('.lnl-player').append(document.createElement('input'))"
    )
    assert [rule for rule, _ in grave(tab.page)] == ["label"]
