"""A path: what a stop hides until it is answered, what it tells then, and how one goes on."""

import pytest
from playwright.sync_api import expect

from ln_core.paths import FIRST, PATHS
from ln_core.runs.config import to_query
from tests.browser.conftest import DESK, PHONE, Server
from tests.browser.held import HeldAnswers

PANEL = ".lnl-stop:visible"
SEEN = f"{PANEL}[data-phase=seen]"
ASKED = f"{PANEL}[data-phase=asked]"
LONG = 120_000  # milliseconds: a run of thousands of steps on a busy machine


@pytest.fixture
def own(open_tab, server):
    """A tab of the test's own: answers are kept in the browser."""
    return open_tab(server)


def at_stop(tab, stop):
    tab.page.goto(f"{tab.server.url}/{stop.link}")
    tab.page.locator(PANEL).wait_for()
    tab.wait("p.buffered > 0")


def answer(tab, option):
    tab.page.locator(f"{PANEL} .lnl-answer").nth(option).click()


def first_of(slug):
    return next(stop for stop in FIRST.stops if stop.page.slug == slug)


def hidden_text(tab):
    """What can be read of the page, with the names of what stands in charts."""
    return tab.page.evaluate(
        """() => [document.body.innerText, ...[...document.querySelectorAll("[aria-label]")]
             .filter((node) => node.checkVisibility({ visibilityProperty: true }))
             .map((node) => node.getAttribute("aria-label"))].join(" ")"""
    )


def test_the_first_path_is_walked_by_keyboard(own):
    page = own.page
    at_stop(own, FIRST.stops[0])
    for place, stop in enumerate(FIRST.stops):
        page.locator(f'{PANEL}[aria-label$="stop {place + 1} of {len(FIRST.stops)}"]').wait_for()
        page.locator(ASKED).wait_for()
        question = page.locator(f"{PANEL} legend")
        expect(question).to_be_focused()
        for _ in range(stop.right + 1):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.locator(SEEN).wait_for(timeout=LONG)
        revealed = page.locator(f"{PANEL} .lnl-revealed")
        assert revealed.evaluate("(node) => node === document.activeElement"), stop.id
        text = revealed.inner_text()
        assert "…" not in text
        for value in page.locator(f"{PANEL} [data-value]").all():
            assert value.inner_text().strip(), (stop.id, text)
        assert page.locator(f"{PANEL} .lnl-right.lnl-mine").count() == 1
        page.keyboard.press("Tab")
        if place + 1 < len(FIRST.stops):
            page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    count = len(FIRST.stops)
    card = page.get_by_role("dialog", name=f"{FIRST.title}: what you have seen")
    expect(card.get_by_text(f"Predictions that were right: {count} of {count}.")).to_be_visible()
    for item, stop in zip(card.get_by_role("listitem").all(), FIRST.stops, strict=True):
        expect(item).to_contain_text(stop.name)
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.textContent") != "All pages":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("[data-answered]").first.wait_for()
    page.wait_for_function(
        "(count) => [...document.querySelectorAll('[data-answered]')]"
        ".filter((node) => node.textContent === '✓ answered').length === count",
        arg=count,
    )


def test_a_film_is_held_at_its_start_until_its_question_is_answered(own):
    stop = first_of("mlp")
    at_stop(own, stop)
    own.wait("p.state === 'done' && p.settled", 120)
    before = own.get("frame"), own.get("playing")
    for key in ("End", "Space", "ArrowRight", "PageDown", "e"):
        own.page.keyboard.press(key)
    assert (own.get("frame"), own.get("playing")) == before == (0, False)
    assert own.page.locator("dialog[open]").count() == 0
    assert own.page.locator(".lnl-transport").evaluate("(node) => node.inert")
    said = hidden_text(own)
    for word in ("What happened", "91 %", "next to nothing: in training", "What you see"):
        assert word not in said
    answer(own, stop.right)
    own.wait("p.playing && p.frame > 0")
    own.page.locator(SEEN).wait_for(timeout=LONG)
    assert own.get("step") == stop.view.at
    assert "Batch Norm gets" in own.page.locator(f"{PANEL} .lnl-revealed").inner_text()


