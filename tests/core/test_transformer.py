"""The Transformers: the model against torch's, gradients, memory, and films taken up again."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from ln_core import norms
from ln_core.figures.parts import arrays_of, binds
from ln_core.paper.transformer.config import VARIANTS, TransformerConfig
from ln_core.paper.transformer.figure import sweep_figure, transformer_figure
from ln_core.paper.transformer.network import Transformer, dyt, initialize, shapes, split
from ln_core.paper.transformer.trainer import Learner, TransformerTrainer, film, sweep
from ln_core.runs.config import ConfigError
from ln_core.runs.experiment import MEMORY_LIMIT

SMALL = TransformerConfig(depth=2, width=16, heads=4, length=5, vocabulary=7, batch_size=3)
RECALL = replace(SMALL, task="recall")
SHORT = replace(SMALL, steps=10, seeds=2)
VARIED = [(SMALL, variant) for variant in VARIANTS] + [(RECALL, "pre"), (RECALL, "post")]


def weights_of(config, seed=3):
    """Parameters in float64, with norms that do something."""
    theta = initialize(config, seed, torch.float64)
    weights = split(config, theta)
    generator = torch.Generator().manual_seed(seed)
    for name in set(weights) - {"alpha"}:
        weights[name] += 0.1 * torch.randn(weights[name].shape, generator=generator)
    return theta, weights


def tokens_of(config, length):
    return torch.randint(config.vocabulary, (4, length), generator=torch.Generator().manual_seed(5))


def torch_layer(config, weights, layer, *, norm_first):
    """torch's own layer with the same weights."""
    own = nn.TransformerEncoderLayer(
        config.width,
        config.heads,
        4 * config.width,
        dropout=0,
        batch_first=True,
        norm_first=norm_first,
        layer_norm_eps=config.epsilon,
        dtype=torch.float64,
    )
    names = {
        "self_attn.in_proj_weight": weights["in_W"][layer],
        "self_attn.in_proj_bias": weights["in_b"][layer],
        "self_attn.out_proj.weight": weights["out_W"][layer],
        "self_attn.out_proj.bias": weights["out_b"][layer],
        "linear1.weight": weights["wide_W"][layer],
        "linear1.bias": weights["wide_b"][layer],
        "linear2.weight": weights["narrow_W"][layer],
        "linear2.bias": weights["narrow_b"][layer],
        "norm1.weight": weights["g"][2 * layer],
        "norm1.bias": weights["b"][2 * layer],
        "norm2.weight": weights["g"][2 * layer + 1],
        "norm2.bias": weights["b"][2 * layer + 1],
    }
    own.load_state_dict(names)
    return own


@pytest.mark.parametrize("variant", ["post", "pre"])
def test_the_layers_are_torchs_own(variant):
    _, weights = weights_of(SMALL)
    network = Transformer(SMALL, variant, torch.float64)
    with torch.no_grad():
        passed = network.segment(weights, tokens_of(SMALL, SMALL.length), None)
        for layer in range(SMALL.depth):
            own = torch_layer(SMALL, weights, layer, norm_first=variant == "pre")
            expected = own(passed.stream[layer])
            torch.testing.assert_close(passed.stream[layer + 1], expected, rtol=0, atol=1e-10)


