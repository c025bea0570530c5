"""The pages that compute at once, as people use them: gestures, and the numbers on the page."""

import json
import re
import time
from urllib.parse import parse_qsl, urlencode

import pytest
from playwright.sync_api import expect

from ln_core.experiments import EXPERIMENTS, PAGES
from ln_core.paths import questions
from ln_core.race.config import MlpConfig
from ln_core.runs.config import to_query
from tests.browser.conftest import DESK, PHONE

NAMES = [one.name for one in EXPERIMENTS.values() if one.compute and one.name != "time"]
# On a phone the lists of a page can push its chart out of sight, where it is not drawn.
DONE = """p.state === 'done' && p.settled
  && (p.draws > 0 || document.querySelector('.lnl-lists li'))"""


def see(tab, name, **query):
    tab.open(f"/{name}", wait=False, **query)
    tab.wait(DONE)
    return tab


def words(tab):
    """Read the sentences below the chips and beside the charts, and the numbers in cells."""
    read = ".lnl-line, .lnl-takeaway, .lnl-cells td[data-row]"
    return "\n".join(tab.page.locator(read).all_text_contents())


def changed(tab, before, read=words):
    """Wait until what is read differs, and give it."""
    deadline = time.monotonic() + 30
    while (after := read(tab)) == before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert after != before
    tab.wait(DONE)
    return read(tab)


def prose(tab):
    """Read the explanation."""
    return tab.page.locator("[data-testid=stMarkdown]").last.inner_text()


def cell(tab, row, column):
    return tab.page.get_by_label(f"example {row}, unit {column}", exact=True)


def numbered(tab, chart, row, column):
    """Find the cells at a place in the tables of a chart."""
    place = f"[data-row='{row}'][data-column='{column}']"
    return tab.page.locator(f"[data-chart={chart}] td{place}")


@pytest.mark.parametrize("name", NAMES)
def test_every_page_opens_by_deep_link_on_a_fresh_server_and_fills_its_prose(
    fresh_server, open_tab, name
):
    tab = see(open_tab(fresh_server), name)
    slots = tab.page.locator("[data-slot]").all_inner_texts()
    assert slots
    assert all(text not in ("", "?", "…") for text in slots)
    assert tab.page.locator(".lnl-transport").is_hidden()
    least = 0 if name == "matrix" else 2  # nothing is remarkable about its first numbers
    assert tab.page.locator(".lnl-diagnoses .lnl-card").count() >= least


def test_a_page_left_at_once_leaves_its_numbers_behind(open_tab, server):
    first = see(open_tab(server), "matrix").page.locator("[data-slot]").all_inner_texts()
    tab = see(open_tab(server), "batch_mates")
    see(tab, "matrix")  # both pages know of a slot by the same name
    time.sleep(0.3)
    assert tab.page.locator("[data-slot]").all_inner_texts() == first


def press(tab, times=3):
    """Move a slider, and wait for the picture of each value."""
    for _ in range(times):
        before = prose(tab)
        tab.page.get_by_role("slider", name="Replicas").press("ArrowRight")
        changed(tab, before, prose)


def test_the_server_sends_each_picture_over_the_one_connection_of_the_page(open_tab, server):
    tab = open_tab(server)
    asked = []
    tab.page.on("websocket", lambda socket: asked.append(socket.url))
    tab.page.on("request", lambda request: asked.append(request.url))
    see(tab, "replicas", replicas="1")
    press(tab)
    assert len([url for url in asked if "/runs/" in url]) == 1
    assert not [url for url in asked if "/frames/" in url]


def test_the_picture_follows_a_slider_that_is_dragged_and_the_address_makes_one_step(
    open_tab, server
):
    tab = see(open_tab(server), "replicas", replicas="1")
    before, steps = words(tab), tab.page.evaluate("history.length")
    box = tab.page.get_by_role("slider", name="Replicas").bounding_box()
    x, y = box["x"], box["y"] + box["height"] / 2
    tab.page.mouse.move(x + 6, y)
    tab.page.mouse.down()
    seen = set()
    for share in (0.4, 0.6, 0.8):
        tab.page.mouse.move(x + share * box["width"], y)
        before = changed(tab, before)
        seen.add(before)
    assert len(seen) == 3
    tab.page.mouse.up()
    tab.page.wait_for_url("**replicas=16**")
    tab.page.wait_for_timeout(300)
    tab.wait(DONE)
    assert words(tab) == before
    assert tab.page.evaluate("history.length") == steps + 1


def test_where_websockets_are_blocked_pictures_are_polled_for(open_tab, server):
    tab = open_tab(server)
    tab.page.route_web_socket("**/runs/**", lambda socket: socket.close(code=1011))
    asked = []
    tab.page.on("request", lambda request: asked.append(request.url))
    see(tab, "replicas", replicas="1")
    press(tab)
    assert len([url for url in asked if "/frames/" in url]) >= 4


