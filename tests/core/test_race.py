"""The stacked race against plain networks: same weights, same batches, same numbers."""

import copy
import dataclasses
import itertools
import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from ln_core.data.tasks import load_task
from ln_core.race.config import VARIANTS, MlpConfig
from ln_core.race.evaluation import Evaluation, Inference
from ln_core.race.model import Race
from ln_core.training.batches import batches
from ln_core.training.normalization import Rows, Standardization
from ln_core.training.optimizers import Adam, FusedAdam
from ln_core.training.products import HAS_ONEDNN, best_bmm
from ln_core.training.seeds import DATA_SEED, ORDER_SEED, part_seed
from tests.core.plain_nets import PlainTraining, parts, plain_nets

ALL = tuple(VARIANTS)
TOLERANCE = 1e-9
CASES = 515
# Two values that share a mean and deviation are always +1 and -1, whatever the weights: the true
# gradient is 0 up to epsilon, and rounding errors are all that is left to compare (Adam makes full
# steps of them). So groups here are of 4 units, and where pairs are the point, epsilon is large.
SMALL = MlpConfig(depth=2, width=32, batch_size=8, cases=CASES, learning_rate=3e-3)


def make_race(config, variants=ALL, dtype=torch.float64, inputs=None):
    """A race on random cases; some labels follow from x, so that there is something to learn."""
    generator = torch.Generator().manual_seed(99)
    x = torch.randn(config.cases, config.inputs, generator=generator, dtype=torch.float64) * 1.5
    y = (x[:, 0] * x[:, 1] > 0).long() * (config.classes - 1)
    with torch.inference_mode():
        return Race(config, variants, x, y, dtype=dtype), x.to(dtype), y


def worst(pairs):
    return max((a - b).abs().max().item() for a, b in pairs)


def assert_same_training(config, variants=ALL, steps=50):
    race, x, y = make_race(config, variants)
    plain = PlainTraining(race)
    for chosen in itertools.islice(batches(config.cases, config.batch_size, config.seed), steps):
        with torch.inference_mode():
            loss = race.step(chosen).clone()
        expected = plain.step(x[chosen], y[chosen])
        torch.testing.assert_close(loss.clone(), expected, rtol=TOLERANCE, atol=TOLERANCE)
    for row, net in enumerate(plain.nets):
        for piece, (W, g, b) in zip(race.stack.theta, parts(net), strict=True):
            assert worst([(piece.W[row], W), (piece.b[row, 0], b)]) < TOLERANCE
            if g is not None:
                assert worst([(piece.g[row, 0], g)]) < TOLERANCE
    assert_same_running_statistics(race, plain.nets)
    return race, plain, x


def assert_same_running_statistics(race, nets):
    if race.stack.running is None:
        return
    first = race.stack.variants.index("batch") * race.config.seeds
    for seed in range(race.config.seeds):
        norms = [m for m in nets[first + seed] if isinstance(m, nn.BatchNorm1d)]
        count = sum(norm.num_features for norm in norms)
        mean = torch.cat([norm.get_buffer("running_mean") for norm in norms])
        variance = torch.cat([norm.get_buffer("running_var") for norm in norms])
        assert worst([(race.stack.running.mean[seed, :count], mean)]) < TOLERANCE
        assert worst([(race.stack.running.variance[seed, :count], variance)]) < TOLERANCE


@pytest.mark.parametrize("activation", ["relu", "tanh", "identity"])
@pytest.mark.parametrize("optimizer", ["adam", "sgd", "momentum"])
def test_race_trains_as_plain_networks_do(optimizer, activation):
    assert_same_training(
        dataclasses.replace(SMALL, optimizer=optimizer, activation=activation, seeds=2)
    )


@pytest.mark.parametrize("batch_size", [1, 2, 3, 128, 512])
def test_race_trains_as_plain_networks_do_at_any_batch_size(batch_size):
    epsilon = 1e-5 if batch_size > 3 else 0.1
    assert_same_training(dataclasses.replace(SMALL, batch_size=batch_size, epsilon=epsilon))


@pytest.mark.parametrize("batch_size", [1, 257, 32])
def test_last_smaller_batch_is_trained_on_with_its_own_buffers(batch_size):
    config = dataclasses.replace(SMALL, batch_size=batch_size, cases=513)
    race, _, _ = assert_same_training(config, steps=20)
    assert set(race.workspaces) == {batch_size, 513 % batch_size} - {0}
    race, _, _ = assert_same_training(dataclasses.replace(config, batch_size=512), steps=4)
    assert set(race.workspaces) == {512, 1}


