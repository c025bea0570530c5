"""Gestures: what they make of a page's config, with the URL as the state that lasts.

With a gesture a browser also says its URL and the values of all widgets, which may be older than
what it was last told: it may not have drawn that yet. So a gesture builds on the config that the
page has shown last, and a widget that says what it showed before is not taken for one that moved.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st

from ln_core.runs.config import Config, ConfigError, Group, from_query, to_query

C = TypeVar("C", bound=Config)


@dataclass(frozen=True, slots=True)
class _Gesture:
    change: Callable[[Any], Any]  # what it makes of a config
    group: Group  # of controls, below which it is refused
    late: bool  # whether it may be no gesture, but what a widget showed before


@dataclass(slots=True)
class _Page:
    """What a session knows of a page from one run of its script to the next."""

    config: Any = None
    url: dict[str, str] | None = None  # of which the browser was told last
    visited: bool = False  # the whole page runs: its URL may be another one
    problems: tuple[ConfigError, ...] = ()  # of the link that brought the config
    refused: tuple[Group, str] | None = None
    gestures: list[_Gesture] = field(default_factory=list)  # not yet carried out
    shown: dict[str, list[Any]] = field(default_factory=dict)  # what each widget may say


def visit(slug: str) -> None:
    """Begin a run of the whole page, as against one of its fragment."""
    page = _page(slug)
    if st.session_state.get("visited") != slug:
        page.gestures = []  # left from another visit
    st.session_state["visited"] = slug
    page.visited = True


def choose(slug: str, change: Callable[[Any], Any]) -> None:
    """Change the page's config, as a preset or a button does: the callback of a gesture."""
    _page(slug).gestures.append(_Gesture(change, "primary", late=False))


def choose_value(
    slug: str, name: str, change: Callable[[Any, Any], Any], group: Group = "primary"
) -> None:
    """Change the page's config by the new value of a widget that is `shown`: its callback."""
    page, value = _page(slug), st.session_state[f"{slug}.{name}"]
    late = value in page.shown[name]
    page.gestures.append(_Gesture(lambda config: change(config, value), group, late))


def shown(slug: str, name: str, value: Any) -> str:  # noqa: ANN401
    """Have a widget show a value, whatever the browser says that it shows; give its key."""
    key, page = f"{slug}.{name}", _page(slug)
    # What it has shown since what the browser says now: each of them may come before the last.
    said, before = st.session_state.get(key), page.shown.get(name, [])
    since = before[before.index(said) :] if said in before else [*before, said]
    page.shown[name] = since if since[-1] == value else [*since, value]
    st.session_state[key] = value
    return key


def carry_out(slug: str, default: C) -> tuple[C, tuple[ConfigError, ...]]:
    """Give the page's config, by its gestures or a new URL, which is completed.

    Also gives what the link asked for in vain.
    """
    page, url = _page(slug), st.query_params.to_dict()
    gestures, page.gestures = page.gestures, []
    visited, page.visited = page.visited, False
    if gestures:
        _change(page, gestures)
    elif visited and url != page.url:
        page.url, page.refused = url, None
        page.config, page.problems = from_query(type(default), {**to_query(default), **url})
    query = to_query(page.config)
    if not query == page.url == url:
        st.query_params.from_dict(query)
    page.url = query
    return page.config, page.problems


def refusal(slug: str, group: Group) -> str | None:
    """Say why the last gesture was refused, if it came from a group of controls."""
    group_and_reason = _page(slug).refused
    return group_and_reason[1] if group_and_reason and group_and_reason[0] == group else None


def _change(page: _Page, gestures: list[_Gesture]) -> None:
    """Change a page's config by gestures; refuse what cannot be, and keep the rest."""
    before, page.refused = page.config, None
    # Someone who brings back what a widget showed before does so alone.
    for gesture in gestures if len(gestures) == 1 else [one for one in gestures if not one.late]:
        try:
            page.config = gesture.change(page.config)
        except ValueError as error:
            page.refused = (gesture.group, str(error))
    if page.config != before:
        page.problems = ()


def _page(slug: str) -> _Page:
    page: _Page = st.session_state.setdefault(slug, _Page())
    return page