def test_text_around_the_player_is_hidden_until_the_question_is_answered(own):
    stop = first_of("mlp")
    at_stop(own, stop)
    page = own.page
    told = page.locator("[class*=st-key-told-below]")
    expect(told).to_have_count(1)
    expect(told).to_be_hidden()
    page.get_by_text("Train", exact=True).first.click()
    page.get_by_role("menuitem", name="RNN lab", exact=True).click()
    page.wait_for_url("**/rnn*")
    expect(told).to_be_visible()  # the page that asks has been left
    page.go_back()
    page.locator(PANEL).wait_for()
    expect(told).to_be_hidden()
    answer(own, stop.right)
    expect(told).to_be_visible()


def test_skipping_ahead_goes_to_the_moment_at_once(own):
    stop = first_of("mlp")
    at_stop(own, stop)
    own.wait("p.state === 'done'", 120)
    own.page.get_by_role("button", name="Just show me").click()
    own.page.get_by_role("button", name="Skip ahead").click()
    own.page.locator(SEEN).wait_for(timeout=3000)
    assert own.page.locator(f"{PANEL} .lnl-mine").count() == 0
    assert own.page.locator(f"{PANEL} .lnl-right").count() == 1


def test_what_is_computed_at_once_is_veiled_until_its_question_is_answered(own):
    stop = first_of("shared_statistics")
    at_stop(own, stop)
    own.wait("p.settled")
    block = own.page.locator("[data-chart=block] .lnl-panels")
    assert not block.is_visible()
    said = hidden_text(own)
    for word in ("36 numbers", "54 numbers", "reaches across examples", "Explanation"):
        assert word not in said
    answer(own, 1)
    own.page.locator(SEEN).wait_for()
    assert block.is_visible()
    assert "36 numbers" in own.page.locator(f"{PANEL} .lnl-revealed").inner_text()
    assert "Explanation" in hidden_text(own)


def test_progress_survives_a_reload_and_is_asked_for_again(own):
    stop = first_of("shared_statistics")
    at_stop(own, stop)
    answer(own, 1)
    own.page.locator(SEEN).wait_for()
    own.page.reload()
    own.page.locator(SEEN).wait_for()
    mine = own.page.locator(f"{PANEL} .lnl-mine")
    assert "your answer" in mine.inner_text()
    assert own.page.locator(f"{PANEL} li a.lnl-done").count() == 1
    own.page.get_by_role("button", name="Answer again").click()
    own.page.locator(ASKED).wait_for()
    assert not own.page.locator("[data-chart=block] .lnl-panels").is_visible()


def test_a_browser_that_keeps_nothing_goes_on_all_the_same(browser, server):
    context = browser.new_context(viewport=DESK)
    context.add_init_script(
        "for (const name of ['getItem', 'setItem'])"
        " Storage.prototype[name] = () => { throw new Error('refused'); };"
    )
    page = context.new_page()
    page.goto(f"{server.url}/{first_of('shared_statistics').link}")
    page.locator(f"{PANEL} .lnl-answer").first.click()
    page.locator(SEEN).wait_for()
    context.close()


def test_beside_other_settings_what_happened_is_said_to_be_of_the_stop_s_own(own):
    at_stop(own, first_of("shared_statistics"))
    answer(own, 0)
    own.page.locator(SEEN).wait_for()
    own.page.get_by_role("slider", name="Examples N").press("ArrowLeft")
    own.page.locator(f"{PANEL}[data-phase=changed]").wait_for()
    happened = own.page.locator(f"{PANEL} .lnl-revealed")
    assert "all 4" in happened.inner_text(), "the numbers of the stop's own settings"
    own.page.locator(PANEL).get_by_text("The text below is about its original run.").wait_for()
    own.page.get_by_role("button", name="Back to the question").click()
    own.page.locator(SEEN).wait_for()
    assert "cases=4" in own.page.url


def test_an_answer_before_the_first_frame_is_there_is_no_error(own):
    answers = HeldAnswers(own.page, "**/runs/**")
    answers.hold()
    own.page.goto(f"{own.server.url}/{first_of('shared_statistics').link}")
    own.page.locator(ASKED).wait_for()
    answer(own, 0)
    own.page.locator(f"{PANEL}[data-phase=coming]").wait_for()
    answers.let_go()
    own.page.locator(SEEN).wait_for()


