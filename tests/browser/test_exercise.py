"""Links of teachers: some controls for an exercise, a player alone in another site's frame."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.browser.test_address import query_of


def visible_controls(tab):
    return tab.page.evaluate(
        """[...document.querySelectorAll('[data-knob]')].filter((one) => one.checkVisibility())
          .map((one) => one.dataset.knob)"""
    )


def test_a_link_fixes_which_controls_are_shown_and_keeps_it(open_tab, server):
    tab = open_tab(server).open("/mlp", controls="batch_size,optimizer", width="16", steps="400")
    tab.wait("p.settled")
    assert visible_controls(tab) == ["batch_size", "optimizer"]
    assert tab.page.get_by_role("group", name="Presets").is_hidden()
    assert tab.page.get_by_role("button", name="New seed").is_hidden()
    tab.page.get_by_role("slider", name="Batch size").press("ArrowLeft")
    tab.page.wait_for_url("**batch_size=16&**")
    query = query_of(tab)
    assert query["controls"] == "batch_size,optimizer"
    assert query["width"] == "16"
    assert tab.page.locator(".lnl-problems").is_hidden()
    tab.page.reload()
    tab.wait("p.settled")
    assert visible_controls(tab) == ["batch_size", "optimizer"]
    tab.page.get_by_role("button", name="Share this view").click()
    link = tab.page.get_by_role("textbox", name="Link to this view").input_value()
    assert "controls=batch_size,optimizer" in link


def test_back_brings_the_controls_of_the_address_before(open_tab, server):
    tab = open_tab(server).open("/mlp", controls="batch_size", width="16", steps="400")
    tab.wait("p.settled")
    tab.page.evaluate(
        """() => {
          const search = location.search.replace("controls=batch_size", "controls=optimizer");
          history.pushState({}, "", search);
          dispatchEvent(new PopStateEvent("popstate", { state: {} }));
        }"""
    )
    assert visible_controls(tab) == ["optimizer"]
    tab.page.go_back()
    tab.page.wait_for_url("**controls=batch_size**")
    tab.wait("p.settled")
    assert visible_controls(tab) == ["batch_size"]


def test_presets_alone_leave_no_settings_beside_the_charts(tab):
    tab.open("/mlp", controls="preset")
    tab.wait("p.buffered > 0")
    assert visible_controls(tab) == []
    assert tab.page.get_by_role("group", name="Presets").is_visible()
    assert tab.page.locator(".lnl-side").is_hidden()
    wide = tab.page.locator(".lnl-screen").bounding_box()["width"]
    assert wide > 1200


def test_a_control_that_a_page_does_not_have_is_named(tab):
    tab.open("/mlp", controls="batch_size,fun")
    tab.page.get_by_text("The link asks for the control fun").wait_for()
    assert visible_controls(tab) == ["batch_size"]
    tab.open("/mlp")
    tab.wait("p.buffered > 0")
    assert "width" in visible_controls(tab)  # the next link has all again


@pytest.fixture
def course(tmp_path):
    """Another site, whose page holds the app in a frame."""
    serve = partial(SimpleHTTPRequestHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), serve) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()

        def write(link):
            frame = f'<iframe src="{link}" width="1000" height="600"></iframe>'
            (tmp_path / "index.html").write_text(f"<title>Course</title>{frame}", encoding="utf-8")
            return f"http://127.0.0.1:{site.server_port}/index.html"

        yield write
        site.shutdown()


@pytest.mark.parametrize("path", ["/mlp", "/matrix", "/transformer"])
def test_a_player_stands_alone_in_the_frame_of_a_course_site(open_tab, server, course, path):
    tab = open_tab(server, check_errors=False)  # the site has no icon
    tab.page.goto(course(f"{server.url}{path}?embed=true"))
    frame = tab.page.frames[1]
    frame.wait_for_function("window.__player?.settled && __player.buffered > 0")
    frame.wait_for_timeout(500)
    assert frame.evaluate("document.querySelectorAll('.lnl-player').length") == 1
    assert not frame.get_by_text("Explanation", exact=True).count()
    assert not frame.get_by_role("link", name="Home").count()
    # Above the title there is next to nothing.
    assert frame.evaluate("document.querySelector('.lnl-title').getBoundingClientRect().top") < 40
    assert "embed=true" in frame.evaluate("location.search")


def test_gestures_in_the_frame_of_a_course_site_leave_its_history_as_it_is(
    open_tab, server, course
):
    tab = open_tab(server, check_errors=False)  # the site has no icon
    tab.page.goto(course(f"{server.url}/matrix?embed=true"))
    frame = tab.page.frames[1]
    frame.wait_for_function("window.__player?.settled && __player.buffered > 0")
    before = tab.page.evaluate("history.length")
    for preset in ("Outlier", "Batch of one"):
        address = frame.evaluate("location.search")
        frame.get_by_role("button", name=preset, exact=True).click()
        frame.wait_for_function("(before) => location.search !== before", arg=address)
    assert tab.page.evaluate("history.length") == before
