"""The pages of the site that hold a film: what each shows, and how it is written."""

import html
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from ln_core.experiments import PAGES, Page
from ln_core.lessons import sections
from ln_core.paths import FIRST, Stop
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.recorded.files import film_of
from ln_core.references import Reference, slots
from ln_core.runs.config import to_text
from ln_core.runs.experiment import FilmConfig
from ln_core.runs.preset import Preset
from ln_core.saved.document import Film, write_frame, write_page
from ln_core.site.text import Site, lesson_html, links, menu

HOME = "index.html"
START = "<code>python -m streamlit run app.py</code>, as its README says"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One film of a page: a preset's, a recording, or that of the page's own settings."""

    page: Page
    name: str = ""  # of the preset or the recording
    label: str = ""  # in the row of the page's films
    is_first: bool = True  # the page's own address leads to it

    @property
    def address(self) -> str:
        """The name of its file."""
        return f"{self.page.slug}.html" if self.is_first else f"{self.page.slug}-{self.name}.html"

    @property
    def preset(self) -> Preset[Any] | None:
        """The preset that it shows, if it is one."""
        return self.page.presets.get(self.name)

    @property
    def is_recorded(self) -> bool:
        """Whether its film is read, and not made."""
        return self.name in self.page.recordings


def sheets(page: Page) -> list[Sheet]:
    """List the films of a page: its recordings and presets, or its one picture."""
    if page.experiment is None:
        return []
    labels = {name: RECORDINGS[name].title for name in page.recordings}
    small = "Small: " if labels else ""  # beside what is recorded in full
    labels |= {name: f"{small}{preset.label}" for name, preset in page.presets.items()}
    return [
        Sheet(page=page, name=name, label=label, is_first=place == 0)
        for place, (name, label) in enumerate(labels.items())
    ] or [Sheet(page=page)]


def write_sheet(sheet: Sheet, site: Site) -> str:
    """Train or read its film, and write its page."""
    film = film_of(sheet.name) if sheet.is_recorded else _made(sheet)
    if site.live:
        view = sheet.preset.seen if sheet.preset else {}
        query = "&".join([to_text(film.config), *(f"{name}={text}" for name, text in view.items())])
        film = replace(film, live=f"{site.live}/{sheet.page.slug}?{query}")
    row = {one.address: one.label for one in sheets(sheet.page)}
    return write_page(
        film,
        shared="",
        above=menu() + (links(row, sheet.address) if len(row) > 1 else ""),
        below=_lab(sheet.page, site) + _next_stop(sheet, site) + lesson_html(sheet.page, site, {}),
    )


def write_text(page: Page, site: Site) -> str:
    """Write a page that has no film."""
    lesson = sections(page.lesson)
    head = f"<h1>{html.escape(lesson['Question'])}</h1><p>{html.escape(lesson['Line'])}</p>"
    text = lesson_html(page, site, slots(lambda reference: _file_of(reference, site)))
    return write_frame(lesson["Question"], menu() + head + text, shared="")


def write_home(site: Site) -> str:
    """Write the home page: its film, the path, all pages."""
    film = replace(film_of("home"), plays=True)
    stops = "".join(
        f'<li><a href="{address_of(stop)}"><img src="images/{stop.image[0]}" '
        f'alt="{html.escape(stop.image[1])}" loading="lazy">{html.escape(stop.name)}</a></li>'
        for stop in FIRST.stops
        if stop.page.slug in site.slugs
    )
    pages = "".join(
        f'<li><a href="{page.slug}.html">{html.escape(page.question)}</a></li>'
        for page in map(PAGES.__getitem__, site.slugs)
    )
    path = f'<h2>A path through it</h2><ol class="lnl-stops">{stops}</ol>' if stops else ""
    below = (
        f'<section class="lnl-text">{path}<h2 id="pages">All pages</h2><ul>{pages}</ul></section>'
    )
    return write_page(film, shared="", below=below)


def address_of(stop: Stop) -> str:
    """Name the file that shows a stop of the path."""
    all_of_page = sheets(stop.page)
    own = [sheet for sheet in all_of_page if sheet.preset and sheet.preset.config == stop.config]
    return (own or all_of_page)[0].address


def _file_of(reference: Reference, site: Site) -> str:
    """Name the file that shows what a text names; nothing if the site does not have its page."""
    page = reference.page
    if page.slug not in site.slugs:
        return ""
    if reference.stop:
        return address_of(reference.stop)
    own = [sheet.address for sheet in sheets(page) if sheet.name == reference.preset]
    return own[0] if own else f"{page.slug}.html"


def _made(sheet: Sheet) -> Film:
    experiment, preset, lesson = sheet.page.experiment, sheet.preset, sections(sheet.page.lesson)
    if experiment is None:
        raise ValueError(f"a film must have an experiment, got none of {sheet.page.slug}")

    def of(config: FilmConfig) -> Film:
        frames = list(experiment.frames(config))
        return Film(experiment=experiment, config=config, frames=frames, title=lesson["Question"])

    if preset is None:
        return replace(of(experiment.config()), line=lesson["Line"])
    return replace(
        of(preset.config),
        line=preset.notice,
        view=preset.view.query,
        pinned=None if preset.pin is None else of(preset.pin),
    )


def _next_stop(sheet: Sheet, site: Site) -> str:
    """Lead on along the path, from a film that is a stop of it."""
    stops = [stop for stop in FIRST.stops if stop.page.slug in site.slugs]
    for stop, following in pairwise(stops):
        if address_of(stop) == sheet.address:
            link = f'<a href="{address_of(following)}">{html.escape(following.name)}</a>'
            return f'<p class="lnl-text">Next stop of the path: {link}</p>'
    return ""


def _lab(page: Page, site: Site) -> str:
    """Say where other settings are computed."""
    lab = f"open the live lab ({START})"
    if site.live:
        lab = f'<a href="{html.escape(site.live)}/{page.slug}">open the live lab</a>'
    return f'<p class="lnl-text">All this was computed before. For other settings, {lab}.</p>'
