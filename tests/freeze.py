"""Freeze what a move of code may not change, and compare with it.

    python tests/freeze.py --write FILE     write down what there is now
    python tests/freeze.py --compare FILE   print every difference; exit code 1 if there is one
    python tests/freeze.py --queries        write the queries that test_frozen.py compares

An entry is a config: of every page its default, its presets and the stops of paths, every
recording's, and some drawn at random from the knobs. Of each are written its canonical query, its
figure, and hashes of the frames of its run made short: the first, the middle, the last, all. Of the
recordings, also hashes of the stored files and the texts that are made from their frames.

To compare, queries and hashes must be the same to the bit; figures too, but for the names in
RENAMED. Hashes of frames hold on one kind of processor and one version of torch alone: write and
compare on the same machine. Random configs are read back from the file, so that the same ones run
even where a knob's declaration was changed.
"""

import argparse
import dataclasses
import hashlib
import json
import os
import random
import runpy
import sys
import time
from pathlib import Path
from unittest.mock import patch

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported: sums in one order
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

# All of the project that is used here: what a move has to change.
from ln_core.experiments import EXPERIMENTS
from ln_core.paths import PATHS
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.recorded.loader import RECORDED, recorded_frames
from ln_core.runs.config import (
    Choice,
    ConfigError,
    Real,
    Subset,
    Switch,
    Whole,
    from_query,
    knobs,
    to_query,
    to_text,
)
from ln_core.runs.experiment import SnapshotConfig
from ln_core.runs.frame import Frame, pack
from pages.ui.lab import Lab
from pages.ui.paper import Paper
from pages.ui.snapshot import Snapshot
from pages.ui.sweep import Sweep

# New names to those of the baseline: keys and whole string values of figures, at any depth, and
# names of experiments and pages. Both sides are written with these; no query or hash is touched.
RENAMED: dict[str, str] = {
    "variants": "tracks",
    "variant": "track",
    "shared_statistics": "pools",
    "batch_mates": "mates",
    "batch_mates.json": "mates.json",
    "batch_mates.npz": "mates.npz",
}
# The same for frames: names of arrays, and keys of notes at any depth. Values are compared as is.
RENAMED_IN_FRAMES: dict[str, str] = {"variant": "track", "measured_values": "values"}

ROOT = Path(__file__).resolve().parents[1]
QUERIES = ROOT / "tests" / "core" / "frozen.json"
# What runs are cut to, by knob, or to the least that it allows: ten steps reach a survey, and the
# last frame is one.
SHORT = {"steps": 10, "epochs": 1, "per_epoch": 2, "examples": 512, "cases": 200, "freezes": 2}
SHORT |= {"run_steps": 10, "test_cases": 200, "seeds": 2, "width": 128}
DRAWN = 10  # random configs of each experiment, at the most
TRIED = 15  # candidates for these
LONGEST = 2.0  # seconds of processor time: a random config whose short run takes longer is left out
SHOWN = 12  # differences of one figure that are printed


class PageRead(Exception):  # noqa: N818
    """Ends a page's script where it would draw."""


def read_pages():
    """Give what each page with an experiment is made of, by its slug."""
    found = {}

    def keep(page):
        found[page.page.slug] = page
        raise PageRead

    with (
        patch.object(Lab, "render", keep),
        patch.object(Snapshot, "render", keep),
        patch.object(Paper, "render", keep),
        patch.object(Sweep, "render", keep),
    ):
        for path in sorted((ROOT / "pages").glob("*/*.py")):
            if ".render()" in path.read_text(encoding="utf-8"):
                try:
                    runpy.run_path(str(path))
                except PageRead:
                    continue
                raise RuntimeError(
                    f"{path.name} must make a Lab, Snapshot, Paper or Sweep and render it"
                )
    return found


def declared():
    """Give experiment and config of every entry that the project declares, by the entry's name."""
    entries = {}
    for slug, drawn_page in read_pages().items():
        page = drawn_page.page
        entries[f"{slug}/default"] = page.experiment, page.default
        for name, preset in page.presets.items():
            entries[f"{slug}/preset/{name}"] = page.experiment, preset.config
    for path in PATHS.values():
        for stop in path.stops:
            entries[f"stop/{stop.id}"] = stop.experiment, stop.config
    for name, recording in RECORDINGS.items():
        entries[f"recording/{name}"] = recording.experiment, recording.config
    return entries


