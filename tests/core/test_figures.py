"""Figures: what they bind exists in the film, and a variant looks the same everywhere."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from ln_core.experiments import EXPERIMENTS
from ln_core.figures.parts import arrays_of, binds
from ln_core.race.config import VARIANTS, MlpConfig
from ln_core.race.figure import home_figure, mlp_figure
from ln_core.race.trainer import film
from ln_core.variants import tracks

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
                if entry == "track":
                    assert trace["track"] == "panel" or trace["track"] < size
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


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=lambda one: one.name)
def test_no_two_sections_of_a_figure_have_one_title(experiment):
    titles = [section["title"] for section in experiment.draw(experiment.config())["sections"]]
    assert len(set(titles)) == len(titles)


def test_a_variant_has_one_look_that_no_other_shares():
    looks = tracks(tuple(VARIANTS))
    for part in ("dash", "symbol"):
        assert len({look[part] for look in looks}) == len(VARIANTS)
    for theme in ("light", "dark"):
        assert len({look["color"][theme] for look in looks}) == len(VARIANTS)
    assert tracks(("layer",))[0] | {"shown": True} == looks[2] | {"shown": True}


def luminance(color):
    channels = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize(("theme", "page"), [("light", "#ffffff"), ("dark", "#12161c")])
def test_lines_stand_out_from_the_page(theme, page):
    for look in tracks(tuple(VARIANTS)):
        low, high = sorted((luminance(look["color"][theme]), luminance(page)))
        # Sky blue on white has 2.3: Okabe and Ito's palette is kept, dash and marker help.
        assert (high + 0.05) / (low + 0.05) > (2.2 if look["id"] == "rms" else 3), look


def test_a_race_without_the_first_three_variants_shows_what_there_is():
    assert all(look["shown"] for look in tracks(("rms", "group")))


def test_home_draws_from_few_arrays():
    assert arrays_of(home_figure(SMALL)) == {"loss", "test_error", "boundary", "points"}


def test_axes_over_steps_span_the_run_from_the_start():
    for chart in charts(mlp_figure(SMALL)):
        if chart["x"].get("title") == "step":
            assert chart["x"]["range"] == [0, SMALL.steps]
        low, high = chart["y"]["range"]
        assert low < high
        for left, right in pairwise(chart["y"].get("ticks", [])):
            assert left[0] < right[0]
