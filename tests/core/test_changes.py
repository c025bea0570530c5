"""Changes in mid-run: their text, what is refused, and runs that go on as their parents did."""

import copy
import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ln_core.experiments import EXPERIMENTS
from ln_core.race.config import MlpConfig
from ln_core.race.trainer import MlpTrainer
from ln_core.recurrent.config import RnnConfig
from ln_core.recurrent.trainer import RnnTrainer
from ln_core.runs.changes import Change, place_of
from ln_core.runs.config import ConfigError, from_query, knobs, to_query, to_text
from ln_core.runs.frame import pack, unpack
from ln_core.runs.schema import describe, describe_changes, problem
from ln_core.training.batches import batches
from ln_core.training.normalization import mean_statistics

MLP = MlpConfig(depth=2, width=8, cases=515, steps=40)
RNN = RnnConfig(width=8, cases=515, steps=24, seeds=1)
LSTM = replace(RNN, cell="lstm", task="copy", length=4, variants=("none", "layer", "rms"))
CHANGES = [
    "21:learning_rate:0.1",
    "21:batch_size:3",
    "20:momentum:0.5",
    "20:bn_momentum:1",
    "20:bn_frozen:on",
    "20:normalization:out",
    "20:normalization:out-fresh",
    "8:normalization:out,12:batch_size:1,20:normalization:in-fresh",
    "8:bn_frozen:on,20:bn_frozen:off",
]


def forked(config, text):
    """Give a config with the changes of a text."""
    found, problems = from_query(type(config), {**to_query(config), "changes": text})
    assert not problems
    assert to_query(found)["changes"] == text
    return found


def film(config, first=0, variants=None):
    (experiment,) = (one for one in EXPERIMENTS.values() if one.config is type(config))
    shards = (variants,) if variants else config.shards
    made = [
        f for shard in shards for f in experiment.begin(config, shard, first=first) if f is not None
    ]
    return [pack(frame) for frame in made]


def said(config, text):
    """Give the words with which changes of a run are refused."""
    found, problems = from_query(type(config), {**to_query(config), "changes": text})
    assert found == config
    (error,) = problems
    assert error.fields == ("changes",)
    return problem(type(config), error)["said"]


def test_changes_have_one_text_in_the_order_of_their_steps():
    config, problems = from_query(
        MlpConfig, {"changes": "600:learning_rate:1e-2,400:bn_frozen:on,400:batch_size:02"}
    )
    assert not problems
    text = "400:batch_size:2,400:bn_frozen:on,600:learning_rate:0.01"
    assert to_text(config).endswith(f"&changes={text}")
    assert config.changes == (
        Change(400, "batch_size", 2),
        Change(400, "bn_frozen", True),
        Change(600, "learning_rate", 0.01),
    )
    assert config == forked(MlpConfig(), text)
    assert config.changes_in_words[:2] == [
        "after step 400: Batch size 2",
        "after step 400: BN statistics frozen",
    ]


def test_a_run_without_changes_has_the_query_that_it_always_had():
    assert "changes" not in to_query(MlpConfig())
    assert from_query(MlpConfig, {"changes": ""}) == (MlpConfig(), ())
    assert from_query(MlpConfig, to_query(MlpConfig())) == (MlpConfig(), ())


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("2000:batch_size:2", "changes after step 1 to 1999"),
        ("0:batch_size:2", "changes after step 1 to 1999"),
        ("-3:batch_size:2", "changes after step 1 to 1999"),
        ("400:depth:2", "changes of learning_rate, batch_size, momentum, bn_momentum, "),
        ("400:batch_size:513", "for batch_size a whole number from 1 to 512"),
        ("400:batch_size:two", "for batch_size a whole number from 1 to 512"),
        ("400:learning_rate:nan", "for learning_rate a number from 1e-05 to 10"),
        ("400:normalization:up", "for normalization one of in, in-fresh, out, out-fresh"),
        ("400:bn_frozen:maybe", "for bn_frozen on or off"),
        ("400:batch_size:32", "another batch_size than the one at this step"),
        ("400:bn_frozen:off", "another bn_frozen than the one at this step"),
        ("4:batch_size:2,9:batch_size:2", "another batch_size than the one at this step"),
        ("4:batch_size:2,4:batch_size:3", "steps in increasing order; at one step each field once"),
        ("400:normalization:in", "at this step 'out' (Off, fixed measured mean and deviation) or "),
        (
            "4:normalization:out,9:normalization:out-fresh",
            "at this step 'in' (On) or 'in-fresh' (On, and ",
        ),
        (
            "4:normalization:out,9:bn_frozen:on",
            "changes of bn_frozen with normalization in or in-fresh",
        ),
        ("4:bn_frozen:on,9:bn_momentum:1", "changes of bn_momentum with bn_frozen off"),
        ("400", "at most 3 changes, each written step:field:value, with a comma in between"),
        ("x:batch_size:2", "at most 3 changes, each written step:field:value"),
        (",".join(f"{n}:batch_size:{n}" for n in (1, 2, 3, 4)), "at most 3 changes, each"),
    ],
)
def test_a_change_that_cannot_be_is_refused_in_words(text, allowed):
    assert allowed in said(MlpConfig(), text)
    assert said(MlpConfig(), text).startswith("Changes in mid-run: '")


