"""The one table of variants, and how figures hand it on."""

import json

import numpy as np
import pytest

from ln_core.experiments import EXPERIMENTS
from ln_core.figures.parts import HIDDEN_AT_FIRST, variant_specs
from ln_core.runs.config import knobs
from ln_core.variants import VARIANTS, labels

# The one pair that is never seen together: pre-LN is Layer Norm at another place.
ALONE = [name for name in VARIANTS if name != "pre"]


def luminance(color):
    channels = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("part", ["label", "light", "dark", "dash", "marker"])
def test_no_two_variants_look_alike(part):
    assert len({getattr(VARIANTS[name], part) for name in ALONE}) == len(ALONE)


def test_pre_layer_norm_looks_as_layer_norm_does():
    layer, pre = variant_specs(["layer", "pre"])
    assert pre == {**layer, "id": "pre", "label": "Pre-LN"}


@pytest.mark.parametrize(("theme", "page"), [("light", "#ffffff"), ("dark", "#12161c")])
@pytest.mark.parametrize("name", VARIANTS)
def test_lines_stand_out_from_the_page(name, theme, page):
    low, high = sorted((luminance(getattr(VARIANTS[name], theme)), luminance(page)))
    # Sky blue on white has 2.3: Okabe and Ito's palette is kept, dash and marker help.
    assert (high + 0.05) / (low + 0.05) > (2.2 if name == "rms" else 3)


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=lambda one: one.name)
def test_figures_and_knobs_take_their_variants_from_the_table(experiment):
    declared = knobs(experiment.config).get("variants")
    if declared is not None:
        assert declared.kind.options.keys() <= VARIANTS.keys()
    for spec in experiment.draw(experiment.config())["variants"]:
        variant = VARIANTS[spec["id"]]
        assert spec["color"] == {"light": variant.light, "dark": variant.dark}
        assert (spec["dash"], spec["symbol"]) == (variant.dash, variant.marker)


def test_labels_keep_the_order_asked_for_and_an_experiments_own_words():
    found = labels("rms", "none", none="GRU")
    assert json.dumps(found) == '{"rms": "RMSNorm", "none": "GRU"}'
    with pytest.raises(KeyError):
        labels("median")


def test_hidden_variants_are_shown_where_there_are_no_others():
    def shown(*names):
        return [spec["shown"] for spec in variant_specs(names, hidden=HIDDEN_AT_FIRST)]

    assert shown("layer", "rms") == [True, False]
    assert shown("rms", "group") == [True, True]
    assert variant_specs(["layer"], labels={"layer": "LN"})[0]["label"] == "LN"