@pytest.mark.parametrize("gestures", [0, 1])
def test_a_page_goes_on_after_a_restart_of_the_server(fresh_server, open_tab, gestures):
    tab = see(open_tab(fresh_server, check_errors=False), "replicas", replicas="1")
    press(tab, gestures)
    tab.page.wait_for_url(f"**replicas={2**gestures}&**")
    fresh_server.kill()
    tab.page.wait_for_timeout(300)
    tab.page.get_by_role("slider", name="Replicas").press("ArrowRight")  # heard once it is back
    fresh_server.start()
    tab.page.wait_for_url(f"**replicas={2 ** (gestures + 1)}&**")
    tab.wait(DONE)
    press(tab)
    tab.page.wait_for_url(f"**replicas={2 ** (gestures + 4)}&**")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_sticks_out_sideways_on_a_phone_nor_when_the_window_is_widened(tab, name):
    tab.page.set_viewport_size(PHONE)
    see(tab, name)
    check_width(tab)
    tab.page.set_viewport_size(DESK)
    tab.wait(f"innerWidth === {DESK['width']} && {DONE}")
    check_width(tab)


def check_width(tab):
    """Wait until charts have been drawn at their new width and nothing sticks out."""
    tab.page.get_by_role("heading", name="Explanation").scroll_into_view_if_needed()
    deadline = time.monotonic() + 15
    while (sticking := outside(tab)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not sticking
    assert tab.fits()


def outside(tab):
    """Name the nodes that reach over the window's right edge; a plot's box clips what is in it."""
    return tab.page.evaluate(
        """() => [...document.querySelectorAll('[data-testid=stMain] *')]
          .filter((node) => node.getBoundingClientRect().right > innerWidth + 1)
          .filter((node) => !node.closest('.lnl-variant-bar, .lnl-presets, svg, .katex-mathml'))
          .filter((node) => !node.closest('.lnl-plot, [aria-hidden=true], [type=range]'))
          .map((node) => node.className || node.tagName)"""
    )


def type_into(tab, row, column, text):
    cell(tab, row, column).fill(text)
    cell(tab, row, column).press("Enter")


def test_typing_into_a_cell_changes_sentences_charts_formula_and_url(tab):
    see(tab, "matrix")
    written = tab.page.locator(".lnl-formula math annotation")  # the LaTeX that was typeset
    expect(written).to_have_count(3)
    formula = written.first.text_content()
    before = words(tab)
    type_into(tab, 1, 2, "7,5")
    after = changed(tab, before)
    assert "example 1, unit 2" in after
    tab.page.wait_for_url("**7.5**")
    expect(cell(tab, 1, 2)).to_have_value("7.5")
    assert written.first.text_content() != formula
    assert "7.5" in written.nth(1).text_content()


@pytest.mark.parametrize("text", ["many", "nan", "0x10", "1e999", "", "70000"])
def test_a_cell_says_what_it_cannot_be_and_keeps_the_text_until_it_is_mended(tab, text):
    see(tab, "matrix")
    held, address = cell(tab, 0, 0).input_value(), tab.page.url
    type_into(tab, 0, 0, text)
    said = tab.page.get_by_role("alert").filter(has_text="numbers from -60000 to 60000")
    said.wait_for()
    cell(tab, 2, 2).click()
    tab.page.wait_for_url("**row=2&column=2**")
    expect(cell(tab, 0, 0)).to_have_value(text)
    assert cell(tab, 0, 0).get_attribute("aria-invalid") == "true"
    cell(tab, 0, 0).press("Escape")
    expect(cell(tab, 0, 0)).to_have_value(held)
    expect(said).not_to_be_visible()
    assert held in address
    type_into(tab, 0, 0, text)
    type_into(tab, 0, 0, "2,5")
    tab.page.wait_for_url("**matrix=2.5,**")
    expect(said).not_to_be_visible()


def test_escape_brings_back_what_a_cell_held(tab):
    see(tab, "matrix")
    held, address = cell(tab, 0, 0).input_value(), tab.page.url
    cell(tab, 0, 0).fill("7")
    cell(tab, 0, 0).press("Escape")
    expect(cell(tab, 0, 0)).to_have_value(held)
    cell(tab, 0, 0).blur()
    tab.page.wait_for_timeout(300)
    assert tab.page.url == address


def test_a_block_of_a_spreadsheet_fills_cells_as_far_as_there_are_any(tab):
    see(tab, "matrix")
    paste = """(input, text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", text);
      const how = { clipboardData, bubbles: true, cancelable: true };
      return !input.dispatchEvent(new ClipboardEvent("paste", how));
    }"""
    cell(tab, 2, 4).focus()
    assert cell(tab, 2, 4).evaluate(paste, "1,5\t2,5\t9\r\n3,5\t4,5\t9\r\n")
    tab.page.wait_for_url("**,1.5,2.5_**,3.5,4.5&**")
    expect(cell(tab, 3, 5)).to_have_value("4.5")
    tab.page.get_by_text("4 of 6 numbers fit from here on.").wait_for()
    for alone in ("1,5", "twelve"):  # text of the cell, which the browser pastes
        assert not cell(tab, 0, 0).evaluate(paste, alone)


def test_the_matrix_is_walked_by_keyboard_and_the_focus_chooses(tab):
    see(tab, "matrix")
    before = words(tab)
    cell(tab, 0, 3).focus()
    after = changed(tab, before)
    assert "example 0, unit 3" in after
    tab.page.keyboard.press("ArrowDown")
    assert "example 1, unit 3" in changed(tab, after)
    assert tab.page.evaluate("document.activeElement.ariaLabel") == "example 1, unit 3"
    tab.page.keyboard.type("-4")
    tab.page.keyboard.press("Tab")
    tab.page.wait_for_url("**-1.45,-4,**")


def test_cells_that_are_typed_one_after_the_other_all_arrive(tab):
    see(tab, "matrix")
    cell(tab, 0, 0).focus()
    for text in ("11", "12", "13"):
        tab.page.keyboard.type(text)
        tab.page.keyboard.press("Tab")
    tab.page.wait_for_url("**matrix=11,12,13**")
    tab.wait(DONE)
    assert [cell(tab, 0, unit).input_value() for unit in range(3)] == ["11", "12", "13"]


def test_a_cell_that_is_typed_and_an_output_that_is_clicked_at_once_both_count(tab):
    see(tab, "matrix")
    box = numbered(tab, "outputs", 2, 3).nth(1).bounding_box()
    cell(tab, 0, 0).focus()
    tab.page.wait_for_function("document.activeElement.ariaLabel === 'example 0, unit 0'")
    tab.page.keyboard.type("11")
    tab.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.6 * box["height"])
    tab.page.mouse.down()
    tab.page.wait_for_url("**matrix=11,**")
    tab.wait(DONE)  # its longer sentence has moved the table under the pointer
    assert numbered(tab, "outputs", 2, 3).nth(1).bounding_box() != box
    tab.page.mouse.up()
    tab.page.wait_for_function("location.search.includes('row=2&column=3')")