def test_going_back_to_a_stop_takes_a_change_in_mid_run_away(own):
    stop = first_of("mlp")
    at_stop(own, stop)
    answer(own, 0)
    query = {**to_query(stop.config), "changes": "50:batch_size:16", "stop": stop.id}
    own.open("/mlp", **query)
    own.page.locator(f"{PANEL}[data-phase=changed]").wait_for()
    own.page.get_by_role("button", name="Back to the question").click()
    own.page.locator(f"{PANEL}[data-phase=coming], {SEEN}").wait_for()
    own.page.wait_for_function("!location.search.includes('changes=')")


def test_leaving_the_path_brings_the_page_back_as_it_is_without_it(own):
    at_stop(own, first_of("mlp"))
    assert not own.page.locator(".lnl-presets").is_visible()
    own.page.get_by_role("button", name="Leave the path").click()
    own.page.wait_for_function("!location.search.includes('stop=')")
    assert own.page.locator(".lnl-presets").is_visible()
    assert own.page.locator(PANEL).count() == 0
    assert "What you see" in hidden_text(own)
    own.page.reload()
    own.wait("p.buffered > 0")
    assert own.page.locator(PANEL).count() == 0


def test_stops_of_one_page_follow_without_loading_it_again_and_back_returns(own):
    earlier, later = (stop for stop in FIRST.stops if stop.page.slug == "rnn")
    at_stop(own, earlier)
    own.page.evaluate("window.loaded = 1")
    own.page.get_by_role("button", name="Just show me").click()
    own.page.locator(SEEN).wait_for(timeout=LONG)
    own.page.get_by_role("link", name=f"Next: {later.name}").click()
    own.page.locator(ASKED).wait_for()
    own.page.wait_for_function("(id) => location.search.includes(id)", arg=f"stop={later.id}")
    assert own.page.evaluate("window.loaded") == 1
    expect(own.page.locator(f"{PANEL} legend")).to_be_focused()
    own.page.wait_for_timeout(1000)  # it scrolls there
    foot = own.page.get_by_test_id("stHeader").evaluate("(one) => one.offsetHeight")
    assert own.page.locator(PANEL).bounding_box()["y"] >= foot
    own.page.go_back()
    own.page.locator(SEEN).wait_for(timeout=LONG)
    assert f"stop={earlier.id}" in own.page.url


def test_home_enters_the_path_within_the_app(own):
    own.page.goto(own.server.url)
    own.wait("p.buffered > 0")
    own.page.evaluate("window.loaded = 1")
    own.page.get_by_role("link", name=f"1. {FIRST.stops[0].name}").click()
    own.page.locator(ASKED).wait_for()
    assert own.page.evaluate("window.loaded") == 1


def test_the_path_works_below_a_base_path(open_tab):
    with Server("/lab/class") as server:
        tab = open_tab(server, check_errors=False)  # the server goes before it does
        at_stop(tab, FIRST.stops[0])
        answer(tab, 0)
        tab.page.locator(SEEN).wait_for()
        tab.page.locator(f"{PANEL} .lnl-next").click()
        tab.page.locator(ASKED).wait_for()
        assert f"/lab/class/{FIRST.stops[1].link}".partition("?")[0] in tab.page.url


def test_an_unknown_stop_is_said_and_the_page_is_shown(own):
    own.page.goto(f"{own.server.url}/shared_statistics?stop=first.99")
    own.wait("p.settled")
    expect(own.page.locator(".lnl-problems")).to_contain_text("first.99")
    expect(own.page.locator("[data-chart=block] .lnl-panels")).to_be_visible()


@pytest.mark.parametrize("stop", FIRST.stops, ids=lambda stop: stop.id)
def test_a_stop_fits_a_phone_and_covers_no_chart(open_tab, server, stop):
    tab = open_tab(server, viewport=PHONE, has_touch=True)
    at_stop(tab, stop)
    fits_a_phone(tab)


