"""A run that is pinned beside the one on screen: drawn, named, in the address."""

import numpy as np
import pytest

from ln_core.race.config import MlpConfig
from ln_core.runs.config import to_query
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_address import query_of
from tests.browser.test_take import saved

SMALL = {**to_query(MlpConfig(steps=100, width=16, seed=3)), "variants": "none,layer", "at": "100"}
WHOLE = "p.pinned && p.pinned.film.length >= p.pinned.total.frames && p.settled"
# The curves of one chart, by whose they are and by variant, as [x, y].
CURVES = """(chart) => Object.fromEntries(window.__player.pictures
  .filter((one) => one.chart === chart)
  .flatMap(({ traces }) => traces)
  .filter(({ hoverinfo }) => hoverinfo !== 'skip')
  .map(({ name, x, y }) => [name, [[...x], [...y]]]))"""
RANGES = """(chart) => window.__player.pictures
  .filter((one) => one.chart === chart)
  .map(({ layout }) => [layout.xaxis.range, layout.yaxis.range])"""


def curves(tab, chart="loss"):
    return tab.page.evaluate(CURVES, chart)


def line(tab):
    return tab.page.locator(".lnl-pin-said").inner_text()


def halve(tab):
    """Turn the batch size down by one stop, from 32 to 16."""
    tab.page.locator("[data-knob=batch_size] input").press("ArrowLeft")
    tab.page.wait_for_url("**batch_size=16&**")


@pytest.fixture
def pinned(tab):
    """A run of batch size 16 beside the pinned one of 32."""
    tab.open("/mlp", **SMALL)
    tab.wait("p.settled && p.state === 'done'")
    tab.before = curves(tab)
    tab.page.get_by_role("button", name="Pin this run beside").click()
    tab.page.locator(".lnl-pin-said").filter(has_text="What is on screen is pinned").wait_for()
    halve(tab)
    tab.wait(f"{WHOLE} && p.step === 100")
    return tab


def test_both_runs_are_drawn_and_the_changed_setting_is_named(pinned):
    drawn = curves(pinned)
    assert set(drawn) == {"No norm", "Layer Norm", "No norm, pinned", "Layer Norm, pinned"}
    for name, points in pinned.before.items():
        assert drawn[f"{name}, pinned"] == points, "to the last digit what was on screen before"
        assert drawn[name][0] == points[0]
        assert drawn[name][1] != points[1]
    assert line(pinned) == "Batch size: 16 (pinned: 32)"


def test_a_pinned_run_that_was_whole_is_not_asked_for_again(tab):
    tab.open("/mlp", **SMALL)
    tab.wait("p.settled && p.state === 'done'")
    asked = []
    tab.page.on("websocket", lambda socket: asked.append(socket.url))
    tab.page.evaluate("window.before = window.__player.film")
    tab.page.keyboard.press("i")
    halve(tab)
    tab.wait(WHOLE)
    assert tab.page.evaluate("window.__player.pinned.film === window.before")
    assert asked == []


def test_both_runs_have_common_axes(tab):
    tab.open("/mlp", **{**SMALL, "pin": "steps:200;learning_rate:0.03"})
    tab.wait(WHOLE)
    [[across, up]] = tab.page.evaluate(RANGES, "loss")
    assert across == [0, 200]
    drawn = curves(tab)
    assert max(drawn["Layer Norm, pinned"][0]) > 190
    lows = [min(y for y in ys if y > 0) for _, ys in drawn.values()]
    assert 10 ** up[0] <= min(lows)
    pictures = tab.page.evaluate(RANGES, "boundary")
    assert len(pictures) == 4
    assert all(ranges == pictures[0] for ranges in pictures)


def test_maps_have_a_second_smaller_picture_of_the_same_step(pinned):
    pinned.page.evaluate("window.scrollTo(0, 0)")
    boxes = pinned.page.evaluate(
        """() => window.__player.pictures.filter(({ chart }) => chart === 'boundary')
          .map(({ source, box, traces: [{ z }] }) => [source, box.offsetHeight, z.length])"""
    )
    assert [source for source, _, _ in boxes] == ["now", "pinned"] * 2
    assert boxes[1][1] < boxes[0][1]
    assert {rows for _, _, rows in boxes} == {boxes[0][2]}
    assert boxes[0][2] > 1
    pinned.page.get_by_role("slider", name="Moment of training").fill("4")
    pinned.wait("p.frame === 4 && p.settled")
    held = pinned.page.evaluate(
        """() => {
          const { film } = window.__player.pinned;
          const { shape, values } = film.frames[film.latest('boundary', 4)].arrays.get('boundary');
          const picture = window.__player.pictures
            .find(({ chart, source }) => chart === 'boundary' && source === 'pinned');
          const seen = [...picture.traces[0].z].flatMap((row) => [...row]);
          const isWhole = seen.length === shape[1] * shape[2];
          return isWhole && seen.every((value, at) => value === values[at]);
        }"""
    )
    assert held


