"""What each preset's sentence claims, read from the charts of the very run on screen."""

from itertools import pairwise

import pytest

from ln_core.race.presets import PRESETS
from ln_core.recurrent.presets import MICROSCOPE_PRESETS, RNN_PRESETS
from ln_core.see.matrix.presets import PRESETS as MATRICES

CURVES = """() => {
  const found = {};
  for (const { chart, traces } of window.__player.pictures)
    for (const { name, x, y, z } of traces)
      ((found[chart] ??= {})[name] ??= []).push(z ? z.map((row) => row.at(-1)) : [...(y ?? [])]);
  return found;
}"""
TABLES = """() => [...document.querySelectorAll("[data-chart=outputs] .lnl-cells")].map((table) =>
  [...table.querySelectorAll("tbody tr")].map((row) =>
    [...row.querySelectorAll("td")].map((cell) => Number(cell.textContent))))"""
NONE, BATCH, LAYER, RMS = "No norm", "Batch Norm", "Layer Norm", "RMSNorm"


def opened(tab, path, preset):
    """Show a preset, and wait until its film has come to its moment."""
    tab.open(f"/{path}", **preset.query)
    tab.page.get_by_role("button", name=preset.label, exact=True, pressed=True).wait_for()
    tab.page.get_by_text(preset.notice).wait_for()
    moment = "0" if preset.view.at is None else str(preset.view.at)
    tab.wait(f"p.settled && !p.playing && p.step >= {moment} && p.state === 'done'", 240)
    found = tab.page.evaluate(CURVES)
    aligned = found.get("longer", {}).get(BATCH, [None])[-1]
    charts = {  # of a curve that is drawn twice, faint and smoothed, the smoothed one
        chart: {name: curves[-1] for name, curves in drawn.items()}
        for chart, drawn in found.items()
    }
    if aligned:
        charts["aligned"] = {BATCH: aligned}
        charts["longer"][BATCH] = found["longer"][BATCH][0]
    return charts


def change(curve):
    """How many times a curve's first value its last one is."""
    return curve[-1] / curve[0]


def errors(charts, *names):
    return [charts["test_error"][name][-1] for name in names]


def spirals(charts):
    none, batch, layer = errors(charts, NONE, BATCH, LAYER)
    assert max(batch, layer) < none / 2


def directions(charts):
    none, batch, layer = errors(charts, NONE, BATCH, LAYER)
    assert max(none, batch) < 15 < 35 < layer


def online(charts):
    batch, layer = errors(charts, BATCH, LAYER)
    assert layer < 30 < 80 < batch
    spread = charts["spread"]  # powers of ten
    assert max(spread[LAYER]) > max(spread[BATCH]) + 0.5


def pairs(charts):
    batch, layer = errors(charts, BATCH, LAYER)
    assert batch > 2 * layer


def small_weights(charts):
    losses = charts["loss"]
    assert losses[NONE][-1] > 1.5 * max(losses[BATCH][-1], losses[LAYER][-1])
    gradients = {name: min(norms[:-1]) for name, norms in charts["gradient_norm"].items()}
    assert gradients[NONE] < 0.1 * min(gradients[BATCH], gradients[LAYER])


def deep_relu(charts):
    growth = {name: 1 / change(norms) for name, norms in charts["gradient_norm"].items()}
    assert growth[BATCH] > 100
    assert growth[BATCH] > 10 * max(growth[LAYER], 1 / growth[LAYER])


def shallow(charts):
    last = errors(charts, NONE, BATCH, LAYER)
    assert max(last) - min(last) < 4


def exploding(charts):
    states = charts["profile_hidden_norm"]
    assert change(states[NONE]) > 1000
    assert 0.5 < change(states[LAYER]) < 2
    assert charts["loss"][NONE][-1] > 100 * charts["loss"][LAYER][-1]


def large(charts):
    none, layer, rms = errors(charts, NONE, LAYER, RMS)
    assert max(layer, rms) < 50 < 75 < none


def plain(charts):
    none, layer = errors(charts, NONE, LAYER)
    assert none < layer + 5


def gain(charts):
    gradient = charts["profile_gradient_hidden_norm"]
    assert change(gradient[LAYER]) > 1000  # on its way back it fades