@pytest.mark.parametrize("stop", PATHS["questions"].stops, ids=lambda stop: stop.id)
def test_a_question_fits_a_phone_and_is_answered_by_a_tap(open_tab, server, stop):
    tab = open_tab(server, viewport=PHONE, has_touch=True)
    at_stop(tab, stop)
    for chart in stop.veils:
        assert not tab.page.locator(f"[data-chart={chart}] .lnl-panels").first.is_visible()
    fits_a_phone(tab)
    tab.page.locator(f"{PANEL} .lnl-answer").nth(stop.right).tap()
    tab.page.locator(SEEN).wait_for(timeout=LONG)
    assert tab.page.locator(f"{PANEL} .lnl-right.lnl-mine").count() == 1
    for value in tab.page.locator(f"{PANEL} [data-value]").all():
        assert value.inner_text().strip()
    tab.page.locator(PANEL).get_by_role("button", name="Show the chart").tap()
    lit = tab.page.locator(f"[data-chart={stop.lights}]").filter(visible=True)
    expect(lit).to_be_in_viewport()
    assert tab.fits()


def fits_a_phone(tab):
    """See that the panel fits, that its buttons can be hit, and that it covers no chart."""
    tab.wait("p.settled", 60)
    assert tab.fits()
    buttons = tab.page.locator(f"{PANEL} :is(.lnl-answer, .lnl-action):visible")
    assert all(box.bounding_box()["height"] >= 44 for box in buttons.all())
    panel = tab.page.locator(PANEL).bounding_box()
    chart = tab.page.locator(".lnl-on-stop .lnl-chart:visible").first.bounding_box()
    assert panel["y"] + panel["height"] <= chart["y"]


def test_a_class_s_tally_is_shown_below_the_answers(own):
    at_stop(own, first_of("shared_statistics"))
    own.page.evaluate(
        """() => {
          window.told = 0;
          window.__player.stops.answered = () => { window.told += 1; };
        }"""
    )
    answer(own, 2)
    own.page.locator(SEEN).wait_for()
    assert own.page.evaluate("window.told") == 1
    own.page.evaluate("window.__player.stops.showTally([5, 0, 15])")
    tallies = own.page.locator(f"{PANEL} .lnl-tally")
    assert tallies.all_inner_texts() == ["5", "0", "15"]
    own.page.evaluate("window.__player.stops.showTally(null)")
    assert not tallies.first.is_visible()


@pytest.mark.parametrize(
    "stop", [FIRST.stops[1], FIRST.stops[4], FIRST.stops[5]], ids=lambda s: s.id
)
def test_on_a_phone_the_chart_that_answers_is_seen_beside_the_answer(open_tab, server, stop):
    tab = open_tab(server, viewport=PHONE, has_touch=True)
    at_stop(tab, stop)
    answer(tab, stop.right)
    for _ in range(2):  # as the film begins, and where it answers
        tab.page.wait_for_timeout(1500)  # the page scrolls
        chart = tab.page.locator(".lnl-answering:visible").bounding_box()
        bar = tab.page.locator(".lnl-transport")
        bottom = bar.bounding_box()["y"] if bar.is_visible() else PHONE["height"]
        assert chart["y"] > 0
        assert chart["y"] + 0.8 * chart["height"] < bottom
        tab.page.locator(SEEN).wait_for(timeout=LONG)
    told = tab.page.locator(f"{PANEL} .lnl-told").first.bounding_box()
    assert told["y"] > 0


def test_the_picture_of_a_stop_is_blurred_until_it_is_answered(own):
    own.page.goto(own.server.url)
    pictures = own.page.locator("img:has(+ [data-answered])")
    blurred = "(nodes) => nodes.map((node) => getComputedStyle(node).filter !== 'none')"
    pictures.last.wait_for()
    assert set(pictures.evaluate_all(blurred)) == {True}
    at_stop(own, FIRST.stops[1])
    answer(own, 0)
    own.page.locator(SEEN).wait_for()
    own.page.goto(own.server.url)
    own.page.get_by_text("✓ answered").first.wait_for()
    assert pictures.evaluate_all(blurred).count(False) == 1


def test_who_visits_for_the_first_time_finds_the_question_above_folded_settings(browser, server):
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.goto(f"{server.url}/{first_of('mlp').link}")
    box = page.locator(f"{PANEL} legend").bounding_box()
    assert box["y"] + box["height"] < PHONE["height"]
    assert page.locator(".lnl-side[open]").count() == 0
    context.close()
