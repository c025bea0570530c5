"""The sweep's page: cells that fill, are pointed at and opened; pause, stop; what is recorded."""

import numpy as np
import pytest
from playwright.sync_api import expect

from ln_core.sweep.config import SweepConfig
from tests.browser.conftest import DESK, PHONE

SMALL = {
    "across_values": "0.001,0.01,0.1",
    "down_values": "2,8,32",
    "run_steps": 40,
    "settings": "cases:512;width:16",
    "variants": "none,layer",
}
CONFIG = SweepConfig(**{**SMALL, "variants": ("none", "layer")})
DONE = "p.settled && p.state === 'done' && p.film.length === p.film.frames.length"
LONG = {**SMALL, "run_steps": 2000, "settings": "", "down_values": "64,128,256"}


def open_sweep(tab, **query):
    """Open the page so that its live player is the one that the tests ask: it has come last."""
    for _ in range(5):
        tab.open("/sweep", **query)
        tab.page.locator(".lnl-player").nth(1).wait_for(state="attached")
        if tab.get("query"):
            return
    raise TimeoutError("the live player always came first")


@pytest.fixture
def swept(tab):
    open_sweep(tab, **SMALL)
    tab.wait(f"p.buffered === 4 && {DONE} && p.frame === 3")
    return tab


def cell(tab, row, column, chart="error", panel=1):
    """A cell of the live sweep's map."""
    player = tab.page.locator(".lnl-player").last
    table = player.locator(f"[data-chart={chart}] table").nth(panel)
    return table.locator(f"td[data-row='{row}'][data-column='{column}']")


def reached(tab, name, row, column, variant=1):
    """What the film says of a cell's run."""
    block = f"window.__player.film.frames[{column + 1}].arrays.get('{name}')"
    shape = tab.page.evaluate(f"{block}.shape")
    return np.array(tab.page.evaluate(f"[...{block}.values]")).reshape(shape)[row, variant]


def test_a_click_opens_the_run_with_the_same_number_and_a_second_one_pins_it(swept):
    error = reached(swept, "error", 1, 2)
    with swept.page.expect_popup() as opened:
        cell(swept, 1, 2).click()
    lab = opened.value
    lab.wait_for_function("window.__player?.settled && window.__player.state === 'done'")
    assert "/mlp?" in lab.url
    query = lab.evaluate("window.__player.query")
    assert (query["batch_size"], query["learning_rate"], query["width"]) == ("8", "0.1", "16")
    last = "window.__player.film.frames.at(-1)"
    assert lab.evaluate(f"{last}.step") == 40 == lab.evaluate("window.__player.step")
    assert lab.evaluate(f"{last}.arrays.get('test_error').values[1]") == error

    cell(swept, 0, 0).click()
    lab.wait_for_url("**learning_rate=0.001**")
    lab.wait_for_function("window.__player?.settled && window.__player.pinned")
    said = lab.locator(".lnl-pin-said")
    expect(said).to_have_text("Batch size: 2 (pinned: 8); learning rate: 0.001 (pinned: 0.1)")
    lab.close()


def test_pointing_at_a_cell_shows_its_curve(swept):
    live = swept.page.locator(".lnl-player").last
    live.locator("[data-chart=test_error]").scroll_into_view_if_needed()
    cell(swept, 2, 1).hover()
    curve = reached(swept, "test_error", 2, 1)
    drawn = """(name) => [...(window.__player.pictures
      .find(({ chart }) => chart === 'test_error').traces
      .find((trace) => trace.name === name)?.y ?? [])]"""
    swept.page.wait_for_function(
        f"(end) => ({drawn})('Layer Norm').at(-1) === end", arg=100 * curve[-1]
    )
    np.testing.assert_array_equal(swept.page.evaluate(drawn, "Layer Norm"), 100 * curve)
    tip = swept.page.locator(".lnl-tip:visible").first
    expect(tip).to_contain_text("batch size 32, learning rate 0.01")
    framed = live.locator("[data-chart=error] [data-framed]")
    assert framed.count() == 2, "in every variant's map"


def test_the_best_cells_are_marked(swept):
    best = swept.page.locator(".lnl-player").last.locator("[data-chart=loss] table").nth(1)
    losses = np.array([[reached(swept, "loss", row, c) for c in range(3)] for row in range(3)])
    row, column = np.unravel_index(losses.argmin(), losses.shape)
    best.scroll_into_view_if_needed()  # charts are drawn only where they are seen
    marked = best.locator("td.lnl-best")
    expect(marked).to_have_count(1)
    assert marked.get_attribute("data-row") == str(row)
    assert marked.get_attribute("data-column") == str(column)