@pytest.mark.parametrize("batch_size", [1, 8])
@pytest.mark.parametrize("variants", [ALL, ("batch",), ("batch", "layer"), ("none", "layer")])
def test_batch_norm_can_cover_the_output_layer(variants, batch_size):
    config = dataclasses.replace(SMALL, bn_output=True, batch_size=batch_size, seeds=2)
    assert_same_training(config, variants)


@pytest.mark.parametrize("batch_size", [1, 2, 4, 32])
def test_batch_norm_can_divide_by_the_unbiased_deviation(batch_size):
    epsilon = 1e-5 if batch_size > 4 else 0.1
    config = dataclasses.replace(SMALL, bn_unbiased=True, batch_size=batch_size, epsilon=epsilon)
    assert_same_training(dataclasses.replace(config, bn_output=True))


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "momentum"])
def test_a_race_that_is_taken_up_again_goes_on_to_the_same_bits(optimizer):
    config = dataclasses.replace(SMALL, optimizer=optimizer, seeds=2)
    (race, _, _), (again, _, _) = make_race(config), make_race(config)
    order = list(itertools.islice(batches(config.cases, config.batch_size, config.seed), 20))
    with torch.inference_mode():
        for chosen in order[:10]:
            race.step(chosen)
        again.restore(copy.deepcopy(race.state()))
        for chosen in order[10:]:
            assert torch.equal(race.step(chosen), again.step(chosen))
    assert torch.equal(race.parameters.theta, again.parameters.theta)


@pytest.mark.parametrize("variant", ALL)
def test_lone_network_trains_as_a_plain_one_does(variant):
    assert_same_training(SMALL, (variant,))


@pytest.mark.parametrize(
    "changes",
    [
        {"depth": 1, "width": 1, "activation": "tanh", "optimizer": "sgd"},
        {"depth": 30, "epsilon": 0.1, "activation": "tanh", "learning_rate": 1e-4},
        {"width": 12},  # 4 groups of 3
        {"epsilon": 1.0, "bn_momentum": 1.0},
        {"weight_gain": 3.0, "seed": 999_999, "seeds": 3},
        {"data": "mnist", "width": 10},
    ],
    ids=str,
)
def test_race_trains_as_plain_networks_do_at_the_ends_of_its_range(changes):
    assert_same_training(dataclasses.replace(SMALL, **changes), steps=20)


@pytest.mark.parametrize("activation", ["relu", "tanh", "identity"])
@pytest.mark.parametrize("batch_size", [1, 2, 32])
def test_gradients_equal_those_of_autograd(activation, batch_size):
    config = dataclasses.replace(SMALL, activation=activation, batch_size=batch_size, depth=3)
    race, x, y = make_race(config)
    chosen = next(batches(config.cases, config.batch_size, config.seed))
    with torch.inference_mode():
        race.load(chosen)
        race.forward()
        race.workspace.backward()
    for row, net in enumerate(plain_nets(race)):
        functional.cross_entropy(net(x[chosen]), y[chosen]).backward()
        for piece, (W, g, b) in zip(race.stack.grad, parts(net), strict=True):
            assert worst([(piece.W[row], W.grad), (piece.b[row, 0], b.grad)]) < 1e-12
            if g is not None:
                assert worst([(piece.g[row, 0], g.grad)]) < 1e-12


@pytest.mark.parametrize("bn_output", [False, True])
@pytest.mark.parametrize("activation", ["relu", "tanh", "identity"])
def test_evaluation_mode_equals_module_eval(activation, bn_output):
    config = dataclasses.replace(SMALL, activation=activation, bn_output=bn_output, seeds=2)
    race, plain, x = assert_same_training(config, steps=10)
    for stack, step in ((race.stack, 1), (race.stack.first_seed(), 2)):
        with torch.inference_mode():
            inference = Inference(stack, x)
            logits = torch.cat([space.logits.clone() for _, space in inference.run()], 1)
        for answer, net in zip(logits, plain.nets[::step], strict=True):
            assert worst([(answer, net.eval()(x))]) < TOLERANCE


