"""The ConvNet experiment: equal to torch's modules, and what its page says of it."""

import functools
import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from ln_core.figures.parts import binds
from ln_core.paper.convnet.config import GROUPS, LAYERS, SIDES, VARIANTS, ConvConfig
from ln_core.paper.convnet.figure import convnet_figure
from ln_core.paper.convnet.network import ConvNet
from ln_core.paper.convnet.presets import PRESETS
from ln_core.paper.convnet.trainer import ConvTrainer, by_distance, enlarged, film, switching
from ln_core.runs.config import ConfigError
from ln_core.runs.machine import LARGEST
from ln_core.runs.worker import memory_of

ALL = tuple(VARIANTS)
SMALL = ConvConfig(channels=4, batch_size=6, steps=10, test_cases=100, spread=0.5, variants=ALL)
SEEDS = (0, 1, 2)
each_variant = pytest.mark.parametrize("variant", ALL)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """As in a worker: small layers gain nothing from a second one."""
    torch.set_num_threads(1)


class FeaturesLast(nn.LayerNorm):
    """Torch's Layer Norm over the channels of a (N, C, H, W)."""

    def forward(self, a):
        return super().forward(a.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Bias(nn.Module):
    """A gain and a bias for each channel, and no normalization."""

    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, a):
        return a * self.weight[:, None, None] + self.bias[:, None, None]


NORMS: dict[str, Callable[[int], nn.Module]] = {
    "none": Bias,
    "batch": nn.BatchNorm2d,
    "layer": lambda channels: nn.GroupNorm(1, channels),
    "pixel": FeaturesLast,
    "group": lambda channels: nn.GroupNorm(GROUPS, channels),
    "instance": lambda channels: nn.InstanceNorm2d(channels, affine=True),
}


class LastFlatten(nn.Module):
    """Flatten with channels last, as the readout expects them."""

    def forward(self, h):
        return h.permute(0, 2, 3, 1).flatten(1)


def modules_of(net: ConvNet) -> nn.Sequential:
    """The same network from torch's own modules, with the same weights."""
    pieces, channels_in = net.pieces(net.theta), 1
    parts: list[nn.Module] = []
    for layer in range(LAYERS):
        conv = nn.Conv2d(channels_in, net.channels, 3, padding=1, bias=False)
        parts += [conv, NORMS[net.variant](net.channels), nn.ReLU()]
        parts += [nn.MaxPool2d(2)] if layer % 2 else []
        channels_in = net.channels
    parts += [LastFlatten(), nn.Linear(pieces[-2].shape[1], 10)]
    model = nn.Sequential(*parts).to(net.theta.dtype)
    with torch.no_grad():
        for parameter, piece in zip(model.parameters(), pieces, strict=True):
            parameter.copy_(piece)
    return model


def flat(model):
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


@each_variant
def test_the_model_equals_torchs_modules_in_float64(variant):
    trainer = ConvTrainer(SMALL, (variant,), dtype=torch.float64)
    (net,) = trainer.nets
    model = modules_of(net)
    optimizer = torch.optim.SGD(model.parameters(), SMALL.learning_rate, momentum=0.9)
    order = torch.Generator().set_state(trainer.orders[0].get_state())
    for _ in range(10):
        chosen = torch.randint(len(trainer.y), (SMALL.batch_size,), generator=order)
        images = trainer.images[chosen].unsqueeze(1).double()
        loss = nn.functional.cross_entropy(model(images), trainer.y[chosen])
        optimizer.zero_grad()
        loss.backward()
        if variant == "none":
            nn.utils.clip_grad_norm_(model.parameters(), SMALL.clip)
        optimizer.step()
        trainer.train()
        np.testing.assert_allclose(trainer.losses.item(), loss.item(), rtol=1e-6)  # kept as float32
    torch.testing.assert_close(net.theta, flat(model), rtol=1e-9, atol=1e-10)
    model.eval()
    with torch.no_grad():
        expected = model(trainer.x_test.permute(0, 3, 1, 2))
        found = net.answer(trainer.x_test, net.theta, training=False)
    torch.testing.assert_close(found, expected, rtol=1e-8, atol=1e-8)


def test_only_the_net_without_normalization_is_clipped():
    gradient = torch.tensor([30.0, 40.0])
    clipped = ConvTrainer(SMALL, ("none",)).clipped(gradient)
    torch.testing.assert_close(clipped, gradient / 10)
    assert ConvTrainer(SMALL, ("layer",)).clipped(gradient) is gradient


def test_all_variants_start_from_the_same_filters_and_see_the_same_images():
    trainers = [ConvTrainer(SMALL, (variant,)) for variant in ALL]
    for trainer in trainers[1:]:
        assert torch.equal(trainer.nets[0].theta, trainers[0].nets[0].theta)
        assert torch.equal(trainer.orders[0].get_state(), trainers[0].orders[0].get_state())
        assert torch.equal(trainer.images.chosen, trainers[0].images.chosen)