def test_cells_are_walked_and_opened_by_keyboard(swept):
    cell(swept, 0, 0).focus()
    swept.page.keyboard.press("ArrowDown")
    swept.page.keyboard.press("ArrowRight")
    with swept.page.expect_popup() as opened:
        swept.page.keyboard.press("Enter")
    assert "batch_size=8" in opened.value.url
    opened.value.close()


def test_training_rests_when_paused_and_goes_on(tab):
    open_sweep(tab, **LONG)
    player = tab.page.locator(".lnl-player").last
    state = player.locator(".lnl-state")
    tab.wait("p.buffered === 2")
    player.get_by_role("button", name="Pause training").click()
    expect(state).to_have_text("paused")
    tab.page.wait_for_timeout(500)
    held = tab.get("buffered")
    tab.page.wait_for_timeout(2500)
    assert tab.get("buffered") == held < 4
    player.get_by_role("button", name="Go on").click()
    tab.wait(f"p.buffered > {held}")
    expect(player.get_by_role("button", name="Pause training")).to_be_visible()


def test_the_time_left_is_told(tab):
    open_sweep(tab, **{**LONG, "seed": 5})
    state = tab.page.locator(".lnl-player").last.locator(".lnl-state")
    expect(state).to_contain_text("left")


def test_what_is_refused_is_said_at_its_control(swept):
    entry = swept.page.locator("[data-knob=down_values] input")
    entry.fill("0,1,2")
    entry.press("Enter")
    error = swept.page.locator("[data-knob=down_values] .lnl-error")
    expect(error).to_contain_text("Allowed: for Batch size a whole number from 1 to 512")
    assert swept.get("query")["down_values"] == "2,8,32"


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_first_screen_is_the_recorded_sweep(tab, size):
    tab.page.set_viewport_size(size)
    open_sweep(tab, **SMALL)
    first = tab.page.locator(".lnl-player").first
    expect(first.locator(".lnl-badge")).to_contain_text("Recorded on")
    expect(first.locator("[data-chart=error] td.lnl-best").first).to_be_visible()
    assert tab.fits()


def test_the_menus_offer_only_what_the_chosen_lab_has(open_tab, server):
    tab = open_tab(server).open("/sweep")  # it is open when either of its two players is
    across = tab.page.get_by_role("combobox", name="Across")
    depth = across.get_by_role("option", name="Hidden layers")
    radius = across.get_by_role("option", name="Spectral radius")
    expect(depth).to_have_count(1)
    expect(radius).to_have_count(0)
    tab.page.get_by_role("radio", name="RNN lab").check()
    expect(radius).to_have_count(1)
    expect(depth).to_have_count(0)


def test_a_refused_lab_offers_what_it_has_so_that_it_can_be_mended(open_tab, server):
    tab = open_tab(server)
    open_sweep(tab, **{**SMALL, "across": "depth", "across_values": "1,2,3"})
    page = tab.page
    page.get_by_role("radio", name="RNN lab").check()
    refused = page.locator("[data-knob=lab] .lnl-error")
    expect(refused).to_contain_text("'Hidden layers' is not possible")
    across = page.get_by_role("combobox", name="Across", exact=True)
    expect(across.get_by_role("option", name="Clip gradients at")).to_have_count(1)
    values = page.locator("[data-knob=across_values] input")
    values.fill("")
    values.press("Enter")
    across.select_option("clip")
    page.wait_for_url("**lab=rnn&across=clip&**")
    expect(refused).to_have_text("")


def test_the_curves_of_a_framed_cell_are_on_their_axes_and_those_narrow_again(tab):
    scales = {"across": "epsilon", "across_values": "0.001,0.01,0.1"}
    rows = {"down": "weight_gain", "down_values": "1,3,100", "settings": "cases:512"}
    open_sweep(tab, **{**SMALL, **scales, **rows})
    tab.wait(f"p.buffered === 4 && {DONE} && p.frame === 3")
    tab.page.locator(".lnl-player").last.locator(
        "[data-chart=test_loss]"
    ).scroll_into_view_if_needed()
    axis = (
        """window.__player.pictures.find(({ chart }) => chart === 'test_loss').layout.yaxis.range"""
    )
    ends = []
    for row in (0, 2, 0):
        cell(tab, row, 1).hover()
        expect(tab.page.locator(".lnl-tip:visible").first).to_contain_text("initial weight scale")
        tab.wait("p.settled")
        ends.append(tab.page.evaluate(axis)[1])
    assert ends[0] == ends[2] < ends[1]
