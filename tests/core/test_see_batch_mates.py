"""The batch-mate experiment and its replicas: the recording, against torch, and as sentences."""

import json
from functools import cache

import numpy as np
import pytest
import torch
from torch.nn import functional

from ln_core.runs.config import ConfigError, from_query, knobs, to_query
from ln_core.see.batch_mates import record as record_nets
from ln_core.see.batch_mates.compute import compute, draw_batches
from ln_core.see.batch_mates.config import BatchMatesConfig
from ln_core.see.digit_nets import answer, norms_of, recorded_net, to_pixels
from ln_core.see.digits import HIDDEN, NET_VARIANTS, NETS_PATH, load_nets
from ln_core.see.replicas.compute import compute as compute_replicas
from ln_core.see.replicas.compute import draw_batch, gradients, make_net, mean_gradient, propagate
from ln_core.see.replicas.config import SPLIT_BATCH, SPLITS, ReplicasConfig

SEEDS = (0, 1, 2)
every_seed = pytest.mark.parametrize("seed", SEEDS)


@cache
def frame_of(config):
    make = compute if isinstance(config, BatchMatesConfig) else compute_replicas
    return make(config)


def variants_of(config):
    arrays = frame_of(config).arrays
    return {
        variant: {name: array[at] for name, array in arrays.items() if len(array) > 1}
        for at, variant in enumerate(config.variants)
    }


def cards_of(config):
    return {card["variant"]: card for card in frame_of(config).notes["cards"]}


# --- the recording ---


def test_the_recording_is_small_verified_and_was_trained_by_the_apps_own_race():
    assert NETS_PATH.stat().st_size < 1_000_000
    about = json.loads(NETS_PATH.with_suffix(".json").read_text())
    assert from_query(record_nets.MlpConfig, about["config"]) == (record_nets.NET, ())
    nets = load_nets()
    assert [W.shape for W in nets.W] == [(3, 32, 784), (3, 32, 32), (3, 10, 32)]
    with pytest.raises(ValueError, match="read-only"):
        nets.images[0] = 0


def test_a_damaged_recording_is_refused(tmp_path):
    arrays = dict(np.load(NETS_PATH))
    arrays["b2"] = arrays["b2"] + 1
    np.savez(tmp_path / "batch_mates.npz", **arrays)
    (tmp_path / "batch_mates.json").write_text(NETS_PATH.with_suffix(".json").read_text())
    with pytest.raises(ValueError, match="b2 must have SHA-256"):
        load_nets(tmp_path / "batch_mates.npz")


def test_the_recorded_nets_err_as_often_as_the_recording_says():
    nets = load_nets()
    errors = json.loads(NETS_PATH.with_suffix(".json").read_text())["test_error"]
    x, y = to_pixels(torch.tensor(nets.images)), torch.tensor(nets.labels)
    for at, variant in enumerate(NET_VARIANTS):
        norms = norms_of(variant, nets, "evaluation")
        found = answer(recorded_net(nets, at), x[None], norms).logits[0].argmax(1)
        assert float((found != y).float().mean()) == pytest.approx(errors[variant], abs=0.0011)
        assert errors[variant] < 0.06


def test_recording_anew_writes_what_loading_reads(tmp_path):
    config = record_nets.MlpConfig(
        data="mnist",
        depth=HIDDEN,
        width=32,
        batch_size=64,
        cases=640,
        steps=10,
        variants=NET_VARIANTS,
    )
    record_nets.record(tmp_path / "batch_mates.npz", config, digits=20)
    nets = load_nets(tmp_path / "batch_mates.npz")
    assert nets.images.shape == (20, 784)
    assert len(nets.running_mean) == HIDDEN


@pytest.mark.slow
def test_the_recording_can_be_made_again():
    nets = load_nets()
    with torch.inference_mode():
        task = record_nets.load_task("mnist", 60_000, 0, test_cases=record_nets.DIGITS)
        race = record_nets.train(record_nets.NET, task)
        arrays = record_nets.arrays_of(race, task)
        errors = record_nets.test_errors(race, task)
    np.testing.assert_array_equal(arrays["images"], nets.images)
    np.testing.assert_array_equal(arrays["labels"], nets.labels)
    # Another machine may round differently, and training amplifies that: compare what comes out.
    recorded = json.loads(NETS_PATH.with_suffix(".json").read_text())["test_error"]
    for variant in NET_VARIANTS:
        assert abs(errors[variant] - recorded[variant]) < 0.02


