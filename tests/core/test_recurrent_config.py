"""The RNN lab's configs: declared knobs, plans of films, and what they refuse."""

import dataclasses
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ln_core.recurrent.config import TASKS, VARIANTS, MicroscopeConfig, RnnConfig
from ln_core.runs.config import (
    Choice,
    ConfigError,
    Real,
    Subset,
    Whole,
    from_query,
    knobs,
    to_query,
)

CONFIGS = (RnnConfig, MicroscopeConfig)


def values(kind):
    """Draw a value that a kind of knob allows."""
    if isinstance(kind, Whole):
        return st.integers(kind.low, kind.high)
    if isinstance(kind, Real):
        return st.floats(kind.low, kind.high)
    if isinstance(kind, Subset):
        chosen = st.sets(st.sampled_from(list(kind.options)), min_size=1)
        return chosen.map(lambda some: tuple(o for o in kind.options if o in some))
    assert isinstance(kind, Choice)
    return st.sampled_from(list(kind.options))


@pytest.mark.parametrize("config", CONFIGS)
@given(data=st.data())
def test_a_config_survives_its_url(config, data):
    kinds = {name: knob.kind for name, knob in knobs(config).items() if knob.group != "course"}
    drawn = {name: data.draw(values(kind), name) for name, kind in kinds.items()}
    try:
        made = config(**drawn)
    except ConfigError:
        return  # allowed one by one, but too much together
    assert from_query(config, to_query(made)) == (made, ())


@pytest.mark.parametrize("config", CONFIGS)
def test_knobs_are_few_in_front_and_explained_in_one_line(config):
    declared = knobs(config)
    assert sum(knob.group == "primary" for knob in declared.values()) <= 5  # and the preset
    for name, knob in declared.items():
        assert len(knob.help) <= 90
        assert knob.help.endswith(".")
        stops = getattr(knob.kind, "stops", ())
        assert list(stops) == sorted(stops)
        assert all(knob.kind.accepts(stop) for stop in stops), name
        default = getattr(config(), name)
        assert knob.kind.accepts(default)
        assert not stops or default in stops or name == "width"


def test_the_plan_of_a_film_has_at_most_240_frames_and_ends_with_the_run():
    for steps in (10, 239, 240, 241, 1000, 4999, 20_000):
        config = RnnConfig(steps=steps)
        shown = [config.step_of(index) for index in range(config.frames)]
        assert len(shown) <= 241
        assert shown == sorted(set(shown))
        assert shown[0] == 0
        assert shown[-1] == steps
        assert config.is_survey(0)
        assert config.is_survey(config.frames - 1)
    assert RnnConfig(cases=1000, batch_size=300).steps_per_epoch == 4


def test_batch_norm_takes_part_in_the_plain_cell_only():
    assert RnnConfig().taking_part == tuple(VARIANTS)
    assert RnnConfig().shards == tuple((variant,) for variant in VARIANTS)
    for cell in ("gru", "lstm"):
        assert RnnConfig(cell=cell).taking_part == ("none", "layer", "rms")
        with pytest.raises(ConfigError, match="variants"):
            RnnConfig(cell=cell, variants=("batch",))
    config, problems = from_query(RnnConfig, {"cell": "lstm", "variants": "batch"})
    assert config.cell == "lstm"
    assert config.variants == tuple(VARIANTS)
    assert [problem.fields for problem in problems] == [("variants",)]


def test_a_race_that_would_not_fit_in_memory_is_refused():
    with pytest.raises(ConfigError, match="GiB"):
        RnnConfig(task="text", cell="lstm", width=512, length=200, batch_size=512)
    assert RnnConfig(cell="lstm", width=256, seeds=4).memory < 1 << 30


def test_length_counts_where_the_task_leaves_it_open():
    steps = {task: RnnConfig(task=task, length=50).T for task in TASKS}
    assert steps == {"rows": 28, "adding": 50, "copy": 60, "text": 50}
    assert RnnConfig(task="text", length=200, cases=60_000).training_cases == 5000


def test_the_microscope_is_one_frame_of_all_variants():
    config = MicroscopeConfig()
    assert (config.frames, config.step_of(0)) == (1, 0)
    assert (config.steps, config.steps_per_epoch) == (0, 1)
    assert config.shards == (config.variants,)
    assert 0 < config.memory < 1 << 26
    assert dataclasses.replace(config, length=200, width=256).memory < 1 << 28


def test_configs_are_free_of_torch():
    code = "import sys, ln_core.recurrent.config; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
