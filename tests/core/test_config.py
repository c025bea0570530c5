"""Configs: what is refused, and that the URL holds them exactly."""

import dataclasses
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ln_core.race.config import VARIANTS, MlpConfig
from ln_core.race.presets import PRESETS
from ln_core.runs.config import (
    Choice,
    ConfigError,
    Real,
    Subset,
    Switch,
    Whole,
    from_query,
    knobs,
    to_query,
    to_text,
)


def values_of(kind):
    match kind:
        case Whole(low=low, high=high):
            return st.integers(low, high)
        case Real(low=low, high=high):
            return st.floats(low, high)
        case Choice(options=options):
            return st.sampled_from(list(options))
        case Subset(options=options):
            return st.sets(st.sampled_from(list(options)), min_size=1).map(
                lambda chosen: tuple(option for option in options if option in chosen)
            )
        case Switch():
            return st.booleans()


FIELDS = {
    name: values_of(declared.kind)
    for name, declared in knobs(MlpConfig).items()
    if declared.group != "course"  # tests/core/test_changes.py has these
}
# Small networks, so that every combination fits in memory.
SMALL = {"width": st.integers(1, 64), "depth": st.integers(1, 4)}


@given(st.fixed_dictionaries({**FIELDS, **SMALL}))
def test_the_url_holds_the_whole_config_exactly(values):
    config = MlpConfig(**values)
    assert from_query(MlpConfig, dict(parse_qsl(to_text(config)))) == (config, ())


@given(st.fixed_dictionaries({**FIELDS, **SMALL}))
def test_a_config_has_one_canonical_text(values):
    config = MlpConfig(**values)
    again, _ = from_query(MlpConfig, to_query(config))
    assert to_text(again) == to_text(config)


@given(st.sampled_from(list(FIELDS)), st.text(max_size=20))
def test_any_text_in_the_url_gives_a_valid_config(name, text):
    config, problems = from_query(MlpConfig, {name: text})
    expected = MlpConfig()
    if problems:
        assert [problem.fields for problem in problems] == [(name,)]
        assert problems[0].received == repr(text)
        assert config == expected
    else:
        assert knobs(MlpConfig)[name].kind.accepts(getattr(config, name))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("batch_size", "0"),
        ("batch_size", "513"),
        ("batch_size", "1.5"),
        ("batch_size", "nan"),
        ("batch_size", "many"),
        ("learning_rate", "nan"),
        ("learning_rate", "inf"),
        ("learning_rate", "-1"),
        ("epsilon", "nan"),
        ("weight_gain", "0"),
        ("depth", "31"),
        ("seeds", "9"),
        ("activation", "gelu"),
        ("bn_output", "perhaps"),
        ("variants", ""),
        ("variants", "layer,none"),
        ("variants", "layer,layer"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed_and_costs_no_other_field(name, text):
    config, (problem,) = from_query(MlpConfig, {name: text, "seed": "7"})
    assert config == MlpConfig(seed=7)
    assert problem.fields == (name,)
    assert repr(text) in str(problem)
    assert knobs(MlpConfig)[name].kind.allowed in str(problem)


def test_an_unknown_field_is_named():
    config, (problem,) = from_query(MlpConfig, {"momentun": "0.9"})
    assert config == MlpConfig()
    assert "momentun" in str(problem)
    assert "bn_momentum" in problem.allowed


def test_a_race_that_does_not_fit_in_memory_is_refused_with_the_fields_that_decide():
    query = {"width": "1024", "depth": "30", "seeds": "8", "seed": "3"}
    config, (problem,) = from_query(MlpConfig, query)
    assert problem.fields == ("width", "depth", "seeds")
    assert {"batch_size", "variants"} < {*problem.beside}
    assert "GiB" in str(problem)
    assert config == MlpConfig(seed=3)


def test_of_what_decides_the_memory_only_what_is_larger_than_usual_is_at_fault():
    with pytest.raises(ConfigError) as found:
        MlpConfig(data="mnist", width=1000, depth=25, batch_size=512, cases=512)
    assert found.value.fields == ("batch_size", "width", "depth")
    assert found.value.received.startswith("512, 1000, 25 (")


@pytest.mark.parametrize("field", ["data", "optimizer", "activation"])
def test_a_race_of_usual_size_fits_in_memory(field):
    for option in knobs(MlpConfig)[field].kind.options:
        MlpConfig(**{field: option})


@pytest.mark.parametrize("value", [float("nan"), "3", None, True])
def test_a_config_refuses_values_of_another_type_when_built(value):
    with pytest.raises(ConfigError, match="batch_size"):
        MlpConfig(batch_size=value)


def test_every_knob_has_a_label_and_a_help_of_one_line():
    for name, declared in knobs(MlpConfig).items():
        assert declared.label, name
        assert declared.help.endswith("."), name
        assert len(declared.help) <= 100, name
        assert "\n" not in declared.help, name


def test_there_are_at_most_five_primary_knobs_beside_the_preset():
    assert sum(declared.group == "primary" for declared in knobs(MlpConfig).values()) <= 5


def test_every_default_and_every_stop_is_allowed():
    for name, declared in knobs(MlpConfig).items():
        for stop in getattr(declared.kind, "stops", ()):
            assert declared.kind.accepts(stop), (name, stop)


@given(st.integers(10, 20_000))
def test_frames_cover_the_run_from_before_training_to_the_last_step(steps):
    config = MlpConfig(steps=steps)
    moments = [config.step_of(frame) for frame in range(config.frames)]
    assert moments[0] == 0
    assert moments[-1] == steps
    assert len(set(moments)) == len(moments) <= 241
    assert config.is_survey(0)
    assert config.is_survey(config.frames - 1)


def test_wide_networks_are_trained_apart_and_small_ones_together():
    assert MlpConfig().shards == (tuple(VARIANTS),)
    wide = MlpConfig(data="mnist", depth=2, width=1000)
    assert wide.shards == tuple((variant,) for variant in VARIANTS)


def test_presets_differ_and_fit_the_row():
    in_row = [preset for preset in PRESETS.values() if not preset.group]  # others: in a menu
    assert 4 <= len(in_row) <= 7
    assert len({to_text(preset.config) for preset in PRESETS.values()}) == len(PRESETS)
    for preset in PRESETS.values():
        assert preset.notice.startswith("Notice that")
        assert dataclasses.is_dataclass(preset.config)


@given(st.integers(1, 1024))
def test_group_norms_groups_are_equal_and_hold_two_units_or_there_is_one(width):
    groups = MlpConfig(width=width).groups
    assert width % groups == 0
    assert groups == 1 or width // groups >= 2
