"""The charts of the ConvNet experiment: curves, maps over the image, channels.

The arrays that the bindings name are those of `ln_core.paper.convnet.trainer`.
"""

from ln_core.figures.curves import error_curve, loss_curve
from ln_core.figures.parts import (
    HEAT,
    ROW,
    Spec,
    layer_choice,
    loss_axis,
    marked,
    section,
    trace,
    variant_specs,
)
from ln_core.paper.convnet.config import LAYERS, RARE, SIDES, ConvConfig

DISTANCES = list(range(SIDES[0] // 2))


def convnet_figure(config: ConvConfig) -> Spec:
    """Describe every chart of one race of ConvNets."""
    first = "" if config.seeds == 1 else " First seed."
    alike = (
        ": Batch Norm's channels differ by gain alone, but for tiny ones"
        if "batch" in config.variants
        else ""
    )
    often = f"{100 * (1 - RARE):g}"
    return {
        "variants": variant_specs(config.variants),
        "choices": [
            layer_choice(LAYERS, "The layer of all charts but loss and test error.", label="Layer")
        ],
        "sections": [
            section(
                None,
                [
                    _loss(config),
                    _test_error(config),
                    _profile(
                        "border_spread",
                        "Variation by distance from the border",
                        "Standard deviation of the pre-activations over images, averaged over "
                        f"channels.{first}",
                        {"title": "standard deviation, log scale", "log": True, "range": [0.01, 2]},
                    ),
                    _profile(
                        "border_switch",
                        "Units that tell images apart",
                        f"Units that {100 * RARE:g} to {often} % of images turn on.{first}",
                        {"title": "share, %", "range": [-2, 102]},
                        scale=100,
                    ),
                ],
            ),
            section(
                "Over the image",
                [
                    _map(
                        "spread_map",
                        "Where the pre-activations vary",
                        f"Standard deviation over images; 1 is the map's largest.{first}",
                    ),
                    _map(
                        "active_map",
                        "Where units are on",
                        f"Share of units above 0 after ReLU, over images and channels.{first}",
                    ),
                ],
            ),
            section(
                "Channel by channel",
                [
                    _channels(
                        config,
                        "channel_spread",
                        "Pre-activations of each channel",
                        f"Standard deviation over images and pixels.{first}",
                        "the least varying first",
                    ),
                    _channels(
                        config,
                        "channel_normed",
                        "The same after normalization",
                        f"What ReLU sees{alike}.{first}",
                        "in the same order",
                    ),
                ],
            ),
        ],
    }


def _loss(config: ConvConfig) -> Spec:
    """Training loss at every step."""
    return loss_curve(
        config,
        takeaway="Cross-entropy of each mini-batch.",
        span=6,
        y=loss_axis(0.1, 3),
    )


def _test_error(config: ConvConfig) -> Spec:
    """Error on images that were not trained on."""
    return error_curve(
        config,
        takeaway=f"Wrong answers to {config.test_cases} unseen images.",
        span=6,
        y={"title": "error, %, log scale", "log": True, "range": [2, 100], "grow": True},
    )


def _map(array: str, title: str, takeaway: str) -> Spec:
    """Draw a map over the image for every variant; row 0 is at the top."""
    style = {
        "colorscale": HEAT,
        "zmin": 0,
        "zmax": 1,
        "showscale": True,
        "colorbar": {"thickness": 8, "outlinewidth": 0, "tickvals": [0, 0.5, 1]},
        "hovertemplate": "row %{y}, column %{x}: %{z:.2f}<extra></extra>",
    }
    pixels = list(range(SIDES[0]))
    edges = [-0.5, SIDES[0] - 0.5]
    z = {"array": array, "over": "now", "index": ["variant", "layer", ":", ":"], "scale": 1 / 255}
    return {
        "id": array,
        "title": title,
        "takeaway": takeaway,
        "span": 12,
        "height": 190,
        "repeat": "variants",
        "narrowest": 150,
        "x": {"range": edges, "hidden": True, "square": True},
        "y": {"range": edges[::-1], "hidden": True},
        "traces": [trace("panel", style, kind="heatmap", x=pixels, y=pixels, z=z)],
    }


def _profile(array: str, title: str, takeaway: str, y: Spec, scale: float = 1) -> Spec:
    """Draw a value for each distance from the border, as it is now."""
    bind = {"array": array, "over": "now", "index": ["variant", "layer", ":"], "scale": scale}
    style = marked(5)
    return {
        "id": array,
        "title": title,
        "takeaway": takeaway,
        "span": 6,
        "height": ROW,
        "x": {"title": "pixels from the border", "range": [-0.3, DISTANCES[-1] + 0.3]},
        "y": {**y, "grow": y.get("log", False)},
        "traces": [trace("each", style, x=DISTANCES, y=bind)],
    }


def _channels(config: ConvConfig, array: str, title: str, takeaway: str, order: str) -> Spec:
    """Draw the spread of every channel, in the order of that before the norm."""
    bind = {"array": array, "over": "now", "index": ["variant", "layer", ":"]}
    style = marked(5)
    numbers = list(range(1, config.channels + 1))
    return {
        "id": array,
        "title": title,
        "takeaway": takeaway,
        "span": 6,
        "height": ROW,
        "x": {
            "title": f"channel, {order}",
            "range": [0.5, config.channels + 0.5],
        },
        "y": {
            "title": "standard deviation, log scale",
            "log": True,
            "range": [0.1, 10],
            "grow": True,
        },
        "traces": [trace("each", style, x=numbers, y=bind)],
    }
