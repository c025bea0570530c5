"""The view of a run: part of the link, brought back by it, and never a training of its own."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from ln_core.race.config import MlpConfig
from ln_core.runs.config import to_query
from tests.browser.conftest import PHONE

SHORT = {"steps": 400, "width": 16}
NUMBERS = """() => window.__player.pictures.filter(({ chart }) => chart === "loss")
  .map(({ traces }) => traces.map(({ y }) => [...y]))"""


def view_of(page, config):
    """Read what the address holds beside the settings."""
    query = dict(parse_qsl(urlsplit(page.url).query))
    return {name: text for name, text in query.items() if name not in to_query(config)}


def wait_for_view(tab, **fields):
    tab.page.wait_for_function(
        "(fields) => Object.entries(fields).every(([name, text]) =>"
        " new URLSearchParams(location.search).get(name) === text)",
        arg=fields,
    )


def test_a_link_brings_moment_variants_layer_and_chart_to_another_browser(open_tab, server):
    tab = open_tab(server).open("/mlp", **SHORT)
    tab.wait("p.state === 'done'")
    for key in ("End", "Home"):  # at the end it stops
        tab.page.keyboard.press(key)
    for _ in range(3):
        tab.page.keyboard.press("ArrowRight")
    tab.page.get_by_role("button", name="No norm", exact=True).click()
    tab.page.locator(".lnl-choice", has_text="Hidden layer").locator("select").select_option("2")
    tab.page.locator("[data-chart=loss]").hover()
    tab.page.keyboard.press("f")
    fields = {"at": "6", "shown": "batch,layer", "choose": "layer.2", "chart": "loss"}
    wait_for_view(tab, **fields)
    tab.wait("p.settled")
    other = open_tab(server)
    other.page.goto(tab.page.url)
    other.wait("p.settled && !p.playing && p.step === 6")
    assert other.page.evaluate(NUMBERS) == tab.page.evaluate(NUMBERS)
    assert other.page.locator(".lnl-chart:visible").count() == 1
    assert view_of(other.page, MlpConfig()) == fields


def test_a_view_trains_nothing_again_and_adds_no_step_of_back(open_tab, server):
    tab = open_tab(server).open("/mlp", **SHORT)
    tab.wait("p.state === 'done'")
    length, film = tab.page.evaluate(
        "[history.length, (window.film = window.__player.film).length]"
    )
    tab.page.keyboard.press("End")
    wait_for_view(tab, at="400")
    tab.page.get_by_role("button", name="Layer Norm", exact=True).click()
    wait_for_view(tab, shown="none,batch")
    assert tab.page.evaluate("[history.length, window.__player.film.length]") == [length, film]
    assert tab.page.evaluate("window.film === window.__player.film")


def test_a_reload_goes_on_from_the_moment_that_was_left(tab):
    tab.open("/mlp", **SHORT, at=200)
    tab.wait("p.settled && !p.playing && p.step === 200")
    tab.page.reload()
    tab.wait("p.settled && !p.playing && p.step === 200")
    tab.page.keyboard.press("Space")
    tab.wait("p.playing && p.step > 210")
    tab.page.reload()
    tab.wait("p.step > 205")


def test_what_a_view_cannot_show_is_said_and_the_rest_is_shown(tab):
    tab.open("/mlp", **SHORT, at="soon", shown="batch,sigma", choose="layer.9", chart="map")
    tab.wait("p.buffered > 0")
    said = tab.page.locator(".lnl-problems")
    said.wait_for()
    words = said.inner_text()
    for name in ("soon", "batch,sigma", "layer.9", "map", "layer.1 to layer.3"):
        assert name in words
    assert tab.page.locator(".lnl-chip[aria-pressed=true]").all_inner_texts() == ["Batch Norm"]


def test_presenting_shows_charts_alone_in_large_type_and_goes_from_preset_to_preset(tab):
    tab.open("/mlp")
    tab.wait("p.settled && p.buffered > 0")
    tab.page.keyboard.press("p")
    wait_for_view(tab, present="light")
    tab.wait("p.settled")
    assert not tab.page.get_by_role("slider", name="Batch size").is_visible()
    sizes = tab.page.evaluate(
        "window.__player.pictures.flatMap(({ layout }) => layout?.font.size ?? [])"
    )
    assert min(sizes) >= 20
    tab.page.keyboard.press("PageDown")
    tab.page.wait_for_url("**data=circles**")
    wait_for_view(tab, present="light")
    tab.page.keyboard.press("d")
    wait_for_view(tab, present="dark")
    tab.page.keyboard.press("Escape")
    tab.page.wait_for_function("!location.search.includes('present')")
    assert tab.page.get_by_role("slider", name="Batch size").is_visible()


@pytest.mark.parametrize("path", ["", "mlp", "matrix", "mnist"])
def test_the_card_of_keys_opens_on_every_page(tab, path):
    tab.open(f"/{path}")
    tab.wait("p.settled")
    tab.page.keyboard.press("?")
    tab.page.get_by_role("dialog", name="Keyboard shortcuts").wait_for()
    tab.page.keyboard.press("Escape")
    assert not tab.page.get_by_role("dialog").is_visible()


def test_sharing_gives_the_link_to_this_view_and_its_qr_code(tab):
    tab.open("/mlp", **SHORT, at=40)
    tab.wait("p.settled && !p.playing && p.step === 40")
    tab.page.get_by_role("button", name="Share this view").click()
    link = tab.page.get_by_label("Link to this view").input_value()
    assert dict(parse_qsl(urlsplit(link).query))["at"] == "40"
    code = tab.page.get_by_alt_text("QR code of the link")
    tab.page.wait_for_function("(image) => image.naturalWidth > 0", arg=code.element_handle())
    assert code.bounding_box()["width"] > 400
    tab.page.keyboard.press("Escape")


@pytest.mark.parametrize("path", ["/mlp", "/rnn"])
def test_a_link_says_what_its_run_began_with_and_the_page_where_its_own_differs(
    open_tab, server, path
):
    tab = open_tab(server).open(path, steps=40)
    tab.wait("p.settled && p.buffered > 1")
    tab.page.get_by_role("button", name="Share this view").click()
    link = tab.page.get_by_label("Link to this view").input_value()
    mark = dict(parse_qsl(urlsplit(link).query))["fingerprint"]
    weights, order = mark.split("-")
    tab.page.get_by_role("button", name="Close").click()
    tab.page.get_by_role("button", name="Details").click()
    tab.page.get_by_text(f"Initial weights {weights}").wait_for()
    tab.page.get_by_text(f"Batch order {order}").wait_for()
    assert "fingerprint" not in tab.page.url

    said = "the run began with other initial weights"
    for address, count in ((link, 0), (link.replace(weights, "0" * 8), 1)):
        other = open_tab(server)
        other.page.goto(address)
        other.wait("p.settled && p.buffered > 1")
        assert other.page.get_by_text(said).count() == count
    other.page.get_by_role("button", name="New seed").click()
    other.page.get_by_text(said).wait_for(state="detached")


def test_settings_fold_away_and_come_back(tab):
    tab.open("/mlp")
    tab.wait("p.settled")
    width = "document.querySelector('.lnl-screen').clientWidth"
    before = tab.page.evaluate(width)
    tab.page.keyboard.press("c")
    assert tab.page.evaluate(width) > before + 100
    tab.page.keyboard.press("c")
    assert tab.page.evaluate(width) == before


def test_on_a_phone_the_settings_stand_open_at_the_first_visit_alone(open_tab, server):
    tab = open_tab(server, viewport=PHONE, visited=False).open("/mlp")
    tab.wait("p.buffered > 0")
    slider = tab.page.get_by_role("slider", name="Batch size")
    assert slider.bounding_box()["y"] < PHONE["height"]
    tab.page.reload()
    tab.wait("p.buffered > 0")
    assert not slider.is_visible()
    tab.page.get_by_text("Settings", exact=True).click()
    assert slider.is_visible()


def test_tabs_are_named_after_their_pages(tab):
    for path, title in (("mlp", "MLP lab"), ("matrix", "The matrix of a layer")):
        tab.open(f"/{path}")
        tab.page.wait_for_function("(title) => document.title.startsWith(title)", arg=title)


def test_curves_are_smoothed_as_chosen_and_the_link_says_so(tab):
    tab.open("/mlp", **SHORT)
    tab.wait("p.state === 'done' && p.settled")
    curve = "[...p.pictures.find(({ chart }) => chart === 'loss').traces.at(-1).y]"
    steps = "y.slice(1).reduce((sum, value, at) => sum + Math.abs(value - y[at]), 0)"
    rough = f"((p) => {{ const y = {curve}; return {steps}; }})"
    usual = tab.page.evaluate(f"{rough}(window.__player)")
    tab.page.get_by_role("button", name="Details").click()
    tab.page.get_by_label("Smoothing of curves").select_option("off")
    wait_for_view(tab, smooth="off")
    tab.wait("p.settled")
    assert tab.page.evaluate(f"{rough}(window.__player)") > 2 * usual
