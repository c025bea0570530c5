"""The sweep's config: a lab's run at every pair of values of two of its settings. Free of torch.

Each pair is a cell, an ordinary run of the lab. A row of cells is a shard, a column is a frame.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from ln_core.formatting import number, told_apart
from ln_core.race import config as race
from ln_core.recurrent import config as recurrent
from ln_core.runs import fields
from ln_core.runs.changes import Forkable
from ln_core.runs.config import (
    Choice,
    ConfigError,
    Control,
    Kind,
    Knob,
    Real,
    Whole,
    defaults,
    does_something,
    from_query,
    knob,
    knobs,
    read_value,
    to_query,
)
from ln_core.runs.experiment import Experiment, FilmConfig
from ln_core.runs.pin import read_pin

FEWEST, MOST = 3, 12  # values of one setting
USUAL = 6  # values that are tried of a setting where none are named, at the most
SEEDS = 4
POINTS = 12  # of the curve of a cell
BUDGET = 60_000_000  # examples that all networks of a sweep are trained on, with repetition
LONGEST = 300  # characters of a text
OWN = ("seed", "seeds", "variants", "steps")  # settings that all cells take from the sweep
LABS: Mapping[str, Experiment] = {"mlp": race.EXPERIMENT, "rnn": recurrent.RNN}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; `SweepConfig` checks what it says."""

    said: str

    @property
    def allowed(self) -> str:
        return f"{self.said}, in at most {LONGEST} characters"

    def accepts(self, value: Any) -> bool:  # noqa: ANN401
        return isinstance(value, str) and len(value) <= LONGEST and value == self.parse(value)

    def parse(self, text: str) -> str:
        return " ".join(text.split())

    def format(self, value: str) -> str:
        return value

    def control(self) -> Control:
        return {"type": "text", "longest": LONGEST}


def usual_values(kind: Kind) -> tuple[str, ...]:
    """Give the texts of a setting that are tried where none are named: some of its stops."""
    if isinstance(kind, Choice):
        return tuple(kind.options)
    stops = kind.stops if isinstance(kind, Whole | Real) else ()
    count = min(USUAL, len(stops))
    places = [round(at * (len(stops) - 1) / (count - 1)) for at in range(count)]
    return tuple(kind.format(stops[place]) for place in places)


@functools.cache
def swept_settings(lab: str) -> dict[str, Knob]:
    """List the settings of a lab that may be swept: numbers, and choices among three and more."""
    declared = knobs(LABS[lab].config)
    own = {name: of for name, of in declared.items() if name not in OWN}
    kinds = (Choice, Whole, Real)
    return {
        name: of
        for name, of in own.items()
        if isinstance(of.kind, kinds) and len(usual_values(of.kind)) >= FEWEST
    }


class _Swept(Choice):
    """A setting of one of the labs."""

    __slots__ = ()

    @property
    def allowed(self) -> str:
        listed = (
            f"{LABS[lab].name.upper()} lab one of {', '.join(swept_settings(lab))}" for lab in LABS
        )
        return "in the " + ", in the ".join(listed)


_OPTIONS = _Swept(
    {name: of.label for lab in LABS for name, of in swept_settings(lab).items()},
    offered={
        name: {"lab": [lab for lab in LABS if name in swept_settings(lab)]}
        for every in LABS
        for name in swept_settings(every)
    },
)
_VALUES = Line(f"{FEWEST} to {MOST} values with commas, or nothing")


