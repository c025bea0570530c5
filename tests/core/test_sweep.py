"""Sweeps: cells are the lab's own runs, bit for bit; what cannot be is refused; nobody waits."""

import asyncio
import itertools
from dataclasses import dataclass, replace
from typing import ClassVar
from urllib.parse import parse_qsl

import numpy as np
import pytest

from ln_core.runs import turns
from ln_core.runs.config import from_query, knobs, to_query
from ln_core.runs.experiment import Experiment
from ln_core.runs.frame import join, pack
from ln_core.runs.open_films import OpenFilm
from ln_core.sweep.config import BUDGET, EXPERIMENT, LABS, SweepConfig, swept_settings
from ln_core.sweep.figure import figure, opens
from tests.core.fake_film import COUNT, CountConfig, film, frames_of
from tests.core.test_hub import with_hub
from tests.core.test_turns import Film

MLP = SweepConfig(
    across_values="0.001,0.01,10",
    down_values="2,7,32",
    run_steps=60,
    seeds=2,
    settings="cases:512;width:24;optimizer:sgd;weight_gain:100",
)
RNN = SweepConfig(
    lab="rnn",
    down="radius",
    across_values="0.001,0.01,0.1",
    down_values="0.5,1,2",
    run_steps=20,
    settings="width:8;cases:512;batch_size:16",
    variants=("none", "batch", "rms"),
)


def frames(config, row, first=0):
    return [f for f in EXPERIMENT.begin(config, (str(row),), first=first) if f is not None]


@pytest.mark.slow
@pytest.mark.parametrize("config", [MLP, RNN], ids=["mlp", "rnn"])
def test_a_cell_is_the_run_of_the_lab_bit_for_bit(config):
    lab = LABS[config.lab]
    for row, column in [(0, 0), (1, 2), (2, 1)]:
        cell = config.cell(row, column)
        own = {frame.step: frame for frame in lab.frames(cell)}
        arrays = {name: of[0] for name, of in frames(config, row)[column + 1].arrays.items()}
        assert arrays["moments"][-1] == cell.steps
        for name in ("test_error", "test_loss"):
            theirs = [own[step].arrays[name].mean(1) for step in arrays["moments"]]
            np.testing.assert_array_equal(arrays[name], np.stack(theirs, 1))
            np.testing.assert_array_equal(
                arrays[name.removeprefix("test_")], own[cell.steps].arrays[name].mean(1)
            )


@pytest.mark.parametrize("side", ["across", "down"])
def test_a_variant_that_some_cells_lack_has_no_number_there(side):
    other = {"across": "down", "down": "across"}[side]
    swept = {side: "cell", other: "learning_rate", f"{other}_values": "0.001,0.01,0.1"}
    config = replace(RNN, down_values="", across_values="", run_steps=10)
    config = replace(config, **swept)
    assert config.compared == ("none", "batch", "rms")
    assert config.absent == ("batch",)
    errors = np.stack(
        [[of.arrays["error"][0] for of in frames(config, row)[1:]] for row in range(3)]
    )
    errors = errors if side == "across" else errors.swapaxes(0, 1)  # rate, cell, variant
    np.testing.assert_array_equal(np.isnan(errors), [[[0, 0, 0], [0, 1, 0], [0, 1, 0]]] * 3)
    assert "Empty: no Batch Norm there." in str(figure(config))


def test_the_errors_of_all_cells_have_room_on_axes_and_colours():
    config = SweepConfig(across="activation", down="data", run_steps=10)  # 2 and 10 classes
    error_map, error, loss = figure(config)["sections"][0]["charts"]
    assert error_map["traces"][0]["style"]["zmax"] == pytest.approx(90)
    assert error["y"]["range"] == [0, pytest.approx(95)]
    assert error["y"]["grow"]
    assert loss["y"]["grow"]