def drawn(known):
    """Draw configs of every experiment, the same ones each time; `known` gives more values."""
    for name, experiment in EXPERIMENTS.items():
        others = [config for of, config in known.values() if of.config is experiment.config]
        draw = random.Random(name)
        taken = 0
        for _ in range(TRIED):
            values = {
                knob: random_value(declaration.kind, [getattr(c, knob) for c in others], draw)
                for knob, declaration in knobs(experiment.config).items()
                if draw.random() < 0.5
            }
            try:
                config = experiment.config(**values)
            except ConfigError:
                continue
            begun = time.process_time()
            if run(experiment, config, begun + LONGEST) is None:
                continue
            yield f"random/{name}/{taken}", experiment, config
            taken += 1
            if taken == DRAWN:
                break


def random_value(kind, known, draw):
    """Draw a value of a kind; of one that is an experiment's own, a value of another config."""
    match kind:
        case Whole():
            return draw.choice(kind.stops or range(kind.low, kind.high + 1))
        case Real():
            return draw.choice([*kind.stops, round(draw.uniform(kind.low, kind.high), 3)])
        case Choice():
            return draw.choice(list(kind.options))
        case Subset():
            size = draw.randint(1, len(kind.options))
            chosen = draw.sample(list(kind.options), size)
            return tuple(option for option in kind.options if option in chosen)
        case Switch():
            return draw.random() < 0.5
        case _:
            return draw.choice(known)


def shorten(config):
    """Give a config whose run takes seconds; what is computed at once stays as it is."""
    if isinstance(config, SnapshotConfig):
        return config
    found = knobs(type(config))
    cut = {
        name: max(found[name].kind.low, min(getattr(config, name), most))
        for name, most in SHORT.items()
        if name in found
    }
    if "changes" in found:  # as soon as they can be
        moved = (one._replace(step=at) for at, one in enumerate(config.changes, 4))
        cut["changes"] = tuple(moved)
    return dataclasses.replace(config, **cut)


_ran = {}  # several entries may be of one config