def test_a_click_in_an_output_chooses_its_cell(tab):
    see(tab, "matrix")
    before = words(tab)
    assert "example 0, unit 0" in before
    numbered(tab, "outputs", 2, 4).nth(1).click()
    assert "example 2, unit 4" in changed(tab, before)


def test_enter_takes_a_number_and_goes_down_and_arrows_go_from_cell_to_cell(tab):
    see(tab, "matrix")
    focused = "() => document.activeElement.ariaLabel"
    cell(tab, 1, 2).focus()
    tab.page.keyboard.type("7.5")
    tab.page.keyboard.press("Enter")
    assert tab.page.evaluate(focused) == "example 2, unit 2"
    tab.page.wait_for_url("**7.5**")
    tab.page.keyboard.press("ArrowRight")
    assert tab.page.evaluate(focused) == "example 2, unit 3"
    tab.page.keyboard.type("12")
    tab.page.keyboard.press("ArrowLeft")  # within what is typed
    assert tab.page.evaluate(focused) == "example 2, unit 3"
    tab.page.keyboard.press("Shift+Enter")
    assert tab.page.evaluate(focused) == "example 1, unit 3"


def test_an_output_is_chosen_by_keyboard(tab):
    see(tab, "matrix")
    numbered(tab, "outputs", 0, 0).first.focus()
    for key in 3 * ("ArrowDown", "ArrowRight") + ("ArrowRight", "Enter"):
        tab.page.keyboard.press(key)
    tab.page.wait_for_url("**row=3&column=4**")


def test_the_matrix_runs_from_right_to_left_where_the_page_does_and_bears_what_others_add(tab):
    see(tab, "matrix")
    tab.page.locator(".lnl-player").evaluate(
        """(player) => {
          player.dir = "rtl";
          for (const cell of player.querySelectorAll("[data-chart=given] td")) {
            cell.append(document.createElement("extension-mark"));
          }
        }"""
    )
    places = [cell(tab, 0, unit).bounding_box()["x"] for unit in range(3)]
    assert places == sorted(places, reverse=True)
    cell(tab, 1, 1).focus()
    tab.page.keyboard.press("ArrowLeft")
    assert tab.page.evaluate("document.activeElement.ariaLabel") == "example 1, unit 2"
    before = words(tab)
    type_into(tab, 1, 2, "7.5")
    assert "example 1, unit 2" in changed(tab, before)
    expect(cell(tab, 1, 2)).to_have_value("7.5")


def asked(tab):
    """List what the player asks the server for, as queries."""
    said = []
    tab.page.on(
        "websocket", lambda socket: socket.on("framesent", lambda words: said.append(words))
    )

    def queries():
        texts = [words for words in said if isinstance(words, str)]  # Streamlit's are bytes
        heard = [json.loads(words) for words in texts if words.startswith('{"show"')]
        return [urlencode(words["show"], safe=",") for words in heard]

    return queries


def test_sliders_that_follow_another_gesture_ask_for_nothing_and_one_that_is_moved_does(tab):
    said = asked(tab)
    see(tab, "matrix")
    before = words(tab)
    cell(tab, 1, 2).focus()
    before = changed(tab, before)
    tab.page.wait_for_url("**column=2**")
    tab.page.get_by_role("slider", name="Move by").press("ArrowRight")
    changed(tab, before)
    _, chosen, moved = said()
    assert "row=1&column=2" in chosen
    assert "move=3" in moved


