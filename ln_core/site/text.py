"""The texts of a static page: lessons as HTML, and the links around a film."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ln_core.experiments import PAGES, Page
from ln_core.lessons import fill, sections, to_html
from ln_core.paths import Stop, questions
from ln_core.recorded.loader import values

# Of each kind of page, by its folder: the sections of its lesson below a film, with their headings.
SECTIONS = {
    "train": {"Explanation": "Explanation"},
    "see": {"Explanation": "Explanation"},
    "paper": {
        "Finding": "What we found",
        "What the paper reports": "What the paper reports",
        "What we measured": "What we measured",
        "Tasks": "The tasks",
        "Deviations": "What differs from the paper",
        "Explanation": "Explanation",
    },
    "teach": {"Plans": "Plans"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What is written: the pages, by their paths, and the address of a live lab, or nothing."""

    slugs: tuple[str, ...]
    live: str = ""


def lesson_html(page: Page, site: Site, named: Mapping[str, str]) -> str:
    """Write the text of a page: the sections of its lesson, numbers and what it names filled in."""
    lesson, found = sections(page.lesson), {**values(page.recordings), **named}
    parts = [
        f"<h2>{heading}</h2>\n{markdown(lesson[name], found, site)}"
        for name, heading in SECTIONS[page.file.partition("/")[0]].items()
        if name in lesson
    ]
    asked = [_question(stop, site) for stop in questions(page)]
    return f'<section class="lnl-text">{"".join(asked)}{"".join(parts)}</section>'


def markdown(text: str, found: Mapping[str, str], site: Site) -> str:
    """Write Markdown as HTML; slots without a value are the player's to fill, mathematics KaTeX's.

    A lesson links to other pages of the app by their paths.
    """
    text = re.sub(
        rf"\[([^]]+)\]\(({'|'.join(PAGES)})\)",
        lambda link: f"[{link[1]}]({link[2]}.html)" if link[2] in site.slugs else link[1],
        fill(text, found),
    )
    return (
        to_html(text)
        .replace("<table>", '<div class="lnl-wide"><table>')
        .replace("</table>", "</table></div>")
    )


def _question(stop: Stop, site: Site) -> str:
    """Write a question to predict; its answer shows when it is opened."""
    options = "".join(f"<li>{markdown(option, {}, site)}</li>" for option in stop.options)
    answer = markdown(f"**{stop.options[stop.right]}.** {stop.happened}", {}, site)
    return (
        f"<h3>{html.escape(stop.asked)}</h3><ul>{options}</ul>"
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