def test_a_cell_says_at_which_step_its_loss_was_no_number_any_more():
    arrays = frames(MLP, 0)[3].arrays
    lab = [*LABS["mlp"].frames(MLP.cell(0, 2))]
    losses = np.concatenate([frame.arrays["loss"] for frame in lab], -1)  # (V, S, steps)
    lost = ~np.isfinite(losses).all(1)
    first = np.where(lost.any(1), 1.0 + lost.argmax(1), np.nan)
    assert np.isfinite(first).any()
    np.testing.assert_array_equal(arrays["diverged"][0], first)


def test_a_row_goes_on_from_any_column_without_those_before():
    whole = [pack(frame) for frame in frames(MLP, 1)]
    assert [pack(frame) for frame in frames(MLP, 1, first=2)] == whole[2:]


def test_what_a_click_opens_is_the_run_of_the_cell():
    told = opens(RNN)
    for row, column in itertools.product(range(3), range(3)):
        swept = {
            told[side][0]: told[side][1][at] for side, at in (("row", row), ("column", column))
        }
        config, problems = from_query(LABS["rnn"].config, {**told["base"], **swept})
        assert (config, problems) == (RNN.cell(row, column), ())


def test_the_code_is_that_of_a_run_and_says_what_the_others_have():
    script = EXPERIMENT.write(RNN, "The run of http://lab.example/sweep in Layer Norm Lab.")
    compile(script, "sweep.py", "exec")
    assert "http://lab.example/sweep" in script
    said = " ".join(script.split())
    assert "radius 0.5, 1, 2 and learning_rate 0.001, 0.01, 0.1" in said
    assert script.endswith(LABS["rnn"].write(RNN.cell(1, 1), "").partition("import argparse")[2])


def test_the_usual_values_of_all_settings_make_grids():
    for lab in LABS:
        first = "learning_rate"
        for down in ("batch_size", "optimizer", "width", "epsilon", "cases"):
            config = SweepConfig(lab=lab, across=first, down=down, run_steps=10)
            assert 3 <= len(config.rows.values) <= 6
            assert config.frames == 1 + len(config.columns.values)


REFUSED = {
    "across": ({"across": "seed"}, "'seed'", "learning_rate"),
    "other lab": (
        {"lab": "rnn", "across": "depth"},
        "'Hidden layers'",
        "in the RNN lab one of Task",
    ),
    "twice": ({"across": "depth", "down": "depth"}, "'Hidden layers'", "two different settings"),
    "few": ({"across_values": "0.1,0.2"}, "'0.1,0.2'", "3 to 12 different values"),
    "many": ({"down_values": ",".join(map(str, range(1, 14)))}, "'1,2,3", "3 to 12"),
    "same": ({"across_values": "0.1,0.10,0.2,0.3"}, "'0.1,0.10,0.2,0.3'", "each value once"),
    "range": ({"down_values": "0,1,2"}, "'0'", "for Batch size a whole number from 1 to 512"),
    "words": ({"across_values": "a,b,c"}, "'a'", "for Learning rate a number from 1e-05 to 10"),
    "unknown": ({"settings": "foo:1"}, "'foo'", "of data, depth"),
    "swept": ({"settings": "batch_size:4"}, "'batch_size'", "of data, depth"),
    "doubled": ({"settings": "depth:5; depth:6"}, "'depth'", "each setting once"),
    "setting": ({"settings": "depth:31"}, "depth:31", "for depth a whole number from 1 to 30"),
    "memory": ({"settings": "width:1024;depth:30", "seeds": "4"}, "GiB", "at most 1 GiB"),
    "use": (
        {"lab": "rnn", "across": "length"},
        "'Length'",
        "Length does where Task is Adding problem or Copy task or Moby-Dick, by letter",
    ),
    "variants": ({"lab": "rnn", "variants": "group"}, "group", "one or more of none"),
    "budget": ({"run_steps": "20000", "seeds": "4"}, "million examples", "fewer cells"),
}


