"""What a text may name: pages, presets and stops, each a link that is made from it. Free of torch.

In a text stands `{{mlp}}`, `{{mlp.online}}` or `{{first.3}}`, and `{{mlp.online.says}}` for what is
to be noticed there.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from ln_core.experiments import PAGES, Page
from ln_core.paths import PATHS, LessonPath, Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A page, or what is to be seen at it."""

    name: str  # of its slot
    label: str  # tells on paper, too, where to find it
    page: Page
    address: str  # beside the other pages
    says: str = ""  # a preset's notice, a stop's takeaway
    preset: str = ""
    stop: Stop | None = None


def slots(address: Callable[[Reference], str]) -> dict[str, str]:
    """Give each slot its text; a reference without an address is its label alone."""
    texts = {}
    for one in _all():
        found = address(one)
        texts[one.name] = f"[{one.label}]({found})" if found else one.label
        if one.says:
            texts[f"{one.name}.says"] = one.says
    return texts


def _all() -> Iterator[Reference]:
    for page in PAGES.values():
        yield Reference(name=page.slug, label=page.title, page=page, address=page.slug)
        for name, preset in page.presets.items():
            yield Reference(
                name=f"{page.slug}.{name}",
                label=f"{page.title}: {preset.label}",
                page=page,
                address=f"{page.slug}?{urlencode(preset.query)}",
                says=preset.notice,
                preset=name,
            )
    for path in PATHS.values():
        for number, stop in enumerate(path.stops, 1):
            yield _stop(path, number, stop)


def _stop(path: LessonPath, number: int, stop: Stop) -> Reference:
    return Reference(
        name=stop.id,
        label=f"{stop.page.title if path.own else f'Stop {number}'}: {stop.name}",
        page=stop.page,
        address=stop.link,
        says=stop.takeaway,
        stop=stop,
    )
