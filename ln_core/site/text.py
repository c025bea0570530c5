"""The texts of a static page: lessons as HTML, and the links around a film."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from markdown_it import MarkdownIt

from ln_core.experiments import PAGES, Page
from ln_core.lessons import Question, fill, questions, sections
from ln_core.recorded.loader import values
from ln_core.saved.document import MATH

# Of each kind of page, by its folder: the sections of its lesson below a film, with their headings.
SECTIONS = {
    "train": {"Explanation": "Explanation"},
    "see": {"Explanation": "Explanation"},
    "paper": {
        "What the paper reports": "What the paper reports",
        "What we measured": "What we measured",
        "Tasks": "The tasks",
        "Deviations": "What differs from the paper",
        "Explanation": "Explanation",
    },
}
_markdown = MarkdownIt("commonmark", {"html": True}).enable("table")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What is written: the pages, by their paths, and the address of a live lab, or nothing."""

    slugs: tuple[str, ...]
    live: str = ""


def lesson_html(page: Page, site: Site) -> str:
    """Write the text of a page: the sections of its lesson, its numbers filled in."""
    lesson, found = sections(page.lesson), values(page.recordings)
    parts = [
        f"<h2>{heading}</h2>\n{markdown(lesson[name], found, site)}"
        for name, heading in SECTIONS[page.file.partition("/")[0]].items()
        if name in lesson
    ]
    asked = [_question(one, site) for one in questions(lesson.get("Predict", ""))]
    return f'<section class="lnl-text">{"".join(asked)}{"".join(parts)}</section>'


def markdown(text: str, found: Mapping[str, str], site: Site) -> str:
    """Write Markdown as HTML; slots without a value are the player's to fill, mathematics KaTeX's.

    A lesson links to other pages of the app by their paths.
    """
    text = re.sub(r"\$([^$\n]+)\$", _math, fill(text, found))
    text = re.sub(
        rf"\[([^]]+)\]\(({'|'.join(PAGES)})\)",
        lambda link: f"[{link[1]}]({link[2]}.html)" if link[2] in site.slugs else link[1],
        text,
    )
    written: str = _markdown.render(text)
    return written.replace("<table>", '<div class="lnl-wide"><table>').replace(
        "</table>", "</table></div>"
    )


def _math(found: re.Match[str]) -> str:
    return f'<span {MATH} data-latex="{html.escape(found[1])}"></span>'


def _question(question: Question, site: Site) -> str:
    """Write a question to predict; its answer shows when it is opened."""
    options = "".join(f"<li>{markdown(option, {}, site)}</li>" for option in question.options)
    answer = markdown(f"**{question.right}.** {question.answer}", {}, site)
    return (
        f"<h3>{html.escape(question.asked)}</h3><ul>{options}</ul>"
        f"<details><summary>Answer</summary>{answer}</details>"
    )


def links(named: Mapping[str, str], present: str) -> str:
    """Write a row of links, by addresses; the present one is marked."""
    written = (
        f'<a href="{address}"{" aria-current=page" if address == present else ""}>'
        f"{html.escape(name)}</a>"
        for address, name in named.items()
    )
    return f'<nav class="lnl-links">{"".join(written)}</nav>'


def menu() -> str:
    """Write the way back: home, and the list of all pages."""
    home, pages = "index.html", "index.html#pages"
    return (
        f'<nav class="lnl-menu"><a href="{home}">Layer Norm Lab</a>'
        f'<a href="{pages}">All pages</a></nav>'
    )