def test_evaluation_in_chunks_equals_evaluation_at_once(monkeypatch):
    race, x, _ = make_race(SMALL)
    with torch.inference_mode():
        whole = [space.logits.clone() for _, space in Inference(race.stack, x).run()]
        monkeypatch.setattr("ln_core.race.evaluation.CHUNK", 100 * len(ALL) * 2 * 32)
        chunks = [space.logits.clone() for _, space in Inference(race.stack, x).run()]
    assert [len(chunk[0]) for chunk in chunks] == [100, 100, 100, 100, 100, 15]
    assert worst([(torch.cat(whole, 1), torch.cat(chunks, 1))]) < 1e-12


def test_evaluation_changes_neither_training_nor_statistics():
    race, x, _ = make_race(SMALL)
    twin, _, _ = make_race(SMALL)
    with torch.inference_mode():
        inference = Inference(race.stack, x)
        for chosen in itertools.islice(batches(SMALL.cases, SMALL.batch_size, SMALL.seed), 10):
            assert torch.equal(race.step(chosen), twin.step(chosen))
            list(inference.run())
        assert torch.equal(race.parameters.theta, twin.parameters.theta)
        assert torch.equal(race.stack.running.variance, twin.stack.running.variance)


def test_all_variants_start_from_identical_weights():
    config = dataclasses.replace(SMALL, seeds=3)
    race, _, _ = make_race(config)
    for piece in race.stack.theta:
        by_variant = piece.W.unflatten(0, (len(ALL), 3))
        assert torch.equal(by_variant, by_variant[:1].expand_as(by_variant))
        assert not torch.equal(by_variant[0, 0], by_variant[0, 1])
        assert (piece.g == 1).all()
        assert (piece.b == 0).all()


def test_second_seed_of_a_race_is_the_first_of_the_next():
    pair, _, _ = make_race(dataclasses.replace(SMALL, seeds=2))
    other, _, _ = make_race(dataclasses.replace(SMALL, seed=1))
    for both, lone in zip(pair.stack.theta, other.stack.theta, strict=True):
        assert torch.equal(both.W[1], lone.W[0])


@pytest.mark.parametrize(("activation", "c"), [("relu", 2), ("tanh", 1), ("identity", 1)])
def test_initial_weights_have_the_stated_scale(activation, c):
    config = dataclasses.replace(SMALL, width=512, activation=activation, weight_gain=3.0, depth=3)
    race, _, _ = make_race(config, ("none",))
    *hidden, output = (piece.W for piece in race.stack.theta)
    for W in hidden[1:]:
        assert W.std().item() == pytest.approx(3 * math.sqrt(c / 512), rel=0.02)
    assert output.std().item() == pytest.approx(math.sqrt(1 / 512), rel=0.1)


def test_every_epoch_visits_every_case_once_in_a_new_order():
    order = batches(SMALL.cases, SMALL.batch_size, SMALL.seed)
    epochs = [torch.cat([next(order) for _ in range(SMALL.steps_per_epoch)]) for _ in range(2)]
    for epoch in epochs:
        assert epoch.sort().values.tolist() == list(range(CASES))
    assert not torch.equal(*epochs)


def test_no_two_generators_of_a_race_share_a_seed():
    layers = range(MlpConfig(depth=30).depth + 1)
    own = [*layers, DATA_SEED, ORDER_SEED]
    assert len({part_seed(seed, part) for seed in range(9) for part in own}) == 9 * len(own)


@pytest.mark.parametrize("epsilon", [1e-5, 0.0])
def test_batch_norm_of_a_lone_case_puts_out_its_bias(epsilon):
    config = dataclasses.replace(SMALL, batch_size=1, epsilon=epsilon)
    race, _, _ = make_race(config, ("batch",), torch.float32)
    with torch.inference_mode():
        for chosen in itertools.islice(batches(config.cases, config.batch_size, config.seed), 20):
            assert race.step(chosen).isfinite().all()
            for layer in race.workspace.layers[:-1]:
                assert not layer.n.any()
                assert not layer.dW.any()
                assert torch.equal(layer.dg, torch.zeros_like(layer.dg))