# --- against torch ---


@every_seed
@pytest.mark.parametrize("mode", ["training", "evaluation"])
@pytest.mark.parametrize("variant", NET_VARIANTS)
def test_a_net_answers_as_torchs_modules_do(seed, mode, variant):
    nets, at = load_nets(), NET_VARIANTS.index(variant)
    net = recorded_net(nets, at)
    layers = []
    for layer in range(HIDDEN):
        n_out, n_in = net.W[layer].shape
        linear = torch.nn.Linear(n_in, n_out, bias=variant == "none")
        linear.weight.data = net.W[layer]
        if variant == "none":
            linear.bias.data = net.b[layer]
            layers += [linear, torch.nn.ReLU()]
            continue
        norm = (torch.nn.BatchNorm1d if variant == "batch" else torch.nn.LayerNorm)(32)
        norm.weight.data, norm.bias.data = net.g[layer], net.b[layer]
        if variant == "batch":
            norm.running_mean = torch.tensor(nets.running_mean[layer])
            norm.running_var = torch.tensor(nets.running_variance[layer])
        layers += [linear, norm, torch.nn.ReLU()]
    last = torch.nn.Linear(32, 10)
    last.weight.data, last.bias.data = net.W[-1], net.b[-1]
    module = torch.nn.Sequential(*layers, last).train(mode == "training")
    x = to_pixels(torch.tensor(nets.images[seed * 16 : seed * 16 + 16]))
    found = answer(net, x[None], norms_of(variant, nets, mode)).logits[0]
    torch.testing.assert_close(found, module(x), rtol=1e-4, atol=1e-4)


@every_seed
@pytest.mark.parametrize("variant", ["batch", "sync", "layer"])
@pytest.mark.parametrize("K", [1, 4])
def test_replica_gradients_agree_with_torch(seed, variant, K):
    net, (x, y) = make_net(seed, "fresh", variant), draw_batch(seed)
    weights = [W.clone().requires_grad_() for W in net.W]
    shares = 1 if variant == "sync" else K

    def loss(cases, classes):
        h = cases
        for W in weights[:-1]:
            a = h @ W.T
            normed = (
                functional.layer_norm(a, (32,))
                if variant == "layer"
                else functional.batch_norm(a, None, None, training=True)
            )
            h = normed.relu()
        return functional.cross_entropy(h @ weights[-1].T, classes)

    expected = [
        torch.cat([part.flatten() for part in torch.autograd.grad(loss(*share), weights)])
        for share in zip(x.chunk(shares), y.chunk(shares), strict=True)
    ]
    found = propagate(variant, net, x, y, K)
    torch.testing.assert_close(mean_gradient(found), torch.stack(expected).mean(dim=0))
    if variant != "sync":  # whose replicas have no gradient of their own
        torch.testing.assert_close(gradients(found), torch.stack(expected))


# --- neighbours ---


@every_seed
@pytest.mark.parametrize("company", ["mixed", "same"])
def test_neighbours_are_drawn_as_asked_and_never_the_pinned_digit_itself(seed, company):
    config = BatchMatesConfig(digit=17, batch_size=64, company=company, seed=seed)
    nets = load_nets()
    chosen = draw_batches(config, nets)
    assert chosen.shape == (config.draws, 64)
    assert (chosen[:, 0] == 17).all()
    assert (chosen[:, 1:] != 17).all()
    classes = set(nets.labels[chosen[:, 1:].numpy()].flatten().tolist())
    assert classes == ({int(nets.labels[17])} if company == "same" else set(range(10)))
    other = draw_batches(
        BatchMatesConfig(digit=17, batch_size=64, company=company, seed=seed + 1), nets
    )
    assert (chosen != other).any()


# --- the sentences ---


@every_seed
@pytest.mark.parametrize("batch_size", [2, 8, 64, 256])
@pytest.mark.parametrize("company", ["mixed", "same"])
def test_under_layer_norm_the_answer_has_the_same_bits_whoever_the_neighbours_are(
    seed, batch_size, company
):
    config = BatchMatesConfig(digit=100 * seed, batch_size=batch_size, company=company, seed=seed)
    found = variants_of(config)
    for variant in ("layer", "none"):
        probability = found[variant]["probability"].view(np.uint32)
        hidden = found[variant]["hidden"].view(np.uint32)
        assert (probability == probability[0]).all()
        assert (hidden == hidden[:, :1]).all()
        assert cards_of(config)[variant]["title"] == "Bit-identical"
        assert (found[variant]["influence"][1:] == 0).all()
        assert (found[variant]["spread"] == 0).all()


