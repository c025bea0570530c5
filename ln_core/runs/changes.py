"""Changes in mid-run: a run that goes on from another one's weights with one thing changed.

A fork is a config like any other, whose `changes` say what is other from which step on. Its text is
`400:batch_size:2,600:learning_rate:0.01`: after 400 steps batches of 2, after 600 another rate.
"""

import contextlib
import dataclasses
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple, Self

from ln_core.runs.config import (
    Choice,
    ConfigError,
    Control,
    Kind,
    Real,
    Switch,
    Whole,
    knob,
    knobs,
)
from ln_core.runs.experiment import MEMORY_LIMIT, TrainingConfig
from ln_core.runs.fields import BN_MOMENTUM, WITH_BATCH_NORM, with_a_norm

MOST = 3  # changes of one run
CHANGED = "Change in mid-run"  # the menu of the presets that show one
MOMENTUM = 0.9  # of both optimizers that have one: the weight of what was gathered before
IN, OUT = ("in", "in-fresh"), ("out", "out-fresh")
NORMALIZATION = {
    "in": "On",
    "in-fresh": "On, and Batch Norm's running statistics start again",
    "out": "Off, fixed measured mean and deviation",
    "out-fresh": "Off, fixed mean 0 and deviation 1",
}
_TURNS = {  # the values that each can be chosen after; it stays in sight itself
    "in": {"normalization": ["in", *OUT]},
    "in-fresh": {"normalization": ["in-fresh", *OUT], "variants": ["batch"]},
    "out": {"normalization": ["out", *IN]},
    "out-fresh": {"normalization": ["out-fresh", *IN]},
}
# Batch sizes, each with the number of steps after which it begins; the first one after none.
Sizes = Sequence[tuple[int, int]]


class Change(NamedTuple):
    """From the step after `step` on, a field has another value."""

    step: int
    field: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What may change in mid-run, as it is for one training step."""

    learning_rate: float
    batch_size: int
    momentum: float = MOMENTUM
    bn_momentum: float = 0.1
    normalization: str = "in"  # one of NORMALIZATION
    bn_frozen: bool = False

    @property
    def keeps_running(self) -> bool:
        """Whether Batch Norm trains with its running statistics, which stay."""
        return self.normalization == "out" or (self.bn_frozen and self.normalization in IN)

    def measures(self, variant: str) -> bool:
        """Whether a variant's norm takes its statistics from what it normalizes, in training."""
        frozen = variant == "batch" and self.bn_frozen
        return variant != "none" and self.normalization in IN and not frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class Changeable:
    """A field that may change in mid-run: how it is shown, and where it does something."""

    kind: Kind
    label: str
    help: str
    first: Any = None  # its value at the start; None: the config's own field says it
    # As `Knob.where`; of what may change, the value counts that it has at the step.
    where: Mapping[str, list[str]] = dataclasses.field(default_factory=dict)

    def control(self, name: str) -> Control:
        """Describe how a browser lets people choose a value."""
        return {
            "name": name,
            "label": self.label,
            "help": self.help,
            "where": self.where,
            "first": None if self.first is None else self.kind.format(self.first),
            "allowed": self.kind.allowed,
            **self.kind.control(),
        }


@dataclass(frozen=True, slots=True)
class Changes:
    """At most three changes, written step:field:value each; `Forkable` checks what they say."""

    fields: Mapping[str, Changeable]

    @property
    def allowed(self) -> str:
        return (
            f"at most {MOST} changes, each written step:field:value, with a comma in between; "
            f"a field is one of {', '.join(self.fields)}"
        )

    def accepts(self, value: Any) -> bool:  # noqa: ANN401
        return (
            isinstance(value, tuple)
            and len(value) <= MOST
            and all(isinstance(one, Change) and type(one.step) is int for one in value)
        )

    def parse(self, text: str) -> tuple[Change, ...]:
        """Read the changes, and put them in order."""
        found = [self._one(part) for part in text.split(",")] if text else []
        return tuple(sorted(found, key=self.place))

    def _one(self, text: str) -> Change:
        step, field, value = text.split(":")
        change = Change(int(step), field, value)
        with contextlib.suppress(KeyError, ValueError):  # refused later, in the field's own words
            return change._replace(value=self.fields[field].kind.parse(value))
        return change

    def format(self, value: Sequence[Change]) -> str:
        return ",".join(map(self.text, value))

    def text(self, change: Change) -> str:
        """Write one change; of a field that cannot change, as it was received."""
        kind = self.fields[change.field].kind if change.field in self.fields else None
        known = kind is not None and kind.accepts(change.value)
        value = kind.format(change.value) if kind is not None and known else change.value
        return f"{change.step}:{change.field}:{value}"

    def place(self, change: Change) -> tuple[int, int]:
        """Where a change stands: by its step, then as the fields are declared."""
        names = [*self.fields]
        return change.step, names.index(change.field) if change.field in names else len(names)

    def control(self) -> Control:
        fields = [field.control(name) for name, field in self.fields.items()]
        return {"type": "changes", "most": MOST, "fields": fields}


