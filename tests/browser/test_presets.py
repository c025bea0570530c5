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
TABLES = """() => Object.fromEntries([...document.querySelectorAll("figure")].map((figure) => [
  figure.dataset.chart, [...figure.querySelectorAll(".lnl-cells")].map((table) =>
    [...table.querySelectorAll("tbody tr")].map((row) =>
      [...row.querySelectorAll("td")].map((cell) => Number(cell.textContent))))]))"""
NONE, BATCH, LAYER, RMS = "No norm", "Batch Norm", "Layer Norm", "RMSNorm"
SHOWN_FIRST = (NONE, BATCH, LAYER)


def opened(tab, path, preset):
    """Show a preset, and wait until its film has come to its moment."""
    tab.open(f"/{path}", **preset.query)
    tab.chosen(preset).wait_for(state="attached")
    tab.page.get_by_text(preset.notice).wait_for()
    moment = 0 if preset.view.at is None else preset.view.at
    whole = "" if preset.pin is None else "&& p.pinned?.film.length === p.pinned?.total.frames"
    tab.wait(f"p.settled && !p.playing && p.step >= {moment} && p.state === 'done' {whole}", 240)
    found = tab.page.evaluate(CURVES)
    charts = {  # of a curve that is drawn twice, faint and smoothed, the smoothed one
        chart: {name: curves[-1] for name, curves in drawn.items()}
        for chart, drawn in found.items()
    }
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
    assert growth[BATCH] > 10 * growth[LAYER]


def shallow(charts):
    last = errors(charts, NONE, BATCH, LAYER)
    assert max(last) - min(last) < 4


def pinned(name):
    return f"{name}, pinned"


def to_pairs(charts):
    losses = {name: curve[-1] / curve[len(curve) // 2] for name, curve in charts["loss"].items()}
    assert losses[BATCH] > 3 * max(1, losses[pinned(BATCH)])
    assert losses[BATCH] > 1.5 * max(losses[NONE], losses[LAYER])
    none, batch, layer = errors(charts, *SHOWN_FIRST)
    assert batch < max(none, layer) + 4


def tenfold(charts):
    none, batch, layer = errors(charts, *SHOWN_FIRST)
    assert max(batch, layer) < 20 < 80 < none
    for name in (BATCH, LAYER):
        curve = charts["loss"][name]
        before, after = curve[: len(curve) // 2], curve[len(curve) // 2 :]
        assert max(after) > 2 * before[-1]
        assert after[-1] < max(after) / 2


def freeze(charts):
    frozen, going_on = errors(charts, BATCH, pinned(BATCH))
    assert frozen < 2 / 3 * going_on


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
    assert change(gradient[LAYER]) > 20  # on its way back it fades
    assert change(gradient[NONE]) < 0.1


def rate(charts):
    none, layer = errors(charts, NONE, LAYER)
    assert layer < 2 / 3 * none


def longer(charts):
    right = charts["longer"]
    assert right[BATCH][-1] < right[BATCH][0] - 20
    assert right[LAYER][-1] > right[BATCH][-1] + 20
    assert right["Batch Norm, statistics moved along"][-1] > right[BATCH][-1] + 20


def copy(charts):
    losses = charts["loss"]
    assert losses[LAYER][-1] < 0.7 * losses[NONE][-1]


def text(charts):
    assert all(curve[-1] < 0.9 * curve[0] for curve in charts["loss"].values() if len(curve) > 2)


def taken_out(charts):
    none, out, held = errors(charts, NONE, LAYER, pinned(LAYER))
    assert none > 70
    assert out < held + 6


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
        (
            *(spirals, directions, online, pairs, small_weights, deep_relu, shallow),
            *(to_pairs, tenfold, freeze),
        ),
    ),
    "rnn": (RNN_PRESETS, (exploding, large, plain, gain, rate, longer, copy, text, taken_out)),
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


def random(tables):
    batch, layer, _ = tables["moved"]
    assert {column for row in batch for column, change in enumerate(row) if change} == {0}
    assert [any(row) for row in layer] == [True, False, False, False]


def outlier(tables):
    batch, layer, _ = tables["outputs"]
    others = [value for column, value in enumerate(layer[1]) if column != 2]
    assert max(others) - min(others) < 0.2 < 2 < layer[1][2]
    others = [row[2] for place, row in enumerate(batch) if place != 1]
    assert max(others) - min(others) < 0.2 < 1.5 < batch[1][2]


def constant_row(tables):
    batch, layer, _ = tables["outputs"]
    assert set(layer[1]) == {0}
    assert len(set(batch[1])) > 1
    assert max(map(max, tables["moved"][1])) > 1  # of a change of 0.01


def constant_column(tables):
    batch, layer, _ = tables["outputs"]
    assert {row[3] for row in batch} == {0}
    assert len({row[3] for row in layer}) > 1


def one_case(tables):
    batch, layer, _ = tables["outputs"]
    assert set(batch[0]) == {0}
    assert set(layer[0]) != {0}


def two_cases(tables):
    columns = zip(*tables["outputs"][0], strict=True)
    assert all(sorted(column) == [-1, 1] for column in columns)


def two_units(tables):
    assert all(sorted(row) == [-1, 1] for row in tables["outputs"][1])


def padding(tables):
    pairs = zip(tables["outputs"], tables["without"], strict=True)
    changed = [[one != other for one, other in zip(*pair, strict=False)] for pair in pairs]
    assert changed == [[True] * 3, [False] * 3, [False] * 3]


def logits(tables):
    layer = tables["outputs"][1]
    assert max(map(max, layer)) <= (len(layer[0]) - 1) ** 0.5 + 0.005


def before_f(tables):
    (inner,), (_, layer, _) = tables["inner"], tables["outputs"]
    for before, after in zip(inner, layer, strict=True):
        zeros = {h for a, h in zip(before, after, strict=True) if a == 0}
        assert len(zeros) == 1
        assert max(zeros) < 0 or not any(before)


def evaluation(tables):
    batch, *_ = tables["moved"]
    assert sum(bool(change) for row in batch for change in row) == 1
    (columns,) = tables["column_stats"]
    assert columns[2] == pytest.approx([0.65 * mean for mean in columns[0]], rel=0.02)


def half(tables):
    assert set(tables["naive"][2][0]) == {0}
    assert 0 not in tables["outputs"][2][0]


# What shows the sentence of each matrix, and in which tables; all stand in the first window.
SHOWN: dict = {
    random: ("moved",),
    outlier: ("outputs",),
    constant_row: ("outputs", "moved"),
    constant_column: ("outputs",),
    one_case: ("outputs",),
    two_cases: ("outputs",),
    two_units: ("outputs",),
    padding: ("outputs", "without"),
    logits: ("outputs",),
    before_f: ("inner", "outputs"),
    evaluation: ("moved", "column_stats"),
    half: ("naive", "outputs"),
}


@pytest.mark.parametrize(("claim", "charts"), SHOWN.items())
def test_the_first_window_of_a_matrix_shows_what_its_sentence_claims(tab, claim, charts):
    assert {one.__name__ for one in SHOWN} == MATRICES.keys()
    preset = MATRICES[claim.__name__]
    tab.open("/matrix", wait=False, **preset.query)
    tab.page.get_by_text(preset.notice).wait_for()
    tab.wait("p.settled && p.state === 'done'")
    claim(tab.page.evaluate(TABLES))
    for chart in charts:
        box = tab.page.locator(f"[data-chart={chart}]").bounding_box()
        assert box["y"] + box["height"] <= tab.page.viewport_size["height"]