@every_seed
@pytest.mark.parametrize("batch_size", [2, 8, 64, 256])
def test_under_batch_norm_in_training_mode_answer_and_activations_move(seed, batch_size):
    config = BatchMatesConfig(digit=100 * seed, batch_size=batch_size, seed=seed)
    found = variants_of(config)["batch"]
    assert np.ptp(found["probability"], axis=0).max() > 0
    assert (found["spread"].max(axis=1) > 0).all()
    assert found["influence"][1:].max() > 0
    assert cards_of(config)["batch"]["title"] == "Changed by its neighbours"


@every_seed
def test_larger_batches_move_the_activations_less(seed):
    spreads = [
        variants_of(BatchMatesConfig(batch_size=N, seed=seed))["batch"]["spread"].mean()
        for N in (4, 32, 256)
    ]
    assert spreads[0] > spreads[1] > spreads[2] > 0


@every_seed
def test_in_evaluation_mode_no_neighbour_counts(seed):
    config = BatchMatesConfig(mode="evaluation", seed=seed)
    assert {card["title"] for card in cards_of(config).values()} == {"Bit-identical"}
    assert (variants_of(config)["batch"]["influence"][1:] == 0).all()


def test_the_lesson_speaks_of_training_mode_whatever_the_mode_is():
    training, evaluation = (
        {value["slot"]: value["text"] for value in frame_of(config).notes["measured_values"]}
        for config in (BatchMatesConfig(), BatchMatesConfig(mode="evaluation"))
    )
    assert training == evaluation
    assert training["batch_low"] != training["batch_high"]
    assert training["layer_low"] == training["layer_high"]
    assert training["layer_reach"] == "0" != training["batch_reach"]


def test_neighbours_of_the_same_class_usually_make_batch_norms_answer_worse():
    nets = load_nets()
    worse = 0
    digits = range(0, 60, 2)
    for digit in digits:
        label = nets.labels[digit]
        mixed, same = (
            variants_of(BatchMatesConfig(digit=digit, company=company))["batch"]["probability"][
                :, label
            ]
            for company in ("mixed", "same")
        )
        worse += same.mean() < mixed.mean()
    assert worse > 0.9 * len(digits)


@every_seed
def test_evaluation_mode_computes_another_function_than_training_mode(seed):
    mean = {
        mode: variants_of(BatchMatesConfig(mode=mode, seed=seed))["batch"]["hidden"].mean(axis=1)
        for mode in ("training", "evaluation")
    }
    assert np.abs(mean["training"] - mean["evaluation"]).max() > 0.05


def test_alone_in_its_batch_every_digit_gets_the_same_answer_from_batch_norm():
    answers = [
        variants_of(BatchMatesConfig(digit=digit, batch_size=1))["batch"]["probability"][0]
        for digit in (0, 1, 2, 3)
    ]
    np.testing.assert_array_equal(answers[0], answers[1])
    np.testing.assert_array_equal(answers[0], answers[3])


def test_every_net_is_sure_of_the_first_digit_shown_until_batch_norms_company_moves_it():
    config = BatchMatesConfig()
    label = load_nets().labels[config.digit]
    found = variants_of(config)
    for variant in ("none", "layer"):
        assert found[variant]["probability"][0, label] > 0.9
    evaluation = variants_of(BatchMatesConfig(mode="evaluation"))["batch"]["probability"]
    assert evaluation[0, label] > 0.9
    moved = found["batch"]["probability"][:, label]
    assert moved.min() < 0.1 < 0.9 < moved.max()


@every_seed
def test_most_answers_move_less_though_the_hidden_activations_always_do(seed):
    ranges, first = (
        [],
        np.ptp(variants_of(BatchMatesConfig())["batch"]["probability"], axis=0).max(),
    )
    for digit in range(seed * 20, seed * 20 + 20):
        found = variants_of(BatchMatesConfig(digit=digit, seed=seed))["batch"]
        ranges.append(np.ptp(found["probability"], axis=0).max())
        assert (found["spread"].max(axis=1) > 0).all()
    assert np.median(ranges) < first