@pytest.mark.parametrize(("query", "received", "allowed"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused_with_field_value_and_what_is_allowed(query, received, allowed):
    config, problems = from_query(SweepConfig, query)
    assert received in problems[0].received
    assert allowed in problems[0].allowed
    assert set(problems[0].fields) & query.keys()
    assert isinstance(config, SweepConfig)


def test_the_budget_says_what_would_fit_and_that_fits():
    asked = {"across_values": "0.001,0.01,0.1", "down_values": "128,256,512", "seeds": "4"}
    _, (problem,) = from_query(SweepConfig, {**asked, "run_steps": "5000"})
    fits = int(problem.allowed.split("about ")[1].split()[0])
    config, problems = from_query(SweepConfig, {**asked, "run_steps": str(fits)})
    assert not problems
    assert 0.99 * BUDGET < config.examples <= BUDGET


def test_a_sweep_makes_way_for_all_others_and_a_worker_ends_what_it_has_begun():
    mine, free, others = Film(owner=1, frames=5), Film(frames=2), Film(owner=0, since=9.9)
    assert turns.choose_behind([others, free, mine], 1, now=10.0) is mine
    assert turns.choose_behind([others, free], 1, now=10.0) is free
    assert turns.choose_behind([others], 1, now=10.0) is None
    assert turns.choose_behind([others], 1, now=12.0) is others, "it has come to nothing for long"


@dataclass(frozen=True, slots=True, kw_only=True)
class BehindConfig(CountConfig):
    """Counts in the background."""

    in_background: ClassVar[bool] = True


BEHIND = Experiment(
    name="behind",
    config=BehindConfig,
    film="tests.core.fake_film:film",
    figure="tests.core.fake_film:figure",
    arrays="tests.core.fake_film:ARRAYS",
)


def test_beside_a_watched_run_a_sweep_has_nothing_and_then_goes_on():
    sweep = BehindConfig(length=400, pause_ms=5, parts=3)
    shown = CountConfig(length=60, pause_ms=5)

    async def scenario(hub):
        behind = await hub.watch(BEHIND, sweep)
        while not behind.log.frames:
            await asyncio.sleep(0.01)
        run, before = await hub.watch(COUNT, shown), len(behind.log.frames)
        while not run.log.done:
            await asyncio.sleep(0.01)
        during = len(behind.log.frames) - before
        before = len(behind.log.frames)
        while len(behind.log.frames) < before + 5:
            await asyncio.sleep(0.01)
        return during

    # A turn that had begun, and what its worker does before the run is there.
    assert with_hub(scenario) <= 2


def test_a_sweep_rests_at_once_when_that_is_asked_for_and_goes_on_to_the_same_frames():
    sweep = BehindConfig(length=40, pause_ms=5, parts=2)

    async def scenario(hub):
        run = await hub.watch(BEHIND, sweep)
        while len(run.log.frames) < 5:
            await asyncio.sleep(0.01)
        hub.rest(BEHIND, sweep)
        await asyncio.sleep(0.2)  # the turn that had begun ends
        held = len(run.log.frames)
        await asyncio.sleep(0.3)
        assert len(run.log.frames) == held < 40
        await hub.watch(BEHIND, sweep)
        while not run.log.done:
            await asyncio.sleep(0.01)
        return run.log.frames

    expected = [pack(join(parts)) for parts in zip(*frames_of(sweep), strict=True)]
    assert with_hub(scenario, workers=2) == expected


def test_a_frame_made_by_itself_ends_its_turn_and_is_put_aside_without_a_step_more():
    calls = []

    def begin(*, first, checkpoint=None):
        calls.append(first)
        return film(CountConfig(length=9), ("part0",), first=first, checkpoint=checkpoint)

    one = OpenFilm(begin, 3, 1000, apart=True)
    assert len(one.run(seconds=10)) == 1
    one.put_aside()
    assert (one.memory, one.is_open, one.next_frame) == (0, False, 4)
    one.run(seconds=10)
    assert calls == [3, 4]


def test_the_config_is_read_back_from_its_query():
    choice = replace(MLP, down="optimizer", down_values="", settings="cases:512")
    for config in (MLP, RNN, choice):
        assert from_query(SweepConfig, to_query(config)) == (config, ())


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        # The usual values of two settings take too much memory together.
        ("across=depth&down=width", "a run with Width, Hidden layers 1000, 30 ("),
        ("across=width&seeds=4", "a run with Batch size, Width, Number of seeds 512, 1000, 4 ("),
        ("across=depth&settings=width:1000", "a run with Width, Hidden layers 1000, 30 ("),
        # What falls back in place of the first would be refused itself: one true reason is told.
        ("lab=rnn&across=length&down=learning_rate", "'Length'"),
        ("across=cell&down=learning_rate", "'Cell'"),
        (
            "lab=rnn&across=cell&down=clip&variants=batch",
            "a run with Variants to train Batch Norm alone with the cell GRU",
        ),
        # A norm that is asked for and takes no part.
        ("lab=rnn&across=gain&settings=cell:gru&variants=none,batch", "'Initial gain'"),
    ],
)
def test_one_reason_is_told_and_the_rest_is_there(asked, refused):
    config, (problem,) = from_query(SweepConfig, dict(parse_qsl(asked)))
    assert problem.received.startswith(refused)
    assert from_query(SweepConfig, to_query(config)) == (config, ())
    fallen = {name for name, text in parse_qsl(asked) if to_query(config)[name] != text}
    assert fallen <= {*problem.fields}


