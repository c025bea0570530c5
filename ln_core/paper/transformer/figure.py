"""The charts of the Transformers: learning, and what flows through the layers.

The arrays that the bindings name are those of `ln_core.paper.transformer.trainer`.
"""

from ln_core.figures import curves
from ln_core.figures.parts import (
    ROW,
    Spec,
    by_layer,
    film_map,
    level,
    line,
    loss_axis,
    marked,
    section,
    spans,
    trace,
    upright,
    variant_specs,
)
from ln_core.paper.transformer.config import VARIANTS, TransformerConfig

SIZE = {"title": "size, log scale", "log": True, "grow": True}


def transformer_figure(config: TransformerConfig) -> Spec:
    """Describe every chart of one race."""
    charts = [
        loss(config),
        test_error(config),
        gradients(config, "gradient_by_layer", "now"),
        gradients(config, "gradient_start", "before training"),
        stream(config),
        gradient_norm(config),
    ]
    if config.task == "recall" and config.recurrence:  # where there is a memory, it comes first
        charts = [memory_size(config), *charts[:-1]]
    return {
        "variants": variant_specs(config.variants, labels=VARIANTS),
        "choices": [],
        "sections": [
            section(None, charts),
            section("Gradients by layer, as training goes on", [gradient_heat(config)]),
        ],
    }


def sweep_figure(config: TransformerConfig) -> Spec:
    """Describe what the networks reach at each rate of a sweep, without and with warm-up."""
    titles = ("Without warm-up", f"With a warm-up of {config.warmup} steps")
    return {
        "variants": variant_specs(config.variants, labels=VARIANTS),
        "choices": [],
        "sections": [section(None, [swept(config, *row) for row in enumerate(titles)])],
    }


def swept(config: TransformerConfig, row: int, title: str) -> Spec:
    """Test error after as many steps as the film has run, at each rate."""
    rates = config.swept_rates

    def at(part: int) -> Spec:
        index = ["variant", row, part, ":"]
        return {"array": "swept_error", "over": "now", "index": index, "scale": 100}

    return {
        "id": f"swept_{row}",
        "title": title,
        "takeaway": "Error on unseen sequences against the learning rate. Grey line: guessing.",
        "span": 6,
        "height": ROW + 60,
        "x": {
            "title": "learning rate",
            "range": [-0.3, len(rates) - 0.7],
            "ticks": [[place, f"{rate:g}"] for place, rate in enumerate(rates)],
        },
        "y": {"title": "error, %", "range": [0, 105]},
        "shapes": [level(100 * (1 - 1 / config.vocabulary), "guessing")],
        "traces": spans(list(range(len(rates))), at, config.seeds),
    }


def loss(config: TransformerConfig) -> Spec:
    """Training loss at every step, with the loss of a guess and the end of the warm-up."""
    lines = [level(config.chance, "guessing")]
    if config.warmup:
        lines.append(upright(config.warmup, "full learning rate from here"))
    return curves.smoothed(
        config,
        "loss",
        title="Training loss",
        takeaway="Grey line: guessing.",
        y=loss_axis(0.01, 10),
        shapes=lines,
    )


def test_error(config: TransformerConfig) -> Spec:
    """Share of wrong answers on sequences that were not trained on."""
    return curves.error_curve(
        config,
        style=line(),
        takeaway="Share of wrong tokens in unseen sequences.",
        shapes=[level(100 * (1 - 1 / config.vocabulary), "guessing")],
    )


def gradients(config: TransformerConfig, array: str, when: str) -> Spec:
    """Length of the gradient of each layer's second feed-forward matrix."""
    return by_layer(
        len(config.variants),
        array,
        config.depth,
        title=f"Gradient at each layer, {when}",
        takeaway="Length of the gradient dL/dW in its feed-forward part.",
        y={**SIZE, "title": "length, log scale", "range": [0.01, 10]},
    )


def stream(config: TransformerConfig) -> Spec:
    """Size of the stream after each layer."""
    chart = by_layer(
        len(config.variants),
        "stream_size",
        config.depth + 1,
        title="Size of the stream, now",
        takeaway="Root mean square; at 0: layer 1's input.",
        y={**SIZE, "range": [0.1, 10]},
    )
    ticks = [[at, text] for at, text in chart["x"]["ticks"] if int(text) <= config.depth]
    moved = [[n, str(n)] for n in [0, *(at for at, _ in ticks)]]
    for drawn in chart["traces"]:
        drawn["x"] = list(range(config.depth + 1))
    chart["x"] = {"title": "after layer", "range": [-0.5, config.depth + 0.5], "ticks": moved}
    return chart


def gradient_norm(config: TransformerConfig) -> Spec:
    """Length of the whole gradient at every step."""
    return curves.smoothed(
        config,
        "gradient_norm",
        title="Length of the whole gradient",
        takeaway="Of all parameters; nothing is clipped.",
        y={**SIZE, "title": "length, log scale", "range": [0.1, 10]},
    )


def memory_size(config: TransformerConfig) -> Spec:
    """Size of what is remembered, segment after segment of held-out sequences."""
    bind = {"array": "memory_size", "over": "now", "index": ["variant", ":"]}
    style = marked(6)
    numbers = list(range(1, config.test_segments + 1))
    return {
        "id": "memory_size",
        "title": "Size of the memory, now",
        "takeaway": f"Root mean square; trained on {config.segments} segments.",
        "span": 4,
        "height": ROW,
        "x": {"title": "segment", "range": [0.5, config.test_segments + 0.5]},
        "y": {**SIZE, "range": [0.1, 10]},
        "traces": [trace("each", style, x=numbers, y=bind)],
    }


def gradient_heat(config: TransformerConfig) -> Spec:
    """Picture the gradients by layer and step."""
    low, high = -3, 1
    bar = {"tickvals": [low, -1, high], "ticktext": ["0.001", "0.1", "10"]}
    return film_map(
        "gradient_by_layer",
        config.depth,
        config.steps,
        style={
            "zmin": low,
            "zmax": high,
            "colorbar": {"thickness": 8, "outlinewidth": 0, **bar},
        },
        id="gradient_heat",
        title="Gradient by layer and step",
        takeaway="Colour: length of the gradient dL/dW as above, log scale.",
        y={"title": "layer", "range": [0.5, config.depth + 0.5]},
    )
