"""Take the pictures of README and home page: `python tests/browser/take_screenshot.py`."""

import sys
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import sync_playwright

from ln_core.paths import FIRST
from ln_core.runs.config import to_query
from tests.browser.conftest import FLAGS, ROOT, Server, find_browser

IMAGES = ROOT / "assets" / "images"
SHOWN = "window.__player?.settled && !window.__player.playing && window.__player.buffered > 0"


def open_page(page, url):
    page.goto(url)
    page.wait_for_function(SHOWN, timeout=240_000)
    page.wait_for_timeout(500)


def cut(page, chart, path):
    """Save what a chart shows, as wide as four thirds of its height at most."""
    figure = page.locator(f".lnl-chart[data-chart={chart}] .lnl-panels").first
    figure.scroll_into_view_if_needed()
    box = figure.bounding_box()
    width = min(box["width"], box["height"] * 4 / 3)
    page.screenshot(path=path, type="jpeg", quality=80, clip={**box, "width": width})


def main():
    server = Server()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        open_page(page, f"{server.url}/mlp")
        page.screenshot(path=IMAGES / "mlp_lab.png")
        page.set_viewport_size({"width": 1280, "height": 1000})
        for stop in FIRST.stops:
            query = urlencode({**to_query(stop.config), **stop.view.query})
            open_page(page, f"{server.url}/{stop.page.slug}?{query}")
            cut(page, stop.lights, IMAGES / stop.image[0])
        browser.close()
    server.stop()


if __name__ == "__main__":
    main()