def test_a_change_is_refused_where_nothing_is_there_to_be_changed():
    plain = MlpConfig(variants=("none",), optimizer="sgd")
    assert "with variants batch or layer" in said(plain, "9:normalization:out")
    assert "with variants batch" in said(plain, "9:bn_frozen:on")
    assert "with optimizer adam or momentum" in said(plain, "9:momentum:0.5")
    assert "with cell rnn" in said(RnnConfig(cell="gru"), "9:bn_momentum:1")
    layer = MlpConfig(variants=("layer",))  # keeps no statistics that could be fresh
    forked = "4:normalization:out,9:normalization:in-fresh"
    assert "at this step 'in' (On)." in said(layer, forked)
    assert "GiB" in said(MlpConfig(width=1024, depth=6, batch_size=1), "4:batch_size:512")


def test_what_was_received_is_said_in_short():
    words = said(MlpConfig(), f"400:{'x' * 300}:2")
    assert len(words) < 250
    with pytest.raises(ConfigError, match="for batch_size a whole number"):
        MlpConfig(changes=(Change(3, "batch_size", "2"),))
    with pytest.raises(ConfigError, match="at most 3 changes"):
        MlpConfig(changes=((3, "batch_size", 2),))


def test_the_browser_is_told_which_fields_may_change():
    for config in (MlpConfig, RnnConfig):
        told: Any = describe_changes(config)
        assert told["name"] == "changes"
        assert told["most"] == 3
        assert "changes" not in [control["name"] for control in describe(config)]
        kinds = knobs(config)["changes"].kind.fields
        for field in told["fields"]:
            kind = kinds[field["name"]].kind
            own = to_query(config()).get(field["name"])
            first = field["first"] if own is None else own
            assert (field["first"] is None) == (own is not None) or own == field["first"]
            assert kind.format(kind.parse(first)) == first
            assert field["allowed"] == kind.allowed
            for name, texts in field["where"].items():
                kind = kinds[name].kind if name in kinds else knobs(config)[name].kind
                assert all(kind.accepts(kind.parse(text)) for text in texts)
    assert describe_changes(EXPERIMENTS["time"].config) is None


def test_the_ancestors_of_a_fork_are_the_runs_that_begin_as_it_does():
    config = forked(MlpConfig(), "401:batch_size:2,600:learning_rate:0.01")
    assert list(config.ancestors) == [
        (forked(MlpConfig(), "401:batch_size:2"), 61),  # frames 0, 10, ..., 600
        (MlpConfig(), 41),
    ]
    assert list(MlpConfig().ancestors) == []


@pytest.mark.slow
@pytest.mark.parametrize("text", CHANGES)
@pytest.mark.parametrize("config", [MLP, replace(RNN, placement="parts")], ids=["mlp", "rnn"])
def test_frames_before_a_change_are_the_parents_bit_for_bit(config, text):
    fork, parent = forked(config, text), film(config, variants=config.variants)
    made = film(fork, variants=config.variants)
    for ancestor, shared in fork.ancestors:
        older = film(ancestor, variants=config.variants)
        assert made[:shared] == older[:shared]
        assert made[shared:] != older[shared:]
    assert len(made) == len(parent)
    for first in (shared - 1, shared, len(made) - 1):  # it can be taken up anywhere
        assert film(fork, first, variants=config.variants) == made[first:]


