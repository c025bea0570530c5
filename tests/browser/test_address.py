"""The address: written by the player alone, always the page's own path and what it shows."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import expect

from ln_core.race.config import MlpConfig
from ln_core.race.presets import PRESETS
from ln_core.runs.config import to_query, to_text
from tests.browser.held import HeldAnswers
from tests.browser.proxies import proxied

PREFIX = "/user/x/proxy/8501"
# As notebook servers have one: it serves the app below a prefix, which it strips, and nothing else.
BELOW_A_PREFIX = """
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
frontend lab
  bind :8080
  http-request return status 404 unless {{ path_beg PREFIX/ }}
  http-request replace-path PREFIX(/.*) \\1
  default_backend lab
backend lab
  server lab 127.0.0.1:{port}
""".replace("PREFIX", PREFIX)
SHOWN = "p.settled && p.buffered > 0"


def query_of(tab):
    return dict(parse_qsl(urlsplit(tab.page.evaluate("location.href")).query))


def path_of(tab):
    return urlsplit(tab.page.evaluate("location.href")).path


def agree(tab, path):
    """Wait until the page of a path is shown, and see that address and controls say the same."""
    tab.page.wait_for_function(
        """(path) => location.pathname === path
          && document.querySelectorAll('.lnl-player').length === 1
          && Object.entries(window.__player?.query ?? {}).length
          && Object.entries(window.__player.query).every(([name, text]) =>
            new URLSearchParams(location.search).get(name) === text)
          && new URLSearchParams(location.search).size
            === Object.keys(window.__player.query).length""",
        arg=path,
    )
    assert tab.page.locator(".lnl-problems").is_hidden()
    return tab.get("query")


def menu(tab, group, title):
    tab.page.get_by_text(group, exact=True).first.click()
    tab.page.get_by_role("menuitem", name=title, exact=True).click()


def test_back_and_forward_between_pages_bring_each_page_as_it_was_left(open_tab, server):
    tab = open_tab(server).open("/mlp")
    left = [agree(tab, "/mlp")]
    tab.page.get_by_role("slider", name="Batch size").press("ArrowLeft")
    tab.page.wait_for_url("**batch_size=16&**")
    left.append(agree(tab, "/mlp"))
    menu(tab, "See it", "The batch-mate experiment")
    left.append(agree(tab, "/batch_mates"))
    tab.page.get_by_role("slider", name="Batch size").press("ArrowLeft")
    tab.page.wait_for_url("**batch_size=4&**")
    left.append(agree(tab, "/batch_mates"))
    menu(tab, "Train", "RNN lab")
    left.append(agree(tab, "/rnn"))
    paths = ["/mlp", "/mlp", "/batch_mates", "/batch_mates", "/rnn"]
    for at in (3, 2, 1, 0):
        tab.page.go_back()
        tab.page.wait_for_function("(seed) => window.__player?.query", arg=None)
        tab.page.wait_for_timeout(500)
        assert agree(tab, paths[at]) == left[at]
    for at in (1, 2, 3, 4):
        tab.page.go_forward()
        tab.page.wait_for_timeout(500)
        assert agree(tab, paths[at]) == left[at]


def test_a_bare_address_is_completed_and_left_by_one_step_back(open_tab, server):
    tab = open_tab(server)
    tab.page.goto("about:blank")
    tab.page.goto(f"{server.url}/mlp")
    tab.wait(SHOWN)
    first = next(iter(PRESETS.values()))
    assert query_of(tab).items() >= to_query(first.config).items()
    tab.page.go_back()
    assert tab.page.url == "about:blank"


def test_a_reload_loses_nothing(open_tab, server):
    tab = open_tab(server).open("/matrix")
    tab.page.get_by_role("button", name="New numbers").click()
    tab.page.get_by_role("slider", name="Units H").press("ArrowRight")
    tab.wait(SHOWN)
    held = agree(tab, "/matrix")
    tab.page.reload()
    tab.wait(SHOWN)
    assert agree(tab, "/matrix") == held


def test_the_menus_own_page_again_changes_nothing(tab):
    tab.open("/matrix", wait=False, move="3")
    tab.wait(SHOWN)
    held = agree(tab, "/matrix")
    menu(tab, "See it", "The matrix of a layer")
    tab.page.wait_for_timeout(500)
    assert agree(tab, "/matrix") == held
    assert held["move"] == "3"


def test_marks_of_others_in_a_link_are_dropped_and_streamlits_own_stay(open_tab, server):
    tab = open_tab(server).open("/mlp", fbclid="x", utm_source="y", embed="true", seed="7")
    tab.wait(SHOWN)
    tab.page.wait_for_url("**seed=7&**")
    assert tab.page.locator(".lnl-problems").is_hidden()
    assert query_of(tab) == {**to_query(MlpConfig(seed=7)), "embed": "true"}


def test_a_gesture_that_cannot_be_is_refused_in_words_at_its_control(tab):
    tab.open("/mlp", width="1000", depth="10", variants="batch")
    tab.wait(SHOWN)
    before = agree(tab, "/mlp")
    tab.page.get_by_text("Advanced", exact=True).click()
    seeds = tab.page.get_by_role("slider", name="Number of seeds")
    seeds.press("End")
    told = tab.page.locator("[data-knob=seeds] .lnl-error")
    told.filter(has_text="GiB").wait_for()
    assert "Number of seeds" in told.inner_text()
    assert seeds.get_attribute("aria-valuetext") == "8"  # what was chosen stays until it is mended
    assert agree_but(tab, before)
    tab.page.get_by_role("slider", name="Batch size").press("ArrowLeft")  # all others go on
    tab.page.wait_for_url("**batch_size=16&**")
    assert "GiB" in told.inner_text()
    seeds.press("ArrowLeft")
    for _ in range(4):
        seeds.press("ArrowLeft")
    tab.page.wait_for_url("**seeds=3&**")
    assert told.inner_text() == ""


def test_what_takes_too_much_memory_is_tried_again_with_fewer_variants(tab):
    tab.open("/mlp", wait=False, data="mnist", width="1000", depth="1", steps="10")
    depth = tab.page.get_by_role("slider", name="Hidden layers")
    depth.press("End")
    told = tab.page.locator("[data-knob=depth] .lnl-error")
    told.filter(has_text="Width, Hidden layers: 1000, 30 (").wait_for()
    tab.page.get_by_text("Advanced", exact=True).click()
    variants = tab.page.locator("[data-knob=variants]")
    for name in ("Group Norm", "RMSNorm", "Layer Norm", "Batch Norm"):
        variants.get_by_label(name).uncheck()
    tab.page.wait_for_url("**depth=30**variants=none**")
    assert told.inner_text() == ""


def test_a_new_seed_takes_the_place_of_one_that_was_refused(tab):
    tab.open("/mlp", steps="10")
    tab.wait("p.buffered")
    tab.page.get_by_text("Advanced", exact=True).click()
    seed = tab.page.get_by_role("spinbutton", name="Seed")
    seed.fill("-5")
    seed.press("Enter")
    tab.page.locator("[data-knob=seed] .lnl-error").filter(has_text="'-5'").wait_for()
    tab.page.get_by_role("button", name="New seed").click()
    tab.page.wait_for_url("**seed=54773&**")
    expect(seed).to_have_value("54773")
    assert tab.page.locator("[data-knob=seed] .lnl-error").inner_text() == ""


def agree_but(tab, before):
    return query_of(tab) == before


@pytest.mark.parametrize(
    ("text", "reason"), [("", "not a number"), ("1000000", "whole number from 0 to 999999")]
)
def test_a_number_that_cannot_be_stays_with_its_reason_until_it_is_mended(tab, text, reason):
    tab.open("/batch_mates", wait=False)
    tab.wait(SHOWN)
    before = agree(tab, "/batch_mates")
    tab.page.get_by_text("Advanced", exact=True).click()
    seed = tab.page.get_by_role("spinbutton", name="Seed")
    seed.fill(text)
    seed.press("Enter")
    seed.blur()
    told = tab.page.locator("[data-knob=seed] .lnl-error")
    told.filter(has_text=reason).wait_for()
    assert seed.input_value() == text
    assert query_of(tab) == before
    seed.press("Escape")
    assert seed.input_value() == before["seed"]
    assert told.inner_text() == ""
    seed.fill("17")
    seed.press("Enter")
    tab.page.wait_for_url("**seed=17**")
    assert told.inner_text() == ""


def test_numbers_are_pasted_as_a_spreadsheet_gives_them(tab):
    tab.open("/matrix")
    tab.page.get_by_text("Advanced", exact=True).click()
    text = tab.page.get_by_role("textbox", name="Pre-activations a")
    text.fill("1,5\t2,5\n3,5\t4,5")
    text.blur()
    tab.page.wait_for_url("**matrix=1.5,2.5_3.5,4.5&**")
    text.fill("abc")
    text.blur()
    tab.page.locator("[data-knob=matrix] .lnl-error").filter(has_text="rows of numbers").wait_for()
    assert text.input_value() == "abc"
    assert query_of(tab)["matrix"] == "1.5,2.5_3.5,4.5"


def test_what_trains_begins_anew_only_when_a_slider_is_let_go_of(open_tab, server):
    tab = open_tab(server).open("/mlp")
    said = []
    box = tab.page.get_by_role("slider", name="Batch size").bounding_box()
    tab.page.evaluate(
        """() => { const send = WebSocket.prototype.send; window.asked = [];
          WebSocket.prototype.send = function (words) {
            if (String(words).startsWith('{"show"')) window.asked.push(words);
            return send.call(this, words); }; }"""
    )
    y = box["y"] + box["height"] / 2
    tab.page.mouse.move(box["x"] + 0.5 * box["width"], y)
    tab.page.mouse.down()
    for share in (0.4, 0.3, 0.2):
        tab.page.mouse.move(box["x"] + share * box["width"], y)
        tab.page.wait_for_timeout(100)
    assert tab.page.evaluate("window.asked") == said
    tab.page.mouse.up()
    tab.page.wait_for_function("window.asked.length === 1")


def test_behind_a_proxy_that_strips_a_prefix_everything_works(open_tab, server, tmp_path):
    with proxied(BELOW_A_PREFIX.format(port=server.port), tmp_path) as proxy:
        tab = open_tab(server, check_errors=False)
        asked = []
        tab.page.on("request", lambda request: asked.append(urlsplit(request.url)))
        tab.page.on("websocket", lambda socket: asked.append(urlsplit(socket.url)))
        tab.page.goto(f"{proxy.url}{PREFIX}/mlp?steps=100")
        tab.wait("p.state === 'done' && p.settled", 60)  # nothing is cached of this address
        assert path_of(tab) == f"{PREFIX}/mlp"
        assert urlsplit(tab.page.evaluate("location.href")).query == to_text(MlpConfig(steps=100))
        menu(tab, "See it", "The matrix of a layer")
        tab.page.locator(".lnl-formula math").first.wait_for()
        tab.page.get_by_text("Home", exact=True).first.click()
        tab.wait("p.buffered > 1 && p.settled")  # the film: the page before had one picture
        menu(tab, "The paper", "MNIST")
        tab.page.locator(".lnl-player[data-state=training], .lnl-player[data-state=done]").nth(
            1
        ).wait_for(state="attached")
        port = urlsplit(proxy.url).port
        ours = [one.path for one in asked if one.port == port]
        assert len(ours) > 10
        assert not [path for path in ours if not path.startswith(f"{PREFIX}/")]
        tab.page.close()


def test_what_a_browser_that_translates_took_away_is_neither_removed_nor_stood_before(tab):
    tab.open("/matrix")
    assert tab.page.evaluate(
        """() => {
          const [parent, text, other] = [document.createElement("p"), new Text("a"), new Text("b")];
          parent.append(text);
          const wrapped = document.createElement("font");
          text.replaceWith(wrapped);
          wrapped.append(text);
          parent.insertBefore(other, text);
          const before = parent.textContent;
          const removed = parent.removeChild(text) && parent.textContent;
          parent.removeChild(text);
          return [before, removed, parent.textContent];
        }"""
    ) == ["ba", "b", "b"]


def test_a_module_that_did_not_come_is_asked_for_again(open_tab, server):
    tab = open_tab(server, check_errors=False)
    asked = []

    def fail_once(route):
        asked.append(route.request.url)
        route.abort() if len(asked) == 1 else route.continue_()

    tab.page.route("**/series.js", fail_once)
    tab.open("/mlp")
    tab.wait("p.draws > 3")
    assert len(asked) == 2
    assert not tab.page.locator(".lnl-missing").count()


def test_a_refused_choice_is_tried_again_once_the_other_setting_is_mended(tab):
    tab.open("/sweep", wait=False, across_values="0.001,0.01,0.1", run_steps=10)
    page = tab.page
    across, values = page.locator("[data-knob=across]"), page.locator("[data-knob=across_values]")
    across.locator("select").select_option("depth")
    refused = across.locator(".lnl-error")
    refused.filter(has_text="is not possible. Allowed: for Hidden layers").wait_for()
    values.locator("input").fill("1,2")
    values.locator("input").press("Enter")
    refused.filter(has_text="3 to 12 different values").wait_for()
    values.locator("input").fill("1,2,3")
    values.locator("input").press("Enter")
    page.wait_for_url("**across=depth&across_values=1,2,3&**")
    assert refused.inner_text() == ""
    assert across.locator("select").input_value() == "depth"


def test_two_axes_are_swapped_though_each_change_alone_cannot_be(tab):
    rates, sizes = "0.001,0.01,0.1", "2,4,8"
    tab.open("/sweep", wait=False, across_values=rates, down_values=sizes, run_steps=10)
    page = tab.page
    across, down = page.locator("[data-knob=across]"), page.locator("[data-knob=down]")
    across.locator("select").select_option("batch_size")
    across.locator(".lnl-error").filter(has_text="two different settings").wait_for()
    down.locator("select").select_option("learning_rate")
    for axis in (across, down):  # of what is on screen now, where the two differ
        axis.locator(".lnl-error").filter(has_text="for Batch size a whole number").wait_for()
    for side, text in (("across", sizes), ("down", rates)):
        values = page.locator(f"[data-knob={side}_values] input")
        values.fill(text)
        values.press("Enter")
    page.wait_for_url("**across=batch_size&across_values=2,4,8&down=learning_rate&**")
    for control in ("across", "across_values", "down", "down_values"):
        assert page.locator(f"[data-knob={control}] .lnl-error").inner_text() == ""


def test_a_choice_made_before_a_link_is_answered_is_made_though_it_is_the_default(tab):
    answers = HeldAnswers(tab.page, "**/runs/invariance*")
    answers.hold()
    tab.open("/invariance", wait=False, layer="conv", change="data_scale")
    layer = tab.page.locator("[data-knob=layer]")
    expect(layer.get_by_label("Convolution")).to_be_checked()
    layer.get_by_label("Fully connected").check()
    expect(tab.page.locator("[data-knob=change] select")).to_have_value("data_scale")
    answers.let_go()
    tab.page.wait_for_url("**change=data_scale&**layer=dense&**")


def test_a_refused_layer_is_taken_once_the_change_goes_with_it(tab):
    tab.open("/invariance", wait=False, layer="conv", change="image_shift")
    page = tab.page
    layer = page.locator("[data-knob=layer]")
    expect(layer.get_by_label("Convolution")).to_be_checked()  # as the link says
    layer.get_by_label("Fully connected").check()
    layer.locator(".lnl-error").filter(has_text="is not possible").wait_for()
    page.locator("[data-knob=change] select").select_option("data_scale")
    page.wait_for_url("**change=data_scale**")
    page.wait_for_url("**layer=dense**")
    assert layer.locator(".lnl-error").inner_text() == ""
