"""Recordings: what is in `assets/recorded/` is what the app would train now."""

import json
from itertools import islice

import numpy as np
import pytest

from ln_core.record import RECORDED, RECORDINGS, frames, record
from ln_core.runs.config import to_query
from ln_core.runs.frame import unpack


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_is_whole_and_says_what_it_is(name):
    recording = RECORDINGS[name]
    about = json.loads((RECORDED / f"{name}.json").read_text())
    assert about["config"] == to_query(recording.config)
    assert {"date", "seconds", "versions", "machine"} <= about.keys()
    recorded = unpack((RECORDED / f"{name}.film").read_bytes())
    assert len(recorded) == recording.config.frames
    assert recorded[-1].step == recording.config.steps


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recordings_first_frames_are_those_of_a_live_run(name):
    recorded = unpack((RECORDED / f"{name}.film").read_bytes())
    for then, now in zip(recorded, islice(frames(RECORDINGS[name]), 20), strict=False):
        assert then.step == now.step
        assert then.arrays.keys() == now.arrays.keys()
        assert then.notes == now.notes
        for array, values in now.arrays.items():
            # Another kind of machine may round differently, and 200 steps let that grow.
            now_values = values.astype(float)
            off = np.abs(then.arrays[array].astype(float) - now_values).sum()
            assert off <= 0.02 * max(1.0, np.abs(now_values).sum()), array


def test_recording_is_repeatable_to_the_byte_on_one_machine(tmp_path):
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        record("home", folder)
    films = [(tmp_path / half / "home.film").read_bytes() for half in ("one", "two")]
    assert films[0] == films[1]
