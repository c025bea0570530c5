"""Figures and lessons of the pages that compute at once: what they name exists."""

import json
import math
import re
import subprocess
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ln_core.experiments import EXPERIMENTS, PAGES
from ln_core.formatting import count, latex, number, percent, told_apart
from ln_core.paths import questions
from ln_core.runs.config import ConfigError, knobs
from ln_core.runs.frame import pack, unpack
from ln_core.see.invariance import compute as invariance
from ln_core.see.invariance.config import CHANGES
from ln_core.see.invariance.figure import SHAPE, SHORT
from ln_core.see.matrix.presets import PRESETS
from ln_core.see.shared_statistics.config import SharedStatisticsConfig

ROOT = Path(__file__).parents[2]
LESSONS = ROOT / "assets" / "lessons"
SNAPSHOTS = [one for one in EXPERIMENTS.values() if (LESSONS / f"see_{one.name}.md").exists()]
MATRIX, INVARIANCE = EXPERIMENTS["matrix"], EXPERIMENTS["invariance"]


def variations(experiment):
    """The default, and one config for each end or option of each knob."""
    default = experiment.config()
    found = [default]
    for name, declared in knobs(experiment.config).items():
        kind = declared.kind
        values = [*getattr(kind, "options", ()), getattr(kind, "low", None)]
        values += [getattr(kind, "high", None), True]
        for value in values:
            try:
                found.append(replace(default, **{name: value}))
            except ConfigError:
                continue
    if experiment is INVARIANCE:
        found.append(replace(default, layer="conv", padding=True, change="image_shift"))
    if experiment is MATRIX:
        found += [preset.config for preset in PRESETS.values()]
    return list(dict.fromkeys(found))


CASES = [
    pytest.param(experiment, config, id=f"{experiment.name}-{at}")
    for experiment in SNAPSHOTS
    for at, config in enumerate(variations(experiment))
]
every_variation = pytest.mark.parametrize(("experiment", "config"), CASES)
every_snapshot = pytest.mark.parametrize("experiment", SNAPSHOTS, ids=lambda one: one.name)


@cache
def frame_of(experiment, config):
    (shard,) = config.shards
    (frame,) = experiment.begin(config, shard, first=0)
    return frame


def charts(figure):
    return [chart for part in figure["sections"] for chart in part["charts"]]


def binds(value):
    """All bindings in a piece of a figure, wherever they stand."""
    if isinstance(value, dict):
        if "over" in value:
            yield value
        else:
            for entry in value.values():
                yield from binds(entry)


@every_variation
def test_every_row_and_column_of_a_grid_has_a_name(experiment, config):
    arrays = frame_of(experiment, config).arrays
    for chart in charts(experiment.draw(config)):
        if chart.get("kind") != "grid":
            continue
        rows, columns = len(chart["rows"]["names"]), len(chart["columns"]["names"])
        for trace in chart["traces"]:
            assert kept(trace["z"], arrays) == (rows, columns), chart["id"]
        for frame in chart.get("frames", []):
            if isinstance(frame["row"], int):
                assert 0 <= frame["row"] <= rows - frame["rows"]
                assert 0 <= frame["column"] < columns
        assert all(len(row) == columns for row in chart.get("words", []))


@every_variation
def test_what_a_click_chooses_are_fields_of_the_config(experiment, config):
    for chart in charts(experiment.draw(config)):
        assert set(chart.get("picks", [])) <= knobs(experiment.config).keys(), chart["id"]


@every_variation
def test_no_two_sections_have_one_title(experiment, config):
    titles = [section["title"] for section in experiment.draw(config)["sections"]]
    assert len(set(titles)) == len(titles)


