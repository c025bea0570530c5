"""The charts of "Which numbers share a mean?": a block of cubes for each normalization."""

from ln_core.figures.cells import COVERED, cells, chart, framed, heat, now
from ln_core.figures.parts import Spec, section, trace, variant_specs
from ln_core.see.shared_statistics.config import SharedStatisticsConfig


def shared_statistics_figure(config: SharedStatisticsConfig) -> Spec:
    """Describe the blocks, and the same seen flat."""
    return {
        "variants": variant_specs(config.variants, hidden=("pixel", "rms")),
        "choices": [],
        "sections": [
            section(None, [block(config)]),
            section("The same, seen flat", [flat(config)]),
        ],
    }


def block(config: SharedStatisticsConfig) -> Spec:
    """Cubes where the statistics are shared with the chosen entry; small dots elsewhere."""
    N, C, side, _ = config.shape
    n, c, h, w = config.entry
    place = "case %{customdata[0]}, channel %{customdata[1]}"
    position = "row %{customdata[2]}, column %{customdata[3]}"
    look = {
        "shape": [C, N, side * side],
        "side": side,
        "chosen": [c, n, h * side + w],
        "titles": ["channel", "case", "position"],
        "color": "@variant",
        "muted": "@muted",
        "text": "@text",
        "hovertemplate": f"{place}, {position}<extra></extra>",
        "lit": now("mask", ":"),
    }
    return chart(
        "block",
        "Who shares a mean with the chosen entry",
        "Cubes share its mean and variance; dots do not. Turn the block by dragging.",
        height=300,
        narrowest=165,
        x={"hidden": True, "range": [0, 1]},
        y={"hidden": True, "range": [0, 1]},
        traces=[trace("panel", look, kind="block")],
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        pick={"case": 0, "channel": 1, "row": 2, "column": 3},
    )


def flat(config: SharedStatisticsConfig) -> Spec:
    """The share of every feature map that belongs to the set."""
    N, C, _, _ = config.shape
    n, c, _, _ = config.entry
    drawn = heat("share", (N, C), 1, colorscale=COVERED, zmin=0, zmax=1, texttemplate="%{z:.0%}")
    drawn["style"]["hovertemplate"] = "case %{y}, channel %{x}: %{z:.0%}<extra></extra>"
    return chart(
        "flat",
        "Share of each feature map",
        "How much of each case's channel shares the chosen entry's mean; its own is framed.",
        height=168,
        narrowest=50 + 26 * C,
        x=cells(C, "channel"),
        y=cells(N, "case", downwards=True),
        traces=[drawn],
        shapes=[framed(n, c)],
    )