def choose_in_list(tab, key):
    """Choose the third option, by keyboard or pointer."""
    options = tab.page.get_by_role("combobox", name="Change")
    if key:
        options.press("O")
    else:
        options.select_option(label="One unit's weights × factor")


@pytest.mark.parametrize(
    ("page", "field", "gesture"),
    [
        ("invariance", "change=row", lambda tab: choose_in_list(tab, key=False)),
        ("invariance", "change=row", lambda tab: choose_in_list(tab, key=True)),
        (
            "invariance",
            "layer=conv",
            lambda tab: tab.page.get_by_text("Convolution", exact=True).click(),
        ),
        (
            "invariance",
            "layer=conv",
            lambda tab: tab.page.get_by_role("radio", name="Fully connected").press("ArrowDown"),
        ),
        (
            "invariance",
            "evaluation=on",
            lambda tab: tab.page.locator("[data-knob=evaluation] label").click(),
        ),
        (
            "invariance",
            "evaluation=on",
            lambda tab: tab.page.get_by_role("switch", name="Evaluation mode").press("Space"),
        ),
        (
            "batch_mates",
            "seed=54773",
            lambda tab: tab.page.get_by_role("button", name="New seed").click(),
        ),
        (
            "matrix",
            "matrix=",
            lambda tab: tab.page.get_by_role("button", name="Batch of two").click(),
        ),
        (
            "matrix",
            "matrix=",
            lambda tab: tab.page.get_by_role("button", name="New numbers").click(),
        ),
        (
            "matrix",
            "matrix=",
            lambda tab: tab.page.get_by_role("slider", name="Examples N").press("ArrowLeft"),
        ),
        (
            "matrix",
            "matrix=",
            lambda tab: tab.page.get_by_role("slider", name="Units H").press("ArrowRight"),
        ),
    ],
)
def test_a_gesture_asks_once_for_what_the_address_then_says(tab, page, field, gesture):
    said = asked(tab)
    see(tab, page)
    before, address = words(tab), tab.page.url
    gesture(tab)
    changed(tab, before)
    tab.page.wait_for_function(f"location.href !== {address!r}")
    _, query = said()
    assert field in query
    assert query == tab.page.url.partition("?")[2]


def test_a_typed_cell_is_asked_for_as_the_address_then_says(tab):
    said = asked(tab)
    see(tab, "matrix")
    type_into(tab, 1, 2, "7,5")
    tab.page.wait_for_url("**7.5**")
    tab.wait(DONE)
    _, choice, edit = said()  # who types into a cell chooses it first
    assert "row=1&column=2" in choice
    assert "7.5" in edit
    assert edit == tab.page.url.partition("?")[2]


def test_many_quick_gestures_all_count(tab):
    see(tab, "matrix")
    tab.page.get_by_text("Advanced", exact=True).click()
    for name in ("Units H", "Examples N", "Gain g", "Move by", "Units H", "Bias b", "Examples N"):
        tab.page.get_by_role("slider", name=name).press("ArrowRight")
    tab.page.get_by_role("switch", name="float16").click()
    tab.page.get_by_role("radio", name="Evaluation").click()
    tab.page.wait_for_url("**mode=evaluation**half=on**")
    tab.wait(DONE)
    query = dict(parse_qsl(tab.page.url.partition("?")[2]))
    assert query == tab.get("query")
    rows = query["matrix"].split("_")
    assert (len(rows), len(rows[0].split(","))) == (6, 8)
    assert (query["gain"], query["move"], query["bias"]) == ("2", "3", "1")
    assert tab.page.locator(".lnl-cells input").count() == 48


def box_of(tab, chart):
    return tab.page.locator(f"[data-chart={chart}] .lnl-table").first.bounding_box()


def test_an_added_case_grows_the_matrix_without_making_a_chart_again(tab):
    see(tab, "matrix")
    created = tab.get("created")
    height = box_of(tab, "given")["height"]
    tab.page.get_by_role("slider", name="Examples N").press("ArrowRight")
    cell(tab, 4, 0).wait_for()
    tab.wait(DONE)
    assert tab.page.locator(".lnl-cells input").count() == 30
    assert tab.get("created") == created
    assert box_of(tab, "given")["height"] == height + 26  # what is not there is not seen


def test_charts_that_stay_are_not_moved_where_others_come_and_go(tab):
    see(tab, "matrix")
    tab.page.evaluate(
        """() => {
          window.__moved = 0;
          const part = (node) => node.matches?.("section, figure");
          const count = (changes) => changes.forEach(({ removedNodes }) => {
            window.__moved += [...removedNodes].filter(part).length;
          });
          new MutationObserver(count).observe(
            document.querySelector(".lnl-sections"), { childList: true, subtree: true });
        }"""
    )
    titles = tab.page.locator(".lnl-section figure strong")
    before = titles.all_inner_texts()
    tab.page.get_by_text("Advanced", exact=True).click()
    tab.page.get_by_role("switch", name="float16").press("Space")
    added = "The formula carried out in float16"
    expect(titles.filter(has_text=added)).to_have_count(1)
    tab.wait(DONE)
    assert sorted(titles.all_inner_texts()) == sorted([*before, added])
    assert tab.page.evaluate("window.__moved") == 0
    tab.page.get_by_role("switch", name="float16").press("Space")
    expect(titles).to_have_text(before)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("name", ["matrix", "shared_statistics", "invariance"])
