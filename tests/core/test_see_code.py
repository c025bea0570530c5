"""The scripts of pages that compute at once: each prints the numbers that its page shows."""

import random
import re
import runpy
import sys

import numpy as np
import pytest

from ln_core.experiments import EXPERIMENTS
from ln_core.recurrent.config import MicroscopeConfig
from ln_core.recurrent.presets import MICROSCOPE_PRESETS
from ln_core.runs.config import knobs
from ln_core.see.batch_mates.config import BatchMatesConfig
from ln_core.see.digits import NETS_PATH
from ln_core.see.geometry.config import FACTORS, GeometryConfig
from ln_core.see.invariance.config import CHANGES, InvarianceConfig
from ln_core.see.matrix.config import MatrixConfig, random_rows
from ln_core.see.matrix.presets import PRESETS as MATRIX_PRESETS
from ln_core.see.replicas.config import SPLITS, ReplicasConfig
from ln_core.see.shared_statistics.config import SharedStatisticsConfig
from ln_core.variants import VARIANTS
from tests.core.scripts import check_form, random_config, script_of

MOST = 120  # lines


def ran(config, tmp_path, capsys):
    """Check and run a script; give its names, what it printed, and the page's own frame."""
    check_form(script_of(config), path := tmp_path / "run.py", MOST)
    names = runpy.run_path(str(path))
    (experiment,) = (one for one in EXPERIMENTS.values() if one.config is type(config))
    (frame,) = experiment.frames(config)
    return names, capsys.readouterr().out, frame


def labels(config):
    return [VARIANTS[variant].label for variant in config.variants]


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


def random_block(seed):
    draw = random.Random(seed)
    sizes = {name: of.kind for name, of in knobs(SharedStatisticsConfig).items()}
    return SharedStatisticsConfig(
        **{name: draw.randint(kind.low, kind.high) for name, kind in sizes.items()}
    )


@pytest.mark.parametrize(
    "config",
    [
        SharedStatisticsConfig(),
        SharedStatisticsConfig(cases=1, channels=1, side=1),
        SharedStatisticsConfig(side=1, groups=3, channel=4),
        *map(random_block, range(6)),
    ],
)
def test_the_script_of_shared_statistics_finds_the_same_sets(config, tmp_path, capsys):
    names, said, frame = ran(config, tmp_path, capsys)
    counted = re.findall(r"^(.*): (\d+) statistics, each over (\d+) numbers", said, re.MULTILINE)
    assert [name for name, *_ in counted] == [*names["shared"]] == labels(config)
    for (name, *counts), mask, share, card in zip(
        counted,
        frame.arrays["mask"],
        frame.arrays["share"],
        frame.notes["cards"],
        strict=True,
    ):
        shared = names["shared"][name]
        np.testing.assert_array_equal(shared.flatten(), mask)
        np.testing.assert_allclose(shared.double().mean((2, 3)), share, rtol=1e-6)
        assert re.findall(r"\d+", card["title"]) == counts


def random_change(seed):
    return random_config(InvarianceConfig, seed, change=[*CHANGES][seed % len(CHANGES)])


@pytest.mark.parametrize(
    "config",
    [
        *(InvarianceConfig(change=change) for change in InvarianceConfig().changes),
        *(InvarianceConfig(layer="conv", change=change) for change in CHANGES),
        InvarianceConfig(bias_inside=True, evaluation=True),
        InvarianceConfig(bias_inside=True, evaluation=True, padding=True, layer="conv"),
        *map(random_change, range(7)),
    ],
)
def test_the_script_of_invariances_prints_outputs_and_their_change(config, tmp_path, capsys):
    names, said, frame = ran(config, tmp_path, capsys)
    assert [*names["changes"]] == labels(config)
    table = frame.arrays["table"][:, config.changes.index(config.change)]
    np.testing.assert_allclose([*names["changes"].values()], table, rtol=1e-6, atol=1e-12)
    printed = re.findall(r"relative change (\S+),", said)
    assert printed == [f"{change:.2g}" for change in names["changes"].values()]
    tensors = "".join(line for line in said.splitlines() if "relative change" not in line)
    outputs = [float(word) for word in re.findall(r"-?\d+\.\d{4}\b", tensors)]
    pairs = np.stack([frame.arrays["before"], frame.arrays["after"]], 1)
    np.testing.assert_allclose(outputs, pairs.flatten(), rtol=0, atol=1e-4)


def random_unrolling(seed):
    return random_config(MicroscopeConfig, seed, variants=MicroscopeConfig().variants)


def is_chaotic(config, variant):
    large = config.radius > 1 and config.activation == "tanh" and config.input == "every"
    return variant == "none" and large


