"""Equations of the lessons: a symbol's meaning is told to a pointer, to keys and to a finger."""

import pytest

from ln_core.lessons import EQUATION, sections
from tests.browser.conftest import DESK, PHONE

HINT = "Point at a symbol"


def symbols_of(slug):
    """Give the meanings of the symbols of each equation of a lesson."""
    return [
        [line.partition(": ")[2] for line in found[3].splitlines()]
        for found in EQUATION.finditer(sections(slug)["Explanation"])
    ]


@pytest.fixture(params=["mlp", "rnn"])
def page(request, tab):
    tab.open(f"/{request.param}", wait=False)
    tab.page.locator(".lnl-symbol").first.wait_for()
    tab.meanings = symbols_of(request.param)
    return tab


def test_every_symbol_is_found_in_its_equation_and_explained_by_pointer_keys_and_tap(page):
    equations = page.page.locator(".lnl-equation")
    assert equations.count() == len(page.meanings)
    for equation, meanings in zip(equations.all(), page.meanings, strict=True):
        said = equation.locator(".lnl-meaning")
        assert said.inner_text().startswith(HINT)
        buttons = equation.locator(".lnl-symbol")
        for at, meaning in enumerate(meanings):
            for act in ("focus", "click", "hover"):
                page.page.mouse.move(0, 0)
                buttons.nth(at - 1).focus()  # another one
                getattr(buttons.nth(at), act)()
                assert said.inner_text() == meaning
            assert equation.locator("math .lnl-meant").count() >= 1, meaning
            assert equation.locator('[aria-pressed="true"]').count() == 1
            assert buttons.nth(at).get_attribute("aria-label").endswith(f": {meaning}")
        equation.locator(".lnl-equation-line .lnl-meant").first.hover()
        assert said.inner_text() == meanings[-1]


def test_equations_fit_a_phone_and_nothing_jumps_when_a_symbol_is_explained(page):
    for size in (DESK, PHONE):
        page.page.set_viewport_size(size)
        page.page.wait_for_timeout(300)
        assert page.fits()
        for equation in page.page.locator(".lnl-equation").all():
            line = equation.locator(".lnl-equation-line")
            assert line.evaluate("(node) => node.scrollWidth <= node.clientWidth")
            heights = set()
            for button in equation.locator(".lnl-symbol").all():
                button.focus()
                heights.add(equation.bounding_box()["height"])
            assert len(heights) == 1
