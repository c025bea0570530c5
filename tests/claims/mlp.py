"""What the presets of the MLP lab say."""

from dataclasses import replace
from functools import partial

import numpy as np
import torch

from ln_core.race.config import EXPERIMENT
from ln_core.race.presets import PRESETS
from ln_core.race.trainer import MlpTrainer
from tests.claims.table import Film, Found, claim

claim = partial(claim, "mlp")
VARIANTS = ("none", "batch", "layer")


def run(preset: str, seed: int) -> Film:
    return Film.of(EXPERIMENT, PRESETS[preset], seed)


def losses(of: Film, variant: str) -> np.ndarray:
    """Give the training loss of every step."""
    return np.concatenate([np.ravel(loss) for loss in of.curve(variant, "loss")])


def forked(preset: str, seed: int) -> tuple[Film, Film]:
    """Give the run of a preset, and the one that is pinned beside it."""
    pinned = PRESETS[preset].pin
    return run(preset, seed), Film(EXPERIMENT, replace(pinned, seed=seed))


def final_errors(preset: str, seed: int) -> dict[str, float]:
    return {v: run(preset, seed).end(v, "test_error").item() for v in VARIANTS}


@claim("spirals")
def every_variant_learns_the_spirals_and_normalization_gets_there_in_fewer_steps(seed) -> Found:
    of = run("spirals", seed)
    errors = {v: np.array(of.curve(v, "test_error"))[:, 0] for v in VARIANTS}
    steps = {v: int(np.argmax(error < 0.1)) for v, error in errors.items()}
    last = {v: error[-1] for v, error in errors.items()}
    holds = max(last.values()) < 0.05 and max(steps["layer"], steps["batch"]) < steps["none"]
    return holds, {"steps": steps, "last": last}


@claim("directions")
def without_the_constant_input_layer_norm_sees_directions_but_not_distances(seed) -> Found:
    error = final_errors("directions", seed)
    layer = run("directions", seed).end("layer", "boundary").astype(float)
    # Along a ray from the middle the answer does not change: compare points at r and at 2 r.
    middle = (len(layer) - 1) / 2
    near, far = (
        [
            layer[round(middle + r * np.sin(angle)), round(middle + r * np.cos(angle))]
            for angle in np.linspace(0, 2 * np.pi, 24, endpoint=False)
        ]
        for r in (7, 14)
    )
    gap = np.abs(np.subtract(near, far)).max()
    holds = error["layer"] > 0.3 and max(error["none"], error["batch"]) < 0.05 and gap < 60
    return holds, {**error, "gap": gap}


@claim("online")
def batch_norm_learns_next_to_nothing_at_batch_size_one_and_layer_norm_learns(seed) -> Found:
    error = final_errors("online", seed)
    return error["batch"] > 0.8 and error["layer"] < 0.25, error  # guessing: 0.9


@claim("online")
def at_batch_size_one_every_unit_puts_out_just_its_bias_under_batch_norm(seed) -> Found:
    # The last hidden layer, which gets the most: its activation receives the biases alone.
    trainer = MlpTrainer(run("online", seed).config, ("batch",))
    with torch.inference_mode():
        for _ in range(3):
            trainer.train()
        z, b = trainer.race.workspace.z[-1][0], trainer.race.workspace.layers[-2].b[0]
    return torch.allclose(z, b.expand_as(z), rtol=0, atol=1e-2), {"gap": (z - b).abs().max()}


@claim("pairs")
def at_batch_size_two_batch_norm_makes_several_times_the_errors_of_layer_norm(seed) -> Found:
    error = final_errors("pairs", seed)
    return error["batch"] > 2 * error["layer"], error


@claim("small_weights")
def small_weights_let_gradients_fade_without_normalization_which_restores_the_signal(seed) -> Found:
    of = run("small_weights", seed)
    summed = of.start("none", "summed")
    spread = summed[:, 3] - summed[:, 1]  # between the quartiles, layer by layer
    inner = {v: of.start(v, "gradient_norm")[5:15] for v in VARIANTS}
    none, least = inner["none"].max(), min(inner["batch"].min(), inner["layer"].min())
    fades = spread[-1] < 0.01 * spread[0]
    return fades and none < 0.01 * least, {"none": none, "least": least}


@claim("small_weights")
def with_small_weights_a_net_without_normalization_learns_far_more_slowly(seed) -> Found:
    error = final_errors("small_weights", seed)
    return error["none"] > 2 * max(error["batch"], error["layer"]), error


@claim("deep_relu")
def batch_norms_gradients_grow_on_their_way_back_and_layer_norms_far_less_or_fade(seed) -> Found:
    of = run("deep_relu", seed)
    curves = {v: np.array(of.curve(v, "gradient_norm")) for v in ("batch", "layer")}  # (frames, L)
    growth = {v: norms[:, 0] / norms[:, -1] for v, norms in curves.items()}
    lead = float((growth["batch"] / growth["layer"]).min())
    return growth["batch"].min() > 100 and lead > 5, {"batch": growth["batch"].min(), "lead": lead}


@claim("shallow")
def in_a_shallow_well_initialized_network_the_variants_end_close_together(seed) -> Found:
    error = final_errors("shallow", seed)
    return max(error.values()) - min(error.values()) < 0.03, error


@claim("to_pairs")
def a_batch_of_two_in_mid_run_multiplies_batch_norms_loss_and_hardly_its_errors(seed) -> Found:
    of = run("to_pairs", seed)
    loss = {v: losses(of, v) for v in VARIANTS}
    times = {v: of_all[400:].mean() / of_all[300:400].mean() for v, of_all in loss.items()}
    error = final_errors("to_pairs", seed)
    jumps = times["batch"] > max(3.5, 1.5 * times["none"], 1.5 * times["layer"])
    hardly_more = error["batch"] < max(error["none"], error["layer"]) + 0.04
    return jumps and hardly_more, {"times": times, "error": error}


@claim("tenfold")
def ten_times_the_rate_ends_the_net_without_normalization_and_not_the_others(seed) -> Found:
    of, _ = forked("tenfold", seed)
    after = {v: losses(of, v)[300:] for v in VARIANTS}
    top = {v: np.nanmax(loss) for v, loss in after.items()}
    last = {v: loss[-30:].mean() for v, loss in after.items()}
    before = {v: losses(of, v)[270:300].mean() for v in VARIANTS}
    error = {v: of.end(v, "test_error").item() for v in VARIANTS}
    normed = all(
        top[v] > 3 * before[v] and last[v] < top[v] / 3 and error[v] < 0.2
        for v in ("batch", "layer")
    )
    ends = top["none"] > 1000 and error["none"] > 0.8
    return normed and ends, {"before": before, "top": top, "last": last, "error": error}


@claim("freeze")
def frozen_statistics_take_a_third_of_batch_norms_errors_at_batch_size_two(seed) -> Found:
    error = [one.end("batch", "test_error").item() for one in forked("freeze", seed)]
    return error[0] < 2 / 3 * error[1], {"frozen": error[0], "pinned": error[1]}
