"""Builders that the figures of every experiment share; see `assets/player/` for what they mean."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ln_core.variants import VARIANTS

Spec = dict[str, Any]
Bind = Mapping[str, Any]

# From small to large: viridis, whose lightness alone tells the order.
HEAT = [[0, "#440154"], [0.25, "#3b528b"], [0.5, "#21918c"], [0.75, "#5ec962"], [1, "#fde725"]]
INK = {  # of digits: from 0, none, to 255
    "colorscale": [[0, "@background"], [1, "@text"]],
    "zmin": 0,
    "zmax": 255,
    "showscale": False,
    "hoverinfo": "skip",
}
HIDDEN_AT_FIRST = ("rms", "group")  # of a race: few curves are easier to compare
STEP = "step"  # the axis of what runs over a training
ROW = 200  # pixels of a plot with its axes, at least; the first section fills the window
FAR = 0.05  # of the values at each end: what a scale that leaves out the furthest need not hold
FEW = 5  # whole numbers on an axis: each is named
SMOOTHING = 0.02  # time constant of a smoothed curve, as a fraction of the run


def section(title: str | None, charts: list[Spec]) -> Spec:
    """Group charts under a title."""
    return {"title": title, "charts": charts}


def variant_specs(
    ids: Iterable[str],
    *,
    hidden: Iterable[str] = (),
    labels: Mapping[str, str] | None = None,
) -> list[Spec]:
    """Describe the variants of a figure: all are shown at first but the hidden ones.

    A figure that has only hidden ones shows them all.
    """
    names, rest, own = list(ids), set(hidden), labels or {}
    if rest.issuperset(names):
        rest = set()
    return [_variant_spec(name, name not in rest, own.get(name)) for name in names]


def _variant_spec(name: str, shown: bool, label: str | None) -> Spec:
    variant = VARIANTS[name]
    return {
        "id": name,
        "label": label or variant.label,
        "color": {"light": variant.light, "dark": variant.dark},
        "dash": variant.dash,
        "symbol": variant.marker,
        "shown": shown,
    }


def layer_choice(layers: int, help: str, *, label: str = "Hidden layer", value: int = 0) -> Spec:
    """Let people choose the layer that some charts show."""
    options = [str(layer + 1) for layer in range(layers)]
    return {"id": "layer", "label": label, "options": options, "value": value, "help": help}


def steps_axis(steps: int) -> Spec:
    """Span the whole run from the first moment, so that nothing moves as curves grow."""
    return {"title": STEP, "range": [0, steps]}


# What curves are compared with: thin, grey, and of a dash that no variant has.
REFERENCE = {"color": "@muted", "dash": "14px,4px", "width": 1}


def level(value: float, name: str) -> Spec:
    """Draw a thin grey line across a chart at a height, with its name."""
    return {"xref": "paper", "x0": 0, "x1": 1, "y0": value, "y1": value, **_named(name)}


def upright(step: int, name: str = "") -> Spec:
    """Draw a thin grey line from bottom to top of a chart at a step, with its name."""
    return {"yref": "paper", "x0": step, "x1": step, "y0": 0, "y1": 1, **_named(name)}


def with_marks(figure: Spec, marks: Iterable[tuple[int, str]]) -> Spec:
    """Mark steps, each with a name, in every chart over steps of a figure."""
    lines = [upright(step, name) for step, name in marks]
    for part in figure["sections"]:
        for chart in part["charts"]:
            if lines and chart.get("x", {}).get("title") == STEP:
                chart["shapes"] = [*chart.get("shapes", []), *lines]
    return figure


def _named(name: str) -> Spec:
    return {"type": "line", "line": REFERENCE, "label": {"text": name, "textposition": "end"}}


def loss_axis(low: float, high: float, unit: str = "nats") -> Spec:
    """Measure a loss on a log axis that grows; its `unit` stands in tables that are taken along."""
    return {
        "title": "loss, log scale",
        "unit": unit,
        "log": True,
        "range": [low, high],
        "grow": True,
    }


def reference(name: str, x: list[Any], y: list[float]) -> Spec:
    """Draw a curve that no variant has, with its name, as other thin grey lines."""
    style = {"name": name, "mode": "lines", "line": REFERENCE}
    return {"variant": None, "type": "scatter", "style": style, "x": x, "y": y}


_EDGE = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}


def _edges(seeds: int) -> tuple[Spec, Spec]:
    """Style the edges of a band: `meta` names a curve in tables that are taken along."""
    low = {**_EDGE, "meta": f"lowest of {seeds} seeds"}
    high = {**_EDGE, "meta": f"highest of {seeds} seeds"}
    return low, {**high, "fill": "tonexty", "fillcolor": "@variant/0.18"}


def over_seeds(variants: int, seeds: int, x: Bind, y: Bind, style: Bind) -> list[Spec]:
    """Draw every variant's mean over seeds; with several seeds, behind it the band they span."""
    traces: list[Spec] = []
    low, high = _edges(seeds)
    for variant in range(variants):
        if seeds > 1:
            traces.append(trace(variant, low, x=x, y={**y, "reduce": "low"}))
            traces.append(trace(variant, high, x=x, y={**y, "reduce": "high"}))
        traces.append(trace(variant, style, x=x, y={**y, "reduce": "mean"}))
    return traces


