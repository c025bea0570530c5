"""What is computed at once: one frame, handed to workers as a film."""

import json

import numpy as np
import pytest

from ln_core.experiments import EXPERIMENTS
from ln_core.race.config import EXPERIMENT as RACE
from ln_core.runs.experiment import Experiment
from ln_core.runs.frame import pack, unpack
from ln_core.runs.snapshot import as_film, card, make_snapshot
from ln_core.see.shared_statistics.compute import compute
from ln_core.see.shared_statistics.config import EXPERIMENT, SharedStatisticsConfig

CONFIG = SharedStatisticsConfig()


def test_a_film_of_what_is_computed_at_once_is_its_one_frame():
    (frame,) = as_film(compute, CONFIG, 0)
    assert pack(frame) == pack(compute(CONFIG))
    (begun,) = EXPERIMENT.begin(CONFIG, CONFIG.variants, first=0)
    assert pack(begun) == pack(frame)
    assert not list(as_film(compute, CONFIG, 1))


@pytest.mark.parametrize("makers", [{}, {"film": "a:b", "compute": "c:d"}])
def test_an_experiment_has_either_a_film_or_a_compute_function(makers):
    with pytest.raises(ValueError, match="must have a film or a compute function"):
        Experiment(name="both", config=SharedStatisticsConfig, figure="e:f", arrays="e:a", **makers)


def test_workers_import_the_module_that_makes_the_frames():
    assert EXPERIMENT.module == "ln_core.see.shared_statistics.compute"
    assert RACE.module == "ln_core.race.trainer"


def test_what_trains_has_a_film_and_what_has_a_single_frame_is_computed():
    for experiment in EXPERIMENTS.values():
        assert bool(experiment.compute) == (experiment.config().frames == 1)


def test_arrays_are_float32_or_bytes_and_what_float32_cannot_hold_is_infinite():
    made = make_snapshot(
        {"large": np.array([1e300, 1.0]), "bytes": np.array([7], np.uint8)},
        cards=[card("layer", "Title", "Text.")],
        measured_values={"slot": "1"},
        lists=[],
    )
    assert made.arrays["large"].dtype == np.float32
    assert made.arrays["large"].tolist() == [np.inf, 1.0]
    assert made.arrays["bytes"].dtype == np.uint8
    assert json.loads(json.dumps(made.notes)) == {
        "cards": [{"variant": "layer", "title": "Title", "text": "Text."}],
        "measured_values": [{"slot": "slot", "text": "1"}],
        "lists": [],
    }
    (again,) = unpack(pack(made))
    assert again.notes == made.notes
