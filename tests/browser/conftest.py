"""The real server and a real browser; without a browser these tests skip, but in CI they fail."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# On a deep link Streamlit's page looks for its server below the page's own path first.
STREAMLIT_PROBES = ("/_stcore/health", "/_stcore/host-config")
DESK, PHONE = {"width": 1280, "height": 720}, {"width": 390, "height": 844}
# Settings stand open on a phone at the first visit alone, and charts below them.
VISITED = "location.origin !== 'null' && localStorage.setItem('lnl-settings-seen', 'yes')"
# As the back button of a browser goes to another page.
GO = """(url) => {
  history.pushState({}, "", url);
  dispatchEvent(new PopStateEvent("popstate"));
}"""


def find_browser() -> str | None:
    """Give the path of the first browser that is installed."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


class Server:
    """The app as a user starts it."""

    def __init__(self, base: str = "", **environment: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.base, self.environment = base, environment
        self.url = f"http://localhost:{self.port}{base}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        options = {"port": str(self.port), "headless": "true", "baseUrlPath": self.base}
        self.process = subprocess.Popen(
            [
                *command,
                *(part for name, value in options.items() for part in (f"--server.{name}", value)),
            ],
            cwd=ROOT,
            env={
                "LN_LAB_STORE": "off",
                **os.environ,
                **self.environment,
            },  # benchmarks too train themselves
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        self.kill()
        raise TimeoutError("the server did not start within 30 s")

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def workers(self) -> list[int]:
        """List the process ids of the training processes."""
        found = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(status.read_text().rpartition(")")[2].split()[1])
                command = (status.parent / "cmdline").read_text()
            except OSError:
                continue
            if parent == self.process.pid and "spawn_main" in command:
                found.append(int(status.parent.name))
        return found

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()


@pytest.fixture(scope="module")  # ends with it: Playwright keeps an event loop running
def browser():
    path = find_browser()
    if path is None:
        reason = f"needs Chromium: none of {', '.join(BROWSERS)} was found"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=30_000)  # as all that waits: the machine may be busy
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def server():
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def own_servers():
    """The servers that a test starts for itself: they end after its tabs, which would complain."""
    servers = []
    yield servers
    for server in servers:
        server.kill()  # nobody needs to wait until it has put all away


@pytest.fixture
def fresh_server(own_servers):
    """A server of the test's own, which it may kill."""
    own_servers.append(Server())
    return own_servers[0]


class Lab:
    """One browser tab, with what the tests want to know of the player in it."""

    def __init__(self, page, server) -> None:
        self.page, self.server = page, server
        self.errors: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.errors.append(error.stack))

    def _note(self, message) -> None:
        where = message.location.get("url", "")
        if message.type == "error" and not where.endswith(STREAMLIT_PROBES):
            self.errors.append(f"{message.text} ({where})")

    def open(self, path="/", wait=True, **query):
        address = "&".join(f"{name}={value}" for name, value in query.items())
        self._go(f"{self.server.url}{path}?{address}")
        if wait:
            self.page.wait_for_function("window.__player?.buffered > 0")
        return self

    def _go(self, url):
        """Load the app; where it is loaded, go on to a page, which takes a fifth of the time."""
        if not self.loaded:
            self.page.goto(url)
            return
        self.leave()  # even the same page has another player then
        self.page.evaluate(GO, url)

    @property
    def loaded(self):
        return self.page.url.startswith(self.server.url)

    def leave(self):
        """Go to a page without a player."""
        self.page.evaluate(GO, f"{self.server.url}/others")
        self.page.wait_for_function("!document.querySelector('.lnl-player')")

    def choose(self, preset):
        """Choose a preset, by its button or in its group's menu."""
        if preset.group:
            menu = self.page.get_by_role("combobox", name=preset.group, exact=True)
            menu.select_option(label=preset.label)
        else:
            self.page.get_by_role("button", name=preset.label, exact=True).click()

    def chosen(self, preset):
        """Find where it shows that a preset is chosen."""
        button = self.page.get_by_role("button", name=preset.label, exact=True, pressed=True)
        return button.or_(self.page.locator(".lnl-chosen option:checked", has_text=preset.label))

    def fits(self):
        """Whether nothing makes the page wider than its window."""
        nodes = ("document.documentElement", "document.querySelector('[data-testid=stMain]')")
        return all(
            self.page.evaluate(f"{node}.scrollWidth <= {node}.clientWidth") for node in nodes
        )

    def get(self, what):
        return self.page.evaluate(f"window.__player.{what}")

    def wait(self, condition, seconds=30):
        """Wait until a JavaScript condition on the player, called p, holds."""
        self.page.wait_for_function(
            f"(() => {{ const p = window.__player; return p && ({condition}); }})()",
            timeout=1000 * seconds,
        )


@pytest.fixture
def open_tab(browser, own_servers):
    """Open tabs, each in a browser context of its own; no console error may have come up."""
    contexts, tabs = [], []

    def new(server, *, check_errors=True, visited=True, **options):
        options = {"viewport": DESK, **options}
        contexts.append(browser.new_context(**options))
        if visited:
            contexts[-1].add_init_script(VISITED)
        tab = Lab(contexts[-1].new_page(), server)
        if check_errors:
            tabs.append(tab)
        return tab

    yield new
    errors = [tab.errors for tab in tabs]
    for context in contexts:
        context.close()
    assert not any(errors), errors


@pytest.fixture(scope="module")
def app(browser, server):
    context = browser.new_context()
    context.add_init_script(VISITED)
    yield Lab(context.new_page(), server)
    context.close()


@pytest.fixture
def tab(app):
    """A tab that a module's tests share one by one; no console error may come up."""
    app.errors.clear()
    app.page.set_viewport_size(DESK)
    yield app
    if app.loaded:
        app.leave()  # or its run would go on beside the next tests
    assert app.errors == []


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")