def _named(field: Changeable, text: str) -> str:
    """Name a field with its value, as the browser does (`changes.js`)."""
    if isinstance(field.kind, Switch):
        return field.label if text == "on" else f"{field.label}: off"
    shown = field.kind.options[text] if isinstance(field.kind, Choice) else text
    return f"{field.label} {shown}"


def place_of(cases: int, sizes: Sizes, step: int) -> tuple[int, int]:
    """Give the epoch after so many steps, and how many of its cases have been seen."""
    epoch = place = 0
    ends = [*(begin for begin, _ in sizes[1:]), step]
    for (begin, size), end in zip(sizes, ends, strict=True):
        steps, rest = max(0, min(end, step) - begin), math.ceil((cases - place) / size)
        if steps < rest:
            place += steps * size
        else:
            more, left = divmod(steps - rest, math.ceil(cases / size))
            epoch, place = epoch + 1 + more, left * size
    return epoch, place


def changes(
    learning_rate: Real,
    batch_size: Whole,
    *,
    variants: Iterable[str],
    batch_norm: Mapping[str, list[str]] | None = None,
) -> Any:  # noqa: ANN401
    """Declare the changes in mid-run of a lab with these variants, whose fields have these kinds.

    `batch_norm` says where Batch Norm takes part, as `Knob.where` does.
    """
    batch = {**(batch_norm or {}), **WITH_BATCH_NORM}
    fields = {
        "learning_rate": Changeable(
            kind=learning_rate,
            label="Learning rate",
            help="A factor of every step; the optimizer's state is kept.",
        ),
        "batch_size": Changeable(
            kind=batch_size,
            label="Batch size",
            help="Examples in a mini-batch; the order of the examples stays.",
        ),
        "momentum": Changeable(
            kind=Real(0.0, 0.999, stops=(0.0, 0.5, 0.8, 0.9, 0.95, 0.99)),
            label="Optimizer's momentum",
            help="Weight of earlier gradients (Adam's beta 1). The optimizer's state is kept.",
            first=MOMENTUM,
            where={"optimizer": ["adam", "momentum"]},
        ),
        "bn_momentum": Changeable(
            kind=BN_MOMENTUM,
            label="BN momentum",
            help="Weight of the new batch in Batch Norm's running statistics.",
            where={**batch, "normalization": [*IN], "bn_frozen": ["off"]},
        ),
        "normalization": Changeable(
            kind=Choice(NORMALIZATION, offered=_TURNS),
            label="Normalization",
            help="Off fixes mean and deviation: measured (Batch Norm: running) ones, or 0 and 1.",
            first="in",
            where=with_a_norm(variants),
        ),
        "bn_frozen": Changeable(
            kind=Switch(),
            label="BN statistics frozen",
            help="Batch Norm uses its running statistics in training too, and they stay.",
            first=False,
            where={**batch, "normalization": [*IN]},
        ),
    }
    return knob(
        (),
        Changes(fields),
        label="Changes in mid-run",
        help="What changes after which step: all before it is as in the run without the change.",
        group="course",
    )


