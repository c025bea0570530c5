"""What the presets and lessons of the paper's experiments say of runs that train live."""

from dataclasses import replace
from functools import partial

import numpy as np
import torch

from ln_core.paper.convnet.config import EXPERIMENT as CONVNET
from ln_core.paper.convnet.presets import PRESETS as CONVNETS
from ln_core.paper.convnet.text import early_losses
from ln_core.paper.mnist.config import MNIST, SWEEP
from ln_core.paper.mnist.presets import MNIST_PRESETS, SWEEP_PRESETS
from ln_core.paper.skip_thoughts.config import EXPERIMENT as SKIP
from ln_core.paper.skip_thoughts.presets import PRESETS as SKIPS
from ln_core.paper.transformer.config import EXPERIMENT as TRANSFORMER
from ln_core.paper.transformer.network import split
from ln_core.paper.transformer.presets import PRESETS as TRANSFORMERS
from ln_core.paper.transformer.trainer import TransformerTrainer
from tests.claims.table import Film, Found, claim

of_mnist, of_sweep = partial(claim, "mnist"), partial(claim, "sweep")
of_transformer, of_skip, of_convnet = (
    partial(claim, page) for page in ("transformer", "skip", "convnet")
)
OTHERS = ("none", "layer", "rms", "group")  # what takes no batch into its statistics

# --- MNIST ---

LAST = 4  # frames: the last epoch, or the second half of it


def mnist_end(preset: str, seed: int, array: str, *variants: str) -> dict[str, float]:
    """Give the end of the curves: their means over the last frames."""
    of = Film.of(MNIST, MNIST_PRESETS[preset], seed)
    return {v: float(np.mean(of.curve(v, array, of.config.frames - LAST))) for v in variants}


@of_mnist("large")
def batch_norm_has_the_fewest_errors_and_the_highest_loss_at_batch_size_128(seed) -> Found:
    error, loss = (
        mnist_end("large", seed, array, "none", "batch", "layer")
        for array in ("test_error", "test_nll")
    )
    fewest = error["batch"] < min(error["none"], error["layer"])
    return fewest and loss["batch"] > 1.3 * max(loss["none"], loss["layer"]), {**error, "nll": loss}


@of_mnist("large")
def layer_norm_is_no_faster_than_no_normalization_at_batch_size_128(seed) -> Found:
    of = Film.of(MNIST, MNIST_PRESETS["large"], seed)
    # Two epochs, four frames each.
    early = {v: float(np.mean(of.curve(v, "test_error", 1)[:8])) for v in ("none", "layer")}
    return early["none"] < 1.1 * early["layer"], early


@of_mnist("small")
def batch_norm_makes_the_most_errors_at_batch_size_4(seed) -> Found:
    error = mnist_end("small", seed, "test_error", "none", "batch", "layer")
    return error["batch"] > max(error["none"], error["layer"]), error


@of_mnist("hidden")
def batch_norm_on_hidden_layers_only_has_not_the_highest_loss(seed) -> Found:
    loss = mnist_end("large", seed, "test_nll", "none", "batch")
    hidden = mnist_end("hidden", seed, "test_nll", "batch")["batch"]
    return hidden < loss["none"] and 1.3 * hidden < loss["batch"], {**loss, "hidden": hidden}


@of_mnist("fast")
def no_normalization_gets_worse_than_the_others_with_a_tenfold_rate(seed) -> Found:
    error, loss = (
        mnist_end("fast", seed, array, "none", "batch", "layer")
        for array in ("test_error", "test_nll")
    )
    worse = error["none"] > max(error["batch"], error["layer"])
    return worse and loss["none"] > max(loss["batch"], loss["layer"]), {**error, "nll": loss}


