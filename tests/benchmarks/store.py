"""How much faster a finished film is read from the store than trained again.

    python tests/benchmarks/store.py             every row, about 3 minutes
    python tests/benchmarks/store.py --smoke     a moment a row: does it run at all?

"base" trains the default run of a lab, as the app makes it, in CPU time of one process; "own" reads
it from the store, checks it and cuts it into frames. A step of these rows is a whole film.
"""

import sys
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ln_core.experiments import EXPERIMENTS
from ln_core.runs.experiment import Experiment, FilmConfig
from ln_core.runs.fingerprint import fingerprint
from ln_core.runs.frame import pack
from ln_core.runs.store import Store
from tests.benchmarks.rows import Row, Work, run

LABS = ("mlp", "rnn")
TARGET = 50.0


def train(experiment: Experiment, config: FilmConfig) -> list[bytes]:
    return [pack(frame) for frame in experiment.frames(config)]


def reading(experiment: Experiment, config: FilmConfig) -> Work:
    folder = tempfile.TemporaryDirectory()
    store, key = Store(Path(folder.name)), experiment.key(config)
    origin, film = fingerprint(experiment.module), train(experiment, config)
    store.write(key, origin, film)

    def read() -> None:
        assert store.read(key, origin) == film, folder.name

    return read


def training(experiment: Experiment, config: FilmConfig) -> Work:
    def work() -> None:
        train(experiment, config)

    return work


def rows(*, smoke: bool = False) -> list[Row]:
    found = []
    for name in LABS:
        experiment = EXPERIMENTS[name]
        config = experiment.config()
        if smoke:
            config = replace(config, steps=20)
        base, own = (partial(make, experiment, config) for make in (training, reading))
        found.append(Row(name, base, own, 1, TARGET))
    return found


if __name__ == "__main__":
    run(rows, "lab", __doc__)
