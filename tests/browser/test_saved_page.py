"""A film saved as a page: opened from its file, with the network cut off."""

import html

import pytest

from tests.browser.conftest import DESK, PHONE

USUAL = 2_000_000  # bytes of the page of a usual film, at the most


class Opened:
    """A saved page in a browser without a network."""

    def __init__(self, page) -> None:
        self.page, self.asked, self.errors = page, [], []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda said: said.type == "error" and self.errors.append(said.text))
        page.on("pageerror", lambda error: self.errors.append(error.stack))

    def open(self, path):
        self.page.goto(path.as_uri())
        self.wait("p.settled && p.buffered > 0")
        return self

    def get(self, what):
        return self.page.evaluate(f"window.__player.{what}")

    def wait(self, condition):
        self.page.wait_for_function(
            f"(() => {{ const p = window.__player; return p && ({condition}); }})()", timeout=30_000
        )


@pytest.fixture(scope="module")
def saved(browser, server, tmp_path_factory):
    """What the button of a page saves."""
    context = browser.new_context(viewport=DESK, accept_downloads=True)
    page = context.new_page()
    page.goto(f"{server.url}/mlp?steps=400&at=200&shown=none,layer")
    page.wait_for_function("window.__player?.state === 'done' && window.__player.settled")
    page.get_by_role("button", name="Share this view").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a page").click()
    page.get_by_text("The page is saved").wait_for()
    path = tmp_path_factory.mktemp("saved") / download.value.suggested_filename
    download.value.save_as(path)
    context.close()
    return path


@pytest.fixture
def opened(browser, saved):
    contexts, pages = [], []

    def new(**options):
        contexts.append(browser.new_context(**{"viewport": DESK, "offline": True, **options}))
        pages.append(Opened(contexts[-1].new_page()))
        return pages[-1].open(saved)

    yield new
    for context in contexts:
        context.close()
    for page in pages:
        assert page.errors == []
        assert [url for url in page.asked if not url.startswith(("file:", "blob:"))] == []


def test_a_saved_page_is_small_and_says_what_it_is(saved, opened):
    assert saved.name == "layer-norm-lab-mlp.html"
    assert saved.stat().st_size < USUAL
    page = opened().page
    assert page.get_by_role("heading", level=2).inner_text().endswith("?")
    assert "Recorded on 20" in page.locator(".lnl-transport").inner_text()
    assert "Recorded on 20" in page.locator(".lnl-about").inner_text()
    live = page.get_by_role("link", name="Open the live run").get_attribute("href")
    assert "/mlp?" in live
    assert "steps=400" in live
    assert page.locator(".lnl-notice").count() == 0, "what may be set is of the live page"
    assert page.locator(".lnl-keys").get_by_text("play or pause").count() == 1


def test_a_saved_page_opens_at_the_moment_and_view_that_were_seen(opened):
    tab = opened()
    assert tab.get("step") == 200
    pressed = tab.page.locator(".lnl-chip[aria-pressed=true]")
    assert pressed.count() == 2


def test_a_saved_page_plays_pauses_and_scrubs(opened):
    tab = opened()
    tab.page.get_by_role("button", name="Play").click()
    tab.wait("p.step > 220")
    tab.page.get_by_role("button", name="Pause").click()
    tab.wait("!p.playing")
    scrubber = tab.page.locator(".lnl-scrubber")
    scrubber.evaluate("n => { n.value = 0; n.dispatchEvent(new Event('input')); }")
    tab.wait("p.step === 0 && p.settled")
    tab.page.keyboard.press("End")
    tab.wait("p.step === 400 && p.settled")


def test_a_saved_page_enlarges_presents_and_changes_its_theme(opened):
    tab = opened(color_scheme="dark")
    root = tab.page.locator(".lnl-player")
    assert "lnl-dark" in root.get_attribute("class")
    tab.page.get_by_role("button", name="Light or dark").click()
    tab.page.wait_for_function("!document.querySelector('.lnl-dark')")
    tab.page.keyboard.press("p")
    tab.page.wait_for_selector(".lnl-presenting")
    tab.page.keyboard.press("p")
    tab.page.locator(".lnl-enlarge:not(.lnl-take)").first.click()
    tab.page.wait_for_selector(".lnl-enlarged")
    tab.page.keyboard.press("Escape")
    tab.page.wait_for_selector(".lnl-enlarged", state="detached")


def test_a_saved_page_fits_a_phone(opened):
    tab = opened(viewport=PHONE, has_touch=True, is_mobile=True)
    assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.page.get_by_role("button", name="Play").tap()
    tab.wait("p.step > 220")


def test_a_saved_page_plays_within_another(opened, saved, tmp_path):
    """As on the page of a course, which may forbid it everything else."""
    course = tmp_path / "course.html"
    frame = f'<iframe sandbox="allow-scripts" src="{saved.as_uri()}" width="900" height="700">'
    course.write_text(f"<!doctype html>{frame}</iframe>")
    tab = opened()
    tab.page.goto(course.as_uri())
    inner = tab.page.frames[1]
    inner.wait_for_function("window.__player?.buffered > 0 && window.__player.settled")


def test_a_saved_page_plays_as_the_output_of_a_notebook(opened, saved, tmp_path):
    """There it has no address of its own."""
    notebook = tmp_path / "notebook.html"
    page = html.escape(saved.read_text(encoding="utf-8"))
    notebook.write_text(
        f'<!doctype html><iframe srcdoc="{page}" width="900" height="700"></iframe>'
    )
    tab = opened()
    tab.page.goto(notebook.as_uri())
    inner = tab.page.frames[1]
    inner.wait_for_function("window.__player?.buffered > 0 && window.__player.settled")
    inner.get_by_role("button", name="Play").click()
    inner.wait_for_function("window.__player.step > 220")


def test_the_picture_of_a_page_that_computes_is_saved_with_its_formulas(
    browser, server, opened, tmp_path
):
    context = browser.new_context(viewport=DESK, accept_downloads=True)
    page = context.new_page()
    page.goto(f"{server.url}/matrix")
    page.wait_for_function("window.__player?.settled && window.__player.buffered")
    page.get_by_role("button", name="Share this view").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a page").click()
    path = tmp_path / "matrix.html"
    download.value.save_as(path)
    context.close()
    tab = opened().open(path)
    tab.page.wait_for_selector(".lnl-formula math")
    assert tab.page.locator(".lnl-cells input").count() == 0
    assert tab.page.locator(".lnl-keys").get_by_text("play or pause").count() == 0


def test_a_chart_of_a_saved_page_can_be_taken_along(opened):
    tab = opened()
    tab.page.locator(".lnl-take").first.click()
    assert tab.page.get_by_text("All numbers of the run").is_hidden()
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="PNG").click()
    assert download.value.suggested_filename.endswith(".png")
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="CSV").click()
    assert download.value.path().read_text(encoding="utf-8").startswith("variant,curve,")