def swept(preset: str, seed: int) -> dict[str, dict[float, float]]:
    """Give the error at every value of a sweep, by variant."""
    of = Film.of(SWEEP, SWEEP_PRESETS[preset], seed)
    part = "test_error" if of.config.over == "batch_size" else "valid_error"
    return {
        v: dict(zip(of.config.values, of.end(v, part)[1].tolist(), strict=True))
        for v in of.config.variants
    }


@of_sweep("sizes")
def batch_norms_error_climbs_below_8_and_ends_near_guessing_while_the_others_learn(
    seed,
) -> Found:
    found = swept("sizes", seed)
    batch = found["batch"]
    climbs = batch[8] < batch[4] < batch[2] and batch[1] > 0.75
    others = max(found[v][size] for v in OTHERS for size in (8, 4, 2, 1))
    return climbs and others < 0.3 < batch[2], {"others": others, "batch": batch}


@of_sweep("rates")
def batch_norm_makes_the_fewest_errors_at_the_largest_rate(seed) -> Found:
    error = {v: by_rate[0.01] for v, by_rate in swept("rates", seed).items()}
    return error["batch"] < min(error[v] for v in OTHERS), error


# --- Transformers ---


def transformer_end(preset: str, seed: int, array: str = "test_error") -> dict[str, float]:
    of = Film.of(TRANSFORMER, TRANSFORMERS[preset], seed)
    return {v: of.end(v, array).mean().item() for v in of.config.variants}


@of_transformer("no_warmup", recorded=True)
def without_warm_up_post_ln_hardly_gets_away_from_guessing_and_pre_ln_learns(seed) -> Found:
    error = transformer_end("no_warmup", seed)
    return error["post"] > 0.85 and error["pre"] < 0.02, error


@of_transformer("warmup", recorded=True)
def with_warm_up_post_ln_learns_the_task_as_well_as_pre_ln(seed) -> Found:
    error = transformer_end("warmup", seed)
    return max(error.values()) < 0.05, error


@of_transformer("placements", recorded=True)
def rmsnorm_does_what_layer_norm_does_dyt_learns_as_well_and_post_ln_guesses(seed) -> Found:
    of = Film.of(TRANSFORMER, TRANSFORMERS["placements"], seed)
    error = {v: of.end(v, "test_error").item() for v in of.config.variants}
    curves = {v: np.array(of.curve(v, "test_error")) for v in ("pre", "rms")}
    apart = abs(curves["pre"] - curves["rms"]).mean()
    learnt = max(error[v] for v in ("pre", "rms", "dyt"))
    return learnt < 0.05 and error["post"] > 0.85 and apart < 0.04, {**error, "apart": apart}


@of_transformer("placements", recorded=True)
def without_a_norm_six_layers_make_more_errors_than_with_one_in_front(seed) -> Found:
    error = transformer_end("placements", seed)
    return error["none"] > 0.2 + max(error[v] for v in ("pre", "rms", "dyt")), error


@of_transformer("shallow")
def with_two_layers_all_learn_the_task_and_no_norm_gets_there_first(seed) -> Found:
    of = Film.of(TRANSFORMER, TRANSFORMERS["shallow"], seed)
    first = {
        v: int(np.argmax(np.concatenate(of.curve(v, "loss"), 1)[0] < 0.5))
        for v in of.config.variants
    }
    error = transformer_end("shallow", seed)
    leads = all(first["none"] < first[v] for v in first if v != "none")
    return leads and max(error.values()) < 0.02, {**error, "first": first}


@of_transformer("memory", recorded=True)
def the_size_of_the_memory_stays_level_beyond_the_segments_trained_on(seed) -> Found:
    of = Film.of(TRANSFORMER, TRANSFORMERS["memory"], seed)
    sizes = {v: of.end(v, "memory_size") for v in of.config.variants}
    assert all(len(size) > of.config.segments for size in sizes.values())
    spans = {v: float(size.max() / size.min()) for v, size in sizes.items()}
    return max(spans.values()) < 1.3, spans


