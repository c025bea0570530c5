"""The charts of "Which numbers share a mean?": a block of cubes for each normalization."""

import itertools

from ln_core.figures.parts import Spec, section, trace
from ln_core.figures.see import COVERED, cells, chart, framed, heat, now, see_tracks
from ln_core.see.pools_config import POOLS, PoolsConfig

ZOOM = 1.2  # what fills a panel from every side, seen without perspective

# Twelve triangles of a cube, whose eight corners count in binary: x, then case, then position.
FACES = (
    *((0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5)),
    *((0, 4, 5), (0, 5, 1), (2, 3, 7), (2, 7, 6)),
    *((0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3)),
)


def pools_figure(config: PoolsConfig) -> Spec:
    """Describe the blocks, and the same seen flat."""
    labels = {name: label for name, label in POOLS.items() if name != "instance"}
    return {
        "tracks": see_tracks(POOLS, hidden=("pixel", "rms"), labels=labels),
        "choices": [],
        "sections": [
            section(None, [block(config)]),
            section("The same, seen flat", [flat(config)]),
        ],
    }


def block(config: PoolsConfig) -> Spec:
    """Cubes where the statistics are shared with the chosen entry; small dots elsewhere."""
    N, C, side, _ = config.shape
    places = [
        (n, c, h, w)
        for n, c, h, w in itertools.product(range(N), range(C), range(side), range(side))
    ]
    solid = {
        "color": "@track",
        "flatshading": True,
        "hoverinfo": "none",  # no label, but a click chooses
        "customdata": [list(place) for place in places],
        "lighting": {"ambient": 0.65, "diffuse": 0.6, "specular": 0.05},
        **{corner: _triangles(at, len(places)) for at, corner in enumerate("ijk")},
    }
    cube = [now(f"cube_{axis}", ":", scale=0.1) for axis in "xyz"]
    dots = {
        "mode": "markers",
        "marker": {"size": 2.5, "color": "@muted"},
        "hoverinfo": "text",
        "text": [f"case {n}, channel {c}, row {h}, column {w}" for n, c, h, w in places],
        "customdata": [list(place) for place in places],
    }
    n, c, h, w = config.entry
    chosen = {
        "mode": "markers",
        "marker": {"size": 6, "symbol": "diamond", "color": "@text"},
        "hoverinfo": "text",
        "text": ["the chosen entry"],
    }
    return chart(
        "block",
        "Who shares a mean with the chosen entry",
        "Cubes share its mean and variance; dots do not. Turn the block by dragging.",
        height=300,
        narrowest=165,
        x={"hidden": True, "range": [0, 1]},
        y={"hidden": True, "range": [0, 1]},
        traces=[
            trace("panel", solid, kind="mesh3d", x=cube[0], y=cube[1], z=cube[2]),
            trace(
                "panel",
                dots,
                kind="scatter3d",
                x=[c + 0.5 for _, c, _, _ in places],
                y=[n + 0.5 for n, _, _, _ in places],
                z=[h * side + w + 0.5 for _, _, h, w in places],
            ),
            trace("panel", chosen, kind="scatter3d", x=[c + 0.5], y=[n], z=[h * side + w + 0.5]),
        ],
        layout={"scene": _scene(config)},
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        pick={"case": 0, "channel": 1, "row": 2, "column": 3},
    )


def _triangles(corner: int, cubes: int) -> list[int]:
    return [8 * cube + face[corner] for cube in range(cubes) for face in FACES]


def _scene(config: PoolsConfig) -> Spec:
    N, C, side, _ = config.shape
    axis = {"showbackground": False, "showgrid": False, "zeroline": False, "showspikes": False}
    sizes = {"x": (C, "channel"), "y": (N, "case"), "z": (side * side, "position")}
    longest = max(size for size, _ in sizes.values())
    return {
        **{
            f"{name}axis": {
                **axis,
                "title": {"text": title},
                "range": [0, size],
                "tickvals": [place + 0.5 for place in range(size)],
                "ticktext": [str(place) for place in range(size)],
                "color": "@muted",
            }
            for name, (size, title) in sizes.items()
        },
        "aspectmode": "manual",
        "aspectratio": {name: max(ZOOM * size / longest, 0.3) for name, (size, _) in sizes.items()},
        "camera": {"eye": {"x": -1.2, "y": -1.5, "z": 0.9}, "projection": {"type": "orthographic"}},
        "dragmode": "orbit",
    }


def flat(config: PoolsConfig) -> Spec:
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