class Forkable(TrainingConfig):
    """A config of a training in which things may change in mid-run."""

    __slots__ = ()
    can_fork: ClassVar[bool] = True
    optimizer: str
    changes: tuple[Change, ...]

    @property
    def taking_part(self) -> tuple[str, ...]:
        """The variants that are trained."""
        return self.variants

    @property
    def ancestors(self) -> Iterator[tuple[Self, int]]:
        """The runs that begin as this one does, the nearest first, and the frames they share."""
        for count in reversed(range(len(self.changes))):
            shared = 1 + self.changes[count].step // self.frame_every
            yield replace(self, changes=self.changes[:count]), shared  # type: ignore[type-var]

    def setting_for(self, step: int) -> Setting:
        """Give the setting with which a step, counted from 1, is trained."""
        names = [field.name for field in dataclasses.fields(Setting)]
        values = {name: getattr(self, name) for name in names if hasattr(self, name)}
        values |= {field: value for before, field, value in self.changes if before < step}
        return Setting(**values)

    def changes_at(self, step: int) -> bool:
        """Whether something changes after so many steps."""
        return any(change.step == step for change in self.changes)

    @property
    def named_changes(self) -> list[tuple[int, str]]:
        """Name each change, with the step after which it is made: 400, "Batch size 2"."""
        named = []
        for step, name, value in self.changes:
            field = self._changes.fields[name]
            text = field.kind.format(value)
            named.append((step, _named(field, text)))
        return named

    @property
    def changes_in_words(self) -> list[str]:
        """Say each change, as in "after step 400: Batch size 2"."""
        return [f"after step {step}: {name}" for step, name in self.named_changes]

    @property
    def batch_sizes(self) -> Sizes:
        """The batch sizes of the run."""
        sizes = [(step, value) for step, field, value in self.changes if field == "batch_size"]
        return ((0, self.batch_size), *sizes)

    @property
    def sizes_of_batches(self) -> set[int]:
        """The sizes that batches of the run can have: those asked for, and an epoch's last ones."""
        cases, sizes = self.training_cases, set[int]()
        for step, size in self.batch_sizes:
            left = cases - place_of(cases, self.batch_sizes, step)[1]
            sizes |= {min(size, left), left % size, min(size, cases), cases % size}
        return sizes - {0}

    @property
    def cases_in_step(self) -> int:
        """Cases that there are buffers for, at the most: a batch's, and an epoch's last one's.

        A change of batch size leaves a batch of another size at the end of its epoch.
        """
        return max(
            size * (1 if step == 0 else 2) + self.training_cases % size
            for step, size in self.batch_sizes
        )

    @property
    def steps_per_epoch(self) -> int:
        """Steps of an epoch; 0 where they differ from one epoch to another."""
        return 0 if len(self.batch_sizes) > 1 else super().steps_per_epoch

    def check_changes(self) -> None:
        """Refuse changes of which one cannot be, or changes nothing; the first such is named."""
        if self.changes:
            *earlier, last = self.changes
            before = replace(self, changes=tuple(earlier))  # type: ignore[type-var]
            if allowed := (
                before._refusal(last) or before._lack(last) or before._idle(last) or self._excess
            ):
                raise ConfigError(("changes",), repr(self._changes.text(last)), allowed)

    @property
    def _excess(self) -> str:
        """Say what memory there is if a larger batch takes more; else nothing."""
        return f"at most {MEMORY_LIMIT >> 30} GiB of memory" if self.memory > MEMORY_LIMIT else ""

    @property
    def _changes(self) -> Changes:
        kind: Changes = knobs(type(self))["changes"].kind  # type: ignore[assignment]
        return kind

    def _refusal(self, change: Change) -> str:
        """Say what is allowed where a change beside this config's own is not; else nothing."""
        fields, place = self._changes.fields, self._changes.place
        if change.field not in fields:
            return "changes of " + ", ".join(fields)
        if not 0 < change.step < self.steps:
            return f"changes after step 1 to {self.steps - 1}"
        if self.changes and place(change) <= place(self.changes[-1]):
            return "steps in increasing order; at one step each field once, in their order"
        field = fields[change.field]
        if not field.kind.accepts(change.value):
            return f"for {change.field} {field.kind.allowed}"
        return ""

    def _lack(self, change: Change) -> str:
        """Say where a field could change if it cannot at this step; else nothing."""
        now = self.setting_for(change.step + 1)
        for other, those in self._changes.fields[change.field].where.items():
            if not self._holds(now, other, those):
                return f"changes of {change.field} with {other} {' or '.join(those)}"
        return ""

    def _holds(self, now: Setting, name: str, those: Sequence[str]) -> bool:
        """Whether a field is one of some texts at a step, or holds one (`Knob.where`)."""
        changeable = self._changes.fields.get(name)
        kind = changeable.kind if changeable else knobs(type(self))[name].kind
        value = (
            self.taking_part if name == "variants" else getattr(now if changeable else self, name)
        )
        return not {*those}.isdisjoint(kind.format(value).split(","))

    def _idle(self, change: Change) -> str:
        """Say what would change something where a change does not; else nothing."""
        name, now = change.field, self.setting_for(change.step + 1)
        kind, value = self._changes.fields[name].kind, getattr(now, name)
        if not isinstance(kind, Choice):
            return "" if change.value != value else f"another {name} than the one at this step"
        others = [
            option
            for option in kind.options
            if option != value
            and all(self._holds(now, *where) for where in kind.offered.get(option, {}).items())
        ]
        said = " or ".join(f"'{option}' ({kind.options[option]})" for option in others)
        return "" if change.value in others else f"at this step {said}"