def test_plain_adam_equals_the_fused_one():
    generator = torch.Generator().manual_seed(0)
    theta = torch.randn(2, 3000, generator=generator)
    twin, grad = theta.clone(), torch.zeros(2, 3000)
    plain, fused = Adam(theta, grad, 1e-3), FusedAdam(twin, grad, 1e-3)
    with torch.inference_mode():
        for _ in range(100):
            grad.copy_(torch.randn(2, 3000, generator=generator))
            plain.step()
            fused.step()
    assert worst([(theta, twin)]) < 1e-6
    torch.testing.assert_close(plain.m, fused.m, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(plain.v, fused.v, rtol=1e-5, atol=1e-7)


class TwoInputs(MlpConfig):
    """Points of the plane as they are."""

    __slots__ = ()
    inputs = 2


class ThreeInputs(MlpConfig):
    """Points of the plane and a constant."""

    __slots__ = ()
    inputs = 3


def test_constant_input_is_the_first_layers_bias_and_lets_layer_norm_see_distances():
    errors = []
    for kind in (TwoInputs, ThreeInputs):
        config = kind(data="circles", width=16, depth=1, learning_rate=0.01)
        task = load_task("circles", config.cases, 0, test_cases=500)
        with torch.inference_mode():
            race = Race(config, ("layer",), task.x_train, task.y_train)
            for indices in itertools.islice(
                batches(config.cases, config.batch_size, config.seed), 150
            ):
                race.step(indices)
            errors.append(Evaluation(race, task.x_test, task.y_test).score()["test_error"].item())
        assert race.x.shape == (2000, kind.inputs)
    assert errors[0] > 0.3  # of two concentric rings, directions say nothing
    assert errors[1] < 0.05


def test_race_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    race, _, _ = make_race(SMALL)
    with torch.inference_mode():
        race.step(next(batches(SMALL.cases, SMALL.batch_size, SMALL.seed)))
    assert torch.equal(torch.get_rng_state(), before)


def test_sharded_variants_train_as_in_the_whole_race():
    whole, _, _ = make_race(SMALL)
    shards = [make_race(SMALL, (variant,))[0] for variant in ALL]
    with torch.inference_mode():
        for chosen in itertools.islice(batches(SMALL.cases, SMALL.batch_size, SMALL.seed), 20):
            together = whole.step(chosen).clone()
            apart = torch.cat([shard.step(chosen).clone() for shard in shards])
            assert worst([(together, apart)]) < TOLERANCE


def test_large_products_of_either_library_agree():
    generator = torch.Generator().manual_seed(5)
    x = torch.randn(3, 128, 200, generator=generator)
    y = torch.randn(3, 200, 100, generator=generator)
    chosen = best_bmm(128, 200, 100, torch.float32)
    assert (chosen is not torch.bmm) == HAS_ONEDNN
    for left, right in (
        (x, y),
        (x.mT.contiguous().mT, y.mT.contiguous().mT),
        (x[:1].expand_as(x), y),
    ):
        out = torch.zeros(3, 128, 100)
        with torch.inference_mode():
            chosen(left, right, out=out)
        expected = torch.bmm(left.double(), right.double())
        torch.testing.assert_close(out.double(), expected, rtol=1e-4, atol=1e-4)


def test_small_and_double_precision_products_are_torchs_own():
    assert best_bmm(32, 64, 64, torch.float32) is torch.bmm
    assert best_bmm(512, 1024, 1024, torch.float64) is torch.bmm


@pytest.mark.parametrize("variants", [("layer",), ("none", "batch")])
def test_wide_race_in_single_precision_follows_the_one_in_double(variants):
    config = dataclasses.replace(SMALL, width=200, batch_size=64, optimizer="sgd")
    single, _, _ = make_race(config, variants, torch.float32)
    double, _, _ = make_race(config, variants, torch.float64)
    with torch.inference_mode():
        for chosen in itertools.islice(batches(config.cases, config.batch_size, config.seed), 20):
            loss = single.step(chosen).double()
            torch.testing.assert_close(loss, double.step(chosen), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("units", "value", "normalized"), [(3, 54321.1, -0.8), (64, 3.0, 0.0)])
def test_equal_numbers_come_out_as_the_docstring_of_standardization_says(units, value, normalized):
    buffers = [torch.full((1, 2, units), value) for _ in range(4)]
    standardization = Standardization(Rows(*buffers), 2, 1e-5)
    standardization.forward()
    assert standardization.n.sub(normalized).abs().max() < 0.001
    said = f"{value} in each of {units} units gives {normalized}"
    assert normalized == 0 or said in " ".join(Standardization.__doc__.split())
