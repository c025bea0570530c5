"""A page's settings as one JSON: what a browser needs to draw controls and to write a query."""

from collections.abc import Mapping
from typing import Any

from ln_core.runs.config import (
    C,
    Config,
    ConfigError,
    Control,
    Knob,
    from_query,
    knobs,
    to_query,
)
from ln_core.runs.experiment import Experiment, SnapshotConfig
from ln_core.runs.preset import Preset

RECEIVED = 80  # characters of what was received that are said again


def describe(config: type[Config]) -> list[Control]:
    """Describe the control of every knob, in the order of their declaration."""
    return [
        _described(name, declared)
        for name, declared in knobs(config).items()
        if declared.group != "course"
    ]


def describe_changes(config: type[Config]) -> Control | None:
    """Describe what may change in mid-run, and how people choose it; None where nothing may."""
    course = [name for name, declared in knobs(config).items() if declared.group == "course"]
    return _described(course[0], knobs(config)[course[0]]) if course else None


def _described(name: str, declared: Knob) -> Control:
    return {
        "name": name,
        "label": declared.label,
        "help": declared.help,
        "group": declared.group,
        "where": declared.where,
        "allowed": declared.kind.allowed,
        **declared.kind.control(),
    }


def settings(
    experiment: Experiment, default: Config, presets: Mapping[str, Preset[Any]]
) -> dict[str, Any]:
    """Describe what can be asked of an experiment, and what is shown where nothing is asked for."""
    return {
        "experiment": experiment.name,
        "code": bool(experiment.code),
        # What trains begins anew with every change: it waits until a slider is let go of.
        "at_once": issubclass(experiment.config, SnapshotConfig),
        "knobs": describe(experiment.config),
        "changes": describe_changes(experiment.config),
        "query": to_query(default),
        "presets": [
            {
                "label": one.label,
                "group": one.group,
                "notice": one.notice,
                "query": to_query(one.config),
                "view": one.seen,
            }
            for one in presets.values()
        ],
    }


def problem(config: type[Config], error: ConfigError) -> dict[str, Any]:
    """Describe a refused value: its fields and their labels, what was received, what is allowed.

    `said` has all that in words.
    """
    declared = knobs(config)
    fields = [_shortened(name) for name in error.fields]
    labels = [declared[name].label for name in error.fields if name in declared]
    received = _shortened(error.received) if error.received != "''" else "an empty text"
    return {
        "said": f"{', '.join(labels)}: {received} is not possible. Allowed: {error.allowed}."
        if labels
        else f"{', '.join(fields)}: {error.allowed}.",
        "fields": fields,
        "beside": [*error.beside],
        "labels": labels,
        "received": received,
        "allowed": error.allowed,
    }


def read(config: type[C], query: Mapping[str, str]) -> C:
    """Read a config from a query of which nothing is left out.

    Raises: ConfigError, in the page's words, if a value is refused or a field is unknown.
    """
    found, problems = from_query(config, query)
    if problems:
        first, said = problems[0], "\n".join(problem(config, one)["said"] for one in problems)
        raise ConfigError(first.fields, first.received, first.allowed, said)
    return found


def _shortened(text: str) -> str:
    """Give the beginning of a long text."""
    return text if len(text) <= RECEIVED else f"{text[:RECEIVED]}…"
