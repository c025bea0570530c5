"""The charts of the paper's MNIST experiment, and of a sweep over one of its settings."""

from ln_core.figures.curves import curve
from ln_core.figures.parts import FAR, ROW, Spec, loss_axis, section, spans, variant_specs
from ln_core.formatting import number
from ln_core.paper.mnist.config import SCORED_CASES, MnistConfig, SweepConfig

ERROR = {"title": "error, %, log scale", "log": True, "range": [1, 100], "grow": True}
# Before training nine of ten are wrong; where epochs are many, that would take most of the axis.
TEST_ERROR = {**ERROR, "range": [1, 10], "without": FAR}
# Of the images that it trains on, a network gets none wrong in the end: 0 has a place on this axis.
TRAIN_ERROR = {"title": "error, %, log above 1", "symlog": True, "range": [0, 10], "grow": True}
LOSS = loss_axis(0.05, 3)


def mnist_figure(config: MnistConfig) -> Spec:
    """Describe the curves over epochs: error and likelihood, first on unseen images."""
    charts = [
        _curve(
            config,
            "test_error",
            "Error on test images",
            "Wrong answers in 10,000 unseen images. The first point may be off the top.",
        ),
        _curve(
            config, "test_nll", "Loss on test images", "It rises where a network is too confident."
        ),
        _curve(
            config,
            "train_error",
            "Error on training images",
            f"Share of wrong answers in at most {SCORED_CASES:,} of them.",
        ),
        _curve(
            config, "train_nll", "Loss on training images", "Mean cross-entropy, natural logarithm."
        ),
    ]
    return {
        "variants": variant_specs(config.variants),
        "choices": [],
        "sections": [section(None, charts)],
    }


def _curve(config: MnistConfig, array: str, title: str, takeaway: str) -> Spec:
    percent = array.endswith("error")
    axes = {"train_error": TRAIN_ERROR, "test_error": TEST_ERROR}
    return curve(
        config,
        array,
        bind={"scale": 100 if percent else 1},
        title=title,
        takeaway=takeaway,
        span=6,
        x=epochs_axis(config),
        y=axes.get(array, LOSS),
    )


def epochs_axis(config: MnistConfig) -> Spec:
    """Span the run in steps, with epochs at the ticks."""
    every = max(1, round(config.epochs / 6))
    epochs = range(0, config.epochs + 1, every)
    ticks = [[epoch * config.steps_per_epoch, str(epoch)] for epoch in epochs]
    return {"title": "epoch", "range": [0, config.steps], "ticks": ticks}


def sweep_figure(config: SweepConfig) -> Spec:
    """Describe what each variant reaches at each value of the changed setting."""
    what = {"batch_size": "batch size", "learning_rate": "learning rate"}[config.setting]
    # A rate is chosen on images that are held out; what was chosen is tested on others.
    part, images = {
        "batch_size": ("test", "unseen images"),
        "learning_rate": ("valid", "held-out images"),
    }[config.setting]
    charts = [
        _reached(config, f"{part}_error", f"Error on {images} against {what}", what),
        _reached(config, f"{part}_nll", f"Loss on {images} against {what}", what),
    ]
    return {
        "variants": variant_specs(config.variants),
        "choices": [],
        "sections": [section(None, charts)],
    }


def _reached(config: SweepConfig, array: str, title: str, what: str) -> Spec:
    percent = array.endswith("error")
    order = sorted(config.values)
    places = [order.index(value) for value in config.values]

    def at(row: int) -> Spec:
        index = ["variant", row, ":"]
        return {"array": array, "over": "now", "index": index, "scale": 100 if percent else 1}

    return {
        "id": array,
        "title": title,
        "takeaway": f"The same number of images seen at every {what}; log scale.",
        "span": 6,
        "height": ROW + 60,
        "x": {
            "title": what,
            "range": [-0.8, len(order) - 0.7],
            "ticks": [[at, number(value)] for at, value in enumerate(order)],
        },
        "y": ERROR if percent else LOSS,
        "traces": spans(places, at, config.seeds),
    }