def test_the_knob_multiplies_each_filter_by_one_lognormal_factor():
    options = {"seed": 3, "dtype": torch.float64}
    plain = ConvNet("layer", 32, spread=0.0, **options)
    unequal = ConvNet("layer", 32, spread=3.0, **options)
    factors = []
    for one, other in zip(plain.pieces(plain.theta), unequal.pieces(unequal.theta), strict=True):
        if one.dim() == 4:
            ratio = (other / one).flatten(1)
            torch.testing.assert_close(ratio, ratio[:, :1].expand_as(ratio), rtol=1e-5, atol=0)
            factors.append(ratio[:, 0].log())
        else:
            assert torch.equal(one, other)
    logs = torch.cat(factors)
    assert 2.3 < logs.std() < 3.7
    assert abs(logs.mean()) < 1


def test_more_seeds_leave_the_first_network_as_it_is():
    alone = ConvTrainer(SMALL, ("layer",))
    among = ConvTrainer(replace(SMALL, seeds=2), ("layer",))
    for trainer in (alone, among):
        trainer.train()
    assert torch.equal(alone.nets[0].theta, among.nets[0].theta)
    assert not torch.equal(among.nets[0].theta, among.nets[1].theta)


def test_maps_by_hand():
    small = torch.arange(4.0).view(2, 2)
    assert enlarged(small)[:14, 14:].min() == enlarged(small)[:14, 14:].max() == 1
    rings = by_distance(torch.tensor([[1.0] * 4, [1, 5, 7, 1], [1, 5, 7, 1], [1.0] * 4]))
    np.testing.assert_array_equal(rings[:2], [1, 6])
    assert np.isnan(rings[2:]).all()
    always, switches = torch.ones(10), torch.tensor([0.0, 1.0] * 5)
    h = torch.stack([always, switches], 1).view(10, 1, 1, 2)
    assert switching(h).item() == 0.5


def test_channels_that_do_not_fall_into_groups_are_refused():
    with pytest.raises(ConfigError, match="multiple of 4"):
        ConvConfig(channels=6)


def test_no_setting_is_too_large_for_a_workers_memory():
    largest = ConvConfig(channels=32, batch_size=128, test_cases=10_000, seeds=4, variants=ALL)
    assert memory_of(largest, ALL[:1]) < LARGEST[1]


def test_every_binding_of_the_figure_fits_the_arrays_of_a_survey():
    figure = convnet_figure(SMALL)
    assert json.loads(json.dumps(figure)) == figure
    frames = [frame for frame in film(SMALL, ("group",)) if frame]
    arrays = frames[0].arrays
    for bind in binds(figure["sections"]):
        assert len(bind["index"]) <= arrays[bind["array"]].ndim
    assert {bind["array"] for bind in binds(figure["sections"])} == set(arrays)
    assert [frame.step for frame in frames if "spread_map" in frame.arrays] == [0, 10]
    assert arrays["spread_map"].shape == (1, LAYERS, *SIDES[:1], *SIDES[:1])
    assert [variant["label"] for variant in figure["variants"]] == list(VARIANTS.values())


def test_what_relu_sees_is_told_for_the_variants_that_are_trained():
    def said(*variants):
        figure = convnet_figure(replace(SMALL, spread=0.0, variants=variants))
        charts = {c["title"]: c["takeaway"] for s in figure["sections"] for c in s["charts"]}
        return charts["The same after normalization"]

    assert said("layer") == "What ReLU sees."
    assert (
        said("batch", "layer")
        == "What ReLU sees: Batch Norm's channels differ by gain alone, but for tiny ones."
    )


@functools.cache
def untrained(variant, seed, spread=0.0):
    """What is seen before training, in nets of the page's size."""
    config = ConvConfig(steps=10, seed=seed, test_cases=100, spread=spread, variants=(variant,))
    return next(frame for frame in film(config, (variant,)) if frame).arrays


@pytest.mark.parametrize("seed", SEEDS)
def test_before_training_the_first_layers_inputs_vary_far_less_at_the_border(seed):
    assert "far less at the border" in PRESETS["border"].notice
    for variant in ("none", "layer"):
        spread = untrained(variant, seed)["border_spread"][0, 0]
        assert spread[0] < spread[-1] / 10
        assert (np.diff(spread[:8]) > 0).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_batch_norm_makes_channels_alike_and_layer_norm_does_not(seed):
    batch, layer = (untrained(v, seed)["channel_normed"][0, 0] for v in ("batch", "layer"))
    np.testing.assert_allclose(batch, 1, atol=1e-3)
    assert layer.max() > 2 * layer.min()


@pytest.mark.parametrize("seed", SEEDS)
def test_among_unequal_filters_the_largest_rule_layer_norms_sigma_and_others_stay_small(seed):
    for variant, most in (("layer", 0.7), ("pixel", 0.7)):
        normed = untrained(variant, seed, spread=3.0)["channel_normed"][0, 0]
        assert np.median(normed) < most
        assert normed.max() > 1
        assert normed.max() > 10 * normed.min()
    for variant in ("batch", "instance"):
        normed = untrained(variant, seed, spread=3.0)["channel_normed"][0, 0]
        assert normed.max() < 3 * np.median(normed)
