"""Declared knobs as widgets: a change of one is a gesture."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from ln_core.paper.skip_thoughts.nearest.config import SentenceText
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
    knobs,
)
from ln_core.runs.matrix_text import MatrixText
from pages.ui.gestures import carry_out, choose_value, refusal, shown

C = TypeVar("C", bound=Config)
MOST_SEEN = 3  # options that stand side by side; more are a list that opens
# Where the options of widgets lead, by their labels: what fields become, as a query has them.
Leads = dict[str, dict[str, dict[str, str]]]


def page_config(slug: str, default: C) -> C:
    """Give the config of a page, and say what its link asked for in vain."""
    config, problems = carry_out(slug, default)
    for problem in problems:
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
    plain = text.replace("`", "'")
    return f"`{plain if len(plain) <= most else plain[:most] + '…'}`"


def controls(slug: str, config: Config, group: Group) -> None:
    """Draw the widgets of one group, and why the last change of one was refused."""
    for name, declared in knobs(type(config)).items():
        if declared.group == group:
            key = shown(slug, name, _shown(declared, getattr(config, name)))
            _widget(declared, key, getattr(config, name))(on_change=_take, args=(slug, name, group))
    if reason := refusal(slug, group):
        st.error(reason)


def leads(config: type[Config]) -> Leads:
    """Give where each option of a choice leads."""
    return {
        name: {label: {name: option} for option, label in declared.kind.options.items()}
        for name, declared in knobs(config).items()
        if isinstance(declared.kind, Choice)
    }


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


def _take(slug: str, name: str, group: Group) -> None:
    """Put a widget's new value into the config."""

    def change(config: Any, value: Any) -> Any:  # noqa: ANN401
        kind = knobs(type(config))[name].kind
        if isinstance(kind, Subset):
            value = tuple(option for option in kind.options if option in value)
        elif isinstance(kind, MatrixText | SentenceText):
            value = _typed(name, kind, value)
        return dataclasses.replace(config, **{name: value})

    choose_value(slug, name, change, group)


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
        few = len(kind.options) <= MOST_SEEN
        widget = partial(st.radio, horizontal=True) if few else st.selectbox
        return bind(widget, options=list(kind.options), format_func=kind.options.get)
    if isinstance(kind, Subset):
        return bind(st.multiselect, options=list(kind.options), format_func=kind.options.get)
    if isinstance(kind, MatrixText | SentenceText):
        return bind(st.text_area if isinstance(kind, MatrixText) else st.text_input)
    assert isinstance(kind, Switch)
    return bind(st.toggle)