class Axis(NamedTuple):
    """One of the two swept settings: its field in the lab, and the texts of its values."""

    field: str
    label: str
    values: tuple[str, ...]
    shown: tuple[str, ...]  # as they are read


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepConfig(FilmConfig):
    """A lab's run at every pair of values of two settings: the cells of a grid."""

    in_background: ClassVar[bool] = True
    counts: ClassVar[str] = "run"

    lab: str = knob(
        "mlp",
        Choice({"mlp": "MLP lab", "rnn": "RNN lab"}),
        label="Runs of",
        help="Each cell is an ordinary run of this lab.",
        group="primary",
    )
    across: str = knob(
        "learning_rate",
        _OPTIONS,
        label="Across",
        help="The setting that changes from column to column.",
        group="primary",
    )
    across_values: str = knob(
        "",
        _VALUES,
        label="Values across",
        help="With commas in between. Empty: some usual ones.",
        group="primary",
    )
    down: str = knob(
        "batch_size",
        _OPTIONS,
        label="Down",
        help="The setting that changes from row to row.",
        group="primary",
    )
    down_values: str = knob(
        "",
        _VALUES,
        label="Values down",
        help="With commas in between. Empty: some usual ones.",
        group="primary",
    )
    run_steps: int = knob(
        300,
        Whole(10, 20_000, stops=(50, 100, 200, 300, 600, 1000, 2000, 5000)),
        label="Steps of each run",
        help="Training steps of every cell.",
        group="primary",
    )
    settings: str = knob(
        "",
        Line("settings of the lab as width:16;optimizer:sgd"),
        label="Other settings",
        help="Settings other than the lab's defaults, for all runs, as in width:16;optimizer:sgd.",
    )
    seeds: int = fields.seeds(SEEDS, "Networks of each variant in a cell; it shows their mean.")
    seed: int = fields.seed("Decides weights, data and batch order; one for all cells.")
    variants: tuple[str, ...] = fields.variants(
        race.VARIANTS,
        ("none", "batch", "layer"),
        help="A map for each of them.",
        offered={
            variant: {"lab": ["mlp"]}
            for variant in race.VARIANTS
            if variant not in recurrent.VARIANTS
        },
    )

    @classmethod
    def in_place(cls, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give an axis that is not named the other's default where that one has its own."""
        usual = defaults(cls)
        for side, other in (("across", "down"), ("down", "across")):
            if side not in values and values.get(other) == usual[side]:
                return {side: usual[other]}
        return {}

    def check_together(self) -> None:
        """Refuse settings that the lab does not have, values that it refuses, and too much."""
        declared = swept_settings(self.lab)
        for side in ("across", "down"):
            if getattr(self, side) not in declared:
                labels = ", ".join(of.label for of in declared.values())
                allowed = f"in the {LABS[self.lab].name.upper()} lab one of {labels}"
                label = _OPTIONS.options[getattr(self, side)]
                raise ConfigError((side, "lab"), repr(label), allowed)
        if not self._variants:
            kind = knobs(LABS[self.lab].config)["variants"].kind
            raise ConfigError(("variants", "lab"), repr(self.variants), kind.allowed)
        if self.across == self.down:
            label = declared[self.down].label
            raise ConfigError(("down", "across"), repr(label), "two different settings")
        self._check_values("across")
        self._check_values("down")
        self._check_settings()
        self._check_cells()
        self._check_use()
        self._check_budget()

    def _check_values(self, side: str) -> None:
        """Refuse values that the lab would, and too few or too many."""
        name, axis = f"{side}_values", self.axis(side)
        kind = swept_settings(self.lab)[axis.field].kind
        for text in axis.values:
            if _canonical(kind, text) is None:
                raise ConfigError((name,), repr(text), f"for {axis.label} {kind.allowed}")
        if not FEWEST <= len({_canonical(kind, text) for text in axis.values}) <= MOST:
            allowed = f"{FEWEST} to {MOST} different values"
            raise ConfigError((name,), repr(getattr(self, name)), allowed)
        if len({_canonical(kind, text) for text in axis.values}) < len(axis.values):
            raise ConfigError((name,), repr(getattr(self, name)), "each value once")

    def _check_settings(self) -> None:
        """Refuse other settings that the lab would, and those that are swept or the sweep's own."""
        known = [name for name in knobs(LABS[self.lab].config) if name != "changes"]
        free = [name for name in known if name not in (*OWN, self.across, self.down)]
        named = [part.partition(":")[0].strip() for part in self.settings.split(";")]
        for name, text in self._asked.items():
            if named.count(name) > 1:
                raise ConfigError(("settings",), repr(name), "each setting once")
            if name not in free:
                raise ConfigError(("settings",), repr(name), f"one of {', '.join(free)}")
            kind = knobs(LABS[self.lab].config)[name].kind
            if _canonical(kind, text) is None:
                raise ConfigError(("settings",), f"{name}:{text}", f"for {name} {kind.allowed}")

    def _check_cells(self) -> None:
        """Refuse a grid with a run that the lab would refuse."""
        problems = [problem for _, found in _read_cells(self) for problem in found]
        if problems:
            first, every = problems[0], knobs(LABS[self.lab].config)
            names = tuple(dict.fromkeys(map(self._decider, first.fields)))
            labels = ", ".join(every[name].label for name in first.fields)
            received = f"a run with {labels} {first.received}"
            beside = tuple(map(self._decider, first.beside))
            usual = defaults(type(self))
            if all(getattr(self, name) == usual[name] for name in names):
                names = (*names, "lab")
            raise ConfigError(names, received, first.allowed, beside=beside)

    def _decider(self, name: str) -> str:
        """Name the setting here that decides a setting of the runs."""
        for side in ("across", "down"):
            if getattr(self, side) == name:
                return f"{side}_values" if getattr(self, f"{side}_values") else side
        return {"steps": "run_steps"}.get(name, name if name in OWN else "settings")

    def _check_use(self) -> None:
        """Refuse to sweep a setting that does nothing in any of the runs."""
        every, runs = knobs(LABS[self.lab].config), [_taken_part(cell) for cell in self.cells]
        for side in ("across", "down"):
            swept = every[getattr(self, side)]
            if any(does_something(swept, run) for run in runs):
                continue
            where = swept.where.items()
            left = [(name, every[name], self._of_use(name, texts)) for name, texts in where]
            free = [name for name, _ in where if self._decider(name) == "settings"]
            takes = [
                _named(declared, texts) + (" (Other settings)" if name in free else "")
                for name, declared, texts in left
                if texts
            ]
            allowed = f"one that matters here; {swept.label} does where {', '.join(takes)}"
            beside = tuple(map(self._decider, swept.where))
            raise ConfigError((side,), repr(swept.label), allowed, beside=beside)

    def _of_use(self, name: str, texts: Sequence[str]) -> Sequence[str]:
        """Leave out the variants that are chosen and take no part, if none of `texts` does."""
        if name != "variants" or not {*texts}.isdisjoint(self.compared):
            return texts
        return [text for text in texts if text not in self.variants]

    def _check_budget(self) -> None:
        """Refuse more training than is allowed, and say what would fit."""
        asked = self.examples
        if asked > BUDGET:
            networks = sum(len(cell.taking_part) for cell in self.cells) * self.seeds
            fits = max(1, self.run_steps * BUDGET // asked)
            allowed, wanted = told_apart(BUDGET / 1e6, asked / 1e6, number, 3)
            raise ConfigError(
                ("run_steps", "seeds", "across_values", "down_values"),
                f"{networks} networks trained on {wanted} million examples in all",
                f"{allowed} million: about {fits} steps of each run, or fewer cells",
            )

    def axis(self, side: str) -> Axis:
        """Give one of the two swept settings."""
        field = getattr(self, side)
        declared = swept_settings(self.lab)[field]
        named = getattr(self, f"{side}_values")
        texts = (text.strip() for text in named.split(","))
        values = tuple(texts) if named else usual_values(declared.kind)
        options = declared.kind.options if isinstance(declared.kind, Choice) else {}
        return Axis(field, declared.label, values, tuple(options.get(v, v) for v in values))

    @property
    def columns(self) -> Axis:
        """The setting that changes across."""
        return self.axis("across")

    @property
    def rows(self) -> Axis:
        """The setting that changes down."""
        return self.axis("down")

    @property
    def base(self) -> dict[str, str]:
        """What all runs have otherwise than the lab has it, as texts of its fields."""
        own = {name: text for name, text in to_query(self).items() if name in OWN}
        return {**self._asked, **own, "steps": str(self.run_steps), "variants": self._variants}

    @property
    def _asked(self) -> dict[str, str]:
        return read_pin(self.settings.replace(" ", ""), {})

    @property
    def _variants(self) -> str:
        kind = knobs(LABS[self.lab].config)["variants"].kind
        return ",".join(v for v in self.variants if kind.accepts((v,)))

    def query(self, row: int, column: int) -> dict[str, str]:
        """Give the query of a cell in its lab; what it does not say is the lab's default."""
        swept = {
            self.down: self.rows.values[row],
            self.across: self.columns.values[column],
        }
        return {**self.base, **swept}

    def cell(self, row: int, column: int) -> Forkable:
        """Give the run of a cell."""
        return self.cells[row * len(self.columns.values) + column]

    @property
    def cells(self) -> tuple[Forkable, ...]:
        """The runs of all cells, row by row."""
        return tuple(cell for cell, _ in _read_cells(self))

    @property
    def compared(self) -> tuple[str, ...]:
        """The variants, each with a map of its own: those that take part in some run."""
        found = {variant for cell in self.cells for variant in cell.taking_part}
        return tuple(variant for variant in self.variants if variant in found)

    @property
    def absent(self) -> tuple[str, ...]:
        """The variants that do not take part in all runs."""
        return tuple(v for v in self.compared if any(v not in c.taking_part for c in self.cells))

    @property
    def examples(self) -> int:
        """Examples that all networks are trained on, with repetition."""
        return sum(
            len(cell.taking_part) * self.seeds * cell.steps * cell.batch_size for cell in self.cells
        )

    @property
    def frames(self) -> int:
        """One before training, then one for each column."""
        return 1 + len(self.columns.values)

    @property
    def steps(self) -> int:
        """All cells."""
        return len(self.cells)

    @property
    def steps_per_epoch(self) -> int:
        """No epochs are counted."""
        return 0

    def step_of(self, frame: int) -> int:
        """Give how many cells, counted in place of steps, are trained when a frame is due."""
        return frame * len(self.rows.values)

    @property
    def shards(self) -> tuple[tuple[str, ...], ...]:
        """The rows, each by its number."""
        return tuple((str(row),) for row in range(len(self.rows.values)))

    @property
    def memory(self) -> int:
        """Bytes of the largest cell in every row: one of a row's is in training at a time."""
        return len(self.shards) * max(cell.memory for cell in self.cells)


@functools.lru_cache(maxsize=64)
def _read_cells(config: SweepConfig) -> tuple[tuple[Forkable, tuple[ConfigError, ...]], ...]:
    """Read the runs of all cells, row by row, each with what its lab refuses of it."""
    lab: Any = LABS[config.lab].config
    return tuple(
        from_query(lab, config.query(row, column))
        for row in range(len(config.rows.values))
        for column in range(len(config.columns.values))
    )


def _taken_part(cell: Forkable) -> dict[str, str]:
    """Write a run's settings with the variants that it trains, of those that it was asked for."""
    return {**to_query(cell), "variants": ",".join(cell.taking_part)}


def _named(declared: Knob, texts: Sequence[str]) -> str:
    """Say that a setting is, or holds, one of some values."""
    options = getattr(declared.kind, "options", {})
    verb = "is" if isinstance(declared.kind, Choice) else "holds"
    return f"{declared.label} {verb} {' or '.join(options.get(text, text) for text in texts)}"


def _canonical(kind: Kind, text: str) -> str | None:
    """Give the one text of a value; None where it is not allowed."""
    try:
        return kind.format(read_value("", kind, text))
    except ConfigError:
        return None


EXPERIMENT = Experiment(
    name="sweep",
    config=SweepConfig,
    film="ln_core.sweep.trainer:film",
    figure="ln_core.sweep.figure:figure",
    arrays="ln_core.sweep.arrays:ARRAYS",
    code="ln_core.sweep.code:code",
)
