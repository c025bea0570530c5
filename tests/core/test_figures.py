"""Figures: what they bind exists in the film, and a variant looks the same everywhere."""

import json
import re
from dataclasses import replace
from itertools import pairwise

import pytest

from ln_core.experiments import EXPERIMENTS
from ln_core.figures.parts import REFERENCE, arrays_of, binds
from ln_core.race import sizes
from ln_core.race.config import SAMPLE, MlpConfig
from ln_core.race.figure import CLASSES, mlp_figure
from ln_core.race.trainer import film
from ln_core.recurrent.config import RnnConfig
from ln_core.runs.changes import Change
from ln_core.variants import VARIANTS

SMALL = MlpConfig(steps=10, cases=512, depth=2, width=8)
CONFIGS = [
    SMALL,
    replace(SMALL, data="mnist"),
    replace(SMALL, seeds=2, activation="tanh"),
    replace(SMALL, variants=("layer",), activation="identity"),
    replace(SMALL, variants=("batch", "group"), depth=1),
]


def charts(figure):
    return [chart for section in figure["sections"] for chart in section["charts"]]


@pytest.mark.parametrize("config", CONFIGS)
def test_every_binding_fits_the_arrays_of_the_film(config):
    frames = [frame for frame in film(config, config.variants, first=0) if frame]
    arrays = {name: array for frame in frames for name, array in frame.arrays.items()}
    figure = mlp_figure(config)
    choices = {choice["id"]: len(choice["options"]) for choice in figure["choices"]}
    for chart in charts(figure):
        for trace, bind in ((drawn, b) for drawn in chart["traces"] for b in binds(drawn)):
            shape = arrays[bind["array"]].shape
            axes = shape[:-1] if bind["over"] == "steps" else shape
            assert len(bind["index"]) == len(axes), (chart["id"], bind)
            for entry, size in zip(bind["index"], axes, strict=True):
                if entry == "variant":
                    assert trace["variant"] == "panel" or trace["variant"] < size
                elif entry in choices:
                    assert choices[entry] <= size
                elif entry != ":":
                    assert entry < size


@pytest.mark.parametrize("config", CONFIGS)
def test_every_array_of_the_film_is_drawn_somewhere(config):
    frames = [frame for frame in film(config, config.variants, first=0) if frame]
    made = {name for frame in frames for name in frame.arrays}
    drawn = arrays_of(mlp_figure(config)) | {"test_loss"}
    if "batch" not in config.variants:
        drawn |= {"mode_loss", "running_gap"}
    assert made <= drawn


@pytest.mark.parametrize("config", CONFIGS)
def test_a_figure_is_plain_json_with_a_takeaway_for_every_chart(config):
    figure = mlp_figure(config)
    assert json.loads(json.dumps(figure)) == figure
    ids = [chart["id"] for chart in charts(figure)]
    assert len(set(ids)) == len(ids)
    for chart in charts(figure):
        assert chart["takeaway"].endswith(".")
        assert len(chart["takeaway"]) <= 90
        assert chart["title"]


@pytest.mark.parametrize(
    ("sizes", "said"), [((32,), False), ((32, 512), True), ((512, 2), True), ((8, 2), False)]
)
def test_dots_that_are_left_out_at_any_batch_size_are_told(sizes, said):
    first, *later = sizes
    changes = tuple(Change(400, "batch_size", size) for size in later)
    figure = mlp_figure(MlpConfig(batch_size=first, changes=changes))
    (dots,) = (one for one in charts(figure) if one["id"] == "statistics_case")
    assert ("At most" in dots["takeaway"]) == said


@pytest.mark.parametrize("how", ["out", "out-fresh"])
def test_evaluation_mode_is_said_to_take_constants_where_it_does(how):
    figure = mlp_figure(MlpConfig(changes=(Change(400, "normalization", how),)))
    (modes,) = (one for one in charts(figure) if one["id"] == "mode_loss")
    assert ("0 and 1" in modes["takeaway"]) == (how == "out-fresh")
    assert len(modes["takeaway"]) <= 90


def test_percentiles_say_how_many_values_they_are_taken_from():
    (ribbons,) = (one for one in charts(mlp_figure(SMALL)) if one["id"] == "ribbons_summed")
    assert f"(at most {SAMPLE:,})" in ribbons["takeaway"]


@pytest.mark.parametrize(
    ("task", "counted"),
    [("rows", "images"), ("adding", "sequences"), ("copy", "symbols"), ("text", "letters")],
)
def test_the_error_of_a_task_says_what_is_counted(task, counted):
    figure = EXPERIMENTS["rnn"].draw(RnnConfig(task=task))
    (error,) = (chart for chart in charts(figure) if chart["id"] == "test_error")
    assert re.match(rf"Share of (unseen )?{counted} ", error["takeaway"])


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=lambda one: one.name)
def test_no_two_sections_of_a_figure_have_one_title(experiment):
    titles = [section["title"] for section in experiment.draw(experiment.config())["sections"]]
    assert len(set(titles)) == len(titles)


def test_home_draws_from_few_arrays():
    figure = sizes.figure(sizes.SizesConfig())
    assert arrays_of(figure) == {"test_error", "boundary", "points"}
    errors = next(chart for chart in charts(figure) if chart["id"] == "test_error")
    for curve in errors["traces"]:
        assert curve["x"]["breaks"] == curve["y"]["breaks"] == [2000, 4000, 6000]


def test_what_curves_are_compared_with_is_drawn_as_no_variant_is():
    assert REFERENCE["dash"] not in {variant.dash for variant in VARIANTS.values()}


def test_the_colours_of_classes_are_no_variants():
    taken = {color for variant in VARIANTS.values() for color in (variant.light, variant.dark)}
    assert taken.isdisjoint(CLASSES)


def test_axes_over_steps_span_the_run_from_the_start():
    for chart in charts(mlp_figure(SMALL)):
        if chart["x"].get("title") == "step":
            assert chart["x"]["range"] == [0, SMALL.steps]
        low, high = chart["y"]["range"]
        assert low < high
        for left, right in pairwise(chart["y"].get("ticks", [])):
            assert left[0] < right[0]


@pytest.mark.parametrize("depth", [1, 3, 4])
def test_few_rows_of_a_map_are_named_one_by_one(depth):
    spread = next(
        one for one in charts(mlp_figure(replace(SMALL, depth=depth))) if one["id"] == "spread"
    )
    assert spread["y"]["ticks"] == [[row, str(row)] for row in spread["traces"][0]["y"]]
