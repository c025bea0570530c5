"""The text that pins a run beside another one."""

from dataclasses import replace

import pytest

from ln_core.experiments import PAGES
from ln_core.race.config import MlpConfig
from ln_core.runs.config import ConfigError, to_query
from ln_core.runs.pin import read_pin, write_pin
from ln_core.runs.preset import Preset, View
from ln_core.runs.schema import read

SHOWN = MlpConfig(batch_size=32)


def test_a_pin_names_what_differs_and_is_read_again():
    pinned = replace(SHOWN, batch_size=2, variants=("none", "layer"))
    text = write_pin(pinned, SHOWN)
    assert text == "batch_size:2;variants:none,layer"
    assert read(MlpConfig, read_pin(text, to_query(SHOWN))) == pinned
    assert write_pin(SHOWN, SHOWN) == ""
    assert read_pin("", to_query(SHOWN)) == to_query(SHOWN)


def test_changes_in_mid_run_are_pinned_and_left_out_like_all_else():
    changes = read(MlpConfig, {"changes": "400:batch_size:2"}).changes
    forked = replace(SHOWN, changes=changes)
    for pinned, shown, text in (
        (forked, SHOWN, "changes:400:batch_size:2"),
        (SHOWN, forked, "changes:"),
    ):
        assert write_pin(pinned, shown) == text
        assert read(MlpConfig, read_pin(text, to_query(shown))) == pinned


def test_letters_that_part_a_pin_may_stand_in_its_values():
    assert read_pin("text:a%3Bb:c%253B", {"text": ""}) == {"text": "a;b:c%3B"}


def test_a_pin_that_cannot_be_is_refused_with_field_value_and_what_is_allowed():
    with pytest.raises(ConfigError, match=r"Batch size: '9999' is not possible. Allowed: a whole"):
        read(MlpConfig, read_pin("batch_size:9999", to_query(SHOWN)))


def test_a_preset_brings_its_pin_in_its_address():
    preset = Preset(label="", notice="", config=SHOWN, pin=replace(SHOWN, seed=3), view=View(at=5))
    assert preset.query == {**to_query(SHOWN), "at": "5", "pin": "seed:3"}
    pins = [one for page in PAGES.values() for one in page.presets.values() if one.pin]
    assert len(pins) >= 3
    assert all(one.pin != one.config for one in pins)
