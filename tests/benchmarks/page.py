"""Measure the page: `python tests/benchmarks/page.py`; `--quick` for a first look.

A real server, a real Chromium and the training share the machine. Printed: seconds from start to
first page and first chart; charts drawn a second, longest task, server CPU and bytes a frame; how
fast a click is answered while a race runs, and how fast the microscope follows a slider; and how
much a watched run is slowed. Pages that compute at once are measured by `gestures.py`. `--smoke`
takes a moment for each of these: does it run at all?
"""

import argparse
import os
import statistics
import struct
import sys
import time
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import sync_playwright

from ln_core.race.config import MlpConfig
from ln_core.recurrent.config import MicroscopeConfig
from ln_core.runs.config import to_text
from ln_core.runs.frame import unpack
from tests.browser.conftest import FLAGS, Server, find_browser

RACE = MlpConfig(depth=4)


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    starts: int
    follows: int  # of the microscope
    seconds: float  # of drawing
    long: int  # steps of a race that is looked at while it trains
    clicks: int
    pairs: int  # of runs, watched and unwatched
    steps: int  # of such a run


FULL = Effort(starts=5, follows=40, seconds=20, long=20_000, clicks=30, pairs=7, steps=10_000)
QUICK = Effort(starts=1, follows=6, seconds=5, long=20_000, clicks=6, pairs=1, steps=10_000)
SMOKE = Effort(starts=1, follows=2, seconds=1, long=2000, clicks=2, pairs=1, steps=500)
WATCH_TASKS = """
window.__tasks = [];
new PerformanceObserver((list) => list.getEntries().forEach((e) => window.__tasks.push(e.duration)))
  .observe({ entryTypes: ["longtask"] });
"""


def timed(before, answered):
    """Write what moves a slider by a step and gives the milliseconds until it is answered."""
    return f"""async (slider, [key, expected]) => {{
      const player = window.__player;
      const before = {before};
      slider.focus();
      const start = performance.now();
      key === "ArrowRight" ? slider.stepUp() : slider.stepDown();
      for (const kind of ["input", "change"]) {{
        slider.dispatchEvent(new Event(kind, {{ bubbles: true }}));
      }}
      while (!({answered})) {{
        await new Promise((later) => setTimeout(later, 1));
        if (performance.now() - start > 5000) return NaN;
      }}
      return performance.now() - start;
    }}"""


CURVE = "player.pictures.find(({ chart }) => chart === 'hidden_norm_log10').traces[0].y.at(-1)"
PRESS = timed("null", "location.search.includes(expected)")
FOLLOW = timed(CURVE, f"{CURVE} !== before")


def cpu_seconds(process):
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def new_tab(browser, url, script=""):
    page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    if script:
        page.add_init_script(script)
    page.goto(url)
    return page


def wait(page, condition, seconds=120):
    page.wait_for_function(
        f"(() => {{ const p = window.__player; return p && ({condition}); }})()",
        timeout=1000 * seconds,
        polling=20,
    )


def cold_start(browser, path):
    """Seconds from the command to the page's title and to the first drawn chart."""
    start = time.perf_counter()
    with Server() as server:
        page = new_tab(browser, server.url + path)
        page.get_by_role("heading").first.wait_for()
        first_page = time.perf_counter() - start
        wait(page, "p.draws > 0")
        first_chart = time.perf_counter() - start
        page.context.close()
    return first_page, first_chart


def drawing(browser, server, effort, *, pinned=False):
    """What it takes to show a race while it is trained, alone or beside one that is pinned."""
    config = replace(RACE, steps=effort.long, seed=2 if pinned else 1)
    pin = "&pin=steps:800" if pinned else ""
    page = new_tab(browser, f"{server.url}/mlp?{to_text(config)}{pin}", WATCH_TASKS)
    wait(page, "p.frame > 10")
    if pinned:
        wait(page, "p.pinned?.film.length === p.pinned?.total.frames")
    page.evaluate("window.__tasks.length = 0")
    draws, held = page.evaluate("[window.__player.draws, window.__player.buffered]")
    cpu, start = cpu_seconds(server.process.pid), time.perf_counter()
    time.sleep(effort.seconds)
    took = time.perf_counter() - start
    cpu = cpu_seconds(server.process.pid) - cpu
    now_draws, now_held = page.evaluate("[window.__player.draws, window.__player.buffered]")
    tasks = page.evaluate("window.__tasks")
    moments = page.evaluate(
        "[window.__player.created, document.querySelectorAll('.js-plotly-plot').length]"
    )
    frames = max(now_held - held, 1)
    size = frame_bytes(server, config)
    page.context.close()
    print(f"  chart updates drawn a second   {(now_draws - draws) / took:8.1f}")
    print(f"  frames streamed a second       {frames / took:8.1f}")
    print(
        f"  longest main-thread task, ms   {max(tasks, default=0):8.0f}  ({len(tasks)} over 50 ms)"
    )
    print(f"  charts created / on the page   {moments[0]:5d} / {moments[1]}")
    print(f"  server CPU a frame, ms         {1000 * cpu / frames:8.2f}")
    print(f"  bytes a frame                  {size:8.0f}")