def test_the_numbers_in_cells_are_those_of_the_picture_and_fit_into_them(tab, name, size):
    tab.page.set_viewport_size({**size, "height": 4000})
    see(tab, name)
    grids = tab.page.evaluate(
        """() => {
          const cells = [...document.querySelectorAll('.lnl-panel:not([hidden]) .lnl-cells')]
            .map((table) => [...table.querySelectorAll('td[data-row]')]);
          const tables = cells.filter(([first]) => !first.querySelector('input'));
          const own = window.__player.pictures
            .filter(({ chart, traces: [{ type }] }) => type === 'cells' && chart !== 'given')
            .map(({ traces: [{ z }] }) => z.map((row) => [...row]).flat());
          return tables.map((all, at) => ({
            z: own[at].map((value) => (isNaN(value) ? null : value)),
            words: all.map(({ textContent }) => textContent),
            fits: all.every((cell) => {
              const text = document.createRange();
              text.selectNodeContents(cell);
              return text.getBoundingClientRect().width <= cell.clientWidth;
            }),
          }));
        }"""
    )
    assert grids
    for grid in grids:
        assert grid["fits"]
        assert len(grid["words"]) == len(grid["z"])
        for word, value in zip(grid["words"], grid["z"], strict=True):
            if word.endswith("%"):
                assert float(word[:-1]) == pytest.approx(100 * value, abs=0.5)
            elif word not in ("", "unchanged", "changed"):
                assert float(word) == pytest.approx(value, rel=0.34, abs=0.005)


@pytest.mark.parametrize("gesture", [None, "ArrowLeft", "ArrowRight"])
def test_every_row_and_column_of_a_matrix_lies_beside_its_number(tab, gesture):
    see(tab, "matrix")
    if gesture:
        before = words(tab)
        tab.page.get_by_role("slider", name="Units H").press(gesture)
        changed(tab, before)
    units = {None: 6, "ArrowLeft": 5, "ArrowRight": 7}[gesture]
    names = [f"example {case}, unit {unit}" for case in range(4) for unit in range(units)]
    inputs = tab.page.locator("[data-chart=given] .lnl-cells input")
    assert inputs.evaluate_all("(all) => all.map((one) => one.ariaLabel)") == names
    for axis, size, place, scope in (("x", "width", 1, "col"), ("y", "height", units, "row")):
        heads = tab.page.locator(f"[data-chart=given] th[scope={scope}]")
        for number in range(units if axis == "x" else 4):
            head, typed = heads.nth(number), inputs.nth(number * place).bounding_box()
            first = scope == "row" and number == 0
            assert head.inner_text() == ("example 0" if first else str(number))
            box = head.bounding_box()
            assert abs(typed[axis] + typed[size] / 2 - box[axis] - box[size] / 2) < 2


def test_dragging_the_number_of_cases_changes_batch_norms_set_alone(tab):
    see(tab, "shared_statistics")
    before = tab.page.locator(".lnl-line .lnl-card").all_inner_texts()
    tab.page.get_by_role("slider", name="Examples N").press("ArrowLeft")
    tab.page.wait_for_url("**cases=3**")
    changed(tab, "\n".join(before), lambda tab: "\n".join(cards(tab)))
    after = cards(tab)
    assert "each over 27 numbers" in after[0]
    assert [card.split("each")[1] for card in after[1:]] == [
        card.split("each")[1] for card in before[1:]
    ]


def test_a_fold_with_no_setting_in_it_is_hidden(tab):
    see(tab, "shared_statistics", cases=1, channels=1, side=1)
    advanced = tab.page.locator(".lnl-advanced")
    assert advanced.is_hidden()
    tab.page.get_by_role("slider", name="Examples N").press("ArrowRight")
    advanced.wait_for()


def cards(tab):
    return tab.page.locator(".lnl-line .lnl-card").all_inner_texts()


def aim(tab, entry):
    """Point at an entry of Layer Norm's block: at the middle of its cube, as the player sees it."""
    see(tab, "shared_statistics")
    svg = tab.page.locator("[data-chart=block] svg[role]").nth(1)
    tab.page.mouse.wheel(0, 0)
    tab.page.keyboard.press("Shift")  # the blocks stand still
    place = svg.evaluate(
        """async (svg, entry) => {
          const { EYE, entryAt, project } = await import("/assets/player/0/panels/projection.js");
          const { pictures } = window.__player;
          const [block] = pictures.filter(({ chart }) => chart === "block")[1].traces;
          const { left, top, width, height } = svg.getBoundingClientRect();
          const { sides } = project(block, EYE, { x: width, y: height });
          const own = sides.flat().find((tile) => String(tile.entry) === String(entry));
          const [x, y] = [0, 1].map((at) => own.corners.reduce((sum, one) => sum + one[at], 0) / 4);
          return [left + width / 2 + x, top + height / 2 - y];
        }""",
        entry,
    )
    tab.page.mouse.move(place[0] - 5, place[1])
    tab.page.mouse.move(*place, steps=5)
    return place