@every_variation
def test_every_binding_fits_the_arrays_of_the_frame(experiment, config):
    arrays = frame_of(experiment, config).arrays
    figure = experiment.draw(config)
    choices = {choice["id"]: len(choice["options"]) for choice in figure["choices"]}
    pointing = figure.get("pointing", {})  # a place beyond an axis is clamped
    assert [variant["id"] for variant in figure["variants"]] == list(config.variants)
    for chart in charts(figure):
        for trace in chart["traces"]:
            for bind in binds(trace):
                shape = arrays[bind["array"]].shape
                assert len(bind["index"]) == len(shape), (chart["id"], bind)
                matrix = trace["type"] in ("heatmap", "cells")
                assert bind["index"].count(":") == (2 if matrix else 1)
                for entry, size in zip(bind["index"], shape, strict=True):
                    if entry == "variant":
                        assert trace["variant"] in ("panel", "each")
                        assert size == len(config.variants)
                    elif entry in choices:
                        assert choices[entry] <= size
                    elif entry != ":" and entry not in pointing:
                        assert entry < size


@every_variation
def test_what_is_drawn_against_each_other_is_equally_long(experiment, config):
    arrays = frame_of(experiment, config).arrays
    for chart in charts(experiment.draw(config)):
        for trace in chart["traces"]:
            lengths: dict[str, Any] = {
                axis: len(trace[axis])
                if isinstance(trace[axis], list)
                else kept(trace[axis], arrays)
                for axis in ("x", "y", "z")
                if axis in trace
            }
            if trace["type"] in ("heatmap", "cells"):
                rows, columns = lengths.pop("z")
                assert lengths.get("x", columns) == columns, chart["id"]
                assert lengths.get("y", rows) == rows, chart["id"]
            elif trace["type"] == "block":
                look = trace["style"]
                assert kept(look["lit"], arrays) == math.prod(look["shape"])
            else:
                assert len({str(length) for length in lengths.values()}) == 1, chart["id"]


def kept(bind, arrays):
    shape = arrays[bind["array"]].shape
    sizes = [size for entry, size in zip(bind["index"], shape, strict=True) if entry == ":"]
    return tuple(sizes) if len(sizes) > 1 else sizes[0]


@every_variation
def test_a_figure_is_plain_json_with_a_takeaway_for_every_chart(experiment, config):
    figure = experiment.draw(config)
    assert json.loads(json.dumps(figure)) == figure
    ids = [chart["id"] for chart in charts(figure)]
    assert len(set(ids)) == len(ids)
    for chart in charts(figure):
        assert chart["takeaway"].endswith(".")
        assert len(chart["takeaway"]) <= 92, chart["takeaway"]
        assert chart["title"]
        needed = {
            "plot": {"height", "x", "y"},
            "block": {"height", "picks"},
            "grid": {"rows", "columns", "format"},
        }
        assert needed[chart.get("kind", "plot")] | {"span", "repeat", "traces"} <= chart.keys()


@every_variation
def test_a_frame_survives_its_bytes_and_its_notes_name_variants(experiment, config):
    frame = frame_of(experiment, config)
    (again,) = unpack(pack(frame))
    assert again.arrays.keys() == frame.arrays.keys()
    assert again.notes == dict(frame.notes)
    for card in frame.notes["cards"]:
        assert card["variant"] in config.variants
        assert card["title"]
        assert card["text"].endswith(".")


@every_snapshot
def test_every_array_is_drawn_somewhere(experiment):
    drawn = {
        bind["array"]
        for config in variations(experiment)
        for chart in charts(experiment.draw(config))
        for trace in chart["traces"]
        for bind in binds(trace)
    }
    made = set(frame_of(experiment, experiment.config()).arrays)
    # What sentences and tests are counted from, beside what is seen.
    unseen = {"mask", "exact", "inner", "difference", "log_table", "verdict", "printed"}
    assert made - unseen <= drawn


@every_snapshot
def test_the_same_config_gives_the_same_bits(experiment):
    config = experiment.config()
    first = pack(frame_of(experiment, config))
    frame_of.cache_clear()
    assert pack(frame_of(experiment, config)) == first


@every_snapshot
def test_a_snapshot_is_computed_at_once(experiment):
    config = experiment.config()
    frame_of.cache_clear()
    frame_of(experiment, config)  # what a worker has read and imported stays
    took = []
    for _ in range(3):
        frame_of.cache_clear()
        start = time.perf_counter()
        frame_of(experiment, config)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.5  # 0.1 on a quiet machine; see tests/benchmarks for the promise


