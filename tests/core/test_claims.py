"""Every claim holds on the seed shown and on another; `python -m tests.claims` tries more seeds."""

import pytest

from ln_core.paper.convnet.presets import PRESETS as CONVNET
from ln_core.paper.mnist.presets import MNIST_PRESETS, SWEEP_PRESETS
from ln_core.paper.skip_thoughts.presets import PRESETS as SKIP
from ln_core.paper.transformer.presets import PRESETS as TRANSFORMER
from ln_core.race.presets import PRESETS as MLP
from ln_core.recurrent.presets import MICROSCOPE_PRESETS, RNN_PRESETS
from ln_core.sweep.presets import PRESETS as GRID
from tests.claims.__main__ import table
from tests.claims.all import CLAIMS, check

SEEDS = (0, 1)
AT_ONCE = ("time", "geometry", "replicas")  # pages without a training to wait for
PRESETS = {
    "mlp": MLP,
    "rnn": RNN_PRESETS,
    "time": MICROSCOPE_PRESETS,
    "mnist": MNIST_PRESETS,
    "sweep": SWEEP_PRESETS,
    "transformer": TRANSFORMER,
    "skip": SKIP,
    "convnet": CONVNET,
    "grid": GRID,
}
TRAINED = [
    pytest.param(name, id=f"{of.page}-{name}", marks=[] if of.page in AT_ONCE else pytest.mark.slow)
    for name, of in CLAIMS.items()
    if not of.recorded
]


@pytest.mark.parametrize("name", TRAINED)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_claim_holds(name, seed):
    ((_, _, holds, measured),) = check([name], seed)
    assert holds, measured


@pytest.mark.parametrize("page", PRESETS)
def test_every_preset_has_its_claim_and_no_other_has_one(page):
    claimed = {preset for of in CLAIMS.values() if of.page == page for preset in of.presets}
    assert claimed == PRESETS[page].keys()


def test_the_table_marks_what_falls_below_its_share_and_says_where():
    falls, holds = list(CLAIMS)[:2]
    rows = [(falls, seed, seed != 101, {"error": 0.5}) for seed in range(100, 104)]
    rows += [(holds, seed, True, {}) for seed in range(100, 104)]
    fallen, where, fine = table(rows)
    assert fallen.startswith("*   75 %")
    assert "101: {'error': 0.5}" in where
    assert fine.startswith("   100 %")
