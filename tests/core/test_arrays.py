"""Every array of every experiment has a meaning, axes that fit it, and a unit."""

from collections import defaultdict

import pytest

from ln_core.experiments import EXPERIMENTS
from ln_core.recorded.catalogue import RECORDINGS

ALL = EXPERIMENTS | {one.experiment.name: one.experiment for one in RECORDINGS.values()}
# The smallest runs that have every array: some come with a kind of data or of net alone.
SMALL = {
    "matrix": [{"mode": mode} for mode in ("training", "evaluation")],
    "mlp": [{"steps": 20, "width": 8, "data": data, "cases": 512} for data in ("xor", "mnist")],
    "rnn": [
        {"steps": 20, "width": 8, "cell": cell, "cases": 512, "seeds": 2} for cell in ("rnn", "gru")
    ],
    "paper-mnist": [{"cases": 512, "width": 8, "epochs": 1}],
    "paper-sweep": [{"examples": 512, "width": 8, "variants": ("none",), "over": "low_rate"}],
    "paper-skip-thoughts": [
        {"width": 8, "embedding": 8, "words": 100, "cases": 100, "steps": 10, "freezes": 2}
    ],
    "paper-transformer": [
        {"depth": 1, "width": 8, "steps": 10, "task": task} for task in ("reverse", "recall")
    ],
    "paper-transformer-rates": [{"depth": 1, "width": 8, "steps": 10}],
    "paper-convnet": [{"channels": 4, "steps": 10, "test_cases": 100}],
    "sizes": [{}],
    "sweep": [{"run_steps": 10}],
}


@pytest.mark.parametrize("name", ALL)
def test_every_array_has_a_meaning_with_its_axes_and_a_unit(name):
    experiment, shapes = ALL[name], defaultdict(set)
    for settings in SMALL.get(name, [{}]):
        for frame in experiment.frames(experiment.config(**settings)):
            for array, values in frame.arrays.items():
                shapes[array].add(values.ndim)
    meanings = experiment.meanings
    assert meanings.keys() == shapes.keys()
    for array, (said, _, unit) in meanings.items():
        assert shapes[array] == {len(meanings[array].names)}, array
        assert said[0].isupper() or said.startswith(("1 ", "mu "))
        assert not said.endswith(".")
        assert unit
