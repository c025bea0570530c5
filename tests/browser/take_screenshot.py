"""Take the README's picture from the real app: `python tests/browser/take_screenshot.py`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, ROOT, Server, find_browser

PICTURE = ROOT / "assets" / "images" / "mlp_lab.png"


def main():
    server = Server()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(f"{server.url}/mlp")
        page.wait_for_function("window.__player && window.__player.frame > 60", timeout=60_000)
        page.get_by_role("button", name="Pause").click()
        page.wait_for_function("window.__player.settled")
        page.screenshot(path=PICTURE)
        browser.close()
    server.stop()


if __name__ == "__main__":
    main()