def frame_bytes(server, config):
    address = f"{server.url}/frames/mlp?{to_text(config)}&from=0"
    with urllib.request.urlopen(address) as answer:
        body = answer.read()
    (head,) = struct.unpack_from("<I", body)
    return (len(body) - 4 - head) / max(len(unpack(body[4 + head :])), 1)


def clicks(browser, server, effort):
    """Milliseconds from a key press on a slider to the answered page, while a race runs."""
    config = replace(RACE, steps=effort.long, seed=2)
    page = new_tab(browser, f"{server.url}/mlp?{to_text(config)}")
    wait(page, "p.frame > 10")
    took = []
    for index in range(effort.clicks):
        key, expected = (("ArrowLeft", 16), ("ArrowRight", 32))[index % 2]
        slider = page.get_by_role("slider", name="Batch size")
        took.append(slider.evaluate(PRESS, [key, f"batch_size={expected}&"]))
        time.sleep(0.7)
    page.context.close()
    print(f"  slider answered, ms: median {statistics.median(took):.0f}, max {max(took):.0f}")


def microscope(browser, server, count):
    """Milliseconds from a key press on the spectral radius to the redrawn curve."""
    page = new_tab(browser, f"{server.url}/time")
    took = []
    for index in range(count):
        if index % 4 == 0:  # a seed of its own: what was seen before would come from the hub's log
            start = MicroscopeConfig(seed=1 + index, radius=0.5)
            page.goto(f"{server.url}/time?{to_text(start)}")
            wait(page, "p.state === 'done' && p.settled")
        slider = page.get_by_role("slider", name="Spectral radius")
        took.append(slider.evaluate(FOLLOW, ["ArrowRight"]))
        time.sleep(0.5)
    page.context.close()
    late = statistics.quantiles(took, n=20)[-1]
    print(f"  microscope followed, ms: median {statistics.median(took):.0f}, p95 {late:.0f}")


def run_unwatched(server, config):
    """Seconds until a run is done that nobody looks at; asking for its state keeps it going."""
    address = f"{server.url}/frames/mlp?{to_text(config)}&from={config.frames}"
    start = time.perf_counter()
    while True:
        with urllib.request.urlopen(address) as answer:
            if b'"done"' in answer.read():
                return time.perf_counter() - start
        time.sleep(0.05)


def run_watched(browser, server, config):
    """Seconds from the first request until the run is done, with a browser that draws it."""
    page = new_tab(browser, f"{server.url}/mlp?{to_text(replace(config, steps=10))}")
    wait(page, "p.state === 'done'")  # page and Plotly are loaded: only the run itself counts
    page.goto(f"{server.url}/mlp?{to_text(config)}")
    wait(page, "p.buffered > 0")
    begun = time.perf_counter()
    wait(page, "p.state === 'done'")
    done = time.perf_counter()
    page.context.close()
    return done - begun


def watching(browser, server, pairs, steps):
    ratios = []
    for seed in range(pairs):
        config = replace(RACE, seed=10 + seed, steps=steps)
        alone = run_unwatched(server, config)
        watched = run_watched(browser, server, replace(config, seed=100 + seed))
        ratios.append(alone / watched)
    print(f"  speed watched / unwatched: median {statistics.median(ratios):.2f} of {pairs} pairs")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few of each")
    parser.add_argument("--smoke", action="store_true", help="a moment for each")
    options = parser.parse_args()
    effort = SMOKE if options.smoke else QUICK if options.quick else FULL
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        print("(d) cold start: seconds to the first page, to the first drawn chart")
        for path in ("/", "/mlp"):
            times = [cold_start(browser, path) for _ in range(effort.starts)]
            page, chart = (statistics.median(column) for column in zip(*times, strict=True))
            print(f"  {path:5} {page:5.2f} {chart:5.2f}")
        with Server() as server:
            print("(e) the time microscope")
            microscope(browser, server, effort.follows)
            print("(b) a race while it is trained")
            drawing(browser, server, effort)
            print("(b) the same beside a pinned run")
            drawing(browser, server, effort, pinned=True)
            clicks(browser, server, effort)
            print("(c) a watched run against one that nobody watches")
            watching(browser, server, effort.pairs, effort.steps)
        browser.close()


if __name__ == "__main__":
    main()
