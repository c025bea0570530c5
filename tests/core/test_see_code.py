"""The scripts of pages that compute at once: each prints the numbers that its page shows."""

import random
import runpy

import numpy as np
import pytest

from ln_core.experiments import EXPERIMENTS
from ln_core.see.matrix.config import MatrixConfig, random_rows
from ln_core.see.matrix.presets import PRESETS as MATRIX_PRESETS
from tests.core.scripts import check_form, random_config, script_of

MOST = 80  # lines


def ran(config, tmp_path, capsys):
    """Check and run a script; give its names, what it printed, and the page's own frame."""
    check_form(script_of(config), path := tmp_path / "run.py", MOST)
    names = runpy.run_path(str(path))
    (experiment,) = (one for one in EXPERIMENTS.values() if one.config is type(config))
    (frame,) = experiment.frames(config)
    return names, capsys.readouterr().out, frame


def random_matrix(seed):
    draw = random.Random(seed)
    matrix = random_rows(draw.choice((1, 2, 5)), draw.choice((1, 3, 8)), seed)
    return random_config(MatrixConfig, seed, matrix=matrix)


@pytest.mark.parametrize(
    "config",
    [*(preset.config for preset in MATRIX_PRESETS.values()), *map(random_matrix, range(8))],
)
def test_the_matrix_script_prints_what_the_page_shows(config, tmp_path, capsys):
    names, said, frame = ran(config, tmp_path, capsys)
    assert "RMSNorm\ntensor(" in said
    close = 2e-3 if config.half else 1e-5
    for variant, h in zip(config.variants, frame.arrays["h"], strict=True):
        own = names[variant].relu() if config.activation == "after" else names[variant]
        np.testing.assert_allclose(own.numpy(), h, rtol=close, atol=close)
