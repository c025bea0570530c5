"""Experiments declared as data: a field carries its range, label, help and group.

Controls, URL, validation and the documentation all follow from the one declaration.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar
from urllib.parse import urlencode

# Across the page, beside the charts, on demand; or in the course of the run, at its moments.
Group = Literal["top", "primary", "advanced", "course"]
Control = dict[str, Any]  # as JSON: its type, and what `assets/player/knobs.js` makes of that
MOST_STEPS = 20  # from one end of a slider without stops to the other


class ConfigError(ValueError):
    """A refused value: which fields, what was received, what is allowed; all that in words.

    `beside`: other fields that decide whether it is refused.
    """

    def __init__(
        self,
        fields: tuple[str, ...],
        received: str,
        allowed: str,
        said: str = "",
        beside: tuple[str, ...] = (),
    ) -> None:
        super().__init__(said or f"{' and '.join(fields)}: got {received}; allowed: {allowed}")
        self.fields, self.received, self.allowed = fields, received, allowed
        self.beside = beside


class Kind(Protocol):
    """What values a field takes, and how they are written in a URL."""

    @property
    def allowed(self) -> str:
        """The allowed values in words."""

    def accepts(self, value: Any) -> bool:  # noqa: ANN401
        """Whether a value, of any type, is allowed."""

    def parse(self, text: str) -> Any:  # noqa: ANN401
        """Read a value from its text; ValueError where the text is not of this kind."""

    def format(self, value: Any) -> str:  # noqa: ANN401
        """Write a value as its one canonical text."""

    def control(self) -> Control:
        """Describe the control with which a browser lets people choose a value."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `low` to `high`; `stops` are the values that a slider offers."""

    low: int
    high: int
    stops: tuple[int, ...] = ()

    @property
    def allowed(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    def accepts(self, value: Any) -> bool:  # noqa: ANN401
        return type(value) is int and self.low <= value <= self.high

    def parse(self, text: str) -> int:
        return int(text)

    def format(self, value: int) -> str:
        return str(value)

    def control(self) -> Control:
        stops = self.stops
        if not stops and self.high - self.low < MOST_STEPS:
            stops = tuple(range(self.low, self.high + 1))
        if stops:
            return {"type": "range", "stops": [self.format(stop) for stop in stops]}
        return {"type": "number", "low": self.low, "high": self.high, "step": 1}


@dataclass(frozen=True, slots=True)
class Real:
    """A finite number from `low` to `high`; `stops` are the values that a slider offers."""

    low: float
    high: float
    stops: tuple[float, ...] = ()

    @property
    def allowed(self) -> str:
        return f"a number from {self.format(self.low)} to {self.format(self.high)}"

    def accepts(self, value: Any) -> bool:  # noqa: ANN401
        # NaN fails both comparisons, so it cannot slip through.
        return type(value) is float and self.low <= value <= self.high

    def parse(self, text: str) -> float:
        return float(text)

    def format(self, value: float) -> str:
        return repr(float(value) + 0.0).removesuffix(".0")  # -0 is 0

    def control(self) -> Control:
        if self.stops:
            return {"type": "range", "stops": [self.format(stop) for stop in self.stops]}
        return {"type": "number", "low": self.low, "high": self.high, "step": "any"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several options, each an identifier with the label that people read."""

    options: Mapping[str, str]
    # An option is offered where these fields have one of these, as in `Knob.where`.
    offered: Mapping[str, Mapping[str, list[str]]] = dataclasses.field(default_factory=dict)

    @property
    def allowed(self) -> str:
        return "one of " + ", ".join(self.options)

    def accepts(self, value: Any) -> bool:  # noqa: ANN401
        return isinstance(value, str) and value in self.options

    def parse(self, text: str) -> str:
        return text

    def format(self, value: str) -> str:
        return value

    def control(self) -> Control:
        return {"type": "choice", "options": dict(self.options), "offered": dict(self.offered)}


@dataclass(frozen=True, slots=True)
class Subset:
    """One or more of several options, kept in the order of their declaration."""

    options: Mapping[str, str]
    offered: Mapping[str, Mapping[str, list[str]]] = dataclasses.field(default_factory=dict)

    @property
    def allowed(self) -> str:
        return "one or more of " + ", ".join(self.options) + ", in this order"

    def accepts(self, value: Any) -> bool:  # noqa: ANN401
        return (
            isinstance(value, tuple)
            and len(value) > 0
            and value == tuple(option for option in self.options if option in value)
        )

    def parse(self, text: str) -> tuple[str, ...]:
        return tuple(text.split(","))

    def format(self, value: tuple[str, ...]) -> str:
        return ",".join(value)

    def control(self) -> Control:
        return {"type": "subset", "options": dict(self.options), "offered": dict(self.offered)}


@dataclass(frozen=True, slots=True)
class Switch:
    """On or off."""

    @property
    def allowed(self) -> str:
        return "on or off"

    def accepts(self, value: Any) -> bool:  # noqa: ANN401
        return isinstance(value, bool)

    def parse(self, text: str) -> bool:
        return {"on": True, "off": False}[text]

    def format(self, value: bool) -> str:
        return "on" if value else "off"

    def control(self) -> Control:
        return {"type": "switch"}


@dataclass(frozen=True, slots=True)
class Knob:
    """How a config field is shown and checked."""

    kind: Kind
    label: str
    help: str
    group: Group
    # It does something where each of these fields is one of these texts, or holds one.
    where: Mapping[str, list[str]]


def knob(
    default: Any,  # noqa: ANN401
    kind: Kind,
    *,
    label: str,
    help: str,
    group: Group = "advanced",
    where: Mapping[str, list[str]] | None = None,
) -> Any:  # noqa: ANN401
    """Declare one config field: default, kind, label, one-line help, group, where it matters."""
    declared = Knob(kind=kind, label=label, help=help, group=group, where=where or {})
    return dataclasses.field(default=default, metadata={"knob": declared})


def does_something(declared: Knob, query: Mapping[str, str]) -> bool:
    """Whether a field matters in a run: each of its `where` is, or holds, one of its texts."""
    return all(
        not set(texts).isdisjoint(query.get(name, "").split(","))
        for name, texts in declared.where.items()
    )


class Config:
    """A frozen set of knobs that refuses bad values when built; the base of every experiment."""

    __slots__ = ()

    def __post_init__(self) -> None:
        """Refuse values out of range, then combinations that cannot run."""
        for name, declared in knobs(type(self)).items():
            value = getattr(self, name)
            if not declared.kind.accepts(value):
                raise ConfigError((name,), repr(value), declared.kind.allowed)
        self.check_together()

    def check_together(self) -> None:
        """Raise ConfigError where allowed values do not go together; none by default."""

    @classmethod
    def in_place(cls, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give values that some others have in place of defaults which do not go with them."""
        return {}


C = TypeVar("C", bound=Config)


def knobs(config: type[Config]) -> dict[str, Knob]:
    """List the declared fields of a config class, in order."""
    return {
        field.name: field.metadata["knob"]
        for field in dataclasses.fields(config)  # type: ignore[arg-type]
    }


def defaults(config: type[Config]) -> dict[str, Any]:
    """Give the value that each field of a config class has where nothing is said."""
    return {field.name: field.default for field in dataclasses.fields(config)}  # type: ignore[arg-type]


def to_query(config: Config) -> dict[str, str]:
    """Write every field as its canonical text; of changes in the course only what there is."""
    return {
        name: declared.kind.format(value)
        for name, declared in knobs(type(config)).items()
        if (value := getattr(config, name)) or declared.group != "course"
    }


def to_text(config: Config) -> str:
    """Write the config as the query of a URL: the one canonical text that names a run."""
    return urlencode(to_query(config), safe=",:")


def from_query(cls: type[C], query: Mapping[str, str]) -> tuple[C, tuple[ConfigError, ...]]:
    """Read a config from a URL's query; a refused value gives way to its default.

    Returns the config and one error for each refused value; fields that are absent take their
    defaults silently, and no refused value costs the others.
    """
    declared = knobs(cls)
    values: dict[str, Any] = {}
    problems: list[ConfigError] = [
        ConfigError((name,), repr(text), "no such field; one of " + ", ".join(declared))
        for name, text in query.items()
        if name not in declared
    ]
    for name in declared.keys() & query.keys():
        try:
            values[name] = read_value(name, declared[name].kind, query[name])
        except ConfigError as problem:
            problems.append(problem)
    while True:
        try:
            config = cls(**{**cls.in_place(values), **values})
        except ConfigError as problem:
            # Values that are allowed one by one but not together: the named fields fall back.
            fallen = [name for name in problem.fields if name in values]
            if not fallen:
                raise  # the defaults do not go together: a mistake in the declaration
            _note(problem, fallen, problems)
            for name in fallen:
                del values[name]
        else:
            order = {name: place for place, name in enumerate(dict.fromkeys([*declared, *query]))}
            problems.sort(key=lambda problem: order[problem.fields[0]])
            return config, tuple(problems)


def _note(problem: ConfigError, fallen: Sequence[str], problems: list[ConfigError]) -> None:
    """Note why values do not go together; if one has fallen back before, that is why."""
    lost = {*problem.fields} - {*fallen}
    for place, earlier in enumerate(problems):
        if len(earlier.fields) > 1 and lost & {*earlier.fields}:
            fields = (*earlier.fields, *fallen)
            problems[place] = ConfigError(
                fields, earlier.received, earlier.allowed, beside=earlier.beside
            )
            return
    problems.append(problem)


def read_value(name: str, kind: Kind, text: str) -> Any:  # noqa: ANN401
    """Read the value of the field `name` from its text.

    Raises: ConfigError if it is not allowed.
    """
    try:
        value = kind.parse(text)
    except (ValueError, KeyError):
        raise ConfigError((name,), repr(text), kind.allowed) from None
    if not kind.accepts(value):
        raise ConfigError((name,), repr(text), kind.allowed)
    return value
