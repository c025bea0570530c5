"""Record a run into `assets/recorded/`: `python -m ln_core.record NAME`.

A recording is a film's frames, one packed frame after the other, with the arrays that its page
draws, and beside it a JSON file that says what it is: config, versions, date, duration.
"""

import argparse
import json
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from ln_core.experiments import MLP
from ln_core.figures.mlp import home_figure
from ln_core.figures.parts import Spec, arrays_of
from ln_core.race.config import MlpConfig
from ln_core.runs.config import to_query
from ln_core.runs.experiment import Experiment, load_film
from ln_core.runs.frame import Frame, join, pack

RECORDED = Path(__file__).parent.parent / "assets" / "recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What is recorded under a name: a run, and the figure that draws it."""

    experiment: Experiment
    config: MlpConfig
    figure: Spec


_home = MlpConfig()
RECORDINGS = {"home": Recording(experiment=MLP, config=_home, figure=home_figure(_home))}


def frames(recording: Recording) -> Iterator[Frame]:
    """Train the run and give its frames with the arrays that its figure draws, and no others."""
    film = load_film(recording.experiment.film)
    config = recording.config
    kept = arrays_of(recording.figure)
    shards = [film(config, shard, first=0) for shard in config.shards]
    for parts in zip(*(filter(None, shard) for shard in shards), strict=True):
        whole = join(parts)
        yield replace(whole, arrays={k: v for k, v in whole.arrays.items() if k in kept})


def record(name: str, folder: Path = RECORDED) -> None:
    """Write one recording and what it is."""
    recording = RECORDINGS[name]
    start = time.perf_counter()
    data = []
    for frame in frames(recording):
        data.append(pack(frame))
        print(f"\r{name}: frame {len(data)} of {recording.config.frames}", end="", file=sys.stderr)
    print(file=sys.stderr)
    (folder / f"{name}.film").write_bytes(b"".join(data))
    about = {
        "experiment": recording.experiment.name,
        "config": to_query(recording.config),
        "date": datetime.now(UTC).date().isoformat(),
        "seconds": round(time.perf_counter() - start, 1),
        "versions": {"python": platform.python_version(), "torch": version("torch")},
        "machine": platform.machine(),
    }
    (folder / f"{name}.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Record what the command line names."""
    parser = argparse.ArgumentParser(description="Record runs into assets/recorded/.")
    parser.add_argument("names", nargs="+", choices=RECORDINGS, metavar="NAME")
    for name in parser.parse_args().names:
        record(name)


if __name__ == "__main__":
    main()