@pytest.mark.parametrize("text", ["9:normalization:out", "9:batch_size:3", "9:learning_rate:0.1"])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_gated_cells_change_as_well(cell, text):
    fork = forked(replace(LSTM, cell=cell, steps=12), text)
    made, parent = (
        film(fork, variants=("layer",)),
        film(replace(fork, changes=()), variants=("layer",)),
    )
    assert made[:10] == parent[:10]
    assert made[10:] != parent[10:]


@pytest.mark.slow
@pytest.mark.parametrize("text", CHANGES)
@pytest.mark.parametrize("make", [MlpTrainer, RnnTrainer])
def test_a_fork_goes_on_from_a_state_of_its_parent_or_its_own(make, text):
    config = MLP if make is MlpTrainer else RNN
    fork = forked(config, text)
    last = fork.changes[-1].step
    for begun, at in ((config, fork.changes[0].step), (fork, last), (fork, last + 2)):
        one, whole, again = (make(c, config.variants) for c in (begun, fork, fork))
        while one.step < at:
            one.train()
        again.restore(copy.deepcopy(one.state()))
        while whole.step < config.steps:
            whole.train()
        while again.step < config.steps:
            again.train()
        assert same(again.state(), whole.state())


def same(a, b):
    """Whether two states are the same, to the bit."""
    if isinstance(a, torch.Tensor):
        return torch.equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[name], b[name]) for name in a)
    if isinstance(a, list):
        return all(itertools.starmap(same, zip(a, b, strict=True)))
    return a == b


@given(
    cases=st.integers(1, 40),
    sizes=st.lists(st.integers(1, 50), min_size=1, max_size=4),
    gaps=st.lists(st.integers(1, 9), min_size=3, max_size=3),
    first=st.integers(0, 30),
)
def test_the_order_of_cases_stays_where_batches_change_their_size(cases, sizes, gaps, first):
    begins = [0, *itertools.accumulate(gaps)]
    plan = tuple(zip(begins, sizes, strict=False))
    drawn = list(itertools.islice(batches(cases, plan, 3), 40))
    whole = torch.cat(list(itertools.islice(batches(cases, cases, 3), 400)))
    assert torch.equal(torch.cat(drawn), whole[: sum(map(len, drawn))])
    for step, batch in enumerate(drawn):
        size = next(size for begin, size in reversed(plan) if begin <= step)
        epoch, place = place_of(cases, plan, step)
        assert len(batch) == min(size, cases - place)
        assert sum(map(len, drawn[:step])) == epoch * cases + place
    again = itertools.islice(batches(cases, plan, 3, first=first), 40 - first)
    assert all(itertools.starmap(torch.equal, zip(again, drawn[first:], strict=True)))


@torch.inference_mode()
def trained(config, variants, steps):
    trainer = (MlpTrainer if isinstance(config, MlpConfig) else RnnTrainer)(config, variants)
    while trainer.step < steps:
        trainer.train()
    return trainer


def test_a_change_of_the_learning_rate_or_momentum_reaches_the_optimizer_alone():
    fork = forked(MLP, "9:learning_rate:0.5,9:momentum:0.2")
    before, after = trained(MLP, MLP.variants, 10), trained(fork, MLP.variants, 10)
    assert (after.race.optimizer.rate, after.race.optimizer.momentum) == (0.5, 0.2)
    gathered = before.race.optimizer.v, after.race.optimizer.v
    assert torch.equal(*gathered)  # the same gradient, at the same weights
    m = trained(MLP, MLP.variants, 9).race.optimizer.m
    grad = after.race.parameters.grad
    assert torch.allclose(after.race.optimizer.m, 0.2 * m + 0.8 * grad, atol=1e-7)


@torch.inference_mode()
@pytest.mark.parametrize("config", [MLP, RNN], ids=["mlp", "rnn"])
def test_frozen_batch_norm_trains_in_evaluation_mode_and_its_statistics_stay(config):
    fork = forked(config, "9:bn_frozen:on")
    before, after = trained(config, ("batch",), 9), trained(fork, ("batch",), 15)
    kept, later = running_of(before), running_of(after)
    assert all(itertools.starmap(torch.equal, zip(kept, later, strict=True)))
    assert not torch.equal(theta_of(before), theta_of(after))
    if config is MLP:
        (last,) = unpack(film(fork, fork.frames - 1)[0])
        in_training, in_evaluation = last.arrays["mode_loss"][1]
        assert in_training == pytest.approx(in_evaluation, rel=1e-5)  # there is no second mode
    plain = trained(forked(config, "9:bn_frozen:on,12:normalization:out-fresh"), ("batch",), 15)
    assert not torch.equal(theta_of(plain), theta_of(after))  # 0 and 1 in place of what was frozen
    moved = trained(forked(config, "9:bn_frozen:on,12:bn_frozen:off"), ("batch",), 15)
    assert not torch.equal(kept[0], running_of(moved)[0])


