"""A change in mid-run on screen: both futures, from one step on."""

import pytest

from ln_core.race.config import MlpConfig
from ln_core.runs.config import to_query
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_pin import WHOLE, curves, line

SMALL = {**to_query(MlpConfig(steps=100, width=16, seed=3)), "variants": "none,batch", "at": "50"}


def change_batch_size(tab):
    """Go on from the step on screen with batches of 16 instead of 32."""
    tab.page.get_by_role("button", name="Change from here").click()
    card = tab.page.get_by_role("dialog", name="Change from here")
    card.locator("[data-change=batch_size] input").press("ArrowLeft")
    card.get_by_role("button", name="Go on with Batch size 16").click()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_change_goes_on_from_the_step_on_screen_and_pins_the_old_future(tab, size):
    tab.page.set_viewport_size(size)
    tab.open("/mlp", **SMALL)
    tab.wait("p.settled && p.state === 'done' && p.step === 50")
    change_batch_size(tab)
    tab.page.wait_for_url("**changes=50:batch_size:16**")
    tab.wait("p.step > 50")
    tab.wait(f"{WHOLE} && p.step === 100 && !p.playing")
    tab.page.wait_for_url("**pin=changes:**")
    drawn = curves(tab)
    for variant in ("No norm", "Batch Norm"):
        (steps, now), (_, then) = drawn[variant], drawn[f"{variant}, pinned"]
        assert steps == list(range(1, 101))
        assert now[:50] == then[:50], "before the change both are one run"
        assert all(one != other for one, other in zip(now[50:], then[50:], strict=True))
    assert line(tab) == "From step 50 on: batch size 16; pinned: no change"
    assert tab.fits()
    marks = tab.page.evaluate(
        """() => window.__player.pictures.filter(({ chart }) => chart === 'loss')
          .flatMap(({ shapes }) => shapes).filter(({ x0, x1 }) => x0 === 50 && x1 === 50)
          .map(({ label }) => label.text)"""
    )
    assert marks == ["Batch size 16"]
    tab.page.set_viewport_size(DESK)


def test_the_card_shows_what_may_change_in_this_run_and_what_holds_at_the_step(tab):
    tab.open("/mlp", **{**SMALL, "variants": "none,layer", "optimizer": "sgd"})
    tab.wait("p.settled && p.state === 'done' && p.step === 50")
    tab.page.keyboard.press("b")
    card = tab.page.get_by_role("dialog", name="Change from here")
    assert card.get_by_role("heading").inner_text() == "Change from step 50 on"
    names = card.locator(".lnl-knob:visible").evaluate_all(
        "(all) => all.map((o) => o.dataset.change)"
    )
    assert names == ["learning_rate", "batch_size", "normalization"]
    assert card.locator("[data-change=batch_size] output").inner_text() == "32"
    assert card.get_by_role("button", name="Go on with a change").is_disabled()


def test_at_the_end_nothing_is_left_to_change(tab):
    tab.open("/mlp", **{**SMALL, "at": "100"})
    tab.wait("p.settled && p.state === 'done' && p.step === 100")
    tab.page.keyboard.press("b")
    card = tab.page.get_by_role("dialog", name="Change from here")
    card.get_by_text("only between start and end").wait_for()
    assert not card.locator(".lnl-knob:visible").count()


def open_card(tab):
    tab.wait("p.settled && p.state === 'done' && !p.playing")
    tab.page.get_by_role("button", name="Change from here").click()
    return tab.page.get_by_role("dialog", name="Change from here")


def test_the_card_offers_no_fourth_change(tab):
    changes = "10:batch_size:16,20:batch_size:32,30:batch_size:16"
    tab.open("/mlp", **{**SMALL, "changes": changes})
    card = open_card(tab)
    card.locator("[data-change=batch_size] input").press("ArrowRight")
    assert card.get_by_role("button", name="A run has at most 3 changes").is_disabled()


def test_the_card_offers_what_does_something_beside_the_rest(tab):
    tab.open("/mlp", **{**SMALL, "changes": "10:bn_frozen:on"})
    card = open_card(tab)
    assert card.locator("[data-change=bn_frozen]").is_visible()
    assert card.locator("[data-change=bn_momentum]").is_hidden()  # nothing is averaged now
    norm = card.locator("[data-change=normalization] select")
    offered = norm.locator("option:not([hidden])").evaluate_all("(all) => all.map((o) => o.value)")
    assert offered == ["in", "out", "out-fresh"]
    norm.select_option("out")
    assert card.locator("[data-change=bn_frozen]").is_hidden()
    assert card.get_by_role("button", name="Go on with Normalization Off").is_enabled()


def test_the_card_at_a_change_shows_what_holds_from_there_on(tab):
    changes = "50:learning_rate:0.01,50:normalization:out"
    tab.open("/mlp", **{**SMALL, "changes": changes})
    card = open_card(tab)
    assert card.locator("[data-change=learning_rate] output").inner_text() == "0.01"
    assert card.locator("[data-change=normalization] select").input_value() == "out"
    assert card.locator("[data-change=bn_frozen]").is_hidden()
    norm = card.locator("[data-change=normalization] select")
    offered = norm.locator("option:not([hidden])").evaluate_all("(all) => all.map((o) => o.value)")
    assert offered == ["in", "out", "out-fresh"]  # as where it is changed for the first time
    norm.select_option("in")
    card.get_by_role("button", name="Go on with Normalization On").click()
    tab.page.wait_for_url("**changes=50:learning_rate:0.01&**")


def test_a_change_that_cannot_be_is_refused_in_words_and_pins_nothing(tab):
    wide = {"width": 512, "depth": 6, "seeds": 8, "steps": 10, "at": "5"}
    tab.open("/mlp", **{**SMALL, **wide})
    card = open_card(tab)
    size = card.locator("[data-change=batch_size] input")
    size.press("End")
    card.get_by_role("button", name="Go on with Batch size 512").click()
    tab.page.locator(".lnl-problems").filter(has_text="GiB of memory").wait_for()
    assert tab.page.locator(".lnl-pin").is_hidden()
    assert tab.get("step") == 5