# --- lessons ---


def sections(name):
    text = (LESSONS / f"see_{name}.md").read_text(encoding="utf-8")
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in text.split("\n## ")[1:]}


@every_snapshot
def test_a_lesson_has_its_sections_and_its_page_two_or_three_questions(experiment):
    lesson = sections(experiment.name)
    assert list(lesson) == ["Question", "Line", "Explanation"]
    assert lesson["Question"].strip().endswith("?")
    assert len(lesson["Line"].strip()) <= 110
    asked = questions(PAGES[experiment.name])
    assert 2 <= len(asked) <= 3
    assert all(stop.asked.endswith("?") and stop.happened.endswith(".") for stop in asked)


@every_variation
def test_every_slot_of_a_lesson_has_a_value_whatever_the_config(experiment, config):
    text = (LESSONS / f"see_{experiment.name}.md").read_text(encoding="utf-8")
    values = [value["slot"] for value in frame_of(experiment, config).notes["measured_values"]]
    assert len(set(values)) == len(values)
    wanted = set(re.findall(r"\{\{(\w+)\}\}", text))
    assert wanted <= set(values)


@every_snapshot
def test_no_measured_number_is_typed_into_a_lesson(experiment):
    text = (LESSONS / f"see_{experiment.name}.md").read_text(encoding="utf-8")
    assert not re.findall(r"\d+\.\d+|\d+ ?%", text)


# --- parts ---


def test_the_figure_of_the_invariances_knows_the_films_shape_and_names():
    assert SHAPE == (invariance.N, invariance.H)
    assert SHORT.keys() == CHANGES.keys()


def test_numbers_and_counts_in_words():
    assert number(-0.5) == "−0.5"
    assert number(1.5e-9, 2) == "1.5 × 10⁻⁹"
    assert number(float("inf")) == "infinite"
    assert number(float("-inf")) == "minus infinite"
    assert number(float("nan")) == "not a number"
    with pytest.raises(ValueError, match="at least 1"):
        number(1.0, 0)
    assert [percent(share) for share in (0.0, 0.051, 0.355, 1.0, 15.0)] == [
        "0.0 %",
        "5.1 %",
        "36 %",
        "100 %",
        "1500 %",
    ]
    assert percent(1e5) == "1 × 10⁷ %"
    assert [latex(1.5), latex(-0.0), latex(1.5e-9)] == ["1.5", "0", r"1.5 \cdot 10^{-9}"]
    assert [count(1, "case"), count(2, "case"), count(2, "axis", "axes")] == [
        "1 case",
        "2 cases",
        "2 axes",
    ]


def test_a_snapshot_is_one_frame_at_step_0():
    config = SharedStatisticsConfig()
    assert (config.frames, config.steps, config.step_of(0)) == (1, 0, 0)
    assert config.shards == (config.variants,)
    assert config.steps_per_epoch == 1
    assert all(experiment.config().memory > 0 for experiment in SNAPSHOTS)


def test_the_server_reads_experiments_presets_and_figures_without_torch():
    rooms = sorted(ROOT.glob("ln_core/*/**/figure.py")) + sorted(
        ROOT.glob("ln_core/*/**/presets.py")
    )
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in rooms]
    assert len(names) > 15
    code = f"import sys, ln_core.experiments, {', '.join(names)}; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_two_numbers_of_one_sentence_are_told_apart_if_they_differ():
    assert told_apart(0.1, 0.9, percent, 0) == ("10 %", "90 %")
    assert told_apart(0.999864, 0.999994, percent, 0) == ("99.99 %", "100.00 %")
    assert told_apart(0.000024, 0.00019, percent, 0) == ("0.00 %", "0.02 %")
    assert told_apart(7.948962, 7.948967, number, 3) == ("7.94896", "7.94897")
    assert told_apart(0.5, 0.5, percent, 0) == ("50 %", "50 %")
    assert told_apart(0.5, 0.5 + 1e-12, percent, 0)[0].startswith("50.0")  # it ends