@of_transformer("forgetful")
def without_the_memory_no_variant_gets_below_guessing(seed) -> Found:
    of = Film.of(TRANSFORMER, TRANSFORMERS["forgetful"], seed)
    chance, found = of.config.chance, {}
    for variant in of.config.variants:
        late = np.concatenate(of.curve(variant, "loss")[-40:], 1).mean()
        found[variant] = float(late), of.end(variant, "test_error").item()
    return all(late > chance - 0.02 and wrong > 0.9 for late, wrong in found.values()), found


@of_transformer()
def large_first_steps_take_post_ln_to_where_its_answers_do_not_depend_on_the_input(seed) -> Found:
    config = Film.of(TRANSFORMER, TRANSFORMERS["no_warmup"], seed).config

    def spread(variant: str) -> float:
        trainer = TransformerTrainer(replace(config, steps=100), (variant,))
        for _ in range(100):
            trainer.train()
        with torch.no_grad():
            weights = split(config, trainer.learners[0].theta)
            said = trainer.network.read(weights, trainer.held_out)[0].logits.softmax(-1)
        return float(said.std(0).mean())  # over inputs, at the same place

    found = {variant: spread(variant) for variant in ("post", "pre")}
    return found["post"] < 0.05 * found["pre"], found


# --- Skip-thoughts ---


def skip_end(preset: str, seed: int, array: str) -> dict[str, float]:
    of = Film.of(SKIP, SKIPS[preset], seed)
    return {v: float(np.mean(of.end(v, array))) for v in of.config.variants}


@of_skip("small")
def a_speech_is_told_from_the_novel_while_party_and_order_stay_near_chance(seed) -> Found:
    kind, party, order = (
        skip_end("small", seed, f"score_{task}") for task in ("kind", "party", "order")
    )
    near = all(abs(score - 0.5) < 0.1 for of in (party, order) for score in of.values())
    clear = all(kind[v] > max(0.65, party[v] + 0.1, order[v] + 0.1) for v in kind)
    return near and clear, {"kind": kind, "party": party, "order": order}


@of_skip("slow")
def both_kinds_learn_more_slowly_at_a_third_of_the_learning_rate(seed) -> Found:
    usual, slow = (skip_end(preset, seed, "unseen_loss") for preset in ("small", "slow"))
    return all(slow[v] > usual[v] + 0.05 for v in usual), {"usual": usual, "slow": slow}


# --- ConvNets ---


def convnet_errors(preset: str, seed: int) -> dict[str, float]:
    of = Film.of(CONVNET, CONVNETS[preset], seed)
    return {v: of.end(v, "test_error").item() for v in of.config.variants}


@of_convnet("ordinary", recorded=True)
def batch_norm_and_layer_norm_learn_in_fewer_steps_than_no_normalization(seed) -> Found:
    of = Film.of(CONVNET, CONVNETS["ordinary"], seed)
    early = {v: float(early_losses(of.frames(v)).mean()) for v in of.config.variants}
    return max(early["batch"], early["layer"]) < 0.8 * early["none"], early


@of_convnet("unequal", recorded=True)
def with_unequal_filters_layer_norm_ends_with_more_errors_than_batch_norm(seed) -> Found:
    error = convnet_errors("unequal", seed)
    return error["layer"] > 1.2 * error["batch"], error


@of_convnet("border", recorded=True)
def summed_inputs_vary_far_less_at_the_border_than_in_the_middle(seed) -> Found:
    of = Film.of(CONVNET, CONVNETS["border"], seed)
    spread = {v: of.start(v, "border_spread")[0] for v in of.config.variants}
    ratio = {v: float(profile[0] / profile[-1]) for v, profile in spread.items()}
    return max(ratio.values()) < 0.25, ratio


@of_convnet("pixels", recorded=True)
def layer_norm_per_pixel_still_leaves_unequal_filters_unequal(seed) -> Found:
    error = convnet_errors("pixels", seed)
    return error["pixel"] > 1.2 * error["batch"], error