def test_the_address_says_what_differs_and_a_reload_and_a_link_bring_it_back(
    open_tab, server, pinned
):
    pinned.page.wait_for_url("**pin=batch_size:32**")
    drawn = curves(pinned)
    url = pinned.page.url
    pinned.page.reload()
    other = open_tab(server)
    other.page.goto(url)
    for tab in (pinned, other):
        tab.wait(f"{WHOLE} && p.step === 100")
        assert curves(tab) == drawn
        assert line(tab) == "Batch size: 16 (pinned: 32)"


def test_swap_and_unpin(pinned):
    drawn = curves(pinned)
    pinned.page.get_by_role("button", name="Swap").click()
    pinned.page.wait_for_url("**batch_size=32&**pin=batch_size:16**")
    pinned.wait(f"{WHOLE} && p.step === 100")
    swapped = curves(pinned)
    for name in ("No norm", "Layer Norm"):
        assert swapped[name] == drawn[f"{name}, pinned"]
        assert swapped[f"{name}, pinned"] == drawn[name]
    pinned.page.keyboard.press("i")
    pinned.wait("!p.pinned && p.settled")
    assert set(curves(pinned)) == {"No norm", "Layer Norm"}
    pinned.page.wait_for_function("!location.search.includes('pin=')")


def test_a_saved_page_plays_both_films(pinned, tmp_path, open_tab):
    drawn = curves(pinned)
    pinned.page.get_by_role("button", name="Share this view").click()
    path = tmp_path / "page.html"
    saved(pinned, "Save as a page", path, role="button")
    pinned.page.keyboard.press("Escape")
    tab = open_tab(pinned.server)
    tab.page.goto(path.as_uri())
    tab.wait(f"{WHOLE} && p.step === 100")
    assert line(tab) == "Batch size: 16 (pinned: 32)"
    assert tab.page.get_by_role("button", name="Swap").is_hidden()
    kept = curves(tab)
    assert set(kept) == set(drawn)
    for name, (_, values) in drawn.items():
        np.testing.assert_allclose(kept[name][1], values, rtol=1e-3)
    tab.page.get_by_role("button", name="Unpin").click()
    tab.wait("!p.pinned && p.settled")


def test_the_pinned_setting_chosen_again_is_the_pinned_run_itself(pinned):
    pinned.page.locator("[data-knob=batch_size] input").press("ArrowRight")
    pinned.page.wait_for_url("**batch_size=32&**pin=")
    pinned.wait("!p.pinned && p.settled")
    assert line(pinned).startswith("What is on screen is pinned")
    assert pinned.page.get_by_role("button", name="Swap").is_disabled()
    halve(pinned)
    pinned.wait(WHOLE)


@pytest.mark.parametrize(
    ("pin", "said"),
    [
        ("batch_size:9999", "Batch size: '9999' is not possible. Allowed: a whole number"),
        ("rubbish", "rubbish: no such field"),
    ],
)
def test_a_pin_that_cannot_be_is_refused_in_words_and_nothing_else_is_lost(tab, pin, said):
    tab.open("/mlp", **{**SMALL, "pin": pin})
    tab.wait("p.settled && p.state === 'done'")
    words = tab.page.locator(".lnl-problems")
    words.filter(has_text=f"Pinned run: {said}").wait_for()
    assert "Nothing is pinned." in words.inner_text()
    assert tab.page.locator(".lnl-pin").is_hidden()
    assert tab.get("step") == 100
    tab.page.wait_for_function("!location.search.includes('pin=')")
    assert query_of(tab).items() >= {"width": "16", "seed": "3", "batch_size": "32"}.items()


def test_a_page_of_pictures_says_that_it_pins_nothing(tab):
    tab.open("/matrix", wait=False, pin="move:3")
    tab.wait("p.settled && p.buffered > 0")
    tab.page.locator(".lnl-problems").filter(has_text="which this page cannot do").wait_for()
    assert not tab.page.get_by_role("button", name="Pin this run beside").count()


def test_names_at_ends_and_values_under_the_pointer_tell_the_runs_apart(pinned):
    names = pinned.page.evaluate(
        """() => window.__player.pictures.filter(({ chart }) => chart === 'test_error')
          .flatMap(({ names }) => names.map(({ name }) => name))"""
    )
    assert {"No norm", "Layer Norm"} & set(names)
    box = pinned.page.locator("figure[data-chart=loss] .lnl-box").bounding_box()
    pinned.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    hover = pinned.page.locator("figure[data-chart=loss] .hoverlayer")
    hover.get_by_text("Layer Norm, pinned").wait_for()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_pin_makes_no_page_wider_and_hides_no_chart(tab, size):
    tab.page.set_viewport_size(size)
    tab.open("/mlp", **{**SMALL, "pin": "batch_size:2;learning_rate:0.01;optimizer:sgd"})
    tab.wait(WHOLE)
    assert tab.fits()
    said = (
        "Batch size: 32 (pinned: 2); learning rate: 0.001 (pinned: 0.01); "
        "optimizer: Adam (pinned: SGD)"
    )
    assert line(tab) == said
    if size == DESK:
        transport = tab.page.locator(".lnl-transport").bounding_box()
        spread = tab.page.locator("figure[data-chart=spread]").bounding_box()
        assert spread["y"] + spread["height"] <= transport["y"] + 1