@pytest.mark.parametrize(
    "config",
    [
        MicroscopeConfig(),
        MicroscopeConfig(variants=("layer",), length=10, seed=3),
        *(preset.config for preset in MICROSCOPE_PRESETS.values()),
        *map(random_unrolling, range(8)),
    ],
)
def test_the_script_of_the_microscope_prints_states_and_gradients(config, tmp_path, capsys):
    names, said, frame = ran(config, tmp_path, capsys)
    rows = [line.split() for line in said.splitlines()[2 * len(config.variants) + 2 :]]
    assert [int(row[0]) for row in rows] == [*range(1, config.length + 1)]
    printed = np.array([row[1:] for row in rows], float).reshape(config.length, -1, 2)
    factors = np.array(re.findall(r" by (\S+?),?$", said, re.MULTILINE), float).reshape(-1, 2)
    shown = np.stack([frame.arrays[f"{name}_norm_log10"] for name in ("hidden", "gradient")])
    for at, variant in enumerate(config.variants):
        with np.errstate(divide="ignore"):
            own = np.log10([size.numpy() for size in names["sizes"][variant]])
            np.testing.assert_allclose(np.log10(printed[:, at]), own.T, rtol=0, atol=0.03)
        if is_chaotic(config, variant):
            half = config.length // 2
            np.testing.assert_allclose(own[0, :half], shown[0, at, :half], rtol=0, atol=1e-5)
            np.testing.assert_allclose(own, shown[:, at], rtol=0, atol=0.5)
        else:
            np.testing.assert_allclose(own, shown[:, at], rtol=1e-6, atol=1e-5)
            per_step = frame.arrays["per_step_factor"][at]
            np.testing.assert_allclose(factors[at], per_step, rtol=1e-3)


@pytest.mark.parametrize(
    "config",
    [
        GeometryConfig(),
        GeometryConfig(scope="row", factor=16.0, seed=5),
        GeometryConfig(factor=0.1, learning_rate=100.0, training_steps=100),
        *(random_config(GeometryConfig, seed) for seed in range(2)),
    ],
)
def test_the_script_of_the_geometry_measures_the_same(config, tmp_path, capsys):
    names, said, frame = ran(config, tmp_path, capsys)
    shown = frame.arrays
    responses = np.stack([shown[n] for n in ("output_change", "gradient_ratio", "turn")], 2)
    path = ("weight_length", "predicted_length", "effective_rate", "loss")
    trained = np.stack([shown[name] for name in path], 2)
    numbers = (line.split() for line in said.splitlines() if line.startswith(" "))
    for at, variant in enumerate(config.variants):
        own = names["measured"][variant]
        pairs = [
            (own[0][: len(FACTORS)], responses[at]),
            ([own[1]], shown["fisher"][at : at + 1]),
            ([own[2]], shown["radial"][at : at + 1]),
            (own[3], trained[at]),
        ]
        for mine, of_page in pairs:
            np.testing.assert_allclose(mine, of_page, rtol=1e-5, atol=1e-5)
        for row in (*own[0], own[1], own[2], *own[3]):
            np.testing.assert_allclose([float(word) for word in next(numbers)], row, rtol=1e-3)


def numbers_in(text):
    return np.array([float(word) for word in re.findall(r"-?\d+\.(?:\d{4}\b)?", text)])


@pytest.mark.parametrize(
    "config",
    [
        BatchMatesConfig(),
        BatchMatesConfig(mode="evaluation", company="same"),
        BatchMatesConfig(batch_size=1, draws=2),
        *(random_config(BatchMatesConfig, seed, digit=100 * seed, draws=8) for seed in range(4)),
    ],
)
def test_the_script_of_batch_mates_gets_the_same_answers(config, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["run.py", "--data", str(NETS_PATH), "-f", "kernel.json"])
    names, said, frame = ran(config, tmp_path, capsys)
    assert names["NETS"] == [*config.variants]
    tensors = [re.split("draw\n|outputs:\n|answer:\n", of) for of in said.split(": prob")[1:]]
    for at, variant in enumerate(config.variants):
        for place, name in enumerate(("probability", "spread", "influence"), start=1):
            own, shown = names[name][variant].numpy(), frame.arrays[name][at]
            np.testing.assert_allclose(own, shown, rtol=1e-3, atol=1e-4)
            printed = numbers_in(tensors[at][place])
            np.testing.assert_allclose(printed, own.flatten(), rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    "config",
    [
        ReplicasConfig(),
        ReplicasConfig(weights="trained"),
        ReplicasConfig(weights="trained", replicas=32, seed=7),
        ReplicasConfig(replicas=1, seed=11),
    ],
)
def test_the_script_of_replicas_gets_the_same_gradients(config, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["run.py", "--data", str(NETS_PATH)])
    names, said, frame = ran(config, tmp_path, capsys)
    shown = frame.arrays
    for at, variant in enumerate(config.variants):
        compared = np.stack([shown["cosine"][at], shown["length"][at]], 1)
        np.testing.assert_allclose(names["compared"][variant], compared, rtol=1e-5, atol=1e-6)
        if variant != "sync":
            own = names["own"][variant]
            np.testing.assert_allclose(own, shown["own_cosine"][at], rtol=1e-5, atol=1e-6)
    estimates = np.stack([shown["scatter"], shown["shrink"]], 2)[config.variants.index("batch")]
    np.testing.assert_allclose(names["estimates"], estimates, rtol=1e-5, atol=1e-6)
    rows = [line.split() for line in said.splitlines() if line.startswith(" ")]
    printed = np.array(rows, float).reshape(-1, len(SPLITS), 3)
    tables = [*names["compared"].values(), names["estimates"]]
    np.testing.assert_allclose(printed[:, :, 1:], tables, rtol=0, atol=1e-4)
    np.testing.assert_array_equal(printed[:, :, 0], [SPLITS] * len(tables))