@pytest.mark.parametrize("delay", [0, 100])
@pytest.mark.parametrize("entry", [(2, 0, 5), (3, 0, 1), (5, 0, 7)])
def test_a_click_on_a_cube_chooses_exactly_its_entry(open_tab, server, entry, delay):
    tab = open_tab(server, reduced_motion="reduce")
    place = aim(tab, entry)
    tab.page.mouse.click(*place, delay=delay)
    channel, case, position = entry
    chosen = f"case={case}&channel={channel}&row={position // 3}&column={position % 3}"
    tab.page.wait_for_function(f"location.search.includes('{chosen}')")


def test_a_hand_that_trembles_still_clicks(open_tab, server):
    tab = open_tab(server, reduced_motion="reduce")
    x, y = aim(tab, (2, 0, 5))
    tab.page.mouse.down()
    tab.page.mouse.move(x + 3, y)
    tab.page.mouse.up()
    tab.page.wait_for_function("!location.search.includes('channel=0')")


def test_the_chosen_entry_of_a_block_is_moved_by_keyboard(tab):
    see(tab, "shared_statistics")
    block = tab.page.locator("[data-chart=block] svg[role]").first
    block.focus()
    for key in ("ArrowRight", "ArrowRight", "PageDown", "ArrowUp"):
        tab.page.keyboard.press(key)
    tab.page.wait_for_url("**case=1&channel=2&row=0&column=1**")
    expect(block).to_have_attribute(
        "aria-label", re.compile("example 1, channel 2, row 0, column 1")
    )
    tab.page.keyboard.press("ArrowDown")
    tab.page.keyboard.press("ArrowDown")  # there is nothing further down
    tab.page.wait_for_url("**case=1&channel=2&row=0&column=0**")


def test_another_change_moves_other_outputs(tab):
    see(tab, "invariance")
    before = words(tab)
    assert "Layer Norm: Unchanged" in before
    tab.page.get_by_role("slider", name="Factor").press("ArrowLeft")
    tab.page.wait_for_url("**factor=2**")
    before = words(tab)
    choose_in_list(tab, key=False)
    after = changed(tab, before)
    assert "Batch Norm: Unchanged" in after
    assert "Layer Norm: Unchanged" not in after


def test_new_neighbours_move_batch_norm_and_leave_layer_norm_bit_identical(tab):
    see(tab, "batch_mates")
    before = words(tab)
    tab.page.get_by_role("button", name="New seed").click()
    after = changed(tab, before)
    assert "Bit-identical" in after
    assert after.split("Layer Norm")[0] != before.split("Layer Norm")[0]


def test_more_replicas_turn_batch_norms_gradient_away(tab):
    see(tab, "replicas")
    before = words(tab)
    tab.page.get_by_role("slider", name="Replicas").press("ArrowRight")
    after = changed(tab, before)
    assert "16 × 4 examples" in after
    assert after.count("cosine to the whole batch's gradient 1, length × 1.") == 2


def test_the_learning_rate_changes_how_far_weights_grow(tab):
    see(tab, "geometry")
    before = prose(tab)
    tab.page.get_by_role("slider", name="Learning rate").press("ArrowLeft")
    assert changed(tab, before, prose) != before


def test_a_question_is_asked_before_the_picture_answers_it_and_the_chart_is_lit(open_tab, server):
    tab = open_tab(server).open("/matrix")
    tab.wait("p.settled")
    asked = questions(PAGES["matrix"])[0]
    tab.page.get_by_role("link", name=asked.asked).click()
    tab.page.locator(".lnl-stop[data-phase=asked]").wait_for()
    chart = tab.page.locator("[data-chart=moved]")
    assert not chart.locator(".lnl-panels").is_visible()
    tab.page.get_by_role("button", name=asked.options[asked.right]).click()
    tab.page.get_by_text("4 outputs and 6 outputs changed").wait_for()
    expect(chart).to_have_class(re.compile("lnl-lit"))
    tab.page.get_by_role("button", name="Show the chart").click()
    expect(chart).to_be_in_viewport()
    assert tab.page.locator(".lnl-lit").count() == 1


def test_a_revealed_answer_has_its_numbers(open_tab, server):
    tab = open_tab(server).open("/geometry")
    tab.wait("p.settled")
    tab.page.get_by_role("button", name="Answer before you look").click()
    tab.page.get_by_role("button", name="It shrinks to a quarter").click()
    tab.page.get_by_text("0.25 times as long, a quarter").wait_for()


def test_the_picture_stays_until_the_next_one_is_there(tab):
    see(tab, "batch_mates")
    tab.page.evaluate(
        """() => { window.seen = [];
          const look = () => {
            window.seen.push(document.querySelectorAll('.lnl-line .lnl-card').length);
            requestAnimationFrame(look); };
          look(); }"""
    )
    before = words(tab)
    tab.page.get_by_role("button", name="New seed").click()
    changed(tab, before)
    assert set(tab.page.evaluate("window.seen")) == {2}