def test_every_norm_is_the_textbooks():
    _, weights = weights_of(SMALL)
    x = 3 * torch.randn(4, 5, 16, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    g, b, alpha = weights["g"][1], weights["b"][1], weights["alpha"][1]
    expected = {
        "none": x,
        "post": norms.layer_norm(x, g, b),
        "pre": norms.layer_norm(x, g, b),
        "rms": norms.rms_norm(x, g),
        "dyt": g * torch.tanh(alpha * x) + b,
    }
    for variant in VARIANTS:
        found = Transformer(SMALL, variant, torch.float64).norm(weights, 1, x)
        torch.testing.assert_close(found, expected[variant], rtol=0, atol=1e-10)


def test_dynamic_tanh_by_hand():
    x = torch.tensor([[0.0, 2.0]])
    found = dyt(x, torch.tensor([0.5]), torch.tensor([1.0, 3.0]), torch.tensor([0.25, -1.0]))
    assert found[0].tolist() == pytest.approx([0.25, 3 * np.tanh(1) - 1])


def test_dynamic_tanh_takes_no_statistics_a_unit_does_not_see_the_others():
    x = torch.zeros(1, 4)
    other = torch.tensor([[0.0, 9.0, 9.0, 9.0]])
    ones, zeros, alpha = torch.ones(4), torch.zeros(4), torch.tensor([0.5])
    assert dyt(x, alpha, ones, zeros)[0, 0] == dyt(other, alpha, ones, zeros)[0, 0]


@pytest.mark.parametrize(("config", "variant"), VARIED)
def test_the_gradient_of_each_layer_is_the_slope_of_the_loss(config, variant):
    theta, _ = weights_of(config)
    network = Transformer(config, variant, torch.float64)
    learner = Learner(config, network, 0)
    learner.theta = theta.requires_grad_()
    tokens = tokens_of(config, config.T)
    learner.forward_backward(tokens)
    norms_found = learner.gradient_by_layer
    matrices = split(config, learner.gradient)["narrow_W"]
    by_hand = [float(matrix.square().sum().sqrt()) for matrix in matrices]
    assert norms_found.tolist() == pytest.approx(by_hand)
    assert sum(value**2 for value in by_hand) < float(learner.gradient.square().sum())
    if config.task == "recall":
        return  # the slope also counts what goes through the memory, the gradient does not
    generator = torch.Generator().manual_seed(2)
    direction = torch.zeros_like(theta)
    part = split(config, direction)["narrow_W"]
    part += torch.randn(part.shape, dtype=torch.float64, generator=generator)

    def loss(at):
        with torch.no_grad():
            return network.loss(network.read(split(config, at), tokens), tokens)

    slope = (loss(theta + 1e-6 * direction) - loss(theta - 1e-6 * direction)) / 2e-6
    assert float(slope) == pytest.approx(float(learner.gradient @ direction), rel=1e-5)


def test_all_variants_start_from_the_same_weights_and_seeds_differ():
    one = initialize(SMALL, 0, torch.float32)
    assert torch.equal(one, initialize(SMALL, 0, torch.float32))
    assert not torch.equal(one, initialize(SMALL, 1, torch.float32))


def test_the_matrices_are_xavier_uniform_and_queries_keys_and_values_each_on_their_own():
    config = TransformerConfig(depth=2)
    weights = split(config, initialize(config, 0, torch.float32))
    bound = (6 / (2 * config.width)) ** 0.5
    assert weights["in_W"].abs().max() == pytest.approx(bound, rel=1e-2)
    assert weights["in_W"].std() == pytest.approx(bound / 3**0.5, rel=0.02)
    assert weights["wide_W"].abs().max() == pytest.approx((6 / (5 * config.width)) ** 0.5, rel=0.01)
    assert weights["token"].std() == pytest.approx(1, rel=0.1)


def test_what_a_variant_does_not_read_has_no_gradient():
    read = {"post": {"g", "b"}, "pre": {"g", "b"}, "rms": {"g"}, "dyt": {"g", "b", "alpha"}}
    for variant in VARIANTS:
        learner = Learner(SMALL, Transformer(SMALL, variant, torch.float32), 0)
        learner.forward_backward(tokens_of(SMALL, SMALL.length))
        gradient = split(SMALL, learner.gradient)
        for name in ("g", "b", "alpha"):
            assert gradient[name][0].any() == (name in read.get(variant, set())), (variant, name)
        assert gradient["g"][-1].any() == (variant in ("pre", "rms", "dyt"))  # before the readout


# --- the recall task and its memory ---


def relative_by_hand(weights, layer, q, k, heads):
    """Transformer-XL's four terms, pair by pair."""
    T, S, width = q.shape[0], k.shape[0], q.shape[1]
    found = torch.full((heads, T, S), -torch.inf, dtype=q.dtype)
    size = width // heads
    for i in range(T):
        for j in range(S):
            back = i + (S - T) - j
            if back < 0:
                continue
            rates = 10_000.0 ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
            code = torch.cat([torch.sin(back * rates), torch.cos(back * rates)])
            far = weights["distance_W"][layer] @ code
            for head in range(heads):
                units = slice(head * size, (head + 1) * size)
                u, v = weights["content_u"][layer, head], weights["distance_v"][layer, head]
                found[head, i, j] = (
                    q[i, units] @ k[j, units]
                    + q[i, units] @ far[units]
                    + u @ k[j, units]
                    + v @ far[units]
                )
    return found


@pytest.mark.parametrize("remembered", [True, False])
def test_relative_scores_are_the_four_terms_of_transformer_xl(remembered):
    _, weights = weights_of(RECALL)
    network = Transformer(RECALL, "pre", torch.float64)
    generator = torch.Generator().manual_seed(8)
    T, S = RECALL.length, RECALL.length * (2 if remembered else 1)
    q = torch.randn(2, T, RECALL.width, dtype=torch.float64, generator=generator)
    k = torch.randn(2, S, RECALL.width, dtype=torch.float64, generator=generator)
    found = network.relative_scores(weights, 1, network.by_head(q), network.by_head(k))
    for case in range(2):
        expected = relative_by_hand(weights, 1, q[case], k[case], RECALL.heads)
        torch.testing.assert_close(found[case], expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_token_sees_the_future_and_what_it_sees_does_not_depend_on_its_place(variant):
    _, weights = weights_of(RECALL)
    network = Transformer(RECALL, variant, torch.float64)
    tokens = tokens_of(RECALL, RECALL.length)
    changed = tokens.clone()
    changed[:, -1] = (changed[:, -1] + 1) % RECALL.vocabulary
    one, other = (network.segment(weights, t, None).logits for t in (tokens, changed))
    torch.testing.assert_close(one[:, :-1], other[:, :-1], rtol=0, atol=0)
    assert not torch.equal(one[:, -1], other[:, -1])


def test_the_memory_reaches_back_one_segment_a_layer_and_no_further():
    _, weights = weights_of(RECALL)
    T, depth = RECALL.length, RECALL.depth
    network = Transformer(RECALL, "pre", torch.float64)
    tokens = tokens_of(RECALL, (depth + 2) * T)
    changed = tokens.clone()
    changed[:, 0] = (changed[:, 0] + 1) % RECALL.vocabulary
    pairs = list(zip(network.read(weights, tokens), network.read(weights, changed), strict=True))
    for segment, (one, other) in enumerate(pairs):
        assert torch.equal(one.logits, other.logits) == (segment > depth), segment


def test_no_gradient_flows_into_the_memory():
    theta, _ = weights_of(RECALL)
    network = Transformer(RECALL, "pre", torch.float64)
    first, second = tokens_of(RECALL, 2 * RECALL.length).split(RECALL.length, 1)
    own, before = theta.clone().requires_grad_(), theta.clone().requires_grad_()
    earlier = network.segment(split(RECALL, before), first, None)
    memory = [state.detach() for state in earlier.stream[:-1]]
    network.segment(split(RECALL, own), second, memory).logits.square().sum().backward()
    whole = theta.clone().requires_grad_()
    tokens = torch.cat([first, second], 1)
    network.read(split(RECALL, whole), tokens)[1].logits.square().sum().backward()
    torch.testing.assert_close(whole.grad, own.grad, rtol=0, atol=0)


def test_without_recurrence_a_segment_is_read_on_its_own():
    config = replace(RECALL, recurrence=False)
    _, weights = weights_of(config)
    network = Transformer(config, "pre", torch.float64)
    tokens = tokens_of(config, 2 * config.length)
    alone = network.segment(weights, tokens[:, config.length :], None)
    assert torch.equal(network.read(weights, tokens)[1].logits, alone.logits)


def test_what_is_right_is_the_sequence_backwards_or_the_segment_before():
    network = Transformer(SMALL, "pre", torch.float32)
    tokens = tokens_of(SMALL, SMALL.length)
    weights = split(SMALL, initialize(SMALL, 0, torch.float32))
    said, right = network.answers(network.read(weights, tokens), tokens)
    assert right.view(tokens.shape).tolist() == [row[::-1] for row in tokens.tolist()]
    assert said.shape == (right.numel(), SMALL.vocabulary)
    recall = Transformer(RECALL, "pre", torch.float32)
    longer = tokens_of(RECALL, RECALL.T)
    weights = split(RECALL, initialize(RECALL, 0, torch.float32))
    said, right = recall.answers(recall.read(weights, longer), longer)
    assert right.view(4, -1).tolist() == longer[:, : -RECALL.length].tolist()
    assert said.shape == (right.numel(), RECALL.vocabulary)


# --- training, films ---


def made(frames):
    return [frame for frame in frames if frame is not None]


def assert_same(ones, others):
    assert [frame.step for frame in ones] == [frame.step for frame in others]
    for one, other in zip(ones, others, strict=True):
        assert one.arrays.keys() == other.arrays.keys()
        for name, array in one.arrays.items():
            np.testing.assert_array_equal(array, other.arrays[name])


class StoppedError(Exception):
    pass


class Kept:
    """A checkpoint that keeps its state as bytes, as a file does, and stops what it watches."""

    def __init__(self):
        self.data = None

    def load(self):
        if self.data is None:
            return None
        frames, data = self.data
        return frames, torch.load(io.BytesIO(data), weights_only=True)

    def save(self, frames, state):
        data = io.BytesIO()
        torch.save(state, data)
        self.data = (frames, data.getvalue())
        if frames % 3 == 0:
            raise StoppedError


@pytest.mark.parametrize(
    ("config", "variant"),
    [(SHORT, "post"), (SHORT, "dyt"), (replace(RECALL, steps=10, seeds=2), "pre")],
)
def test_a_film_that_is_put_down_and_taken_up_has_the_same_bits(config, variant):
    checkpoint, resumed = Kept(), []
    finished = False
    while not finished:
        try:
            for frame in film(config, (variant,), checkpoint=checkpoint):
                resumed += made([frame])
            finished = True
        except StoppedError:
            continue
    assert_same(made(film(config, (variant,))), resumed)


def test_frames_before_the_first_are_trained_through():
    whole = made(film(SHORT, ("pre",)))
    assert_same(whole[4:], made(film(SHORT, ("pre",), first=4)))


def test_a_networks_training_does_not_depend_on_the_other_seeds():
    alone = made(film(replace(SHORT, seeds=1), ("post",)))
    both = made(film(SHORT, ("post",)))
    for one, two in zip(alone, both, strict=True):
        np.testing.assert_array_equal(one.arrays["loss"][:, :1], two.arrays["loss"][:, :1])


def test_a_step_is_adams_at_the_schedules_rate():
    config = replace(SMALL, warmup=4, learning_rate=0.01)
    assert [config.rate_at(step) for step in (1, 2, 4, 9)] == [0.0025, 0.005, 0.01, 0.01]
    assert SMALL.rate_at(1) == SMALL.learning_rate
    trainer = TransformerTrainer(config, ("pre",))
    before = trainer.learners[0].theta.detach().clone()
    trainer.train()
    moved = (trainer.learners[0].theta.detach() - before).abs().max()
    assert float(moved) == pytest.approx(0.0025, rel=1e-3)  # Adam's first step is its rate


def test_a_diverged_run_says_since_when_and_its_frames_can_be_packed():
    config = replace(SHORT, seeds=1, learning_rate=1.0, depth=12, steps=40)
    trainer = TransformerTrainer(config, ("none",))
    with torch.no_grad():
        trainer.learners[0].theta.fill_(float("nan"))
    trainer.train()
    (card,) = trainer.make_frame(1).notes["cards"]
    assert card == {
        "variant": "none",
        "title": "Diverged",
        "text": "In step 1 the loss of at least one network was not a finite number.",
    }


def test_a_sweep_is_the_same_race_at_every_rate_without_and_with_warm_up():
    config = replace(SHORT, warmup=4)
    reached = made(sweep(config, ("post",)))[-1].arrays["swept_error"][0]
    assert reached.shape == (2, 3, len(config.swept_rates))
    for row, warmup in enumerate((0, 4)):
        for place, rate in enumerate(config.swept_rates):
            race = replace(config, warmup=warmup, learning_rate=rate)
            error = made(film(race, ("post",)))[-1].arrays["test_error"][0]
            span = [error.min(), error.mean(), error.max()]
            np.testing.assert_array_equal(reached[row, :, place], span)


def test_a_sweep_is_tested_where_the_figure_shows_it_alone():
    config = replace(SHORT, warmup=4)
    frames = made(sweep(config, ("post",)))
    tested = [bool(frame.arrays) for frame in frames]
    assert tested == [config.is_survey(index) for index in range(config.frames)]


# --- config and figure ---


def test_heads_that_do_not_divide_the_width_and_too_much_memory_are_refused():
    with pytest.raises(ConfigError, match="a number of heads that divides the width"):
        replace(SMALL, heads=3)
    with pytest.raises(ConfigError, match="at most"):
        replace(SMALL, width=256, length=64, batch_size=256, depth=24, task="recall", segments=8)
    assert SMALL.memory < MEMORY_LIMIT


def test_the_memory_of_the_parameters_is_about_what_is_said():
    config = TransformerConfig(task="recall", seeds=5, variants=("pre",))
    count = sum(int(np.prod(shape)) for shape in shapes(config).values())
    assert config.memory > 4 * 4 * 5 * count


def test_the_figure_of_a_sweep_draws_every_rate_of_both_rows():
    config = replace(SHORT, warmup=4)
    shape = made(sweep(config, ("post",)))[-1].arrays["swept_error"].shape
    (part,) = sweep_figure(config)["sections"]
    for row, chart in enumerate(part["charts"]):
        for bind in binds(chart["traces"]):
            assert bind["index"][:2] == ["variant", row]
            assert len(bind["index"]) == len(shape)
        assert [text for _, text in chart["x"]["ticks"]] == [f"{r:g}" for r in config.swept_rates]


FIGURES = [SHORT, replace(SHORT, seeds=1, variants=("dyt",)), replace(RECALL, steps=10, warmup=5)]


@pytest.mark.parametrize("config", FIGURES)
def test_every_binding_fits_the_arrays_of_the_film_and_every_array_is_drawn(config):
    frames = made(film(config, config.variants[-1:]))
    arrays = {name: array for frame in frames for name, array in frame.arrays.items()}
    figure = transformer_figure(config)
    assert arrays_of(figure) | {"gradient_norm"} == arrays.keys()
    for part in figure["sections"]:
        for chart in part["charts"]:
            assert chart["takeaway"].endswith(".")
            assert len(chart["takeaway"]) <= 90
            for bind in binds(chart["traces"]):
                shape = arrays[bind["array"]].shape
                axes = shape[:-1] if bind["over"] == "steps" else shape
                assert len(bind["index"]) == len(axes), (chart["id"], bind)


def test_the_charts_have_as_many_places_as_the_film_has_layers_and_segments():
    config = replace(RECALL, steps=10)
    last = made(film(config, ("pre",)))[-1].arrays
    assert last["gradient_by_layer"].shape == (1, config.depth)
    assert last["stream_size"].shape == (1, config.depth + 1)
    assert last["memory_size"].shape == (1, config.test_segments)
    drawn = {
        chart["id"]: chart["traces"][0]["x"]
        for part in transformer_figure(config)["sections"]
        for chart in part["charts"]
    }
    assert drawn["stream_size"] == [0, 1, 2]
    assert drawn["memory_size"][-1] == config.test_segments
