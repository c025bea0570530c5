"""Declared knobs as widgets, with the URL as the only state.

A script run reads the config from the URL and shows it; a widget's change writes the URL.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import streamlit as st

from ln_core.runs.config import (
    Choice,
    Config,
    ConfigError,
    Group,
    Knob,
    Real,
    Subset,
    Switch,
    Whole,
    from_query,
    knobs,
    to_query,
)
from ln_core.see.matrix_text import MatrixText
from ln_core.see.nearest_config import SentenceText

C = TypeVar("C", bound=Config)


def config_from_url(slug: str, default: C) -> C:
    """Read the page's config from the URL, complete the URL, and say what was refused."""
    query = {**to_query(default), **st.query_params.to_dict()}
    config, problems = from_query(type(default), query)
    _write_url(config)
    if problems:
        st.session_state[f"{slug}.problems"] = (config, problems)
    concerned, told = st.session_state.get(f"{slug}.problems", (None, ()))
    if concerned == config:
        for problem in told:
            _tell(type(config), problem)
    return config


def _tell(config: type[Config], problem: ConfigError) -> None:
    """Say what a link asked for in vain; its own words stand as code, so that they are not one."""
    declared = knobs(config)
    names = " and ".join(
        f"{declared[name].label} ({name})" if name in declared else "Unknown setting"
        for name in problem.fields
    )
    if all(name in declared for name in problem.fields):
        text = (
            f"The link says {_quoted(problem.received)}, which is not possible. Allowed: "
            f"{problem.allowed}. The default is used instead."
        )
    else:
        text = (
            f"The link sets {_quoted(problem.fields[0])}, which this page does not know: ignored."
        )
    st.warning(text, title=names, icon=":material/link_off:")


def _quoted(text: str, most: int = 60) -> str:
    shown = text.replace("`", "'")
    return f"`{shown if len(shown) <= most else shown[:most] + '…'}`"


def controls(slug: str, config: Config, group: Group) -> None:
    """Draw the widgets of one group; a change is written to the URL and the page runs again."""
    for name, declared in knobs(type(config)).items():
        if declared.group == group:
            key = f"{slug}.{name}"
            st.session_state[key] = _shown(declared, getattr(config, name))
            _widget(declared, key, getattr(config, name))(
                on_change=_take, args=(slug, config, name)
            )
    refused = st.session_state.get(f"{slug}.refused")
    if refused and group == refused[0]:
        st.error(refused[1])


def choose(slug: str, config: Config) -> None:
    """Make this the page's config, as a preset or a button does."""
    st.session_state.pop(f"{slug}.problems", None)
    st.session_state.pop(f"{slug}.refused", None)
    _write_url(config)


def _write_url(config: Config) -> None:
    query = to_query(config)
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)


def _shown(declared: Knob, value: Any) -> Any:  # noqa: ANN401
    if isinstance(declared.kind, MatrixText):
        return declared.kind.format(value).replace("_", "\n").replace(",", ", ")
    return list(value) if isinstance(declared.kind, Subset) else value


def _typed(name: str, kind: MatrixText | SentenceText, text: str) -> Any:  # noqa: ANN401
    """Read what is typed: of a matrix, lines of numbers, or what a spreadsheet gives."""
    if isinstance(kind, MatrixText):
        lines = [line.strip().replace("\t", ",") for line in text.splitlines() if line.strip()]
        text = "_".join(lines)
    try:
        return kind.parse(text)
    except ValueError:
        raise ConfigError((name,), repr(text), kind.allowed) from None


def _take(slug: str, config: Config, name: str) -> None:
    """Put a widget's new value into the config; refuse what cannot run, and keep the rest."""
    declared = knobs(type(config))[name]
    value = st.session_state[f"{slug}.{name}"]
    if isinstance(declared.kind, Subset):
        value = tuple(option for option in declared.kind.options if option in value)
    try:
        if isinstance(declared.kind, MatrixText | SentenceText):
            value = _typed(name, declared.kind, value)
        # Of two gestures at once the second builds on the first, which is in the URL by now.
        present, _ = from_query(type(config), st.query_params.to_dict())
        choose(slug, dataclasses.replace(present, **{name: value}))  # type: ignore[type-var]
    except ConfigError as error:
        st.session_state[f"{slug}.refused"] = (declared.group, str(error))


def _stops(stops: Iterable[float], value: float) -> list[float]:
    """The values that a slider offers; one that came by the URL takes its place among them."""
    return sorted({*stops, value})


def _widget(declared: Knob, key: str, value: Any) -> Callable[..., Any]:  # noqa: ANN401
    """Choose the widget for a kind of value."""
    common: Mapping[str, Any] = {"label": declared.label, "help": declared.help, "key": key}
    kind = declared.kind

    def bind(widget: Callable[..., Any], **options: Any) -> Callable[..., Any]:  # noqa: ANN401
        return lambda **callback: widget(**common, **options, **callback)

    if isinstance(kind, Whole | Real) and kind.stops:
        options = _stops(kind.stops, value)
        return bind(st.select_slider, options=options, format_func=kind.format)
    if isinstance(kind, Whole) and kind.high - kind.low < 20:
        return bind(st.slider, min_value=kind.low, max_value=kind.high)
    if isinstance(kind, Whole | Real):
        return bind(st.number_input, min_value=kind.low, max_value=kind.high)
    if isinstance(kind, Choice):
        return bind(st.selectbox, options=list(kind.options), format_func=kind.options.get)
    if isinstance(kind, Subset):
        return bind(st.multiselect, options=list(kind.options), format_func=kind.options.get)
    if isinstance(kind, MatrixText | SentenceText):
        return bind(st.text_area if isinstance(kind, MatrixText) else st.text_input)
    assert isinstance(kind, Switch)
    return bind(st.toggle)