def running_of(trainer):
    if isinstance(trainer, MlpTrainer):
        running = trainer.race.stack.running
        return [running.mean, running.variance]
    return [part for own in trainer.runners[0].network.running.values() for part in own]


def theta_of(trainer):
    if isinstance(trainer, MlpTrainer):
        return trainer.race.parameters.theta
    return trainer.runners[0].network.parameters.theta


@torch.inference_mode()
def test_normalization_taken_out_divides_by_what_it_divided_by_on_average():
    fork = forked(MLP, "9:normalization:out")
    before, after = trained(MLP, MLP.variants, 9), trained(fork, MLP.variants, 10)
    race, stack = before.race, before.race.stack
    assert after.race.stack.fixed["batch"] is after.race.stack.running
    assert all(map(torch.equal, running_of(before), running_of(after)))
    for variant, groups in (("layer", 1), ("rms", 1), ("group", MLP.groups)):
        each = []
        for start in range(0, 256, 32):
            race.load(torch.arange(start, start + 32))
            race.forward()
            each.append(race.workspace.a[:, stack.rows((variant,))].clone())
        a = torch.cat(each, 2)[0]  # the first layer, (S, 256, H)
        mean, variance = mean_statistics(variant, a, groups)
        kept = after.race.stack.fixed[variant]
        assert torch.allclose(kept.mean[:, :8], mean[:, 0], atol=1e-6)
        assert torch.allclose(kept.variance[:, :8], variance[:, 0], atol=1e-6)


@torch.inference_mode()
def test_normalization_put_in_again_normalizes_as_before():
    text = "5:normalization:out,9:normalization:{}"
    for value in ("in", "in-fresh"):
        after = trained(forked(MLP, text.format(value)), MLP.variants, 9)
        kept = [part.clone() for part in running_of(after)]
        after.train()
        assert not after.race.stack.fixed
        n = after.race.workspace.layers[0].n
        layer = n[after.race.stack.rows(("layer",)).start - 1]  # rows without "none"
        assert torch.allclose(layer.mean(1), torch.zeros(32), atol=1e-5)
        start = 0.0 if value == "in-fresh" else kept[0]
        total = after.race.workspace.sums.total / 32
        assert torch.allclose(running_of(after)[0], 0.9 * start + 0.1 * total, atol=1e-6)


def test_statistics_of_zero_and_one_leave_summed_inputs_as_they_are():
    after = trained(forked(MLP, "9:normalization:out-fresh"), MLP.variants, 10)
    layer = after.race.workspace.layers[0]
    a = layer.a[after.race.stack.rows(("batch", "layer", "rms", "group"))]
    assert torch.allclose(layer.n, a / np.sqrt(1 + MLP.epsilon), rtol=1e-5)


@torch.inference_mode()
@pytest.mark.parametrize("placement", ["sum", "parts"])
def test_recurrent_constants_are_those_of_every_step(placement):
    config = replace(RNN, placement=placement)
    fork = forked(config, "9:normalization:out")
    before, after = trained(config, ("layer",), 9), trained(fork, ("layer",), 10)
    workspace = before.runners[0].workspaces[32]
    measured = []
    for start in range(0, 256, 32):
        workspace.forward(*before._load(torch.arange(start, start + 32)))
        measured.append({g: a.clone() for g, a in workspace.cell.space.norm_inputs.items()})
    for gain, kept in after.runners[0].network.fixed.items():
        a = torch.cat([one[gain] for one in measured], 1)
        mean, variance = mean_statistics("layer", a)
        assert torch.allclose(kept.mean, mean.expand_as(kept.mean), atol=1e-5)
        assert torch.allclose(kept.variance, variance.expand_as(kept.variance), atol=1e-5)
    assert after.runners[0].network.fixed.keys() == workspace.cell.space.norm_inputs.keys()
