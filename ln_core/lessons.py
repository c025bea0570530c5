"""Lesson texts: Markdown files with slots, {{name}}, which the player fills with numbers."""

import html
import re
from collections.abc import Mapping
from pathlib import Path

from markdown_it import MarkdownIt

LESSONS = Path(__file__).parents[1] / "assets" / "lessons"
MATH = 'class="lnl-math"'  # marks LaTeX in HTML, which the player typesets
EQUATION = re.compile(r"^```equation (\d+)\n(.+?)\n\n(.+?)\n```$", re.MULTILINE | re.DOTALL)

_markdown = MarkdownIt("commonmark", {"html": True}).enable("table")


def sections(name: str) -> dict[str, str]:
    """Read a lesson: the text below each of its second-level headings, by heading."""
    text = (LESSONS / f"{name}.md").read_text(encoding="utf-8")
    parts = text.split("\n## ")[1:]
    return {head.strip(): body.strip() for head, _, body in (p.partition("\n") for p in parts)}


def parts(text: str) -> dict[str, str]:
    """Split a section: the text below each of its third-level headings, by heading."""
    found = f"\n{text}".split("\n### ")[1:]
    return {
        head.strip(): body.strip() for head, _, body in (part.partition("\n") for part in found)
    }


def fill(text: str, values: Mapping[str, str]) -> str:
    """Fill a text's slots with `values`; those left are HTML that the player fills with a film's.

    `assets/player/measured-values.js` does so.
    """
    for slot, value in values.items():
        text = text.replace(f"{{{{{slot}}}}}", value)
    return re.sub(r"\{\{(\w+)\}\}", r'<span data-slot="\1"></span>', text)


def split(text: str) -> list[tuple[str, bool]]:
    """Split a text at its equations: each part, and whether it is an equation, written as HTML."""
    parts, end = [], 0
    for found in EQUATION.finditer(text):
        parts += [(text[end : found.start()], False), (_equation(found), True)]
        end = found.end()
    return [*parts, (text[end:], False)]


def _equation(found: re.Match[str]) -> str:
    """Write an equation, with what its symbols mean; `assets/player/equations.js` draws it."""
    number, latex, symbols = found.groups()
    items = (line.partition(": ") for line in symbols.splitlines())
    listed = "".join(
        f"<li><code>{html.escape(symbol)}</code>: <span>{html.escape(meaning)}</span></li>"
        for symbol, _, meaning in items
    )
    numbered = html.escape(rf"{latex.replace(chr(10), ' ')} \quad ({number})")
    return f'<div class="lnl-equation"><code>{numbered}</code><ul>{listed}</ul></div>'


def to_html(text: str) -> str:
    """Write Markdown as HTML: slots are the player's to fill, mathematics KaTeX's to typeset."""
    text = EQUATION.sub(_equation, text)
    text = re.sub(r"\$([^$\n]+)\$", _math, fill(text, {}))
    written: str = _markdown.render(text)
    return written.strip()


def _math(found: re.Match[str]) -> str:
    return f'<span {MATH} data-latex="{html.escape(found[1])}"></span>'


def checklist(text: str) -> tuple[tuple[str, ...], tuple[int, ...], str]:
    """Read a checklist: its options, which of them are ticked, and the text around it."""
    found = re.findall(r"^- \[([x ])\] (.+)$", text, re.MULTILINE)
    rest = re.sub(r"^- \[.\] .+\n?", "", text, flags=re.MULTILINE).strip()
    ticked = tuple(place for place, (mark, _) in enumerate(found) if mark == "x")
    return tuple(option for _, option in found), ticked, rest