def test_a_swept_setting_that_does_nothing_costs_no_other_setting():
    asked = {"lab": "rnn", "across": "bn_momentum", "down": "cell", "variants": "none,layer"}
    config, (problem,) = from_query(SweepConfig, {**asked, "settings": "width:16"})
    assert (config.settings, config.down, config.across) == ("width:16", "cell", "learning_rate")
    assert problem.fields == ("across",)
    assert {*problem.beside} == {"down", "variants"}


@pytest.mark.parametrize(
    ("asked", "across", "down"),
    [
        (
            {"lab": "rnn", "across": "length", "down": "learning_rate"},
            "batch_size",
            "learning_rate",
        ),
        ({"lab": "rnn", "across": "batch_size", "down": "length"}, "batch_size", "learning_rate"),
        ({"across": "length", "down": "width"}, "learning_rate", "width"),
    ],
)
def test_a_refused_axis_leaves_the_other_as_it_is(asked, across, down):
    config, (problem,) = from_query(SweepConfig, asked)
    assert (config.across, config.down) == (across, down)
    assert "down" not in problem.fields or "across" not in problem.fields


@pytest.mark.parametrize("asked", [{"across": "batch_size"}, {"down": "learning_rate"}])
def test_a_link_may_name_one_axis(asked):
    config, problems = from_query(SweepConfig, asked)
    assert not problems
    assert {config.across, config.down} == {"batch_size", "learning_rate"}


@pytest.mark.parametrize("lab", LABS)
def test_the_help_of_other_settings_names_what_each_lab_takes(lab):
    said = knobs(SweepConfig)["settings"].help.split("as in ")[1].rstrip(".")
    assert from_query(SweepConfig, {"lab": lab, "settings": said})[1] == ()


def test_an_unknown_setting_is_told_what_each_lab_has():
    _, (problem,) = from_query(SweepConfig, {"lab": "rnn", "across": "placement"})
    assert "in the RNN lab one of task, cell" in problem.allowed


def test_an_abbreviation_stays_one_on_a_map():
    asked = {"across": "bn_momentum", "variants": "none,batch", "run_steps": "10"}
    config, _ = from_query(SweepConfig, asked)
    error_map = figure(config)["sections"][0]["charts"][0]
    assert (error_map["columns"]["title"], error_map["rows"]["title"]) == (
        "BN momentum",
        "batch size",
    )


def test_any_two_settings_are_swept_or_refused_in_words():
    for lab in LABS:
        for across, down in itertools.product(swept_settings(lab), repeat=2):
            asked = {"lab": lab, "across": across, "down": down, "seeds": "4"}
            config, _ = from_query(SweepConfig, asked)
            assert from_query(SweepConfig, to_query(config)) == (config, ())


def test_too_many_examples_are_written_apart_from_those_that_are_allowed():
    _, (problem,) = from_query(SweepConfig, {"run_steps": "1219", "seeds": "4"})
    assert "60.03 million examples" in problem.received
    assert problem.allowed.startswith("60 million: about 1218 steps")
