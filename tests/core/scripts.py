"""What tests of scripts share: the script of a config, random configs, how a script must look."""

import contextlib
import io
import itertools
import random
import runpy
import subprocess
import sys

import numpy as np
import torch

from ln_core.data.tasks import load_task
from ln_core.experiments import EXPERIMENTS
from ln_core.race.model import Race
from ln_core.runs.config import ConfigError, Switch, knobs
from ln_core.training.batches import batches
from ln_core.training.seeds import DATA_SEED, part_seed

STEPS = 50
CLOSE = 1e-4
PARTED = 1e-6  # from here on what a film shows is of its rounding


def script_of(config):
    (one,) = (one for one in EXPERIMENTS.values() if one.config is type(config))
    return one.write(config, "The run of a test.")


def random_config(cls, seed, **fixed):
    """Draw a config of small networks, from all stops and choices of its knobs."""
    draw = random.Random(seed)
    while True:
        values = {}
        for name, declared in knobs(cls).items():
            kind = declared.kind
            if stops := getattr(kind, "stops", ()):
                values[name] = draw.choice(stops)
            elif options := getattr(kind, "options", ()):
                values[name] = draw.choice([*options])
            elif isinstance(kind, Switch):
                values[name] = draw.random() < 0.5
        if "seeds" in knobs(cls):
            values |= {"seed": draw.randrange(1000), "seeds": draw.choice((1, 2))}
        values |= fixed
        with contextlib.suppress(ConfigError):
            return cls(**values)


def check_form(script, path, most):
    """Hold a script to its length, and to what ruff says of its form; write it to a file."""
    lines = script.splitlines()
    assert len(lines) <= most
    assert max(map(len, lines)) <= 100
    path.write_text(script)
    for check in (["format", "--check"], ["check"]):
        command = [*check, "--isolated", "--line-length", "100", "--no-cache", str(path)]
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + script


def printed(script, path, dtype, *more):
    """Run a script with the arguments of a notebook as well, and read the losses that it prints."""
    path.write_text(script)
    said, argv = io.StringIO(), sys.argv
    sys.argv = [str(path), "--steps", str(STEPS), "--dtype", dtype, *more, "-f", "kernel.json"]
    try:
        with contextlib.redirect_stdout(said):
            runpy.run_path(str(path), run_name="__main__")
    finally:
        sys.argv = argv
    return losses_in(said.getvalue())


def losses_in(text):
    lines = [line.split() for line in text.splitlines()]
    return np.array([[*map(float, words[1:])] for words in lines if words[0].isdigit()])


@torch.inference_mode()
def mlp_losses(config, dtype, *, mirrored=False):
    """Train a race as its film does; mirrored: the same networks with their units in reverse."""
    seed = part_seed(config.seed, DATA_SEED)
    task = load_task(config.data, config.cases, seed, test_cases=2)
    race = Race(config, config.variants, task.x_train, task.y_train, dtype=dtype)
    if mirrored:
        race.x = race.x.flip(1)
        *hidden, output = race.parameters.layers
        for W, *_ in hidden:
            W.copy_(W.flip(1, 2))
        output.W.copy_(output.W.flip(2))
    drawn = itertools.islice(batches(config.cases, config.batch_size, config.seed), STEPS)
    return np.array([race.step(batch.flip(0) if mirrored else batch).tolist() for batch in drawn])


def agreed_steps(script, film, mirror):
    """Compare each network's losses for as long as the film tells them from its own rounding."""
    steps = []
    for own, shown, again in zip(script.T, film.T, mirror.T, strict=True):
        with np.errstate(invalid="ignore"):
            parted = ~(np.abs(shown - again) <= PARTED * np.maximum(1, np.abs(shown)))
        until = int(parted.argmax()) if parted.any() else STEPS
        np.testing.assert_allclose(own[:until], shown[:until], rtol=CLOSE, atol=CLOSE)
        steps.append(until)
    return steps