def rate(charts):
    none, layer = errors(charts, NONE, LAYER)
    assert layer < 2 / 3 * none


def longer(charts):
    right = charts["longer"]
    assert right[BATCH][-1] < right[BATCH][0] - 20
    assert right[LAYER][-1] > right[BATCH][-1] + 20
    assert charts["aligned"][BATCH][-1] > right[BATCH][-1] + 20


def copy(charts):
    losses = charts["loss"]
    assert losses[LAYER][-1] < 0.7 * losses[NONE][-1]


def text(charts):
    assert all(curve[-1] < 0.9 * curve[0] for curve in charts["loss"].values() if len(curve) > 2)


def explode(charts):
    state, gradient = charts["hidden_norm_log10"], charts["gradient_norm_log10"]
    assert state[NONE][-1] - state[NONE][0] > 20
    assert gradient[NONE][0] - gradient[NONE][-1] > 20
    for curve in (state[LAYER], gradient[LAYER]):
        assert max(abs(a - b) for a, b in pairwise(curve)) < 0.5


def fade(charts):
    state, gradient = charts["hidden_norm_log10"], charts["gradient_norm_log10"]
    assert state[NONE][-1] - state[NONE][0] < -20
    assert gradient[NONE][0] - gradient[NONE][-1] < -20
    assert abs(state[LAYER][-1] - state[LAYER][0]) < 1


def inputs(charts):
    state, gradient = charts["hidden_norm_log10"], charts["gradient_norm_log10"]
    assert abs(state[LAYER][-1] - state[LAYER][0]) < 0.5
    assert gradient[LAYER][0] - gradient[LAYER][-1] < -3


def placements(charts):
    gradient = charts["gradient_norm_log10"][LAYER]
    assert gradient[0] - gradient[-1] < -3


def gain_of_two(charts):
    gradient = charts["gradient_norm_log10"][LAYER]
    assert abs(gradient[0] - gradient[-1]) < 5  # over 100 steps: a factor of 0.9 to 1.1


CLAIMS: dict[str, tuple[dict, tuple]] = {
    "mlp": (
        PRESETS,
        (spirals, directions, online, pairs, small_weights, deep_relu, shallow),
    ),
    "rnn": (RNN_PRESETS, (exploding, large, plain, gain, rate, longer, copy, text)),
    "time": (MICROSCOPE_PRESETS, (explode, fade, inputs, placements, gain_of_two)),
}


@pytest.mark.parametrize(
    ("path", "name", "claim"),
    [
        pytest.param(path, name, claim, id=f"{path}-{name}")
        for path, (presets, claims) in CLAIMS.items()
        for name, claim in zip(presets, claims, strict=True)
    ],
)
def test_the_charts_of_a_preset_show_what_its_sentence_claims(tab, path, name, claim):
    claim(opened(tab, path, CLAIMS[path][0][name]))


def constant_row(batch, layer):
    row = next(at for at, cells in enumerate(layer) if len(set(cells)) == 1)
    assert len(set(batch[row])) > 1


def constant_column(batch, layer):
    column = next(at for at, cells in enumerate(zip(*batch, strict=True)) if len(set(cells)) == 1)
    assert len({row[column] for row in layer}) > 1


def one_case(batch, layer):
    assert set(batch[0]) == {0}
    assert set(layer[0]) != {0}


def two_cases(batch, _):
    assert all(sorted(column) == [-1, 1] for column in zip(*batch, strict=True))


def two_units(_, layer):
    assert all(sorted(row) == [-1, 1] for row in layer)


def logits(_, layer):
    assert max(map(max, layer)) <= (len(layer[0]) - 1) ** 0.5 + 0.005


@pytest.mark.parametrize(
    "claim", [constant_row, constant_column, one_case, two_cases, two_units, logits]
)
def test_the_outputs_of_a_matrix_show_what_its_sentence_claims(tab, claim):
    preset = MATRICES[claim.__name__]
    tab.open("/matrix", wait=False, **preset.query)
    tab.page.get_by_text(preset.notice).wait_for()
    tab.wait("p.settled && p.state === 'done'")
    batch, layer, *_ = tab.page.evaluate(TABLES)
    claim(batch, layer)
