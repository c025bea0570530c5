"""Settings as JSON: each control of each page offers what its knob accepts, as texts."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ln_core.experiments import EXPERIMENTS
from ln_core.runs.config import ConfigError, from_query, knobs, to_query
from ln_core.runs.schema import RECEIVED, describe, problem
from ln_core.runs.stream import Show

VIEW = Path(__file__).parents[2] / "assets" / "player" / "view.js"
KNOBS = [
    (experiment, schema)
    for experiment in EXPERIMENTS.values()
    for schema in describe(experiment.config)
]
every_knob = pytest.mark.parametrize(
    ("experiment", "schema"), KNOBS, ids=lambda one: getattr(one, "name", None) or one["name"]
)


def offered(schema):
    """The texts that a control offers, as far as they can be listed."""
    match schema["type"]:
        case "range":
            return schema["stops"]
        case "number":
            return [f"{schema[end]:g}" for end in ("low", "high")]
        case "choice" | "subset":
            return list(schema["options"])
        case "switch":
            return ["on", "off"]
        case "matrix":
            return schema["ready"]
        case "text":
            return ["The sea."]


@every_knob
def test_a_control_says_all_that_a_browser_needs(experiment, schema):
    assert json.loads(json.dumps(schema)) == schema
    declared = knobs(experiment.config)[schema["name"]]
    assert (schema["label"], schema["help"]) == (declared.label, declared.help)
    assert schema["group"] in ("top", "primary", "advanced")
    assert schema["allowed"] == declared.kind.allowed


@every_knob
def test_every_text_that_a_control_offers_is_a_canonical_one(experiment, schema):
    kind = knobs(experiment.config)[schema["name"]].kind
    for text in offered(schema):
        value = kind.parse(text)
        assert kind.accepts(value)
        assert kind.format(value) == text


@every_knob
def test_the_default_is_among_what_a_slider_or_a_list_offers(experiment, schema):
    default = to_query(experiment.config())[schema["name"]]
    if schema["type"] == "choice":
        assert default in schema["options"]
    if schema["type"] == "subset":
        assert set(default.split(",")) <= set(schema["options"])


QUICK: dict[str, dict[str, Any]] = {
    "mlp": {"steps": 10, "cases": 512},
    "rnn": {"steps": 10, "cases": 512, "length": 5, "variants": ("none", "layer")},
    "paper-sweep": {"examples": 512, "width": 4, "variants": ("batch",)},
    "paper-transformer": {"steps": 10, "depth": 1, "width": 16, "length": 4},
    "paper-mnist": {"cases": 600, "epochs": 1, "per_epoch": 1, "width": 8},
    "paper-convnet": {"steps": 10, "channels": 4, "test_cases": 100},
    "batch_mates": {},
    "invariance": {},
    "matrix": {},
    "shared_statistics": {},
    "time": {"length": 10, "width": 16},
}  # by experiment: a run that is soon over


@pytest.mark.slow
@pytest.mark.parametrize(
    ("experiment", "schema"),
    [(experiment, schema) for experiment, schema in KNOBS if schema["where"]],
    ids=lambda one: getattr(one, "name", None) or one["name"],
)
def test_a_setting_that_is_not_shown_does_nothing(experiment, schema):
    for field, texts in schema["where"].items():
        check_idle(experiment, schema, field, texts)


def check_idle(experiment, schema, field, texts):
    """With another value of a field than these, a setting changes nothing."""
    kinds = {name: declared.kind for name, declared in knobs(experiment.config).items()}
    others = [text for text in offered(describe_one(experiment, field)) if text not in texts]
    assert others
    assert all(kinds[field].accepts(kinds[field].parse(text)) for text in texts)
    for other in others:
        runs = []
        for text in {offered(schema)[0], offered(schema)[-1]}:
            values = {
                field: kinds[field].parse(other),
                schema["name"]: kinds[schema["name"]].parse(text),
            }
            try:
                config = experiment.config(**{**QUICK[experiment.name], **values})
            except ConfigError:  # the two do not go together
                continue
            made = experiment.begin(config, config.shards[0], first=0)
            frames = [frame for frame in made if frame is not None]
            runs.append(frames[-1])
        assert runs
        for name, array in runs[0].arrays.items():
            assert np.array_equal(array, runs[-1].arrays[name], equal_nan=True), name


def describe_one(experiment, name):
    return next(schema for schema in describe(experiment.config) if schema["name"] == name)


def test_no_setting_is_called_as_what_a_poll_says_beside_the_query():
    for experiment in EXPERIMENTS.values():
        assert not {"from", "strict", "rest", "embed"} & set(knobs(experiment.config))


def test_no_setting_is_called_as_a_field_of_the_view_in_the_address():
    (fields,) = re.findall(r"FIELDS = \[(.*?)\]", VIEW.read_text(), re.DOTALL)
    names = set(re.findall(r'"(\w+)"', fields))
    assert {"at", "shown"} < names
    for experiment in EXPERIMENTS.values():
        assert not names & set(knobs(experiment.config)), experiment.name


def test_a_refused_text_is_said_again_in_short():
    experiment = EXPERIMENTS["matrix"]
    _, (error,) = from_query(experiment.config, {"matrix": "7" * 9000})
    told = problem(experiment.config, error)
    assert told["labels"] == ["Pre-activations a"]
    assert len(told["received"]) == RECEIVED + 1
    _, (error,) = from_query(experiment.config, {"n" * 9000: "1"})
    assert len(problem(experiment.config, error)["fields"][0]) == RECEIVED + 1
    _, (error,) = from_query(EXPERIMENTS["nearest"].config, {"sentence": ""})
    told = problem(EXPERIMENTS["nearest"].config, error)
    assert told["received"] == "an empty text"
    both = ConfigError(("row", "nothing"), "1", "2")
    assert problem(experiment.config, both)["labels"] == ["Chosen example"]


def test_what_a_player_says_is_read_as_texts():
    show = Show.read({"show": {"seed": 5}, "from": -3, "strict": True, "id": 4})
    assert show == Show(query={"seed": "5"}, first=0, strict=True, id=4)