def test_space_and_arrows_are_left_to_the_page(tab):
    see(tab, "shared_statistics")
    tab.page.evaluate(
        "document.addEventListener('keydown', (event) => (window.free = !event.defaultPrevented))"
    )
    tab.page.keyboard.press("Space")
    assert tab.page.evaluate("window.free")


def test_the_mlp_lab_hands_its_summed_inputs_to_the_matrix_page(tab):
    tab.open("/mlp", **to_query(MlpConfig(steps=200, width=4, batch_size=3)))
    tab.wait("p.state === 'done' && !p.playing && p.settled")
    block = tab.page.evaluate(
        """(() => { const { film, frame } = window.__player;
          const { shape, values } = film.frames[film.latest("block", frame)].arrays.get("block");
          return { shape, values: [...values] }; })()"""
    )
    _, L, N, H = block["shape"]
    assert (N, H) == (3, 4)
    layer = block["values"][2 * L * N * H :][: N * H]  # Layer Norm's first hidden layer
    tab.page.locator(".lnl-matrix-links").get_by_role("link", name="Layer Norm").click()
    tab.page.wait_for_url("**/matrix?**")
    expect(cell(tab, N - 1, H - 1)).not_to_have_value("")
    held = [float(cell(tab, n, k).input_value()) for n in range(N) for k in range(H)]
    assert held == pytest.approx(layer, rel=0.006)


def colours(tab, chart):
    """Read the numbers that colour the cells of a grid."""
    return tab.page.evaluate(
        """(name) => window.__player.pictures.find(({ chart }) => chart === name).traces[0].z
          .map((row) => [...row])""",
        chart,
    )


def test_pointing_at_an_output_lights_up_what_it_depends_on_and_its_row_of_the_jacobian(
    open_tab, server
):
    tab = see(open_tab(server, viewport={"width": 1280, "height": 1500}), "matrix")
    held, typed = colours(tab, "given"), cell(tab, 1, 3).input_value()
    own_row = colours(tab, "jacobian")
    draws = tab.get("draws")
    numbered(tab, "outputs", 1, 3).first.hover()  # Batch Norm's
    lit = changed(tab, held, lambda tab: colours(tab, "given"))
    assert [[value != 0 for value in row] for row in lit] == [[k == 3 for k in range(6)]] * 4
    assert colours(tab, "jacobian") == lit != own_row
    assert tab.get("draws") - draws == 4  # this matrix and three Jacobians, and nothing else
    assert cell(tab, 1, 3).input_value() == typed
    tab.page.mouse.move(5, 5)
    assert changed(tab, lit, lambda tab: colours(tab, "given")) == held
    assert colours(tab, "jacobian") == own_row


def test_pointing_at_a_cell_of_the_matrix_shows_the_rows_of_the_jacobian_of_its_outputs(
    open_tab, server
):
    tab = see(open_tab(server, viewport={"width": 1280, "height": 1500}), "matrix")
    before = colours(tab, "jacobian")
    cell(tab, 2, 4).hover()
    row = changed(tab, before, lambda tab: colours(tab, "jacobian"))
    assert [[value != 0 for value in line] for line in row] == [[k == 4 for k in range(6)]] * 4


def eye(tab):
    """Where the labels of the blocks stand: another place for each direction they are seen from."""
    return tab.page.locator("[data-chart=block] .lnl-labels").evaluate_all(
        "(all) => all.map((labels) => labels.innerHTML)"
    )


def test_the_block_turns_until_someone_takes_hold_of_it_and_again_on_demand(tab):
    see(tab, "shared_statistics")
    before = eye(tab)
    after = changed(tab, before, eye)
    assert len(after) == 4
    assert len(set(after)) == 1, "all blocks are seen from the same side"
    tab.page.locator("[data-chart=block] .lnl-panels").dispatch_event("pointerdown")
    held = eye(tab)
    expect(tab.page.get_by_role("button", name="Turn", exact=True)).to_be_visible()
    time.sleep(0.5)
    assert eye(tab) == held
    tab.page.get_by_role("button", name="Turn", exact=True).press("Enter")
    changed(tab, held, eye)
    tab.page.get_by_role("button", name="Hold still").click()


def test_the_block_holds_still_where_motion_is_not_wanted(open_tab, server):
    tab = see(open_tab(server, reduced_motion="reduce"), "shared_statistics")
    held = eye(tab)
    time.sleep(0.5)
    assert eye(tab) == held
    expect(tab.page.get_by_role("button", name="Turn", exact=True)).to_be_visible()


def listed(tab):
    return tab.page.locator(".lnl-lists").inner_text()