def spans(x: list[Any], y: Callable[[int], Bind], seeds: int) -> list[Spec]:
    """Draw the panel's variant at a few places: means over seeds, and the band that they span.

    `y` binds the lowest (0), the mean (1) and the highest (2) of `span_over_seeds`.
    """
    low, high = _edges(seeds)
    edges = [(0, low), (2, high)] if seeds > 1 else []
    return [trace("each", style, x=x, y=y(row)) for row, style in [*edges, (1, marked(7))]]


def trace(variant: int | str, style: Bind, *, kind: str = "scatter", **axes: object) -> Spec:
    """Bind arrays to the axes of one Plotly trace: of one variant, or of the panel's own."""
    return {"variant": variant, "type": kind, "style": style, **axes}


def line(width: float = 2, **more: object) -> Spec:
    """Style a variant's curve."""
    return {
        "mode": "lines",
        "line": {"color": "@variant", "dash": "@dash", "width": width},
        **more,
    }


def marked(size: int) -> Spec:
    """Style a variant's curve with a marker at each point."""
    return line(
        mode="lines+markers", marker={"symbol": "@symbol", "size": size, "color": "@variant"}
    )


def if_few(count: int) -> Spec:
    """Name each of a few whole numbers from 1 on an axis: Plotly would write halves in between."""
    return {"ticks": [[n, str(n)] for n in range(1, count + 1)]} if count <= FEW else {}


def film_map(
    array: str,
    rows: int,
    steps: int,
    *,
    of: tuple[str, ...] = (),
    style: Bind | None = None,
    **words: Any,  # noqa: ANN401
) -> Spec:
    """Map one size, a row for each of its entries and a column for each frame, for every variant.

    `of` names the choices on the array's axes between variants and rows. `style` says what the
    colours span, in powers of ten; by default they fit what is shown, but for the furthest.
    """
    bind = {"array": array, "over": "film", "index": ["variant", *of, ":"], "log": True}
    drawn = {"colorscale": HEAT, "showscale": True, "hoverinfo": "skip", **(style or {})}
    x, y = {"over": "frames", "of": array}, list(range(1, rows + 1))
    fitted: Spec = {}
    if style is None:
        fitted = {"z": {"range": [-1, 0], "grow": True, "without": FAR}}
        scale = f"The scale spans ≥ {100 - 200 * FAR:g} % of values above 0; 0: darkest."
        words["takeaway"] = f"{words['takeaway']} {scale}"
    words["y"] = {**words["y"], **if_few(rows)}
    return {
        "span": 12,
        "height": ROW,
        "repeat": "variants",
        "x": steps_axis(steps),
        **fitted,
        "traces": [trace("panel", drawn, kind="heatmap", x=x, y=y, z=bind)],
        **words,
    }


def by_layer(variants: int, array: str, layers: int, **words: object) -> Spec:
    """Draw one value for each layer, as it is now, for every variant."""
    bind = {"array": array, "over": "now", "index": ["variant", ":"]}
    style = marked(6)
    numbers = list(range(1, layers + 1))
    return {
        "id": array,
        "span": 4,
        "height": ROW,
        "x": {
            "title": "layer",
            "range": [0.5, layers + 0.5],
            "ticks": [[n, str(n)] for n in numbers if layers <= 10 or n == 1 or n % 5 == 0],
        },
        "traces": [trace(variant, style, x=numbers, y=bind) for variant in range(variants)],
        **words,
    }


def binds(part: Any) -> Iterator[Bind]:  # noqa: ANN401
    """Find every binding of an array in a part of a figure."""
    if isinstance(part, list):
        for item in part:
            yield from binds(item)
    elif isinstance(part, dict):
        if "array" in part:
            yield part
        for item in part.values():
            yield from binds(item)


def arrays_of(figure: Spec) -> set[str]:
    """Collect the names of the arrays that a figure draws, or hands over."""
    return {bind["array"] for bind in binds(figure)}