def run(experiment, config, until=float("inf")):
    """Hash the frames of a short run, or give None if it is not done in time."""
    short = shorten(config)
    key = f"{experiment.film} {experiment.key(short)}"
    if key not in _ran:
        made = [
            shard_frames(experiment.begin(short, shard, first=0), until)
            for shard in short.shards
            if time.process_time() < until
        ]
        if len(made) < len(short.shards) or None in made:
            return None
        moments = [b"".join(parts) for parts in zip(*made, strict=True)]
        if len(moments) != short.frames:
            raise RuntimeError(f"{key}: {short.frames} frames are due, got {len(moments)}")
        _ran[key] = {
            "first": digest(moments[0]),
            "middle": digest(moments[len(moments) // 2]),
            "last": digest(moments[-1]),
            "all": digest(b"".join(moments)),
        }
    return _ran[key]


def shard_frames(film, until):
    """Give the bytes of a shard's frames, as a worker packs them; None if they take too long."""
    made = []
    for frame in film:
        if time.process_time() >= until:
            return None
        if frame is not None:
            made.append(pack(named_as_before(frame)))
    return made


def named_as_before(frame):
    """Give a frame with the baseline's names of arrays and notes."""
    if not RENAMED_IN_FRAMES:
        return frame
    arrays = {RENAMED_IN_FRAMES.get(name, name): array for name, array in frame.arrays.items()}
    notes = rename(dict(frame.notes), RENAMED_IN_FRAMES, {})
    return Frame(step=frame.step, arrays=arrays, notes=notes)


def rename(part, keys, values):
    """Rename keys and string values in a part of a figure, or of notes."""
    if isinstance(part, dict):
        return {keys.get(key, key): rename(item, keys, values) for key, item in part.items()}
    if isinstance(part, list):
        return [rename(item, keys, values) for item in part]
    return values.get(part, part) if isinstance(part, str) else part


def digest(data):
    """Name bytes by the beginning of their SHA-256."""
    return hashlib.sha256(data).hexdigest()[:16]


def entry(experiment, config):
    """Write down one config."""
    again, problems = from_query(type(config), to_query(config))
    if again != config or problems:
        raise RuntimeError(f"{experiment.key(config)} does not read back: {problems}")
    return {
        "experiment": experiment.name,
        "query": to_text(config),
        "values": to_query(config),
        "figure": json.loads(json.dumps(experiment.draw(config))),
        "frames": run(experiment, config),
    }


def stored():
    """Hash what is recorded, and give the texts that are made of the recorded frames."""
    files = {
        path.name: digest(path.read_bytes())
        for path in sorted(RECORDED.iterdir())
        if path.is_file()
    }
    results = {
        name: recording.results(recorded_frames(name), recording.config)
        for name, recording in RECORDINGS.items()
    }
    return {"files": files, "results": results}


def queries():
    """Give the canonical query of every declared entry: what no processor changes."""
    return {name: to_text(config) for name, (_, config) in declared().items()}


def freeze(baseline=None):
    """Write everything down; random configs are those of a baseline, if there is one."""
    found = declared()
    entries = {}
    for name, (experiment, config) in found.items():
        entries[name] = timed(name, experiment, config)
    if baseline is None:
        for name, experiment, config in drawn(found):
            entries[name] = timed(name, experiment, config)
    else:
        by_name = {RENAMED.get(name, name): made for name, made in EXPERIMENTS.items()}
        for name, before in baseline["entries"].items():
            if name.startswith("random/"):
                experiment = by_name[RENAMED.get(before["experiment"], before["experiment"])]
                config, _ = from_query(experiment.config, before["values"])
                entries[name] = timed(name, experiment, config)
    return {"entries": entries, "stored": stored()}


def timed(name, experiment, config):
    """Write down one config and say on the terminal how long it took."""
    begun = time.process_time()
    made = entry(experiment, config)
    print(f"{time.process_time() - begun:6.2f} s  {name}", file=sys.stderr)
    return made


def differences(before, after, path=""):
    """Give each place where two JSON values differ: its path, before, after."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            at = f"{path}.{key}" if path else key
            yield from differences(before.get(key, "absent"), after.get(key, "absent"), at)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from differences(old, new, f"{path}[{place}]")
    # True == 1 and 1 == 1.0, but a browser does not write them alike.
    elif type(before) is not type(after) or before != after:
        yield path, before, after


def brief(value):
    """Shorten a JSON value for a line on the terminal."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 70 else f"{text[:60]}... ({len(text)} characters)"


def renamed_entries(entries):
    """Give entries with the baseline's names, in their own names and in their figures."""
    return {
        "/".join(RENAMED.get(part, part) for part in name.split("/")): {
            **made,
            "experiment": RENAMED.get(made["experiment"], made["experiment"]),
            "figure": rename(made["figure"], RENAMED, RENAMED),
        }
        for name, made in entries.items()
    }


def compare(baseline, now):
    """Print each difference; give how many there are."""
    count = 0
    old_entries, new_entries = (renamed_entries(state["entries"]) for state in (baseline, now))
    parts = {"stored": (baseline["stored"], now["stored"])}
    for name in {**old_entries, **new_entries}:
        parts[name] = (old_entries.get(name, "absent"), new_entries.get(name, "absent"))
    for name, (before, after) in parts.items():
        found = list(differences(before, after))
        count += len(found)
        for path, old, new in found[:SHOWN]:
            print(f"{name}  {path}: {brief(old)} -> {brief(new)}")
        if len(found) > SHOWN:
            print(f"{name}  and {len(found) - SHOWN} more")
    return count


def main():
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description="Freeze what a move of code may not change.")
    order = parser.add_mutually_exclusive_group(required=True)
    order.add_argument("--write", type=Path, metavar="FILE")
    order.add_argument("--compare", type=Path, metavar="FILE")
    order.add_argument("--queries", action="store_true")
    given = parser.parse_args()
    if given.queries:
        QUERIES.write_text(json.dumps(queries(), indent=1) + "\n", encoding="utf-8")
    elif given.write:
        given.write.write_text(json.dumps(freeze(), indent=1), encoding="utf-8")
    else:
        baseline = json.loads(given.compare.read_text(encoding="utf-8"))
        now = freeze(baseline)
        count = compare(baseline, now)
        print(f"{len(now['entries'])} entries, {count} differences")
        sys.exit(1 if count else 0)


if __name__ == "__main__":
    main()