def test_a_typed_sentence_brings_its_neighbours_under_both_encoders_and_a_link(tab):
    see(tab, "nearest")
    assert tab.page.locator(".lnl-lists li").count() == 8
    before = listed(tab)
    box = tab.page.get_by_role("textbox", name="Your sentence")
    box.fill("The American people want peace.")
    box.press("Enter")
    after = changed(tab, before, listed)
    assert "0 from Moby-Dick" in words(tab)
    tab.page.wait_for_url("**sentence=The+American+people+want+peace.**")
    again = see(tab, "nearest", sentence="The+American+people+want+peace.")
    assert listed(again) == after
    box.fill(" ")
    box.press("Enter")
    expect(tab.page.get_by_text("with an English word or a number in it")).to_be_visible()
    assert listed(tab) == after  # nothing is lost
    long = 1000 * "peace and "
    box.fill(long)
    box.press("Enter")
    expect(tab.page.get_by_text("This has 10000 characters.")).to_be_visible()
    assert box.input_value() == long  # to be shortened
    assert listed(tab) == after


def test_a_cell_takes_what_is_typed_while_the_pointer_rests_on_an_output(tab):
    see(tab, "matrix")
    held = colours(tab, "given")
    numbered(tab, "outputs", 0, 0).first.hover()
    changed(tab, held, lambda tab: colours(tab, "given"))
    cell(tab, 1, 4).focus()  # which Batch Norm's output of unit 0 does not depend on
    tab.page.keyboard.type("7.5")
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_url("**7.5**")
    time.sleep(3.5)  # an edit that is not confirmed would be taken back by then
    expect(cell(tab, 1, 4)).to_have_value("7.5")


def test_a_block_that_is_shown_later_stands_as_the_others_do(tab):
    see(tab, "shared_statistics")
    changed(tab, eye(tab), eye)
    tab.page.get_by_role("button", name="Hold still").click()
    tab.page.get_by_role("button", name="RMSNorm").click()
    tab.wait(DONE)
    assert len(eye(tab)) == 5
    assert len(set(eye(tab))) == 1


def test_a_finger_turns_the_blocks_sideways_and_scrolls_the_page_up_and_down(open_tab, server):
    tab = see(
        open_tab(server, viewport=PHONE, has_touch=True, reduced_motion="reduce"),
        "shared_statistics",
    )
    box = tab.page.locator("[data-chart=block] .lnl-box").first
    # Blocks that are out of view are not drawn.
    tab.page.locator("[data-chart=block]").evaluate("(chart) => chart.scrollIntoView()")
    drawn = "[...document.querySelectorAll('.lnl-labels')].filter((one) => one.childElementCount)"
    tab.wait(f"{DONE} && {drawn}.length === 4")
    touch = tab.page.context.new_cdp_session(tab.page)

    def drag(dx, dy):
        place = box.bounding_box()
        x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
        for step in range(6):
            point = {"x": x + step * dx / 5, "y": y + step * dy / 5}
            kind = "touchMove" if step else "touchStart"
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        return place["y"]

    before, address = eye(tab), tab.page.url
    drag(60, 0)
    after = changed(tab, before, eye)
    assert len(set(after)) == 1
    stood = drag(0, -120)
    tab.page.wait_for_timeout(300)
    assert box.bounding_box()["y"] < stood - 50
    assert tab.page.url == address, "who turns a block or scrolls chooses nothing"


def test_blocks_are_turned_by_hand_all_together(open_tab, server):
    tab = see(open_tab(server, reduced_motion="reduce"), "shared_statistics")
    before, address = eye(tab), tab.page.url
    place = tab.page.locator("[data-chart=block] .lnl-box").nth(2).bounding_box()
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    tab.page.mouse.move(x, y)
    tab.page.mouse.down()
    tab.page.mouse.move(x + 60, y + 10, steps=4)
    tab.page.mouse.up()
    after = changed(tab, before, eye)
    assert len(set(after)) == 1
    tab.page.mouse.move(x, y)
    time.sleep(0.3)
    assert eye(tab) == after
    # Back to where the press was there is a cube under the pointer again.
    tab.page.mouse.down()
    tab.page.mouse.move(x + 60, y, steps=4)
    tab.page.mouse.move(x, y, steps=4)
    tab.page.mouse.up()
    tab.wait(DONE)
    tab.page.wait_for_timeout(300)
    assert tab.page.url == address, "who turns a block chooses nothing"


def test_cells_say_which_results_are_no_finite_number(tab):
    see(tab, "matrix", **to_query(PAGES["matrix"].presets["half"].config))
    naive = tab.page.get_by_role("figure").filter(has_text="The formula carried out in float16")
    expect(naive.get_by_text("NaN").first).to_be_visible()


def test_the_only_example_or_unit_of_a_matrix_is_not_to_be_chosen(tab):
    for matrix, shown in (("1,2,3", "column"), ("1_2_3", "row"), ("1,2_3,4", "row")):
        tab.open("/matrix", matrix=matrix)
        tab.page.locator(".lnl-advanced summary").click()
        expect(tab.page.locator(f"[data-knob={shown}]")).to_be_visible()
        other = {"row": "column", "column": "row"}[shown]
        expect(tab.page.locator(f"[data-knob={other}]")).to_be_visible(
            visible="_" in matrix and "," in matrix
        )
