"""What tests of scripts share: the script of a config, random configs, how a script must look."""

import contextlib
import random
import subprocess
import sys

from ln_core.experiments import EXPERIMENTS
from ln_core.runs.config import ConfigError, Switch, knobs


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
