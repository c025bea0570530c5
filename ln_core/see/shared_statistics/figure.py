"""The charts of "Which numbers share a mean?": a block of cubes for each normalization."""

from ln_core.figures.cells import COVERED, chart, counted, framed, grid, now, numbers
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
    look = {
        "shape": [C, N, side * side],
        "side": side,
        "chosen": [c, n, h * side + w],
        "titles": ["channel", "example", "position"],
        "color": "@variant",
        "muted": "@muted",
        "text": "@text",
        "lit": now("mask", ":"),
    }
    return chart(
        "block",
        "Who shares a mean with the chosen entry",
        "Cubes share its statistics; dots do not. Turn the block by dragging.",
        kind="block",
        height=300,
        narrowest=165,
        traces=[trace("panel", look, kind="block")],
        picks=["case", "channel", "row", "column"],
    )


def flat(config: SharedStatisticsConfig) -> Spec:
    """The share of every feature map that belongs to the set."""
    N, C, _, _ = config.shape
    n, c, _, _ = config.entry
    return grid(
        "flat",
        "Part of each channel",
        "Share of each example's channel in the chosen entry's statistics. Frame: the entry's.",
        counted(N, "example"),
        counted(C, "channel"),
        [numbers("share", 1, colorscale=COVERED, zmin=0)],
        format=".0%",
        narrowest=50 + 26 * C,
        frames=[framed(n, c)],
    )
