"""The page for teachers, in the browser: it fits, its links lead to what they name, it prints."""

import re

import pytest

from ln_core.experiments import PAGES
from tests.browser.conftest import DESK, PHONE


@pytest.fixture
def plans(tab):
    tab.open("/for_teachers", wait=False)
    tab.page.get_by_role("heading", name="Homework").wait_for()
    return tab


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_all_of_it_can_be_read_without_scrolling_sideways(plans, size):
    plans.page.set_viewport_size(size)
    plans.page.wait_for_timeout(300)
    assert plans.fits()
    assert plans.page.get_by_role("table").count() == 2
    assert "{{" not in plans.page.locator("body").inner_text()


@pytest.mark.parametrize(
    ("link", "path", "said"),
    [
        ("The matrix of a layer: Padding", "/matrix?", PAGES["matrix"].presets["padding"].notice),
        ("Stop 3: ", "stop=first.3", "Whose answer to the digit changes?"),
    ],
)
def test_a_link_opens_what_it_names_beside_the_plan(plans, link, path, said):
    with plans.page.context.expect_page() as opened:
        plans.page.get_by_role("link", name=link).first.click()
    opened.value.get_by_text(said).first.wait_for()
    assert path in opened.value.url


def test_a_class_is_started_from_it_on_screen_alone(plans):
    start = plans.page.get_by_role("button", name="Start or join a class")
    start.wait_for()
    plans.page.emulate_media(media="print")
    start.wait_for(state="hidden")


def test_on_paper_homework_is_a_sheet_of_its_own(plans):
    sheets = re.findall(rb"/Type\s*/Page\b", plans.page.pdf(format="A4"))
    assert 3 <= len(sheets) <= 5
    homework = plans.page.get_by_role("heading", name="Homework")
    plans.page.emulate_media(media="print")
    assert homework.evaluate("(node) => getComputedStyle(node).breakBefore") == "page"
