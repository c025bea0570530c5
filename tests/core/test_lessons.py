"""Lessons: the paper's equations stand where they are used, each symbol with its meaning."""

import html
import re

import pytest

from ln_core.lessons import EQUATION, LESSONS, sections, split, to_html

EQUATIONS = {
    int(found[1]): (lesson.stem, *found.groups()[1:])
    for lesson in sorted(LESSONS.glob("*.md"))
    for found in EQUATION.finditer(lesson.read_text(encoding="utf-8"))
}


def test_the_equations_of_the_paper_stand_in_the_labs_lessons():
    assert {number: of[0] for number, of in EQUATIONS.items()} == {
        1: "mlp",
        2: "mlp",
        3: "mlp",
        4: "rnn",
    }


@pytest.mark.parametrize("number", EQUATIONS)
def test_every_symbol_of_an_equation_is_in_it_and_has_a_meaning(number):
    _, latex, symbols = EQUATIONS[number]
    for line in symbols.splitlines():
        symbol, _, meaning = line.partition(": ")
        assert symbol in latex
        assert len(meaning.split()) > 2


def test_a_text_is_split_at_its_equations():
    text = sections("rnn")["Explanation"]
    before, equation, after = split(text)
    assert not before[1]
    assert not after[1]
    assert text.startswith(before[0])
    assert text.endswith(after[0])
    assert equation[1]
    (written,) = re.findall("<code>([^<]+)</code><ul>", equation[0])
    assert html.unescape(written).endswith(r"\quad (4)")
    assert equation[0].count("<li><code>") == 12
    assert split("No equation.") == [("No equation.", False)]


def test_an_equation_is_kept_as_html_where_all_of_a_text_is():
    written = to_html(sections("mlp")["Explanation"])
    assert written.count('<div class="lnl-equation"') == 3
    assert "```" not in written
    assert "equation 2" not in written
