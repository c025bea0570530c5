"""Paths: lessons as data. Each is a Markdown file in `assets/lessons/paths`, a list of stops.

A stop shows a page as a view, asks for a prediction, and says what happened. How one is written
stands in CONTRIBUTING.md. Free of torch.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from ln_core.experiments import PAGES, Page
from ln_core.lessons import LESSONS, checklist, to_html
from ln_core.runs.config import to_query
from ln_core.runs.experiment import Experiment, FilmConfig
from ln_core.runs.preset import View, seeable
from ln_core.runs.schema import read

FOLDER = LESSONS / "paths"
FIELDS = ("page", "preset", "query", "view", "veils", "lights", "picture")
SEEN = ("at", "shown", "choose", "chart")  # fields of a view that a stop may name
OPTIONS = range(2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A page as a view, with a question, what is revealed of it, and one takeaway."""

    id: str  # in the address: "first.3"
    name: str
    page: Page
    experiment: Experiment
    config: FilmConfig
    view: View
    veils: tuple[str, ...]  # charts that are hidden until the question is answered
    lights: str  # the chart that shows the answer; or nothing
    picture: str  # its file in assets/images, and what it shows; or nothing
    asked: str  # Markdown, as all that follows
    options: tuple[str, ...]
    right: int
    happened: str  # with slots for the values that the run's frames have at the view's moment
    takeaway: str

    @property
    def link(self) -> str:
        """The address that shows it, beside the other pages."""
        return f"{self.page.slug}?stop={self.id}"

    @property
    def image(self) -> tuple[str, str]:
        """The file of its picture, and what it shows."""
        file, _, shows = self.picture.partition(" ")
        return file, shows


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonPath:
    """A list of stops, in order."""

    name: str
    title: str
    line: str
    stops: tuple[Stop, ...]

    @property
    def own(self) -> str:
        """The page that all of it is about; nothing if it leads through several."""
        slugs = {stop.page.slug for stop in self.stops}
        return slugs.pop() if len(slugs) == 1 else ""


