"""Lesson texts: Markdown files with slots, {{name}}, which the player fills with numbers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LESSONS = Path(__file__).parents[1] / "assets" / "lessons"


def sections(name: str) -> dict[str, str]:
    """Read a lesson: the text below each of its second-level headings, by heading."""
    text = (LESSONS / f"{name}.md").read_text(encoding="utf-8")
    parts = text.split("\n## ")[1:]
    return {head.strip(): body.strip() for head, _, body in (p.partition("\n") for p in parts)}


def fill(text: str, values: Mapping[str, str]) -> str:
    """Fill a text's slots with `values`; those left are HTML that the player fills with a film's.

    `assets/player/measured-values.js` does so.
    """
    for slot, value in values.items():
        text = text.replace(f"{{{{{slot}}}}}", value)
    return re.sub(r"\{\{(\w+)\}\}", r'<span data-slot="\1"></span>', text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a reader predicts, from options of which one is right, and what is then revealed."""

    asked: str
    options: tuple[str, ...]
    right: str
    answer: str


def questions(text: str) -> tuple[Question, ...]:
    """Read the questions of a section: a third-level heading, a checklist of options, the answer.

    Raises: ValueError if not exactly one option is ticked.
    """
    return tuple(_question(part) for part in f"\n{text}".split("\n### ")[1:])


def _question(text: str) -> Question:
    asked, _, rest = text.partition("\n")
    options = re.findall(r"^- \[([x ])\] (.+)$", rest, re.MULTILINE)
    ticked = [option for mark, option in options if mark == "x"]
    if len(ticked) != 1:
        raise ValueError(f"one option must be ticked, got {len(ticked)} below {asked!r}")
    answer = re.sub(r"^- \[.\] .+\n?", "", rest, flags=re.MULTILINE).strip()
    names = tuple(option for _, option in options)
    return Question(asked=asked, options=names, right=ticked[0], answer=answer)