def test_the_picture_shows_the_pinned_digit_at_its_top_left():
    image = frame_of(BatchMatesConfig(digit=5, batch_size=2)).arrays["batch"][0]
    assert image.shape == (28, 112)
    np.testing.assert_array_equal(image[:28, :28].flatten(), load_nets().images[5])
    assert (image[:, 56:] == 0).all()


@pytest.mark.parametrize(
    ("batch_size", "tiles"),
    [(1, (1, 4)), (5, (2, 4)), (8, (2, 4)), (9, (2, 8)), (32, (4, 8)), (256, (4, 8))],
)
def test_the_picture_has_room_for_the_digits_that_it_shows(batch_size, tiles):
    config = BatchMatesConfig(batch_size=batch_size)
    image = frame_of(config).arrays["batch"][0]
    assert config.tiles == tiles
    assert image.shape == (28 * tiles[0], 28 * tiles[1])
    last = image[-28:].reshape(28, tiles[1], 28).swapaxes(0, 1)
    assert last[0].any(), "no row is empty"


# --- replicas ---


@every_seed
@pytest.mark.parametrize("weights", ["fresh", "trained"])
def test_splitting_a_batch_does_not_move_layer_norms_or_synchronized_batch_norms_gradient(
    seed, weights
):
    found = variants_of(ReplicasConfig(seed=seed, weights=weights))
    for variant in ("layer", "sync"):
        np.testing.assert_allclose(found[variant]["cosine"], 1, atol=1e-6)
        np.testing.assert_allclose(found[variant]["length"], 1, atol=1e-6)


@every_seed
@pytest.mark.parametrize("weights", ["fresh", "trained"])
def test_splitting_a_batch_turns_batch_norms_gradient_away_the_more_the_more_replicas(
    seed, weights
):
    cosine = variants_of(ReplicasConfig(seed=seed, weights=weights))["batch"]["cosine"]
    assert cosine[0] == pytest.approx(1)
    assert (np.diff(cosine[:5]) < 0).all()
    assert cosine[3] < 0.85


@every_seed
def test_with_two_cases_each_batch_norms_gradient_has_next_to_nothing_in_common(seed):
    found = variants_of(ReplicasConfig(seed=seed))["batch"]
    assert abs(found["cosine"][-1]) < 0.1
    assert found["length"][-1] > 3


def test_means_scatter_and_variances_shrink_as_expected_of_random_shares():
    N = SPLIT_BATCH
    found = [variants_of(ReplicasConfig(seed=seed))["batch"] for seed in range(8)]
    for k, K in enumerate(SPLITS):
        n = N // K
        scatter = np.mean([one["scatter"][k] for one in found])
        shrink = np.mean([one["shrink"][k] for one in found])
        assert scatter == pytest.approx(np.sqrt((N - n) / (n * (N - 1))), abs=0.04)
        assert shrink == pytest.approx((n - 1) / n * N / (N - 1), abs=0.03)


@every_seed
def test_each_replica_has_a_gradient_of_its_own_except_when_synchronized(seed):
    found = variants_of(ReplicasConfig(seed=seed, replicas=16))
    assert np.isnan(found["sync"]["own_cosine"]).all()
    for variant in ("batch", "layer"):
        assert found[variant]["own_cosine"].shape == (16,)
        assert found[variant]["own_cosine"].max() < 0.99
    # One replica is the undivided batch.
    alone = variants_of(ReplicasConfig(seed=seed, replicas=1))["batch"]["own_cosine"]
    np.testing.assert_allclose(alone, 1, atol=1e-6)


def test_the_cards_say_whose_gradient_it_still_is():
    cards = cards_of(ReplicasConfig())
    assert cards["batch"]["title"] == "Another gradient"
    assert cards["sync"]["title"] == cards["layer"]["title"] == "The same gradient"
    assert cards_of(ReplicasConfig(replicas=1))["batch"]["title"] == "The same gradient"


def test_replicas_must_divide_the_batch():
    with pytest.raises(ConfigError, match="which divide 64 examples"):
        ReplicasConfig(replicas=3)


@pytest.mark.parametrize("kind", [BatchMatesConfig, ReplicasConfig])
def test_a_config_survives_its_url(kind):
    for name, declared in knobs(kind).items():
        for value in getattr(declared.kind, "stops", ()) or getattr(declared.kind, "options", ()):
            config = kind(**{name: value})
            assert from_query(kind, to_query(config)) == (config, ())
