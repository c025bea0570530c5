"""Which numbers share a mean: the knobs. Free of torch."""

from dataclasses import dataclass

from ln_core.runs.config import Whole, knob
from ln_core.runs.experiment import Experiment, SnapshotConfig

VARIANTS = ("batch", "layer", "instance", "group", "pixel", "rms")
MOST = {"cases": 6, "channels": 8, "side": 4}


def _several(size: str) -> dict[str, list[str]]:
    """Where there is more than one, so that there is a choice."""
    return {size: [str(count) for count in range(2, MOST[size] + 1)]}


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedStatisticsConfig(SnapshotConfig):
    """A block of numbers, N cases x C channels x side x side positions, and one chosen entry."""

    cases: int = knob(
        4,
        Whole(1, MOST["cases"]),
        label="Examples N",
        help="Images in the mini-batch. Only Batch Norm shares statistics over these.",
        group="primary",
    )
    channels: int = knob(
        6,
        Whole(1, MOST["channels"]),
        label="Channels C",
        help="Feature maps of each image; in a fully connected layer, its units.",
        group="primary",
    )
    side: int = knob(
        3,
        Whole(1, MOST["side"]),
        label="Height and width",
        help="Positions on each side of a feature map; 1 is a fully connected layer.",
        group="primary",
    )
    groups: int = knob(
        2,
        Whole(1, 8),
        label="Groups",
        help="Group Norm's groups: 1 is Layer Norm, as many as channels is Instance Norm.",
        group="primary",
    )
    case: int = knob(
        0,
        Whole(0, 5),
        label="Example",
        help="The chosen entry's example, counted from 0; beyond the last, the last.",
        where=_several("cases"),
    )
    channel: int = knob(
        0,
        Whole(0, 7),
        label="Channel",
        help="The chosen entry's channel, counted from 0; beyond the last, the last.",
        where=_several("channels"),
    )
    row: int = knob(
        0,
        Whole(0, 3),
        label="Row",
        help="The chosen entry's row, counted from 0; beyond the last, the last.",
        where=_several("side"),
    )
    column: int = knob(
        0,
        Whole(0, 3),
        label="Column",
        help="The chosen entry's column, counted from 0; beyond the last, the last.",
        where=_several("side"),
    )

    @property
    def variants(self) -> tuple[str, ...]:
        """All ways of sharing."""
        return VARIANTS

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """The block: (N, C, height, width)."""
        return (self.cases, self.channels, self.side, self.side)

    @property
    def entry(self) -> tuple[int, int, int, int]:
        """The chosen entry; one beyond the block gives way to the last one within."""
        wanted = (self.case, self.channel, self.row, self.column)
        n, c, h, w = (min(at, size - 1) for at, size in zip(wanted, self.shape, strict=True))
        return n, c, h, w

    @property
    def group_count(self) -> int:
        """Groups that there are: groups must divide the channels, so the next lower number does."""
        return next(G for G in range(self.groups, 0, -1) if self.channels % G == 0)


EXPERIMENT = Experiment(
    name="shared_statistics",
    config=SharedStatisticsConfig,
    compute="ln_core.see.shared_statistics.compute:compute",
    figure="ln_core.see.shared_statistics.figure:shared_statistics_figure",
    arrays="ln_core.see.shared_statistics.arrays:ARRAYS",
    code="ln_core.see.shared_statistics.code:code",
)
