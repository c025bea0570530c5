"""What the MNIST recordings say, for the slots of their lessons. Free of torch."""

from collections.abc import Sequence

import numpy as np

from ln_core.formatting import number
from ln_core.paper.mnist.config import MnistConfig, SweepConfig
from ln_core.runs.frame import Frame


def mnist_results(
    frames: Sequence[Frame], config: MnistConfig, part: str | None = None
) -> dict[str, str]:
    """Say where every variant ends, how low its test loss was, and when; means over seeds.

    Slots: for the part (or else the batch size) N and each variant, N_variant_ and error (%),
    train_error (%), nll, low (lowest test loss), low_epoch, two (epochs until 2 % or less are
    wrong), first (test loss after an epoch); of Layer Norm also ahead, up to which epoch its
    losses are below Batch Norm's.
    """
    found: dict[str, str] = {}
    part = part or str(config.batch_size)
    epochs = np.array([frame.step / config.steps_per_epoch for frame in frames])
    for at, variant in enumerate(config.variants):
        curves = {
            name: np.array([frame.arrays[name][at].mean() for frame in frames])
            for name in ("test_error", "train_error", "test_nll")
        }
        lowest = int(np.nanargmin(curves["test_nll"]))
        below = np.flatnonzero(curves["test_error"] <= TWO_PERCENT)
        told = {
            "error": number(100 * curves["test_error"][-1]),
            "train_error": number(100 * curves["train_error"][-1], 2),
            "nll": number(curves["test_nll"][-1]),
            "low": number(curves["test_nll"][lowest]),
            "low_epoch": number(epochs[lowest]),
            "two": number(epochs[below[0]]) if len(below) else "never",
            "first": number(curves["test_nll"][config.tests]),
        }
        found |= {f"{part}_{variant}_{name}": text for name, text in told.items()}
    ahead = _layer_norm_ahead(frames, config)
    plan = {
        "layer_ahead": number(epochs[ahead]),
        "seeds": str(config.seeds),
        "epochs": str(config.epochs),
        "epoch_steps": str(config.steps_per_epoch),
        "cases": f"{config.cases:,}",
        "steps": f"{config.steps:,}",
    }
    return {**found, **{f"{part}_{name}": text for name, text in plan.items()}}


TWO_PERCENT = 0.02
LOSSES = ("train_nll", "test_nll")


def _layer_norm_ahead(frames: Sequence[Frame], config: MnistConfig) -> int:
    """Give the frame up to which Layer Norm's losses are below Batch Norm's, with every seed."""
    layer, batch = (config.variants.index(variant) for variant in ("layer", "batch"))
    curves = np.array([[frame.arrays[part] for part in LOSSES] for frame in frames], np.float32)
    behind = np.any(curves[:, :, layer] >= curves[:, :, batch], axis=(1, 2)).tolist()
    return max(0, behind.index(True) - 1) if any(behind) else len(frames) - 1


def sweep_results(frames: Sequence[Frame], config: SweepConfig) -> dict[str, str]:
    """Say what every variant reaches at each value: the error in %, mean over seeds.

    Slots: sizes_variant_value; of learning rates instead best_rate, the one with the lowest mean
    error, and which one each variant alone would choose, by error and by loss.
    """
    if config.over == "learning_rate":
        error, loss = (frames[-1].arrays[f"valid_{part}"][:, 1] for part in ("error", "nll"))
        chosen = {"best_rate": error.mean(0)}
        for at, variant in enumerate(config.variants):
            chosen |= {f"{variant}_rate": error[at], f"{variant}_loss_rate": loss[at]}
        return {slot: f"{config.values[int(of.argmin())]:g}" for slot, of in chosen.items()}
    error = frames[-1].arrays["test_error"][:, 1]
    return {
        f"sizes_{variant}_{value:g}": number(100 * float(error[at, place]))
        for at, variant in enumerate(config.variants)
        for place, value in enumerate(config.values)
    } | {"sizes_seeds": str(config.seeds), "sizes_examples": f"{config.examples:,}"}


def rates_results(frames: Sequence[Frame], config: SweepConfig, *, common: float) -> dict[str, str]:
    """Compare a common rate with each variant's own, the one with the lowest held-out loss.

    Slots: rates_ and the variant and rate, nll_own, nll_common, error_own, error_common (%), and
    rates_lead_, rates_share_: what Layer Norm is ahead of no norm, and the % that own rates take.
    """
    reached = {name: frames[-1].arrays[f"valid_{name}"][:, 1] for name in ("nll", "error")}
    own = reached["nll"].argmin(1)
    found = {
        f"rates_{variant}_rate": number(config.values[place])
        for variant, place in zip(config.variants, own, strict=True)
    }
    none, layer = (config.variants.index(variant) for variant in ("none", "layer"))
    for name, scale in (("nll", 1), ("error", 100)):
        leads = []
        for at in ("common", "own"):
            places = own if at == "own" else np.full_like(own, config.values.index(common))
            values = scale * np.take_along_axis(reached[name], places[:, None], 1)[:, 0]
            leads.append(float(values[none] - values[layer]))
            found[f"rates_lead_{name}_{at}"] = number(leads[-1], 2)
            for variant, value in zip(config.variants, values, strict=True):
                found[f"rates_{variant}_{name}_{at}"] = number(float(value))
        found[f"rates_share_{name}"] = f"{100 * (1 - leads[1] / leads[0]):.0f}"
    plan = {"seeds": str(config.seeds), "examples": f"{config.examples:,}", "common": f"{common:g}"}
    return found | {f"rates_{name}": text for name, text in plan.items()}
