"""Measure how fast pages that compute at once answer: `python tests/benchmarks/gestures.py`.

A real server and a real Chromium share the machine. Printed for every gesture: milliseconds from
the browser's event to the whole new picture and its words. Most pictures were never asked for
before; those of the blocks of numbers come again.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, Server, find_browser

NOTE_GESTURES = """
for (const kind of ["click", "change", "input", "keydown"]) {
  addEventListener(kind, () => { window.__gesture = performance.now(); }, true);
}
"""
DONE = "window.__player?.state === 'done' && window.__player.settled"
AWAIT_ANSWER = """
() => {
  const player = window.__player, before = player.film, begun = performance.now();
  window.__answered = (async () => {
    while (!(player.film !== before && player.state === "done" && player.settled)) {
      await new Promise((later) => setTimeout(later, 1));
      if (performance.now() - begun > 30000) return NaN;
    }
    return performance.now() - window.__gesture;
  })();
}
"""
PAUSE = 0.6  # seconds; whatever came of the gesture before is over by then


def nothing(page, number):
    """Prepare nothing."""


def redraw(page, number):
    """Have another seed, so that what follows was never asked for; and see all controls."""
    page.evaluate(AWAIT_ANSWER)
    click_button("New seed")(page, number)
    page.evaluate("window.__answered")


def click_button(name):
    return lambda page, number: page.get_by_role("button", name=name, exact=True).click()


def focus(slider, before=nothing):
    """Go to a slider; what comes `before` has a picture drawn that was never asked for."""

    def prepare(page, number):
        before(page, number)
        page.get_by_role("slider", name=slider).focus()

    return prepare


def press_arrow(page, number):
    """Move the slider that has the focus, to the right and back in turn."""
    page.keyboard.press(("ArrowRight", "ArrowLeft")[number % 2])


def click_switch(name):
    return lambda page, number: page.get_by_role("switch", name=name).click()


def choose_other(name):
    """Choose the first option of a list that is not chosen."""

    def choose(page, number):
        options = page.get_by_role("combobox", name=name)
        other = options.evaluate(
            "(list) => [...list.options].find(({ selected }) => !selected).value"
        )
        options.select_option(other)

    return choose


def choose_beside(name):
    """Choose the first option that is not chosen, of some that stand side by side."""
    return lambda page, number: (
        page.get_by_role("radiogroup", name=name).locator("input:not(:checked)").first.click()
    )


def cell(page, number):
    return page.get_by_label(f"example {number % 4}, unit {1 + number % 5}", exact=True)


def type_number(page, number):
    cell(page, number).focus()
    page.keyboard.type(f"{3 + number}.5")


def type_seed(page, number):
    page.get_by_role("spinbutton", name="Seed").fill(str(1000 + number))


def press_enter(page, number):
    page.keyboard.press("Enter")


def click_cube(page, number):
    box = page.locator("[data-chart=block] .lnl-box").nth(1).bounding_box()
    x = box["x"] + (0.35 + 0.1 * (number % 4)) * box["width"]
    y = box["y"] + (0.42 + 0.08 * (number % 3)) * box["height"]
    page.mouse.move(x - 5, y)
    page.mouse.move(x, y, steps=5)
    page.mouse.click(x, y)


@dataclass(frozen=True)
class Gesture:
    page: str
    name: str
    act: Callable
    prepare: Callable = nothing


GESTURES = (
    Gesture("shared_statistics", "slider Channels C", press_arrow, focus("Channels C")),
    Gesture("shared_statistics", "click on a cube", click_cube),
    Gesture("matrix", "slider Move by", press_arrow, focus("Move by", type_number)),
    Gesture("matrix", "choose a cell", lambda page, number: cell(page, number).click()),
    Gesture("matrix", "typed cell", press_enter, type_number),
    Gesture("matrix", "New numbers", click_button("New numbers")),
    Gesture("matrix", "slider Examples N", press_arrow, focus("Examples N", type_number)),
    Gesture("matrix", "slider Units H", press_arrow, focus("Units H", type_number)),
    Gesture("matrix", "choice Mode", choose_beside("Mode")),
    Gesture("matrix", "switch float16", click_switch("float16")),
    Gesture("batch_mates", "slider Batch size", press_arrow, focus("Batch size", redraw)),
    Gesture("batch_mates", "choice Neighbours", choose_beside("Neighbours"), redraw),
    Gesture("batch_mates", "typed Seed", press_enter, type_seed),
    Gesture("batch_mates", "New seed", click_button("New seed")),
    Gesture("replicas", "slider Replicas", press_arrow, focus("Replicas", redraw)),
    Gesture("replicas", "choice Weights", choose_beside("Weights"), redraw),
    Gesture("replicas", "New seed", click_button("New seed")),
    Gesture("invariance", "slider Factor", press_arrow, focus("Factor", redraw)),
    Gesture("invariance", "list Change", choose_other("Change"), redraw),
    Gesture("invariance", "choice Layer", choose_beside("Layer"), redraw),
    Gesture("invariance", "switch Evaluation mode", click_switch("Evaluation mode"), redraw),
    Gesture("invariance", "New seed", click_button("New seed")),
    Gesture("geometry", "slider Learning rate", press_arrow, focus("Learning rate", redraw)),
    Gesture("geometry", "choice What is scaled", choose_beside("What is scaled"), redraw),
    Gesture("geometry", "New seed", click_button("New seed")),
)


def measure(page, gesture, count, pause):
    """Give the milliseconds of each of several gestures; of what is not answered, NaN."""
    took = []
    for number in range(count):
        gesture.prepare(page, number)
        time.sleep(pause)
        page.evaluate(AWAIT_ANSWER)
        gesture.act(page, number)
        took.append(page.evaluate("window.__answered"))
    return took


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--smoke", action="store_true", help="each gesture once; none may fail")
    parser.add_argument("pages", nargs="*")
    order = parser.parse_args()
    count = 1 if order.smoke else 7 if order.quick else 31
    with sync_playwright() as playwright, Server() as server:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
        page.add_init_script(NOTE_GESTURES)
        for gesture in GESTURES:
            if order.pages and gesture.page not in order.pages:
                continue
            page.goto(f"{server.url}/{gesture.page}")
            page.wait_for_function(DONE)
            page.locator("details").evaluate_all(
                "(all) => all.forEach((one) => { one.open = true; })"
            )
            took = measure(page, gesture, count, 0.1 if order.smoke else PAUSE)
            took = took[1:] or took  # the first warms up
            middle = statistics.median(took)
            late = statistics.quantiles(took, n=20)[-1] if len(took) > 1 else middle
            print(f"{gesture.page:17} {gesture.name:24} median {middle:4.0f}, p95 {late:4.0f}")
            if order.smoke and not middle > 0:
                raise SystemExit("no picture came")
        browser.close()


if __name__ == "__main__":
    main()