def read_path(file: Path) -> LessonPath:
    """Read a path, and see that each of its stops can be shown.

    Raises: ValueError that names file, stop, field, value and what is allowed.
    """
    head, *parts = re.split(r"^## ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    title, _, line = head.removeprefix("# ").strip().partition("\n")
    stops = tuple(_Reader(file, number, part).stop() for number, part in enumerate(parts, 1))
    return LessonPath(name=file.stem, title=title, line=line.strip(), stops=stops)


class _Reader:
    """Reads one stop; what it refuses it refuses with the stop's place."""

    def __init__(self, file: Path, number: int, text: str) -> None:
        self.file, self.number = file, number
        text, _, self.takeaway = text.partition("\n### Takeaway\n")
        text, _, self.happened = text.partition("\n### What happened\n")
        head, _, self.body = text.partition("\n\n")
        self.name, *lines = head.splitlines()
        named = (line.partition(":") for line in lines)
        self.fields = {name.strip(): value.strip() for name, _, value in named}

    def refuse(self, field: str, value: str, allowed: str) -> NoReturn:
        raise ValueError(
            f"{self.file.name}, stop {self.number}: {field} must be {allowed}, got {value!r}"
        )

    def choose(self, field: str, options: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """Look up what a field names."""
        value = self.fields.get(field, "")
        if value not in options:
            self.refuse(field, value, f"one of {', '.join(options)}")
        return options[value]

    def stop(self) -> Stop:
        for field in self.fields:
            if field not in FIELDS:
                self.refuse("a field", field, f"one of {', '.join(FIELDS)}")
        page: Page = self.choose(
            "page", {slug: page for slug, page in PAGES.items() if page.experiment}
        )
        experiment = page.experiment
        assert experiment is not None
        config, view = self._config(page, experiment)
        figure = experiment.draw(config)
        view = self._view(view, config, figure)
        options, right, asked = self._question()
        for field, text in (("What happened", self.happened), ("Takeaway", self.takeaway)):
            if not text.strip():
                self.refuse(field, text, "a text below its heading")
        return Stop(
            id=f"{self.file.stem}.{self.number}",
            name=self.name.strip(),
            page=page,
            experiment=experiment,
            config=config,
            view=view,
            veils=self._charts("veils", figure),
            lights=",".join(self._charts("lights", figure)[:1]),
            picture=self.fields.get("picture", ""),
            asked=asked,
            options=options,
            right=right,
            happened=self.happened.strip(),
            takeaway=self.takeaway.strip(),
        )

    def _config(self, page: Page, experiment: Experiment) -> tuple[FilmConfig, View]:
        """Give the preset that is named, or the page's default, with what the query changes."""
        config: Any = page.default
        view = View()
        if "preset" in self.fields:
            preset = self.choose("preset", page.presets)
            config, view = preset.config, preset.view
        text = self.fields.get("query", "")
        try:
            return read(experiment.config, {**to_query(config), **dict(_pairs(text))}), view
        except ValueError as error:
            self.refuse("query", text, f"settings of {page.slug} ({error})")

    def _view(self, view: View, config: FilmConfig, figure: dict[str, Any]) -> View:
        """Add to a preset's view what the stop says, and see that the figure has it all."""
        text = self.fields.get("view", "")
        fields = {**view.query, **dict(_pairs(text))}
        allowed = seeable(figure)
        for name, value in fields.items():
            if name not in SEEN:
                self.refuse("a field of the view", name, f"one of {', '.join(SEEN)}")
            if name == "at" and not (value.isdecimal() and int(value) <= config.steps):
                self.refuse("at", value, f"a whole step from 0 to {config.steps}")
            if name != "at" and not set(value.split(",")) <= set(allowed[name]):
                self.refuse(name, value, f"of {', '.join(allowed[name])}")
        chosen = (choice.split(".") for choice in fields.get("choose", "").split(",") if choice)
        return replace(
            view,
            at=int(fields.get("at", config.steps)) if config.steps else None,
            shown=tuple(fields["shown"].split(",")) if "shown" in fields else (),
            choose={name: int(number) for name, number in chosen},
            chart=fields.get("chart", ""),
        )

    def _charts(self, field: str, figure: dict[str, Any]) -> tuple[str, ...]:
        """Read ids of charts."""
        charts = seeable(figure)["chart"]
        text = self.fields.get(field, "")
        named = tuple(name.strip() for name in text.split(",") if name.strip())
        if not set(named) <= set(charts):
            self.refuse(field, text, f"of {', '.join(charts)}")
        return named

    def _question(self) -> tuple[tuple[str, ...], int, str]:
        options, ticked, asked = checklist(self.body)
        if len(options) not in OPTIONS:
            self.refuse("options", str(len(options)), f"{OPTIONS[0]} to {OPTIONS[-1]} of a list")
        if len(ticked) != 1:
            self.refuse("right options", str(len(ticked)), "one, ticked as [x]")
        if not asked:
            self.refuse("question", asked, "a text above the options")
        return options, ticked[0], asked


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


PATHS = {file.stem: read_path(file) for file in sorted(FOLDER.glob("*.md"))}
FIRST = PATHS["first"]


def questions(page: Page) -> tuple[Stop, ...]:
    """Give the questions of a page: the path that has the name of its lesson."""
    return PATHS[page.lesson].stops if page.lesson in PATHS else ()


@functools.cache
def stops_at(slug: str) -> list[dict[str, Any]]:
    """Describe the stops at a page to its player, each with the others of its path."""
    return [
        _described(stop, path)
        for path in PATHS.values()
        for stop in path.stops
        if stop.page.slug == slug
    ]


def _linked(stop: Stop) -> dict[str, str]:
    return {"id": stop.id, "name": stop.name, "href": stop.link, "page": stop.page.slug}


def _described(stop: Stop, path: LessonPath) -> dict[str, Any]:
    return {
        **_linked(stop),
        "path": path.title,
        "own": bool(path.own),
        "stops": [_linked(one) for one in path.stops],
        "end": _end(path),
        "query": to_query(stop.config),
        "view": stop.view.query,
        "veils": stop.veils,
        "lights": stop.lights,
        "asked": to_html(stop.asked),
        "options": [to_html(option) for option in stop.options],
        "right": stop.right,
        "happened": to_html(stop.happened),
        "takeaway": to_html(stop.takeaway),
    }


def _end(path: LessonPath) -> dict[str, Any]:
    """Say where a path leads, and what its stops have told; a page's own questions stand on it."""
    if path.own:
        return {"href": path.own, "name": "See the page", "told": [], "more": []}
    told = [
        {**_linked(stop), "right": stop.right, "takeaway": to_html(stop.takeaway)}
        for stop in path.stops
    ]
    others = [one for one in PATHS.values() if not one.own and one is not path]
    more = [{"href": one.stops[0].link, "name": one.title} for one in others]
    return {"href": "./#all-pages", "name": "All pages", "told": told, "more": more}
