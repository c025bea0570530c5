"""The site without a server, opened in Chromium from its files."""

import pytest

from tests.browser.conftest import DESK, PHONE
from tests.browser.test_accessibility import grave

SEEN = """document.querySelector('h1') && !document.querySelector('#lnl-film')
  || window.__player?.buffered > 0 && window.__player.settled"""
BARE = "[...document.querySelectorAll('.lnl-math, [data-slot]')].every((n) => n.textContent)"


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_opens_from_its_file_and_asks_for_nothing_else(browser, site_folder, size):
    context = browser.new_context(viewport=size, offline=True)
    page, asked, errors = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: said.type == "error" and errors.append(said.text))
    page.on("pageerror", lambda error: errors.append(error.stack))
    for path in sorted(site_folder.glob("*.html")):
        page.goto(path.as_uri())
        page.wait_for_function(SEEN)
        page.wait_for_function(BARE)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path.name
    context.close()
    assert errors == []
    assert [url for url in asked if not url.startswith((site_folder.as_uri(), "blob:"))] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_a_page_of_the_site(browser, site_folder, scheme):
    context = browser.new_context(viewport=DESK, color_scheme=scheme)
    page = context.new_page()
    for name in ("index", "mnist", "others", "for_teachers"):
        page.goto((site_folder / f"{name}.html").as_uri())
        page.wait_for_function(SEEN)
        assert not grave(page), name
    context.close()


def test_the_site_leads_from_home_to_its_films(browser, site_folder):
    context = browser.new_context(viewport=DESK, offline=True)
    page = context.new_page()
    page.goto((site_folder / "index.html").as_uri())
    page.wait_for_function("window.__player?.playing")
    page.get_by_role("link", name="Does Layer Norm learn faster on MNIST?").click()
    page.get_by_role("link", name="Batch size 4", exact=True).click()
    assert page.url.endswith("mnist-mnist_4.html")
    assert page.locator("[aria-current]").inner_text() == "Batch size 4"
    page.get_by_role("link", name="All pages").click()
    assert page.url.endswith("index.html#pages")
    context.close()
