"""What the arrays of the frames mean."""

from ln_core.runs.meaning import Meaning

ARRAYS = {
    "loss": Meaning(
        "Cross-entropy of the frame's last batch, before its step", "variant, seed, step", "nats"
    ),
    "test_error": Meaning("Unseen images with a wrong answer", "variant, seed", "share, 0 to 1"),
    "spread_map": Meaning(
        "Standard deviation of summed inputs over unseen images at every pixel, mean over the "
        "channels; small maps are enlarged",
        "variant, layer, row, column",
        "255 is the map's largest",
    ),
    "active_map": Meaning(
        "Units that are on at a pixel, over unseen images and channels; small maps are enlarged",
        "variant, layer, row, column",
        "255 is all",
    ),
    "border_spread": Meaning(
        "Mean of that deviation at each distance from the border; NaN beyond a map",
        "variant, layer, distance in pixels",
        "plain numbers",
    ),
    "border_switch": Meaning(
        "Units that are on in some images and off in others, at each distance from the border; "
        "NaN beyond a map",
        "variant, layer, distance in pixels",
        "share, 0 to 1",
    ),
    "channel_spread": Meaning(
        "Standard deviation of each channel's summed inputs, smallest first",
        "variant, layer, channel",
        "plain numbers",
    ),
    "channel_normed": Meaning(
        "The same after normalization, in the same order",
        "variant, layer, channel",
        "plain numbers",
    ),
}
